#pragma once

#include <v8.h>

#include "http_room.h"

namespace verdant {

// What JavaScript calls: hot, so plain V8 functions. TypeScript has checked their arguments.
void InstallHttpFunctions(HttpRoom* room, v8::Local<v8::Context> context, v8::Local<v8::Object> exports);

}  // namespace verdant
