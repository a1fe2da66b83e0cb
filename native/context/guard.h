#pragma once

#include <cstddef>

#include "virtual_memory.h"

namespace verdant {

// Asks the kernel once per process.
GuardKind BestGuardKind();

// MADV_GUARD_INSTALL; false with errno when the kernel refuses.
bool InstallLightweightGuard(char* start, std::size_t bytes);

}  // namespace verdant
