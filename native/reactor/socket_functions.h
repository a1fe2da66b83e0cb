#pragma once

#include <napi.h>

#include "owned_descriptors.h"

namespace verdant {

// What happens to a socket once or seldom: it is made, named, tuned, closed.
void InstallSocketFunctions(Napi::Object exports, OwnedDescriptors* owned);

}  // namespace verdant
