#pragma once

#include <cstddef>

namespace verdant_test {

inline constexpr std::size_t kKiB = 1024;

}  // namespace verdant_test
