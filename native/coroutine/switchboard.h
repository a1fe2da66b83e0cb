#pragma once

#include <v8.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../context/stack_pool.h"
#include "../engine/engine.h"
#include "coroutine.h"

namespace verdant {

// What can go wrong when JavaScript asks for a switch. Nothing has changed when one of these is reported.
struct SwitchError {
  const char* code = nullptr;
  const char* message = nullptr;
  explicit operator bool() const { return code != nullptr; }
};

// All coroutines of one environment (node's main thread or a Worker): creates them, switches between any two of them,
// unwinds and recycles them. It decides nothing: who runs next is JavaScript's choice.
class Switchboard {
 public:
  struct Stats {
    double switches = 0;
    double launched = 0;
    std::size_t suspended = 0;
    StackPoolStats stacks{};
  };
  // Called when an unreachable coroutine was found, from inside the GC: it must not touch V8.
  using Notify = std::function<void()>;
  using CanCallJs = std::function<bool()>;

  static constexpr uint32_t kMain = 0;

  Switchboard() = default;
  ~Switchboard();
  Switchboard(const Switchboard&) = delete;
  Switchboard& operator=(const Switchboard&) = delete;

  // An empty string on success, else why this runtime cannot be used.
  std::string Attach(v8::Isolate* isolate, v8::Local<v8::Context> context, Notify notify, CanCallJs can_call_js);

  // A client is one copy of verdant's JavaScript: `entry` runs on each of its new coroutines and returns the slot to
  // continue with when it is done; `abandoned` hears of coroutines that nothing can reach any more.
  uint32_t AddClient(v8::Local<v8::Function> entry, v8::Local<v8::Function> abandoned);

  // Why the running flow cannot be suspended here and now, if so.
  SwitchError Obstacle() const;
  SwitchError Launch(uint32_t client);
  // `upcoming`: probably switched to after that, or kMain.
  SwitchError SwitchTo(uint32_t slot, uint32_t upcoming = kMain);

  // Coroutines that are called: they run inside of Call or CallFresh until they leave or end, and control then comes
  // back here, however they ended. A fresh one works for `owner` from its beginning to its end, in the caller's async
  // context.
  SwitchError CallFresh(uint32_t client, v8::Local<v8::Object> owner);
  SwitchError Call(uint32_t slot);
  // Suspends the running coroutine and goes back to whoever called it.
  SwitchError Leave();
  // What the last call came to. After a termination (of the coroutine that was called; or of its caller, before the
  // call) the caller tidies up, then passes it on.
  enum class CallEnd : uint8_t { kDone, kTerminated, kInterrupted };
  CallEnd TakeCallEnd() { return std::exchange(call_ended_, CallEnd::kDone); }

  // What went wrong in the flow that handed over to the caller, for the caller to deal with.
  // An exception that escaped from `entry`; empty if there is none.
  v8::MaybeLocal<v8::Value> TakeEscaped();
  // True once after V8 ended a coroutine although the environment lives on (a vm timeout that expired while its script
  // was suspended hits whoever runs).
  bool TakeStrayTermination();

  // The running coroutine starts or stops to work for `owner`.
  void BeginOwner(v8::Local<v8::Object> owner, const AsyncIdentity& identity, v8::Local<v8::Value> continuation);
  void EndOwner();
  // A suspended coroutine gets a new owner in place of one that was collected.
  bool Adopt(uint32_t slot, v8::Local<v8::Object> owner);
  // Of all suspended coroutines of a client.
  std::vector<v8::Local<v8::Value>> Owners(uint32_t client) const;
  // Slots found unreachable since the last call; each with the client to tell.
  struct Abandoned {
    uint32_t slot;
    v8::Local<v8::Function> tell;
  };
  std::vector<Abandoned> TakeAbandoned();

  // Resumes every suspended coroutine just to end it, without running JavaScript. The environment is going away.
  void UnwindAll();

  uint32_t current() const { return current_->slot; }
  Engine& engine() { return engine_; }
  Stats stats() const;

 private:
  struct Client {
    v8::Global<v8::Function> entry;
    v8::Global<v8::Function> abandoned;
  };

  // Stacks kept warm for the next launch; the memory of further idle ones goes back to the kernel.
  static constexpr std::size_t kWarmStacks = 1024;

  // Keeps Array.prototype.join working when several green threads are inside it (their elements' toString suspends).
  // V8 remembers the arrays being joined, to find cycles, on one stack per realm. An entry is looked up and blanked
  // when its join ends, in any order; only the end of the oldest one throws the whole stack away, and whoever is still
  // on it aborts the process (Node 20 to 26). So the oldest place is given to a coroutine that never leaves its join.
  void OccupyJoinStack(v8::Local<v8::Context> realm);
  static void ParkSentinel(const v8::FunctionCallbackInfo<v8::Value>& arguments);
  // Nothing has changed when `obstacle` or `error` is reported.
  Coroutine* MakeFresh(uint32_t client, SwitchError* error);
  SwitchError Interrupted();
  SwitchError TransferToFresh(Coroutine* fresh);
  v8::MaybeLocal<v8::Value> CallEntry(Coroutine* self, v8::Local<v8::Context> context);
  void Transfer(Coroutine* to);
  void Name(Coroutine* next);
  void Arrive(Coroutine* here);
  void RetireDeparted();
  static void Body(void* coroutine);
  Coroutine* Run(Coroutine* self);
  Coroutine* RunEntry(Coroutine* self);
  static void OnOwnerCollected(const v8::WeakCallbackInfo<Coroutine>& info);
  void WatchOwner(Coroutine* coroutine, v8::Local<v8::Object> owner);

  Engine engine_;
  v8::Global<v8::Context> home_;
  std::unique_ptr<StackPool> stacks_;
  std::vector<std::unique_ptr<Coroutine>> slots_;
  std::vector<Coroutine*> idle_;
  std::vector<Client> clients_;
  Coroutine* current_ = nullptr;
  Coroutine* departed_ = nullptr;  // has run to its end; its stack is still the one we came from
  Coroutine* launcher_ = nullptr;
  v8::Global<v8::Function> sentinel_entry_;
  std::size_t sentinels_ = 0;
  bool launch_refused_ = false;
  bool ending_ = false;
  bool pass_on_termination_ = false;
  CallEnd call_ended_ = CallEnd::kDone;
  bool stray_termination_ = false;
  v8::Global<v8::Value> escaped_;
  std::vector<uint32_t> abandoned_;
  Notify notify_;
  CanCallJs can_call_js_;
  double switches_ = 0;
  double launched_ = 0;
};

}  // namespace verdant
