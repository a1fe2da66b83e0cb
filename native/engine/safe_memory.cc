#include "safe_memory.h"

#include <fcntl.h>
#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>

namespace verdant {

namespace {
// No larger than a pipe's buffer, so that a write never blocks.
constexpr std::size_t kChunk = 4096;
}  // namespace

std::size_t SizeOfAllocation(const void* address) {
#if defined(__APPLE__)
  return malloc_size(address);
#else
  return malloc_usable_size(const_cast<void*>(address));
#endif
}

SafeMemory::SafeMemory() {
  if (pipe(pipe_) != 0) {
    pipe_[0] = pipe_[1] = -1;
    return;
  }
  for (const int end : pipe_) fcntl(end, F_SETFD, FD_CLOEXEC);
}

SafeMemory::~SafeMemory() {
  for (const int end : pipe_) {
    if (end >= 0) close(end);
  }
}

std::size_t SafeMemory::Read(const void* address, void* target, std::size_t size) const {
  if (pipe_[0] < 0) return 0;
  std::size_t done = 0;
  while (done < size) {
    const std::size_t wanted = std::min(kChunk, size - done);
    const ssize_t written = write(pipe_[1], static_cast<const char*>(address) + done, wanted);
    if (written <= 0) break;  // EFAULT: nothing there
    if (read(pipe_[0], static_cast<char*>(target) + done, static_cast<std::size_t>(written)) != written) break;
    done += static_cast<std::size_t>(written);
  }
  return done;
}

}  // namespace verdant
