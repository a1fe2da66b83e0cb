#include "engine.h"

#include <cxxabi.h>

#include "thread_identity.h"

namespace verdant {

std::string Engine::Attach(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  isolate_ = isolate;
  cxx_exceptions_ = reinterpret_cast<CxxExceptions*>(abi::__cxa_get_globals());
  if (!v8::Locker::IsLocked(isolate)) return "Node does not hold V8's lock";
  std::string failure = ThreadIdentity::Calibrate(isolate);
  if (failure.empty()) failure = IsolateLayout::Calibrate(isolate, context);
  if (failure.empty()) failure = async_.Attach(isolate, context);
  if (!failure.empty()) return failure;

  // Compiled JavaScript: a function of C++ has no stack check, and interrupts are served by stack checks only.
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> nothing;
  const bool compiled =
      v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, "(function () {})")).ToLocal(&script) &&
      script->Run(context).ToLocal(&nothing);
  if (!compiled) return "no script could be compiled";
  context_.Reset(isolate, context);
  nothing_.Reset(isolate, nothing.As<v8::Function>());
  continuation_guard_.Attach(isolate);

  // V8 aborts when it collects WebAssembly code while any archived thread exists (all versions), and Node's own fetch
  // runs WebAssembly. The price: code of a lower tier stays in memory after a higher one replaced it.
  v8::V8::SetFlagsFromString("--no-wasm-code-gc");
  // V8 12 and later shift arrays by moving their start, and mend stale pointers to the old start on the running stack
  // only, not on archived ones. The price: shift() of arrays of 100 to 15,000 elements becomes a memmove.
  v8::V8::SetFlagsFromString("--no-move-object-start");
  return "";
}

void Engine::DescribeMain(FlowState* main) const {
  main->thread_id = ThreadIdentity::id();
  main->stack_start = ThreadIdentity::stack_start();
}

std::size_t Engine::StackBytes() const {
  return reinterpret_cast<std::uintptr_t>(ThreadIdentity::stack_start()) - IsolateLayout::StackLimit(isolate_);
}

void Engine::Suspend(FlowState* from) {
  if (IsolateLayout::HasStringifierList()) from->stringifiers = *IsolateLayout::Stringifiers(isolate_);
  from->cxx_exceptions = *cxx_exceptions_;
}

void Engine::Impersonate(const FlowState& to) {
  ThreadIdentity::set_id(to.thread_id);
  ThreadIdentity::set_stack_start(to.stack_start);
}

// V8 learns the stack's start from the thread-local word when an isolate is entered, even again; without it the first
// major GC inside a coroutine scans from this stack up to main's.
void Engine::AnnounceStackStart() {
  isolate_->Enter();
  isolate_->Exit();
}

void Engine::Resume(FlowState* to) {
#if V8_MAJOR_VERSION < 12  // later ones do it themselves when they restore a thread they know
  AnnounceStackStart();
#endif
  if (IsolateLayout::HasStringifierList()) *IsolateLayout::Stringifiers(isolate_) = to->stringifiers;
  *cxx_exceptions_ = to->cxx_exceptions;
}

bool Engine::Begin(FlowState* flow, const char* stack_limit) {
  flow->thread_id = ThreadIdentity::id();
  flow->cxx_exceptions = {};
  IsolateLayout::ForgetLockerUse(isolate_);
  AnnounceStackStart();
  Resume(flow);
  // --stack-size may have been raised after the stacks were sized.
  return IsolateLayout::StackLimit(isolate_) >= reinterpret_cast<std::uintptr_t>(stack_limit) + kNativeSlack / 2;
}

void Engine::CallNothing() {
  const v8::HandleScope scope(isolate_);
  const v8::Local<v8::Context> context = context_.Get(isolate_);
  v8::Local<v8::Value> ignored;
  if (nothing_.Get(isolate_)->Call(context, v8::Undefined(isolate_), 0, nullptr).ToLocal(&ignored)) return;
}

bool Engine::ServeInterrupts() {
  if (!IsolateLayout::InterruptPending(isolate_)) return true;
  CallNothing();
  return !isolate_->IsExecutionTerminating();
}

void Engine::Terminate() {
  const v8::Isolate::AllowJavascriptExecutionScope allow(isolate_);
  isolate_->TerminateExecution();
  CallNothing();
}

const char* Engine::Obstacle(const FlowState& running) const {
  if (ThreadIdentity::id() != running.thread_id) {
    return "another copy of verdant's addon has switched this thread's stack";
  }
  return nullptr;
}

bool Engine::StackExhausted(std::size_t bytes) const {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return here < IsolateLayout::StackLimit(isolate_) + bytes;
}

}  // namespace verdant
