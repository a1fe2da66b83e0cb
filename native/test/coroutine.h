#pragma once

#include <functional>
#include <stdexcept>
#include <utility>

#include "context.h"
#include "stack_pool.h"

namespace verdant_test {

// The least that makes contexts pleasant to test: a body on a pooled stack, resumed and yielding.
class Coroutine {
 public:
  using Body = std::function<void(Coroutine&)>;

  Coroutine(verdant::StackPool& pool, Body body) : pool_(pool), body_(std::move(body)) {
    verdant::StackError error = verdant::StackError::kNone;
    stack_ = pool_.Acquire(&error);
    if (!stack_) throw std::runtime_error("no stack");
    own_.Prepare(stack_, &Coroutine::Enter, this);
  }
  ~Coroutine() { pool_.Release(stack_); }

  void Resume() { verdant::Context::Switch(caller_, own_); }
  void Yield() { verdant::Context::Switch(own_, caller_); }
  bool done() const { return done_; }
  const verdant::Stack& stack() const { return stack_; }

 private:
  static void Enter(void* argument) {
    auto* self = static_cast<Coroutine*>(argument);
    self->body_(*self);
    self->done_ = true;
    verdant::Context::Leave(self->own_, self->caller_);
  }

  verdant::StackPool& pool_;
  Body body_;
  verdant::Stack stack_;
  verdant::Context own_;
  verdant::Context caller_;
  bool done_ = false;
};

}  // namespace verdant_test
