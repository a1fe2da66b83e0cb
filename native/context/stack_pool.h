#pragma once

#include <cstddef>
#include <memory>

#include "growable_array.h"
#include "stack.h"
#include "virtual_memory.h"

namespace verdant {

enum class StackError { kNone, kOutOfMemory, kOutOfMappings };

struct StackPoolStats {
  std::size_t reserved;  // stacks carved out of mappings, in use or idle
  std::size_t in_use;
  std::size_t idle;
};

// Uniform stacks for one environment (one OS thread): reserved big, paid only for the pages that are touched.
// Address space once reserved is kept for reuse until the pool is destroyed; the memory behind it is not (see Release).
class StackPool {
 public:
  // `usable_bytes` is rounded up to whole pages; the guard region comes on top.
  // More than `resident_watermark` idle stacks: the further ones give their memory back to the kernel.
  // `memory` is a test's way to make the kernel refuse; null means the real one.
  explicit StackPool(std::size_t usable_bytes, std::size_t resident_watermark = 256,
                     std::unique_ptr<VirtualMemory> memory = nullptr);
  ~StackPool();  // unmaps everything; no stack may be in use
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  // LIFO: the most recently released stack, whose pages are still warm. An empty Stack and *error when there is none to
  // be had.
  Stack Acquire(StackError* error);
  void Release(const Stack& stack);
  StackPoolStats stats() const;

 private:
  // One mapping that holds `capacity` stacks, each above its guard; `carved` of them have been handed out at least
  // once.
  struct Arena {
    char* start;
    std::size_t capacity;
    std::size_t carved;
  };

  Stack Carve(StackError* error);
  bool AddArena(StackError* error);
  std::size_t NextArenaCapacity() const;
  std::size_t stride() const { return guard_bytes_ + usable_bytes_; }

  std::unique_ptr<VirtualMemory> memory_;
  std::size_t usable_bytes_;
  std::size_t guard_bytes_;
  std::size_t resident_watermark_;

  GrowableArray<Arena> arenas_;  // all but the last one are carved up
  GrowableArray<char*> idle_;    // limits; the most recently released last
  std::size_t discarded_ = 0;    // this many at the front of idle_ have given their memory back
  std::size_t reserved_ = 0;
};

}  // namespace verdant
