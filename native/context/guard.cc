#include "guard.h"

#include <sys/mman.h>

#include <cerrno>

namespace verdant {

#if defined(__linux__)
namespace {

// Newer than the C library's headers: Linux 6.13 and 5.14.
constexpr int kGuardInstall = 102;
constexpr int kPopulateRead = 22;

// Success alone proves nothing: user-mode emulators answer 0 to any advice they do not know. A guard that is there
// makes populating the page fail with EFAULT.
bool LightweightGuardWorks() {
  const std::size_t page = VirtualMemory::PageSize();
  void* probe = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) return false;
  const bool works = InstallLightweightGuard(static_cast<char*>(probe), page) &&
                     madvise(probe, page, kPopulateRead) == -1 && errno == EFAULT;
  munmap(probe, page);
  return works;
}

}  // namespace

GuardKind BestGuardKind() {
  static const GuardKind kind = LightweightGuardWorks() ? GuardKind::kLightweight : GuardKind::kProtection;
  return kind;
}

bool InstallLightweightGuard(char* start, std::size_t bytes) { return madvise(start, bytes, kGuardInstall) == 0; }

#else

GuardKind BestGuardKind() { return GuardKind::kProtection; }

bool InstallLightweightGuard(char*, std::size_t) {
  errno = EINVAL;
  return false;
}

#endif

}  // namespace verdant
