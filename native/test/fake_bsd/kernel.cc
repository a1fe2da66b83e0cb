#include "kernel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace fake_bsd {
namespace {

using Clock = std::chrono::steady_clock;
using Key = std::pair<uintptr_t, int16_t>;

Kernel running = Kernel::kDarwin;
std::map<int16_t, int> refused;
std::map<Key, int> failing;

struct Finding {
  bool ready = false;
  bool eof = false;
};

mode_t TypeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

int Access(int fd) { return fcntl(fd, F_GETFL) & O_ACCMODE; }

int Poll(int fd) {
  pollfd polled{fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  poll(&polled, 1, 0);
  return polled.revents;
}

bool HasStoppedSending(int fd) {
  int domain = 0;
  socklen_t length = sizeof domain;
  getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
  // Linux tells nobody, but checks it before it looks at the length. (TCP would lose its pending error by this.)
  return domain == AF_UNIX && send(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EPIPE;
}

bool HasUnreadBytes(int fd) {
  struct stat status {};
  fstat(fd, &status);
  return lseek(fd, 0, SEEK_CUR) < status.st_size;
}

Finding FindPipe(int fd, int16_t filter, int found) {
  const bool broken = (found & (POLLHUP | POLLERR)) != 0;
  const bool forward = Access(fd) == (filter == EVFILT_READ ? O_RDONLY : O_WRONLY);
  if (forward) return {(found & (POLLIN | POLLOUT)) != 0 || broken, broken};
  // The way that this end has not on Linux. Darwin keeps a filter there that fires when the pipe breaks.
  return {broken || (running == Kernel::kFreeBsd && filter == EVFILT_WRITE), broken};
}

Finding RunFilter(int fd, int16_t filter) {
  const mode_t type = TypeOf(fd);
  if (type == S_IFREG) return {HasUnreadBytes(fd), false};
  const int found = Poll(fd);
  if (type == S_IFIFO) return FindPipe(fd, filter, found);
  if (filter == EVFILT_READ) {
    const bool eof = (found & (POLLRDHUP | POLLHUP)) != 0;
    return {eof || (found & (POLLIN | POLLERR)) != 0, eof};
  }
  const bool eof = (found & POLLHUP) != 0 || (type == S_IFSOCK && HasStoppedSending(fd));
  return {eof || (found & (POLLOUT | POLLERR)) != 0, eof};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  int get() const { return fd_; }

 private:
  const int fd_;
};

bool Control(const Descriptor& epoll, int operation, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll.get(), operation, fd, &event) == 0;
}

// What makes the kernel run the filters of one direction.
class Activity {
 public:
  explicit Activity(uint32_t events) : events_(events) {}

  void Add(int fd) {
    Control(edges_, EPOLL_CTL_ADD, fd, events_ | EPOLLET);
    Control(census_, EPOLL_CTL_ADD, fd, 0);
  }
  void Remove(int fd) {
    Control(edges_, EPOLL_CTL_DEL, fd, 0);
    Control(census_, EPOLL_CTL_DEL, fd, 0);
  }
  // Whether this is still the open file that was added. Asked of a second epoll, because asking has the edge repeated.
  bool Knows(int fd) const { return Control(census_, EPOLL_CTL_MOD, fd, 0); }
  std::vector<int> Take() {
    std::vector<int> active;
    epoll_event event{};
    while (epoll_wait(edges_.get(), &event, 1, 0) == 1) active.push_back(event.data.fd);
    return active;
  }
  int fd() const { return edges_.get(); }

 private:
  const uint32_t events_;
  const Descriptor edges_{epoll_create1(EPOLL_CLOEXEC)};
  const Descriptor census_{epoll_create1(EPOLL_CLOEXEC)};
};

struct Entry {
  uint16_t flags;
  void* udata;
  bool triggered;
};

class Queue {
 public:
  // Not closed on exec: that is for the caller to see to.
  Queue() : fd_(epoll_create1(0)) {
    for (const int source : {activity(EVFILT_READ).fd(), activity(EVFILT_WRITE).fd(), bell_.get()}) {
      epoll_event event{};
      event.events = EPOLLIN;
      epoll_ctl(fd_, EPOLL_CTL_ADD, source, &event);
    }
  }

  int fd() const { return fd_; }

  int CountEntries(int fd) {
    DropClosed();
    return static_cast<int>(
        std::count_if(entries_.begin(), entries_.end(), [fd](const auto& entry) { return Fd(entry.first) == fd; }));
  }

  int Register(const struct kevent& change) {
    DropClosed();
    const Key key{change.ident, change.filter};
    const bool is_open = change.filter == EVFILT_USER || fcntl(Fd(key), F_GETFD) >= 0;
    if (!is_open && (running == Kernel::kFreeBsd || (change.flags & EV_ADD) != 0)) return EBADF;
    const bool exists = entries_.count(key) != 0;
    if ((change.flags & EV_DELETE) != 0) return exists ? Drop(key) : ENOENT;
    if (!exists) {
      if ((change.flags & EV_ADD) == 0) return ENOENT;
      const int error = Attach(key);
      if (error != 0) return error;
      entries_[key].flags = change.flags & (EV_CLEAR | EV_ONESHOT);
    }
    Entry& entry = entries_[key];
    entry.udata = change.udata;
    if ((change.fflags & NOTE_TRIGGER) != 0) entry.triggered = true;
    if (Run(key).ready) Enqueue(key);
    return 0;
  }

  // -1: interrupted.
  int Collect(struct kevent* events, int capacity, const timespec* timeout) {
    const auto deadline = Clock::now() + (timeout == nullptr ? std::chrono::nanoseconds(0)
                                                             : std::chrono::seconds(timeout->tv_sec) +
                                                                   std::chrono::nanoseconds(timeout->tv_nsec));
    for (;;) {
      const int count = Scan(events, capacity);
      if (count > 0) return count;
      pollfd polled{fd_, POLLIN, 0};
      const auto left = std::max(deadline - Clock::now(), Clock::duration(0));
      const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left + std::chrono::microseconds(999));
      const int found = poll(&polled, 1, timeout == nullptr ? -1 : static_cast<int>(left_ms.count()));
      if (found <= 0) return found;
    }
  }

  // Its descriptor becomes readable with the first queued entry.
  void Ring() {
    eventfd_t rung = 0;
    eventfd_read(bell_.get(), &rung);
    if (!queued_.empty()) eventfd_write(bell_.get(), 1);
  }

 private:
  static int Fd(const Key& key) { return static_cast<int>(key.first); }

  Activity& activity(int16_t filter) { return filter == EVFILT_READ ? reading_ : writing_; }

  Finding Run(const Key& key) {
    if (key.second == EVFILT_USER) return {entries_.at(key).triggered, false};
    if (failing.count(key) != 0) return {true, false};
    return RunFilter(Fd(key), key.second);
  }

  int Attach(const Key& key) {
    if (key.second == EVFILT_USER) return 0;
    if (refused.count(key.second) != 0) return refused.at(key.second);
    const mode_t type = TypeOf(Fd(key));
    if (type == S_IFREG) return key.second == EVFILT_READ ? 0 : EINVAL;
    const bool broken = type == S_IFIFO && (Poll(Fd(key)) & (POLLHUP | POLLERR)) != 0;
    if (running == Kernel::kFreeBsd && key.second == EVFILT_WRITE && broken) return EPIPE;
    activity(key.second).Add(Fd(key));
    return 0;
  }

  int Drop(const Key& key) {
    if (key.second != EVFILT_USER) activity(key.second).Remove(Fd(key));
    entries_.erase(key);
    Dequeue(key);
    return 0;
  }

  // As close() does, which cannot be watched from here.
  void DropClosed() {
    std::vector<Key> closed;
    for (const auto& [key, entry] : entries_) {
      if (key.second == EVFILT_USER) continue;
      const bool is_file = TypeOf(Fd(key)) == S_IFREG;
      if (!is_file && !activity(key.second).Knows(Fd(key))) closed.push_back(key);
    }
    for (const Key& key : closed) Drop(key);
  }

  void Enqueue(const Key& key) {
    if (std::find(queued_.begin(), queued_.end(), key) == queued_.end()) queued_.push_back(key);
  }

  void Dequeue(const Key& key) { queued_.erase(std::remove(queued_.begin(), queued_.end(), key), queued_.end()); }

  void TakeActivity() {
    for (const int16_t filter : {int16_t{EVFILT_READ}, int16_t{EVFILT_WRITE}}) {
      for (const int fd : activity(filter).Take()) {
        const Key key{fd, filter};
        if (entries_.count(key) != 0 && Run(key).ready) Enqueue(key);
      }
    }
  }

  int Scan(struct kevent* events, int capacity) {
    DropClosed();
    TakeActivity();
    int count = 0;
    std::deque<Key> still_ready;
    while (count < capacity && !queued_.empty()) {
      const Key key = queued_.front();
      queued_.pop_front();
      const Finding finding = Run(key);
      if (!finding.ready) continue;
      const Entry entry = entries_.at(key);
      events[count] = Report(key, entry, finding);
      count += 1;
      if ((entry.flags & EV_ONESHOT) != 0) {
        Drop(key);
      } else if ((entry.flags & EV_CLEAR) == 0) {
        still_ready.push_back(key);
      }
    }
    queued_.insert(queued_.end(), still_ready.begin(), still_ready.end());
    Ring();
    return count;
  }

  static struct kevent Report(const Key& key, const Entry& entry, const Finding& finding) {
    struct kevent event {};
    event.ident = key.first;
    event.filter = key.second;
    event.flags = entry.flags | (finding.eof ? EV_EOF : 0);
    event.udata = entry.udata;
    const auto failure = failing.find(key);
    if (failure != failing.end()) {
      event.flags |= EV_ERROR;
      event.data = failure->second;
    }
    return event;
  }

  // The caller closes it, as it would a real one.
  const int fd_;
  Activity reading_{EPOLLIN | EPOLLRDHUP};
  Activity writing_{EPOLLOUT};
  const Descriptor bell_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::map<Key, Entry> entries_;
  std::deque<Key> queued_;
};

std::map<int, std::unique_ptr<Queue>> queues;

Queue* Find(int fd) {
  const auto found = queues.find(fd);
  return found == queues.end() ? nullptr : found->second.get();
}

}  // namespace

