#pragma once

#include <cstddef>
#include <cstdint>

#include "virtual_memory.h"

namespace verdant_test {

// The real memory until it is told to refuse. What it saw outlives the pool that owns it.
struct MemoryOrders {
  std::size_t biggest_map = SIZE_MAX;  // refuse bigger ones
  std::size_t guards_left = SIZE_MAX;  // refuse after so many
  bool mappings_exhausted = false;

  std::size_t mapped_bytes = 0;
  std::size_t maps = 0;
};

class RefusingMemory : public verdant::VirtualMemory {
 public:
  explicit RefusingMemory(MemoryOrders* orders) : orders_(orders) {}

  char* Map(std::size_t bytes) override {
    if (bytes > orders_->biggest_map) return nullptr;
    orders_->mapped_bytes += bytes;
    ++orders_->maps;
    return VirtualMemory::Map(bytes);
  }
  void Unmap(char* start, std::size_t bytes) override {
    orders_->mapped_bytes -= bytes;
    VirtualMemory::Unmap(start, bytes);
  }
  bool Guard(char* start, std::size_t bytes) override {
    if (orders_->guards_left == 0) return false;
    --orders_->guards_left;
    return VirtualMemory::Guard(start, bytes);
  }
  bool MappingsExhausted() override { return orders_->mappings_exhausted; }

 private:
  MemoryOrders* orders_;
};

}  // namespace verdant_test
