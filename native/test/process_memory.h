// What the kernel says about this process's memory.
#pragma once

#include <cstddef>
#include <string>

#include "stack.h"

namespace verdant_test {

std::size_t ResidentPages(const verdant::Stack& stack);
std::size_t AddressSpaceBytes();
std::size_t CountMappings();

// The "VmFlags:" line of the mapping that holds `address`; empty when there is none.
std::string MappingFlags(const void* address);

}  // namespace verdant_test
