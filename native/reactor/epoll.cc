#if defined(__linux__)

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "reactor.h"

namespace verdant {
namespace {

constexpr uint32_t kEdges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr int kBatch = 256;

uint64_t Pack(int fd, uint32_t generation) { return uint64_t{generation} << 32 | static_cast<uint32_t>(fd); }

// An error or a full hang-up ends every wait: the system call that follows tells what it was.
uint32_t Translate(uint32_t events) {
  constexpr uint32_t kBroken = EPOLLERR | EPOLLHUP;
  uint32_t what = 0;
  if ((events & (EPOLLIN | EPOLLRDHUP | kBroken)) != 0) what |= kReadable;
  if ((events & (EPOLLOUT | kBroken)) != 0) what |= kWritable;
  if ((events & (EPOLLRDHUP | kBroken)) != 0) what |= kHangUp;
  return what;
}

class Epoll final : public Reactor {
 public:
  explicit Epoll(int epoll_fd) : fd_(epoll_fd) {}
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;
  ~Epoll() override { close(fd_); }

  int fd() const override { return fd_; }
  int Watch(int fd, uint32_t generation) override { return Control(EPOLL_CTL_ADD, fd, generation, kEdges); }
  // The kernel looks at a modified entry anew, when it is waited for and not when it is modified.
  int Rearm(int fd, uint32_t generation) override { return Control(EPOLL_CTL_MOD, fd, generation, kEdges); }
  int Unwatch(int fd) override { return Control(EPOLL_CTL_DEL, fd, 0, 0); }
  int WatchLevel(int fd, uint32_t generation) override { return Control(EPOLL_CTL_ADD, fd, generation, EPOLLIN); }

  int Wait(int timeout_ms, Readiness* out, int capacity) override {
    epoll_event events[kBatch];
    const int count = epoll_wait(fd_, events, std::min(capacity, kBatch), timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i += 1) {
      const uint64_t packed = events[i].data.u64;
      out[i] = {static_cast<uint32_t>(packed), static_cast<uint32_t>(packed >> 32), Translate(events[i].events)};
    }
    return count;
  }

 private:
  int Control(int operation, int fd, uint32_t generation, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = Pack(fd, generation);
    return epoll_ctl(fd_, operation, fd, &event) == 0 ? 0 : -errno;
  }

  const int fd_;
};

}  // namespace

std::unique_ptr<Reactor> MakeReactor(int* error) {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  *error = fd < 0 ? -errno : 0;
  return fd < 0 ? nullptr : std::make_unique<Epoll>(fd);
}

}  // namespace verdant

#endif
