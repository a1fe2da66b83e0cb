#include "backend.h"

#if VERDANT_SWITCH_UCONTEXT

#if defined(__APPLE__) && !defined(_XOPEN_SOURCE)
#define _XOPEN_SOURCE 700  // macOS hides <ucontext.h> without it
#endif

#include <ucontext.h>

#include <cstdint>
#include <cstdlib>

#include "switch.h"

namespace verdant {
namespace {

struct Flow {
  ucontext_t context;
  FlowStart start;
  void* argument;
};

// makecontext() hands over ints only, so a pointer travels in two halves and must be made of integers again.
void StartFlow(unsigned high, unsigned low) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): see above, ints are all that comes through makecontext()
  const auto* flow = reinterpret_cast<Flow*>(static_cast<std::uintptr_t>((std::uint64_t{high} << 32) | low));
  flow->start(flow->argument);
  std::abort();
}

}  // namespace

SavedState NewState() { return new Flow(); }

void FreeState(SavedState state) { delete static_cast<Flow*>(state); }

void PrepareState(SavedState* state, const Stack& stack, FlowStart start, void* argument) {
  auto* flow = static_cast<Flow*>(*state);
  flow->start = start;
  flow->argument = argument;
  if (getcontext(&flow->context) != 0) std::abort();
  flow->context.uc_stack.ss_sp = stack.limit;
  flow->context.uc_stack.ss_size = stack.size();
  flow->context.uc_link = nullptr;
  const std::uint64_t address = reinterpret_cast<std::uintptr_t>(flow);
  makecontext(&flow->context, reinterpret_cast<void (*)()>(&StartFlow), 2, static_cast<unsigned>(address >> 32),
              static_cast<unsigned>(address));
}

}  // namespace verdant

void verdant_switch_stack(verdant::SavedState* from, verdant::SavedState to) {
  if (swapcontext(&static_cast<verdant::Flow*>(*from)->context, &static_cast<verdant::Flow*>(to)->context) != 0) {
    std::abort();
  }
}

#endif  // VERDANT_SWITCH_UCONTEXT
