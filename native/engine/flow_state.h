#pragma once

#include <v8.h>

#include "async_stack.h"
#include "isolate_layout.h"

namespace verdant {

// Caught exceptions and the uncaught count of the C++ runtime, as the Itanium C++ ABI lays them out: an addon may call
// JavaScript inside a catch block.
struct CxxExceptions {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

// All that tells one flow of control (main or a coroutine) from another in the eyes of V8, Node and the C++ runtime,
// beyond what V8 archives by itself when its lock changes hands. The flow that is running has its state in the
// engine's own places; these fields hold it while it is suspended.
struct FlowState {
  // V8's name for the flow; 0 until its first Locker asks for one. Kept when a coroutine is recycled: V8 never reuses
  // ids.
  int thread_id = 0;
  // Where its stack begins. V8 scans from here when it looks for pointers, and counts its stack limit from here.
  char* stack_start = nullptr;
  // Node 22 only: the JSON.stringify calls at work on this stack.
  IsolateLayout::StringifierList stringifiers;
  CxxExceptions cxx_exceptions;
  AsyncStack::Segment async;
};

}  // namespace verdant
