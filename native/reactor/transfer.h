#pragma once

#include <v8.h>

#include "owned_descriptors.h"

namespace verdant {

// The calls that every piece of data goes through. Plain V8 functions: N-API's bookkeeping for a call costs more than
// the system call's own overhead.
void InstallTransfer(OwnedDescriptors* owned, v8::Local<v8::Context> context, v8::Local<v8::Object> exports);

}  // namespace verdant
