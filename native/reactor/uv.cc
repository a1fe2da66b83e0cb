#include "uv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace verdant {
namespace {

double Now() { return static_cast<double>(uv_hrtime()) / 1e6; }

template <typename Handle>
uv_handle_t* AsHandle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

// Watchers that JavaScript has started since the loop last polled are not yet in its backend: libuv tells the kernel of
// them when it polls. The queue is a public field of uv_loop_t in all versions, only the type of its links has changed.
bool HasUntoldWatchers(const uv_loop_t* loop) {
  const void* first = nullptr;
  std::memcpy(&first, &loop->watcher_queue, sizeof first);
  return first != &loop->watcher_queue;
}

}  // namespace

// The loop calls back for a handle after uv_close, so the handles cannot lie in the object that is closed: they belong
// to it, then to themselves until the loop has let go of the last.
struct LoopShare::Handles {
  LoopShare* owner = nullptr;
  std::shared_ptr<Handles> self;
  uv_poll_t poll;
  uv_prepare_t prepare;
  uv_idle_t idle;
  int open = 0;
  std::function<void()> closed;

  template <typename Handle>
  void Close(Handle* handle) {
    open += 1;
    uv_close(AsHandle(handle), [](uv_handle_t* one) {
      auto* all = static_cast<Handles*>(one->data);
      all->open -= 1;
      if (all->open > 0) return;
      const std::function<void()> closed = std::move(all->closed);
      all->self.reset();
      closed();
    });
  }
};

LoopShare::LoopShare(uv_loop_t* loop, Role role, std::unique_ptr<Reactor> reactor, Batch* batch, Turn turn)
    : loop_(loop), role_(role), reactor_(std::move(reactor)), batch_(batch), turn_(std::move(turn)) {}

LoopShare::~LoopShare() {
  if (handles_ != nullptr) Close([] {});
}

int LoopShare::Open() {
  const auto handles = std::make_shared<Handles>();
  handles->owner = this;
  handles->poll.data = handles->prepare.data = handles->idle.data = handles.get();
  if (role_ == Role::kGuest) {
    int error = uv_poll_init(loop_, &handles->poll, reactor_->fd());
    if (error < 0) return error;
    handles_ = handles;
    error = uv_poll_start(&handles_->poll, UV_READABLE, OnReadable);
    if (error < 0) return error;
  } else {
    const int error = reactor_->WatchLevel(uv_backend_fd(loop_), kLoopsOwn);
    if (error < 0) return error;
    handles_ = handles;
    uv_prepare_init(loop_, &handles_->prepare);
    uv_prepare_start(&handles_->prepare, OnPrepare);
    uv_idle_init(loop_, &handles_->idle);
    uv_unref(AsHandle(&handles_->idle));
  }
  RefreshReference();
  return 0;
}

void LoopShare::Close(std::function<void()> closed) {
  Handles* handles = handles_.get();
  handles->self = std::exchange(handles_, nullptr);
  handles->owner = nullptr;
  handles->closed = std::move(closed);
  if (role_ == Role::kGuest) {
    handles->Close(&handles->poll);
  } else {
    handles->Close(&handles->prepare);
    handles->Close(&handles->idle);
  }
  // Not when the loop lets go of the handles: of hosts that have come and gone meanwhile, each would still watch the
  // loop's backend, and the kernel limits how many may.
  reactor_.reset();
}

void LoopShare::RequestTurn(bool soon) {
  turn_requested_ = true;
  soon_ = soon;
  RefreshReference();
}

void LoopShare::RequestTurnAt(double deadline) {
  deadline_ = deadline;
  RefreshReference();
}

void LoopShare::Hold(bool held) {
  held_ = held;
  RefreshReference();
}

void LoopShare::KeepAlive(bool keep) {
  keep_ = keep;
  RefreshReference();
}

void LoopShare::RefreshReference() {
  if (handles_ == nullptr) return;
  uv_handle_t* handle = role_ == Role::kGuest ? AsHandle(&handles_->poll) : AsHandle(&handles_->prepare);
  if (keep_ && (held_ || turn_requested_ || deadline_ < kNever)) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

void LoopShare::OnReadable(uv_poll_t* handle, int /*status*/, int /*events*/) {
  LoopShare* self = static_cast<Handles*>(handle->data)->owner;
  if (self == nullptr) return;
  self->Wait(0);
  if (self->batch_->count > 0) self->turn_(true);
}

void LoopShare::OnPrepare(uv_prepare_t* handle) {
  LoopShare* self = static_cast<Handles*>(handle->data)->owner;
  if (self != nullptr) self->Host();
}

// Stays here for as long as only green threads have something to do; the rest is the loop's.
void LoopShare::Host() {
  // A turn may close the hub and even, nested, run the loop until nothing of it is left but these.
  const std::shared_ptr<Handles> handles = handles_;
  uv_idle_stop(&handles->idle);
  // The loop has been round: whatever was requested meanwhile belongs to a new pass.
  soon_ = false;
  for (;;) {
    const bool same_pass = turn_requested_ && soon_;
    bool loop_ready = false;
    batch_->count = 0;
    if (!same_pass) loop_ready = Wait(Timeout());
    if (batch_->count > 0 || turn_requested_ || deadline_ <= Now()) {
      turn_requested_ = false;
      const bool ran = turn_(!same_pass);
      if (handles->owner == nullptr) return;  // the turn has destroyed the hub
      RefreshReference();
      if (!ran) break;
    }
    // What promise reactions have woken runs before the loop's next phases do, for as long as the pass lasts.
    if (turn_requested_ && soon_) continue;
    if (loop_ready || LoopIsWanted()) break;
  }
  // An idle handle is what makes the poll phase, which comes next, not block.
  uv_idle_start(&handles->idle, [](uv_idle_t*) {});
}

bool LoopShare::Wait(int timeout_ms) {
  batch_->count = 0;
  const int count = reactor_->Wait(timeout_ms, batch_->events, Batch::kCapacity);
  bool loop_ready = false;
  for (int i = 0; i < count; i += 1) {
    const Readiness event = batch_->events[i];
    if (event.generation == kLoopsOwn) {
      loop_ready = true;
    } else {
      batch_->events[batch_->count] = event;
      batch_->count += 1;
    }
  }
  return loop_ready;
}

int LoopShare::Timeout() const {
  if (turn_requested_ || LoopIsWanted()) return 0;
  const int loops_own = uv_backend_timeout(loop_);
  if (deadline_ == kNever) return loops_own;
  // Rounded up: a green thread must never wake before its time.
  const double left = std::clamp(std::ceil(deadline_ - Now()), 0.0, 1e9);
  return loops_own < 0 ? static_cast<int>(left) : std::min(loops_own, static_cast<int>(left));
}

// A timer is due, a handle waits to be closed, setImmediate was called, or nothing keeps the loop alive any more.
bool LoopShare::LoopIsWanted() const {
  uv_update_time(loop_);
  return HasUntoldWatchers(loop_) || uv_backend_timeout(loop_) == 0;
}

}  // namespace verdant
