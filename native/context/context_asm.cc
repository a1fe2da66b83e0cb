#include "backend.h"

#if !VERDANT_SWITCH_UCONTEXT

#include <cstdint>
#include <new>

#include "switch.h"

extern "C" __attribute__((visibility("hidden"))) void verdant_start_flow();

namespace verdant {
namespace {

using Word = std::uintptr_t;

// What verdant_switch_stack() pops when it continues a flow, lowest address first, and above it a null return address
// for debuggers that follow stack words instead of unwind tables.
#if VERDANT_SWITCH_X86_64

struct InitialFrame {
  std::uint32_t mxcsr;
  std::uint16_t x87_control;
  std::uint16_t padding;
  Word r15, r14, r13, r12, rbx, rbp, return_address;
  Word end_of_stack[2];
};

InitialFrame MakeInitialFrame(FlowStart start, void* argument) {
  InitialFrame frame{};
  // A new flow computes like the one that makes it: rounding and masked exceptions are inherited, as by a new thread.
  frame.mxcsr = __builtin_ia32_stmxcsr();
  asm volatile("fnstcw %0" : "=m"(frame.x87_control));
  frame.r12 = reinterpret_cast<Word>(argument);
  frame.r13 = reinterpret_cast<Word>(start);
  frame.return_address = reinterpret_cast<Word>(&verdant_start_flow);
  return frame;
}

#else

struct InitialFrame {
  Word x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, x30;
  Word d8, d9, d10, d11, d12, d13, d14, d15;
  Word end_of_stack[2];
};

InitialFrame MakeInitialFrame(FlowStart start, void* argument) {
  InitialFrame frame{};
  frame.x19 = reinterpret_cast<Word>(argument);
  frame.x20 = reinterpret_cast<Word>(start);
  frame.x30 = reinterpret_cast<Word>(&verdant_start_flow);
  return frame;
}

#endif

// Both ABIs want the stack pointer on a multiple of 16 where verdant_start_flow() makes its call.
static_assert(sizeof(InitialFrame) % 16 == 0);

}  // namespace

SavedState NewState() { return nullptr; }

void FreeState(SavedState) {}

void PrepareState(SavedState* state, const Stack& stack, FlowStart start, void* argument) {
  char* aligned_top = stack.top - reinterpret_cast<Word>(stack.top) % 16;
  *state = new (aligned_top - sizeof(InitialFrame)) InitialFrame(MakeInitialFrame(start, argument));
}

}  // namespace verdant

#endif  // !VERDANT_SWITCH_UCONTEXT
