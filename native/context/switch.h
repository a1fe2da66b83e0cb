#pragma once

#include "stack.h"

namespace verdant {

// The door to the one backend that is compiled (see backend.h): context_asm.cc or context_ucontext.cc.
// A SavedState is a suspended flow; what it points to is the backend's own business.
using SavedState = void*;
using FlowStart = void (*)(void* argument);

// For a flow that is already running and will be suspended into this state later.
SavedState NewState();
void FreeState(SavedState state);

// Makes `*state` the beginning of start(argument), which must never return, on `stack`.
void PrepareState(SavedState* state, const Stack& stack, FlowStart start, void* argument);

}  // namespace verdant

// Saves the running flow in `*from` and continues `to`. C linkage: on most CPUs this is the assembly routine itself.
extern "C" __attribute__((visibility("hidden"))) void verdant_switch_stack(verdant::SavedState* from,
                                                                           verdant::SavedState to);
