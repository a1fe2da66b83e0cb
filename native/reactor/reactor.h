#pragma once

#include <cstdint>
#include <memory>

namespace verdant {

// What an event says of a descriptor. A hang-up (the peer has shut down or reset, or the descriptor has failed) stands
// beside the sides on which it can be noticed.
constexpr uint32_t kReadable = 1;
constexpr uint32_t kWritable = 2;
constexpr uint32_t kHangUp = 4;

// One event, as lib/hub/ reads it from an array of numbers. `generation` is what the descriptor was watched with: fd
// numbers are used again, so an event may be late and speak of a descriptor that is no more.
struct Readiness {
  uint32_t fd;
  uint32_t generation;
  uint32_t what;
};

// Tells which descriptors have become ready: the kernel's queue behind one interface, one file per kernel.
//
// Edge-triggered, each descriptor watched once for both directions and then left alone. Green threads try the system
// call first and park only when it would block, so a state that has already been seen is of no interest, only the
// change is; a park then costs no system call, where a level-triggered queue would have to be told of every wait and
// every end of one. The price is Rearm(): whoever does not use up what an edge has announced (the second of two
// readers, a callback) has the edge repeated.
//
// Functions return 0 (Wait: a count) or a negative errno. None of them aborts for a bad descriptor.
class Reactor {
 public:
  Reactor() = default;
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  virtual ~Reactor() = default;

  // Readable whenever Wait() would return at once.
  virtual int fd() const = 0;
  // Reports the descriptor's present readiness and every change of it. -EPERM: a kind of file that is always ready.
  virtual int Watch(int fd, uint32_t generation) = 0;
  // Reports the present readiness once more, at the time of the next Wait. -ENOENT: the descriptor is not the one that
  // was watched, it has been closed meanwhile.
  virtual int Rearm(int fd, uint32_t generation) = 0;
  virtual int Unwatch(int fd) = 0;
  // Level-triggered, readable only: for the loop that this reactor hosts.
  virtual int WatchLevel(int fd, uint32_t generation) = 0;
  // Waits until something is ready, `timeout_ms` have passed (-1: for ever) or a signal came (then it returns 0).
  virtual int Wait(int timeout_ms, Readiness* out, int capacity) = 0;
};

// The reactor of this platform; null, and a negative errno in `error`, when the kernel gives none.
std::unique_ptr<Reactor> MakeReactor(int* error);

}  // namespace verdant
