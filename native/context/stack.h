#pragma once

#include <cstddef>
#include <cstdint>

namespace verdant {

// One coroutine's stack: the bytes [limit, top) may be touched, the guard region lies just below `limit`.
struct Stack {
  char* limit = nullptr;
  char* top = nullptr;

  std::size_t size() const { return static_cast<std::size_t>(top - limit); }
  explicit operator bool() const { return top != nullptr; }
  bool contains(const void* address) const {
    const char* here = static_cast<const char*>(address);
    return here >= limit && here < top;
  }
};

}  // namespace verdant
