#pragma once

#include <cstddef>

namespace verdant {

enum class GuardKind {
  kLightweight,  // a mark in the page tables (Linux 6.13+): no mapping of its own
  kProtection,   // mprotect: two more mappings per guard, and vm.max_map_count is 65530 on most machines
};

// What StackPool asks of the kernel. Virtual so that a test can put one in its place that refuses.
class VirtualMemory {
 public:
  VirtualMemory();  // the best guard this kernel has
  explicit VirtualMemory(GuardKind guard);
  virtual ~VirtualMemory() = default;
  VirtualMemory(const VirtualMemory&) = delete;
  VirtualMemory& operator=(const VirtualMemory&) = delete;

  // Readable, writable, zero, not backed by memory before it is touched, never by huge pages. Null when refused.
  virtual char* Map(std::size_t bytes);
  virtual void Unmap(char* start, std::size_t bytes);
  // Any access to the region is a SIGSEGV from now on. False when refused.
  virtual bool Guard(char* start, std::size_t bytes);
  // Gives the memory back; the region stays mapped and reads as zero (on macOS: perhaps as it was).
  virtual void Discard(char* start, std::size_t bytes);
  // Tells why Map() failed: both causes are ENOMEM to the kernel.
  virtual bool MappingsExhausted();

  GuardKind guard_kind() const { return guard_; }
  static std::size_t PageSize();

 private:
  GuardKind guard_;
};

}  // namespace verdant
