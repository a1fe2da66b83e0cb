// VERDANT_FAKE_KQUEUE: the unit tests compile this file against a model of the kernel.
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(VERDANT_FAKE_KQUEUE)

#include <fcntl.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "reactor.h"

namespace verdant {
namespace {

constexpr int kBatch = 256;
constexpr int kSides = 2;

// The kernel keeps the descriptor beside the user data, so the generation has that to itself.
void* Pack(uint32_t generation) { return reinterpret_cast<void*>(uintptr_t{generation}); }

struct kevent Change(int fd, int16_t filter, uint32_t generation, uint16_t flags, uint32_t filter_flags = 0) {
  struct kevent change {};
  EV_SET(&change, static_cast<uintptr_t>(fd), filter, flags, filter_flags, 0, Pack(generation));
  return change;
}

bool IsSocket(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

// kqueue would watch a file's position against its length: wait at the end of a file for others to append to it.
int RefuseFile(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return -errno;
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode) ? -EPERM : 0;
}

// A socket that has itself stopped sending has an EOF on its write filter just as one whose peer has gone away, but the
// latter has one on its read filter too, or an error.
bool IsHangUp(const struct kevent& event) {
  if ((event.flags & EV_ERROR) != 0) return true;
  if ((event.flags & EV_EOF) == 0) return false;
  return event.filter == EVFILT_READ || event.fflags != 0 || !IsSocket(static_cast<int>(event.ident));
}

uint32_t Translate(const struct kevent& event) {
  if (event.filter == EVFILT_USER) return kWritable | kHangUp;
  const uint32_t side = event.filter == EVFILT_READ ? kReadable : kWritable;
  return IsHangUp(event) ? side | kHangUp : side;
}

class Kqueue final : public Reactor {
 public:
  explicit Kqueue(int kqueue_fd) : fd_(kqueue_fd) {}
  Kqueue(const Kqueue&) = delete;
  Kqueue& operator=(const Kqueue&) = delete;
  ~Kqueue() override { close(fd_); }

  int fd() const override { return fd_; }

  int Watch(int fd, uint32_t generation) override {
    const int refused = RefuseFile(fd);
    if (refused != 0) return refused;
    const Outcome outcome = ChangeBoth(fd, generation, EV_ADD | EV_CLEAR);
    if (outcome.read != 0 && outcome.write != 0) return outcome.read;
    const int failure = outcome.read != 0 ? outcome.read : outcome.write;
    switch (failure) {
      case 0:
      // This kind of file has only the other side.
      case -EINVAL:
        return 0;
      case -EPIPE:
        return AnnounceBrokenPipe(fd, generation);
      default:
        ChangeBoth(fd, 0, EV_DELETE);
        return failure;
    }
  }

  // Any change of an entry makes the kernel run its filter again. Not EV_ADD, which would say nothing of a descriptor
  // closed and opened again meanwhile (a close drops its entries) but silently watch the new one; a change without it
  // finds no entry then, and fails with ENOENT.
  int Rearm(int fd, uint32_t generation) override { return ChangeBoth(fd, generation, EV_ENABLE).Either(); }

  int Unwatch(int fd) override { return ChangeBoth(fd, 0, EV_DELETE).Either(); }

  int WatchLevel(int fd, uint32_t generation) override {
    const int refused = RefuseFile(fd);
    if (refused != 0) return refused;
    struct kevent change = Change(fd, EVFILT_READ, generation, EV_ADD);
    Submit(&change, 1);
    return Answer(change);
  }

  // The two sides of a descriptor come as two events, maybe of one batch: each wakes others, nobody needs both at once.
  int Wait(int timeout_ms, Readiness* out, int capacity) override {
    timespec timeout{};
    timeout.tv_sec = timeout_ms / 1000;
    timeout.tv_nsec = timeout_ms % 1000 * 1000000L;
    struct kevent events[kBatch];
    const int count = kevent(fd_, nullptr, 0, events, std::min(capacity, kBatch), timeout_ms < 0 ? nullptr : &timeout);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i += 1) {
      const auto generation = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(events[i].udata));
      out[i] = {static_cast<uint32_t>(events[i].ident), generation, Translate(events[i])};
    }
    return count;
  }

 private:
  struct Outcome {
    int read;
    int write;
    // There may never have been but one entry.
    int Either() const { return write == 0 ? 0 : read; }
  };

  static int Answer(const struct kevent& receipt) { return -static_cast<int>(receipt.data); }

  // Each change is replaced by its receipt. Without receipts the first failure would leave the rest undone, and a call
  // that fails in nothing would go on to take events from the queue.
  void Submit(struct kevent* changes, int count) {
    for (int i = 0; i < count; i += 1) changes[i].flags |= EV_RECEIPT;
    constexpr timespec kAtOnce{};
    if (kevent(fd_, changes, count, changes, count, &kAtOnce) == count) return;
    const int error = errno;
    for (int i = 0; i < count; i += 1) changes[i].data = error;
  }

  Outcome ChangeBoth(int fd, uint32_t generation, uint16_t flags) {
    struct kevent changes[kSides] = {Change(fd, EVFILT_READ, generation, flags),
                                     Change(fd, EVFILT_WRITE, generation, flags)};
    Submit(changes, kSides);
    return {Answer(changes[0]), Answer(changes[1])};
  }

  // FreeBSD refuses to watch for writing what has lost its reader. Whoever found the pipe full a moment before is about
  // to wait for just that, so it is told once, by an event that we trigger ourselves.
  int AnnounceBrokenPipe(int fd, uint32_t generation) {
    struct kevent changes[] = {Change(fd, EVFILT_USER, generation, EV_ADD | EV_ONESHOT),
                               Change(fd, EVFILT_USER, generation, 0, NOTE_TRIGGER)};
    Submit(changes, 2);
    return Answer(changes[1]);
  }

  const int fd_;
};

}  // namespace

std::unique_ptr<Reactor> MakeReactor(int* error) {
  const int fd = kqueue();
  if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
    *error = 0;
    return std::make_unique<Kqueue>(fd);
  }
  *error = -errno;
  if (fd >= 0) close(fd);
  return nullptr;
}

}  // namespace verdant

#endif
