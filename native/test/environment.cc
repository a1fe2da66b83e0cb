#include "environment.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace verdant_test {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Host CurrentHost() {
  const std::string name = Variable("VERDANT_TEST_HOST");
  if (name == "asan") return Host::kAddressSanitizer;
  if (name == "valgrind") return Host::kValgrind;
  if (name == "emulator") return Host::kEmulator;
  return Host::kPlain;
}

std::size_t Scaled(std::size_t count) {
  switch (CurrentHost()) {
    case Host::kPlain:
      return count;
    case Host::kAddressSanitizer:
      return std::max<std::size_t>(1, count / 10);
    case Host::kValgrind:
    case Host::kEmulator:
      return std::max<std::size_t>(1, count / 50);
  }
  return count;
}

std::uint64_t Seed() {
  const std::string given = Variable("VERDANT_TEST_SEED");
  const std::uint64_t seed = given.empty() ? std::random_device{}() : std::strtoull(given.c_str(), nullptr, 10);
  std::printf("seed %llu (repeat with VERDANT_TEST_SEED)\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace verdant_test
