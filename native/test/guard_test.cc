// Pins: running off a stack ends the process at once, whichever guard the kernel offers.
#include <doctest/doctest.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <vector>

#include "child.h"
#include "coroutine.h"
#include "guard_kinds.h"
#include "units.h"

namespace {

using verdant::Stack;
using verdant::StackError;
using verdant::StackPool;
using verdant::VirtualMemory;
using verdant_test::Coroutine;
using verdant_test::kKiB;
using verdant_test::RunInChild;
using verdant_test::WorkingGuards;

constexpr std::size_t kStackBytes = 64 * kKiB;

bool IsMemoryFault(int signal) { return signal == SIGSEGV || signal == SIGBUS; }

__attribute__((noinline)) int RecurseForever(volatile int* depth) {
  volatile char frame[256];
  frame[0] = static_cast<char>(++*depth);
  if (*depth < 0) return 0;  // never, but the compiler need not know
  return RecurseForever(depth) + frame[0];
}

TEST_CASE("endless recursion in a coroutine is killed by the guard") {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const auto ending = RunInChild([kind] {
      StackPool pool(kStackBytes, 4, std::make_unique<VirtualMemory>(kind));
      Coroutine coroutine(pool, [](Coroutine&) {
        volatile int depth = 0;
        RecurseForever(&depth);
      });
      coroutine.Resume();
      return 0;
    });
    CHECK(IsMemoryFault(ending.signal));
  }
}

TEST_CASE("the byte just below a stack is guarded") {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const auto ending = RunInChild([kind] {
      StackPool pool(kStackBytes, 4, std::make_unique<VirtualMemory>(kind));
      StackError error = StackError::kNone;
      const Stack stack = pool.Acquire(&error);
      *stack.limit = 1;
      *static_cast<volatile char*>(stack.limit - 1) = 1;
      return 0;
    });
    CHECK(IsMemoryFault(ending.signal));
  }
}

TEST_CASE("the guard is wider than a page") {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const auto ending = RunInChild([kind] {
      StackPool pool(kStackBytes, 4, std::make_unique<VirtualMemory>(kind));
      StackError error = StackError::kNone;
      // Not the first one: below that guard there may be nothing at all.
      (void)pool.Acquire(&error);
      const Stack stack = pool.Acquire(&error);
      *static_cast<volatile char*>(stack.limit - 16 * kKiB) = 1;
      return 0;
    });
    CHECK(IsMemoryFault(ending.signal));
  }
}

TEST_CASE("the guard is still there after a stack has given its memory back") {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const auto ending = RunInChild([kind] {
      StackPool pool(kStackBytes, 0, std::make_unique<VirtualMemory>(kind));
      StackError error = StackError::kNone;
      pool.Release(pool.Acquire(&error));
      const Stack stack = pool.Acquire(&error);
      *stack.limit = 1;
      *static_cast<volatile char*>(stack.limit - 1) = 1;
      return 0;
    });
    CHECK(IsMemoryFault(ending.signal));
  }
}

}  // namespace