void Boot(Kernel kernel) {
  running = kernel;
  refused.clear();
  failing.clear();
  queues.clear();
}

void RefuseFilter(int16_t filter, int error) { refused[filter] = error; }
void FailEntry(int fd, int16_t filter, int error) { failing[{fd, filter}] = error; }
int CountEntries(int queue, int fd) { return Find(queue)->CountEntries(fd); }

}  // namespace fake_bsd

extern "C" int kqueue() {
  auto made = std::make_unique<fake_bsd::Queue>();
  // The number of one that has been closed meanwhile.
  std::unique_ptr<fake_bsd::Queue>& queue = fake_bsd::queues[made->fd()];
  queue = std::move(made);
  return queue->fd();
}

extern "C" int kevent(int fd, const struct kevent* changes, int change_count, struct kevent* events, int capacity,
                      const timespec* timeout) {
  fake_bsd::Queue* queue = fake_bsd::Find(fd);
  if (queue == nullptr) {
    errno = EBADF;
    return -1;
  }
  int receipts = 0;
  for (int i = 0; i < change_count; i += 1) {
    // The two arrays may be one.
    struct kevent receipt = changes[i];
    const int error = queue->Register(receipt);
    if (error == 0 && (receipt.flags & EV_RECEIPT) == 0) continue;
    if (receipts == capacity) {
      errno = error;
      return error == 0 ? receipts : -1;
    }
    receipt.flags = EV_ERROR;
    receipt.data = error;
    events[receipts] = receipt;
    receipts += 1;
  }
  queue->Ring();
  if (receipts > 0 || capacity == 0) return receipts;
  return queue->Collect(events, capacity, timeout);
}
