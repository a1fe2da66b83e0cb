#pragma once

#include <vector>

#include "virtual_memory.h"

namespace verdant_test {

// The guards that work here: protection always, the lightweight kind from Linux 6.13.
inline std::vector<verdant::GuardKind> WorkingGuards() {
  std::vector<verdant::GuardKind> kinds{verdant::GuardKind::kProtection};
  if (verdant::VirtualMemory().guard_kind() == verdant::GuardKind::kLightweight) {
    kinds.push_back(verdant::GuardKind::kLightweight);
  }
  return kinds;
}

inline const char* Name(verdant::GuardKind kind) {
  return kind == verdant::GuardKind::kLightweight ? "lightweight guard" : "protection guard";
}

}  // namespace verdant_test
