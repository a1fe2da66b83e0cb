#include "context.h"

#include <cstdlib>

#include "sanitizer.h"
#include "switch.h"

namespace verdant {

Context::Context() : state_(NewState()) {}

Context::~Context() {
  sanitizer::ForgetStack(valgrind_id_);
  FreeState(state_);
}

void Context::Prepare(const Stack& stack, Entry entry, void* argument) {
  if constexpr (sanitizer::kValgrind) {
    sanitizer::ForgetStack(valgrind_id_);
    valgrind_id_ = sanitizer::AnnounceStack(stack);
  }
  stack_ = stack;
  entry_ = entry;
  argument_ = argument;
  fake_stack_ = nullptr;
  PrepareState(&state_, stack, &Context::Start, this);
}

void Context::Switch(Context& from, Context& to) {
  from.Announce(to, false);
  verdant_switch_stack(&from.state_, to.state_);
  from.Arrived();
}

void Context::Leave(Context& from, Context& to) {
  from.Announce(to, true);
  verdant_switch_stack(&from.state_, to.state_);
  std::abort();
}

void Context::Start(void* self) {
  auto* context = static_cast<Context*>(self);
  context->Arrived();
  context->entry_(context->argument_);
  std::abort();
}

void Context::Announce(Context& next, bool last_time) {
  if constexpr (sanitizer::kAddress) {
    next.came_from_ = this;
    sanitizer::StartSwitch(last_time ? nullptr : &fake_stack_, next.stack_);
  }
}

void Context::Arrived() {
  // The bounds of the stack just left come from the sanitizer, because nobody else knows those of a thread's own stack.
  if constexpr (sanitizer::kAddress) came_from_->stack_ = sanitizer::FinishSwitch(fake_stack_);
}

}  // namespace verdant
