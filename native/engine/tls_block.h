#pragma once

#include <cstddef>

namespace verdant {

// The calling thread's thread-local memory of one loaded module.
struct TlsBlock {
  char* begin = nullptr;
  std::size_t size = 0;
#if defined(__APPLE__)
  unsigned long key = 0;  // dyld keeps the block behind a pthread key
#endif
};

// The block of the module (executable or shared library) that contains `code`; `begin` is null when there is none.
TlsBlock FindTlsBlock(const void* code);

}  // namespace verdant
