#pragma once

#include <v8.h>

namespace verdant {

// Keeps Array.prototype.join working when several green threads are inside it (their elements' toString suspends).
//
// V8 remembers the arrays being joined, to find cycles, on one stack per context. An entry is looked up and blanked
// when its join ends, in any order; only the end of the oldest one throws the whole stack away, and whoever is still on
// it aborts the process (all versions from Node 20 to 26). So the oldest place is given to an array whose join never
// ends: its element's toString is terminated, and a termination passes by the code that would take the entry off.
void OccupyJoinStack(v8::Isolate* isolate, v8::Local<v8::Context> context);

}  // namespace verdant
