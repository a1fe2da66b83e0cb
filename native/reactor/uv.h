#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "reactor.h"

namespace verdant {

// How one hub's reactor and Node's loop share the thread's single wait. The one nests in the other:
//   guest: Node's loop waits; the reactor's descriptor is one of its sources.
//   host:  the reactor waits, in the loop's prepare phase; the loop's backend descriptor is one of its sources, and its
//          next timer bounds the wait. What the loop then finds ready it handles in its own poll phase, told not to
//          block. Timers, promises, fs, child processes all go on as ever.
// An environment has at most one host: two waits cannot both be the thread's only one.
class LoopShare {
 public:
  enum class Role : uint8_t { kGuest, kHost };
  // Runs a turn of the hub in JavaScript, after which promise reactions have run as well. False when JavaScript threw
  // or may not run any more.
  using Turn = std::function<bool(bool new_pass)>;

  // What JavaScript reads the events from: their number, then the events.
  struct Batch {
    static constexpr int kCapacity = 1024;
    uint32_t count;
    Readiness events[kCapacity];
  };

  // `batch` must outlive it.
  LoopShare(uv_loop_t* loop, Role role, std::unique_ptr<Reactor> reactor, Batch* batch, Turn turn);
  LoopShare(const LoopShare&) = delete;
  LoopShare& operator=(const LoopShare&) = delete;
  ~LoopShare();

  // 0 or a negative errno.
  int Open();
  // Takes its handles out of the loop. `closed` is called when the loop has let go of them.
  void Close(std::function<void()> closed);

  Reactor* reactor() { return reactor_.get(); }
  Role role() const { return role_; }

  // Host only. A turn without waiting; `soon`: in the present pass, before I/O is looked at.
  void RequestTurn(bool soon);
  // Host only. A turn at that time of uv_hrtime()'s clock, in milliseconds.
  void RequestTurnAt(double deadline);
  // Descriptors are being waited for.
  void Hold(bool held);
  // Whether what it waits for keeps the process alive.
  void KeepAlive(bool keep);

 private:
  struct Handles;
  static constexpr uint32_t kLoopsOwn = std::numeric_limits<uint32_t>::max();
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  static void OnReadable(uv_poll_t* handle, int status, int events);
  static void OnPrepare(uv_prepare_t* handle);
  void Host();
  // Fills the batch; true if the hosted loop itself is ready.
  bool Wait(int timeout_ms);
  int Timeout() const;
  bool LoopIsWanted() const;
  void RefreshReference();

  uv_loop_t* const loop_;
  const Role role_;
  std::unique_ptr<Reactor> reactor_;
  Batch* const batch_;
  const Turn turn_;
  std::shared_ptr<Handles> handles_;
  double deadline_ = kNever;
  bool turn_requested_ = false;
  bool soon_ = false;
  bool held_ = false;
  bool keep_ = true;
};

}  // namespace verdant
