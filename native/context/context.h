#pragma once

#include "stack.h"

namespace verdant {

// A suspended flow of control. A default-constructed context stands for whatever stack first switches away through it
// (the thread's own); Prepare() makes it the start of a new flow on a stack of its own.
class Context {
 public:
  // Never returns: it ends by switching away for the last time.
  using Entry = void (*)(void* argument);

  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The first Switch() into this context calls entry(argument) at the top of `stack`.
  // A context whose flow has left for good may be prepared again.
  void Prepare(const Stack& stack, Entry entry, void* argument);

  // Has the memory fetched that continuing this flow will touch first. For a flow that will be switched to soon: with
  // thousands of flows, each one's stack has left the caches by the time of its turn.
  void Prefetch() const {
    constexpr int kLine = 64;
    constexpr int kLines = 16;
    const char* saved = static_cast<const char*>(state_);
    for (int line = 0; line < kLines; line += 1) __builtin_prefetch(saved + line * kLine);
  }

  // Saves the running flow in `from` and continues `to`. Returns when somebody switches back to `from`.
  static void Switch(Context& from, Context& to);

  // A Switch() that never returns: `from` is finished. Plain Switch() does as well, but leaves the flow's
  // AddressSanitizer bookkeeping behind until the process ends.
  [[noreturn]] static void Leave(Context& from, Context& to);

 private:
  [[noreturn]] static void Start(void* self);
  void Announce(Context& next, bool last_time);
  void Arrived();

  void* state_;
  Entry entry_ = nullptr;
  void* argument_ = nullptr;

  // Only for the memory checkers (sanitizer.h).
  Stack stack_;
  void* fake_stack_ = nullptr;
  Context* came_from_ = nullptr;
  unsigned valgrind_id_ = 0;
};

}  // namespace verdant
