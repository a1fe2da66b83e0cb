// How the run is slowed down or limited, so that a test can do less or step aside. Set by scripts/cpp_tests.sh.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace verdant_test {

enum class Host { kPlain, kAddressSanitizer, kValgrind, kEmulator };

// From VERDANT_TEST_HOST: asan, valgrind or emulator.
Host CurrentHost();

// `count`, or a small part of it where everything takes many times longer.
std::size_t Scaled(std::size_t count);

// From VERDANT_TEST_SEED, else a new one each time; printed, so that a failure can be repeated.
std::uint64_t Seed();

}  // namespace verdant_test
