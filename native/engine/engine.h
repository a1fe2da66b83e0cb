#pragma once

#include <v8.h>

#include <cstddef>
#include <string>

#include "async_stack.h"
#include "continuation_guard.h"
#include "flow_state.h"

namespace verdant {

// How a switch is done under V8, for one environment: its own Locker/Unlocker carry what V8 calls a thread from stack
// to stack (no second OS thread is ever involved), and FlowState carries the rest. Nothing outside native/engine knows
// more.
//
// The order of one switch, from A to B:
//   A: Engine::Suspend        saves what only A can save
//   A: Release                gives V8's lock back: V8 archives A
//   A: Engine::Impersonate    writes B's name into V8's thread-local words, between the two locks, never while one is
//   held
//      Context::Switch
//   B: Acquire                takes V8's lock: V8 restores B
//   B: Engine::Resume         puts back what Suspend saved
class Engine {
 public:
  // Finds all that is needed in this runtime, and sets the two V8 flags a process with suspended stacks needs.
  // An empty string on success, else why this runtime cannot be used.
  std::string Attach(v8::Isolate* isolate, v8::Local<v8::Context> context);

  v8::Isolate* isolate() const { return isolate_; }
  AsyncStack& async() { return async_; }

  // The flow that called Attach: node's own stack.
  void DescribeMain(FlowState* main) const;
  // Bytes main's JavaScript may use: each coroutine's stack offers the same, plus room for native code below the limit.
  std::size_t StackBytes() const;

  void Suspend(FlowState* from);
  static void Impersonate(const FlowState& to);
  void Resume(FlowState* to);
  // The coroutine's first breath under its own Locker. False when V8 gave it a stack limit below `stack_limit`.
  bool Begin(FlowState* flow, const char* stack_limit);

  // Lets V8 handle a pending interrupt on the stack it was sent to: archived with a suspended flow it would sleep
  // there. False when the interrupt was a termination.
  bool ServeInterrupts();
  // Ends the running JavaScript without running its catch or finally blocks.
  void Terminate();

  // Why the running flow must not be suspended now, or null.
  const char* Obstacle(const FlowState& running) const;
  // True when fewer than `bytes` of the running stack are left.
  bool StackExhausted(std::size_t bytes) const;

  // Below V8's limit each stack keeps this much for native code that does not check (the largest need seen in Node is
  // 24 KiB), signal frames (up to 11 KiB with AMX) and the inspector.
  static constexpr std::size_t kNativeSlack = 128 * 1024;

 private:
  void AnnounceStackStart();
  void CallNothing();

  v8::Isolate* isolate_ = nullptr;
  CxxExceptions* cxx_exceptions_ = nullptr;  // this OS thread's
  AsyncStack async_;
  ContinuationGuard continuation_guard_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> nothing_;
};

}  // namespace verdant
