#pragma once

#include <cstddef>

namespace verdant {

// The bytes that malloc() has set apart for what begins at `address`.
std::size_t SizeOfAllocation(const void* address);

// Reads memory that may not be there: the kernel checks the addresses, so a bad one is an error and not a crash.
class SafeMemory {
 public:
  SafeMemory();
  ~SafeMemory();
  SafeMemory(const SafeMemory&) = delete;
  SafeMemory& operator=(const SafeMemory&) = delete;

  // How many of the `size` bytes at `address` could be copied to `target` (whole pages' worth at a time).
  std::size_t Read(const void* address, void* target, std::size_t size) const;
  template <typename T>
  bool Read(const void* address, T* target) const {
    return Read(address, target, sizeof(T)) == sizeof(T);
  }

 private:
  int pipe_[2] = {-1, -1};
};

}  // namespace verdant
