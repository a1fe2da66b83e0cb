#pragma once

#include <v8.h>

#include "switchboard.h"

namespace verdant {

// Puts the functions that switch stacks, and those that run beside them on the hot path, on `exports`. They are plain
// V8 functions: N-API counts the handle scopes open in each call, and a switch in between makes its books wrong.
// JavaScript (lib/native.ts) is their only caller and passes what they expect.
void InstallBindings(Switchboard* board, v8::Local<v8::Context> context, v8::Local<v8::Object> exports);

// Tells each client which of its coroutines nothing can reach any more.
void ReportAbandoned(Switchboard* board, v8::Local<v8::Context> context);

}  // namespace verdant
