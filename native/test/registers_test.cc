// Pins: a switch keeps the registers and floating point modes that a function call keeps, for both sides.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>

#include "coroutine.h"
#include "hold_registers.h"
#include "units.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace {

using verdant_test::Coroutine;
using verdant_test::kKiB;

#if defined(__x86_64__) || defined(__aarch64__)

using Registers = std::array<std::uint64_t, verdant_test::kHeldRegisters>;

Registers Pattern(std::uint64_t start) {
  Registers registers{};
  for (auto& value : registers) value = start += 0x0101010101010101;
  return registers;
}

TEST_CASE("callee-saved registers survive a switch on both sides") {
  verdant::StackPool pool(64 * kKiB);
  const Registers of_main = Pattern(0x1000000000000000);
  const Registers of_coroutine = Pattern(0x7f00000000000000);
  Registers main_after{};
  Registers coroutine_after{};

  Coroutine coroutine(pool, [&](Coroutine& self) {
    verdant_test_hold_registers(
        of_coroutine.data(), coroutine_after.data(), [](void* c) { static_cast<Coroutine*>(c)->Yield(); }, &self);
  });
  const auto resume = [](void* c) { static_cast<Coroutine*>(c)->Resume(); };
  verdant_test_hold_registers(of_main.data(), main_after.data(), resume, &coroutine);
  CHECK(main_after == of_main);

  main_after = {};
  verdant_test_hold_registers(of_main.data(), main_after.data(), resume, &coroutine);
  CHECK(main_after == of_main);
  CHECK(coroutine_after == of_coroutine);
  CHECK(coroutine.done());
}

#endif

#if defined(__x86_64__)

constexpr unsigned kRoundDown = 0x2000;  // in MXCSR
constexpr unsigned kRoundUp = 0x4000;
constexpr unsigned kRoundingMask = 0x6000;
constexpr std::uint16_t kX87RoundDown = 0x0400;
constexpr std::uint16_t kX87RoundUp = 0x0800;

std::uint16_t X87Control() {
  std::uint16_t control = 0;
  asm volatile("fnstcw %0" : "=m"(control));
  return control;
}

void SetX87Control(std::uint16_t control) { asm volatile("fldcw %0" : : "m"(control)); }

// Puts the thread's modes back however a test ends.
class KeepModes {
 public:
  KeepModes() : mxcsr_(_mm_getcsr()), x87_(X87Control()) {}
  ~KeepModes() {
    _mm_setcsr(mxcsr_);
    SetX87Control(x87_);
  }
  KeepModes(const KeepModes&) = delete;
  KeepModes& operator=(const KeepModes&) = delete;
  KeepModes(KeepModes&&) = delete;
  KeepModes& operator=(KeepModes&&) = delete;
  unsigned mxcsr() const { return mxcsr_ & ~kRoundingMask; }
  std::uint16_t x87() const { return x87_ & 0xf3ff; }

 private:
  unsigned mxcsr_;
  std::uint16_t x87_;
};

TEST_CASE("each flow has its own SSE and x87 control words") {
  const KeepModes modes;
  verdant::StackPool pool(64 * kKiB);
  unsigned seen_mxcsr = 0;
  std::uint16_t seen_x87 = 0;
  Coroutine coroutine(pool, [&](Coroutine& self) {
    _mm_setcsr(modes.mxcsr() | kRoundDown);
    SetX87Control(modes.x87() | kX87RoundDown);
    self.Yield();
    seen_mxcsr = _mm_getcsr();
    seen_x87 = X87Control();
  });

  _mm_setcsr(modes.mxcsr() | kRoundUp);
  SetX87Control(modes.x87() | kX87RoundUp);
  coroutine.Resume();
  const unsigned main_mxcsr = _mm_getcsr();
  const std::uint16_t main_x87 = X87Control();
  coroutine.Resume();

  CHECK((main_mxcsr & kRoundingMask) == kRoundUp);
  CHECK(main_x87 == (modes.x87() | kX87RoundUp));
  CHECK((seen_mxcsr & kRoundingMask) == kRoundDown);
  CHECK(seen_x87 == (modes.x87() | kX87RoundDown));
}

TEST_CASE("a new flow inherits the control words of the flow that prepared it") {
  const KeepModes modes;
  verdant::StackPool pool(64 * kKiB);
  unsigned seen = 0;
  _mm_setcsr(modes.mxcsr() | kRoundUp);
  Coroutine coroutine(pool, [&](Coroutine&) { seen = _mm_getcsr(); });
  _mm_setcsr(modes.mxcsr());
  coroutine.Resume();
  CHECK((seen & kRoundingMask) == kRoundUp);
}

#endif

}  // namespace
