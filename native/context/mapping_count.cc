#include "mapping_count.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

namespace verdant {
namespace {

// Plain descriptors and a fixed buffer: stdio would allocate, and this runs when memory has just been refused.
class ProcFile {
 public:
  explicit ProcFile(const char* path) : descriptor_(open(path, O_RDONLY | O_CLOEXEC)) {}
  ~ProcFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;
  ProcFile(ProcFile&&) = delete;
  ProcFile& operator=(ProcFile&&) = delete;

  std::size_t Read(char* buffer, std::size_t bytes) {
    if (descriptor_ < 0) return 0;
    ssize_t count = -1;
    do {
      count = read(descriptor_, buffer, bytes);
    } while (count < 0 && errno == EINTR);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

 private:
  int descriptor_;
};

std::size_t CountMappings() {
  ProcFile maps("/proc/self/maps");
  char buffer[4096];
  std::size_t lines = 0;
  while (const std::size_t count = maps.Read(buffer, sizeof buffer)) {
    lines += static_cast<std::size_t>(std::count(buffer, buffer + count, '\n'));
  }
  return lines;
}

std::size_t MappingLimit() {
  ProcFile setting("/proc/sys/vm/max_map_count");
  char digits[32];
  const std::size_t count = setting.Read(digits, sizeof digits);
  std::size_t limit = 0;
  for (std::size_t i = 0; i < count && digits[i] >= '0' && digits[i] <= '9'; ++i) {
    limit = limit * 10 + static_cast<std::size_t>(digits[i] - '0');
  }
  return limit;
}

}  // namespace

bool MappingLimitReached() {
  const std::size_t limit = MappingLimit();
  return limit != 0 && CountMappings() >= limit;
}

}  // namespace verdant
