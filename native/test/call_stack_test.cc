// Pins: ordinary compiled code finds a coroutine's stack to be an ordinary stack.
#include <doctest/doctest.h>
#include <unwind.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "child.h"
#include "coroutine.h"
#include "units.h"

namespace {

using verdant_test::Coroutine;
using verdant_test::Ending;
using verdant_test::kKiB;
using verdant_test::RunInChild;

__attribute__((noinline)) std::uintptr_t FrameAddress() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

__attribute__((noinline)) std::size_t Recurse(std::size_t depth) {
  volatile char frame[512];
  std::memset(const_cast<char*>(frame), static_cast<int>(depth), sizeof frame);
  if (depth == 0) return 0;
  const std::size_t below = Recurse(depth - 1);
  return below + (frame[511] == static_cast<char>(depth) ? 1 : 0);
}

__attribute__((noinline)) void ThrowFrom(int depth) {
  const std::string needs_destroying(100, 'x');
  if (depth == 0) throw std::runtime_error(needs_destroying);
  ThrowFrom(depth - 1);
}

TEST_CASE("frames are aligned as the ABI says") {
  verdant::StackPool pool(64 * kKiB);
  std::uintptr_t frame = 1;
  char text[32] = "";
  Coroutine coroutine(pool, [&](Coroutine&) {
    frame = FrameAddress();
    // Variadic functions store vector registers with instructions that fault on a misaligned stack.
    std::snprintf(text, sizeof text, "%.2f", 3.14159);
  });
  coroutine.Resume();
  CHECK(frame % 16 == 0);
  CHECK(std::string(text) == "3.14");
}

#if defined(__x86_64__)
TEST_CASE("an aligned vector store into a local does not fault") {
  verdant::StackPool pool(64 * kKiB);
  float stored = 0;
  Coroutine coroutine(pool, [&](Coroutine&) {
    alignas(16) float local[4] = {1, 2, 3, 4};
    asm volatile("movaps %0, %%xmm0\n\taddps %%xmm0, %%xmm0\n\tmovaps %%xmm0, %0" : "+m"(local) : : "xmm0");
    stored = local[3];
  });
  coroutine.Resume();
  CHECK(stored == 8.0F);
}
#endif

TEST_CASE("an odd stack top is rounded down") {
  verdant::StackPool pool(64 * kKiB);
  verdant::StackError error = verdant::StackError::kNone;
  const verdant::Stack whole = pool.Acquire(&error);
  struct Flow {
    verdant::Context main;
    verdant::Context own;
    std::uintptr_t frame = 1;
  } flow;
  flow.own.Prepare(
      verdant::Stack{whole.limit, whole.top - 24},
      [](void* argument) {
        auto* self = static_cast<Flow*>(argument);
        self->frame = FrameAddress();
        verdant::Context::Leave(self->own, self->main);
      },
      &flow);
  verdant::Context::Switch(flow.main, flow.own);
  CHECK(flow.frame % 16 == 0);
  pool.Release(whole);
}

TEST_CASE("recursion may use nearly the whole stack") {
  verdant::StackPool pool(1024 * kKiB);
  std::size_t intact = 0;
  Coroutine coroutine(pool, [&](Coroutine&) { intact = Recurse(1000); });
  coroutine.Resume();
  CHECK(intact == 1000);
}

TEST_CASE("an exception is thrown through many frames and caught inside a coroutine") {
  verdant::StackPool pool(256 * kKiB);
  std::string caught;
  Coroutine coroutine(pool, [&](Coroutine&) {
    try {
      ThrowFrom(50);
    } catch (const std::exception& error) {
      caught = error.what();
    }
  });
  coroutine.Resume();
  CHECK(caught == std::string(100, 'x'));
}

TEST_CASE("coroutines suspended inside a try block each catch their own exception") {
  verdant::StackPool pool(256 * kKiB);
  std::vector<std::unique_ptr<Coroutine>> coroutines;
  coroutines.reserve(10);
  std::vector<int> caught(10, -1);
  for (int i = 0; i < 10; ++i) {
    coroutines.push_back(std::make_unique<Coroutine>(pool, [&caught, i](Coroutine& self) {
      try {
        self.Yield();
        throw i;
      } catch (int value) {
        caught[static_cast<std::size_t>(i)] = value;
      }
    }));
  }
  for (auto& coroutine : coroutines) coroutine->Resume();
  for (auto& coroutine : coroutines) coroutine->Resume();
  for (int i = 0; i < 10; ++i) CHECK(caught[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("an exception that nobody catches in a coroutine ends the process by std::terminate") {
  const Ending ending = RunInChild([] {
    std::set_terminate([] { _exit(42); });
    verdant::StackPool pool(256 * kKiB);
    Coroutine coroutine(pool, [](Coroutine&) { ThrowFrom(3); });
    coroutine.Resume();
    return 0;
  });
  CHECK(ending.exit_code == 42);
}

TEST_CASE("a backtrace ends where the coroutine begins") {
  verdant::StackPool pool(256 * kKiB);
  struct Walk {
    const verdant::Stack* stack;
    int frames = 0;
    int foreign = 0;
  } walk;
  Coroutine coroutine(pool, [&](Coroutine& self) {
    walk.stack = &self.stack();
    _Unwind_Backtrace(
        [](_Unwind_Context* frame, void* argument) {
          auto* counting = static_cast<Walk*>(argument);
          ++counting->frames;
          // At the outermost frame the address may be the very top.
          const std::uintptr_t address = _Unwind_GetCFA(frame);
          if (address < reinterpret_cast<std::uintptr_t>(counting->stack->limit) ||
              address > reinterpret_cast<std::uintptr_t>(counting->stack->top)) {
            ++counting->foreign;
          }
          return counting->frames < 1000 ? _URC_NO_REASON : _URC_END_OF_STACK;
        },
        &walk);
  });
  coroutine.Resume();
  CHECK(walk.frames > 2);
  CHECK(walk.frames < 50);
  CHECK(walk.foreign == 0);
}

}  // namespace
