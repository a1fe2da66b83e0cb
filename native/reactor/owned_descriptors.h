#pragma once

#include <cstddef>
#include <vector>

#include "sockets.h"

namespace verdant {

// The descriptors that an environment has opened. A Worker that ends leaves none of them behind in the process.
class OwnedDescriptors {
 public:
  OwnedDescriptors() = default;
  OwnedDescriptors(const OwnedDescriptors&) = delete;
  OwnedDescriptors& operator=(const OwnedDescriptors&) = delete;
  ~OwnedDescriptors() {
    for (std::size_t fd = 0; fd < owned_.size(); fd += 1) {
      if (owned_[fd]) CloseDescriptor(static_cast<int>(fd));
    }
  }

  // Passes on what a system call gave: a new descriptor, or an error.
  int Take(int result) {
    if (result < 0) return result;
    const auto at = static_cast<std::size_t>(result);
    if (at >= owned_.size()) owned_.resize(at + 64);
    owned_[at] = true;
    return result;
  }

  // It is somebody else's from now on, or closed.
  void Release(int fd) {
    const auto at = static_cast<std::size_t>(fd);
    if (at < owned_.size()) owned_[at] = false;
  }

 private:
  std::vector<bool> owned_;
};

}  // namespace verdant
