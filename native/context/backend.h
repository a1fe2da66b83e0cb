// Which way of switching stacks is compiled. Read by the assembler too, so nothing but preprocessor lines.
// ILP32 variants of both CPUs (x32, arm64_32) have other pointer sizes: ucontext serves them.
#pragma once

#if !VERDANT_UCONTEXT && !defined(__ILP32__) && defined(__x86_64__)
#define VERDANT_SWITCH_X86_64 1
#elif !VERDANT_UCONTEXT && !defined(__ILP32__) && defined(__aarch64__)
#define VERDANT_SWITCH_AARCH64 1
#else
#define VERDANT_SWITCH_UCONTEXT 1
#endif
