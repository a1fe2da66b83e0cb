#pragma once

namespace verdant {

// True when this process has as many mappings as vm.max_map_count allows. Reads /proc, so only for the failure path;
// false where that cannot be found out.
bool MappingLimitReached();

}  // namespace verdant
