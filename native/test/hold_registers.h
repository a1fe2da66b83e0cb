#pragma once

#include <cstdint>

namespace verdant_test {

// Callee-saved registers in the order rbx rbp r12 r13 r14 r15, or x19-x29 d8-d15.
#if defined(__x86_64__)
constexpr int kHeldRegisters = 6;
#elif defined(__aarch64__)
constexpr int kHeldRegisters = 19;
#endif

}  // namespace verdant_test

// Calls call(argument) with the registers loaded from `in`, and stores to `out` what they hold afterwards.
extern "C" void verdant_test_hold_registers(const std::uint64_t* in, std::uint64_t* out, void (*call)(void*),
                                            void* argument);
