#pragma once

#include <v8.h>

#include <cstdint>

#include "../context/context.h"
#include "../context/stack.h"
#include "../engine/flow_state.h"

namespace verdant {

class Switchboard;

// A flow of control with a stack of its own, or (slot 0) node's own stack. The object outlives the functions that run
// on it: it keeps its slot and its V8 thread id, and takes a stack from the pool whenever it is launched again.
struct Coroutine {
  enum class State : uint8_t { kIdle, kRunning, kSuspended };

  Coroutine(Switchboard* owning_board, uint32_t slot_number) : board(owning_board), slot(slot_number) {}

  Switchboard* const board;
  const uint32_t slot;
  State state = State::kIdle;
  // Resume it only to unwind it: no catch, no finally. For an environment that is going away.
  bool terminate = false;
  // Suspended for ever inside Array.prototype.join: see Switchboard::OccupyJoinStack.
  bool sentinel = false;
  // Node's microtasks were being drained when it was last resumed.
  bool in_microtasks = false;
  uint32_t client = 0;
  // Who called it, when it runs inside of a call of somebody else's (a fiber): control goes back there.
  Coroutine* caller = nullptr;
  Stack stack;
  Context context;
  FlowState flow;
  // The object JavaScript knows the running function by. Weak: when nothing else reaches it, nobody can ever resume
  // this coroutine, and the client is told.
  v8::Global<v8::Object> owner;
};

}  // namespace verdant
