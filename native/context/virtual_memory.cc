#include "virtual_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "guard.h"
#include "mapping_count.h"

namespace verdant {
namespace {

int MapFlags() {
  int flags = MAP_PRIVATE;
#if defined(MAP_ANONYMOUS)
  flags |= MAP_ANONYMOUS;
#else
  flags |= MAP_ANON;
#endif
#if defined(MAP_NORESERVE)
  flags |= MAP_NORESERVE;
#endif
  // MAP_STACK means something else on some BSDs (FreeBSD maps downwards on demand, with a guard of its own).
#if defined(MAP_STACK) && defined(__linux__)
  flags |= MAP_STACK;
#endif
  return flags;
}

}  // namespace

VirtualMemory::VirtualMemory() : VirtualMemory(BestGuardKind()) {}

VirtualMemory::VirtualMemory(GuardKind guard) : guard_(guard) {}

char* VirtualMemory::Map(std::size_t bytes) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MapFlags(), -1, 0);
  if (start == MAP_FAILED) return nullptr;
#if defined(MADV_NOHUGEPAGE)
  // Where transparent huge pages are "always", the first touch of a stack would take 2 MiB. Fails harmlessly on kernels
  // without them.
  madvise(start, bytes, MADV_NOHUGEPAGE);
#endif
  return static_cast<char*>(start);
}

void VirtualMemory::Unmap(char* start, std::size_t bytes) { munmap(start, bytes); }

bool VirtualMemory::Guard(char* start, std::size_t bytes) {
  if (guard_ == GuardKind::kLightweight) {
    if (InstallLightweightGuard(start, bytes)) return true;
    // Refused for good in locked memory (mlockall), for now when page tables cannot be had.
    if (errno == EINVAL) guard_ = GuardKind::kProtection;
  }
  return mprotect(start, bytes, PROT_NONE) == 0;
}

void VirtualMemory::Discard(char* start, std::size_t bytes) {
#if defined(__linux__)
  madvise(start, bytes, MADV_DONTNEED);  // leaves guards of either kind in place
#elif defined(MADV_FREE)
  madvise(start, bytes, MADV_FREE);  // elsewhere MADV_DONTNEED frees nothing
#endif
}

bool VirtualMemory::MappingsExhausted() { return MappingLimitReached(); }

std::size_t VirtualMemory::PageSize() {
  static const std::size_t size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace verdant
