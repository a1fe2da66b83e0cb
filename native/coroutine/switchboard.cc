#include "switchboard.h"

#include <utility>

#include "../engine/v8_compat.h"

namespace verdant {

namespace {

constexpr SwitchError kNoError{};
constexpr SwitchError kOutOfMemory{"ERR_VERDANT_NO_STACK", "No memory for another green thread's stack"};
constexpr SwitchError kOutOfMappings{
    "ERR_VERDANT_NO_STACK", "No memory mapping for another green thread's stack (raise the system's vm.max_map_count)"};
constexpr SwitchError kNotSuspended{"ERR_VERDANT_INTERNAL", "The target of a switch is not suspended"};
constexpr SwitchError kStackSizeRaised{
    "ERR_VERDANT_NO_STACK",
    "V8's --stack-size was raised after verdant was loaded; set it on the command line instead"};
constexpr SwitchError kInMicrotask{"ERR_VERDANT_CANNOT_SUSPEND",
                                   "A green thread cannot be suspended inside a microtask that it drains itself: all "
                                   "other promise reactions would wait"};
constexpr SwitchError kForeignStack{
    "ERR_VERDANT_CANNOT_SUSPEND",
    "A green thread cannot be suspended below a WebAssembly promising export: V8 runs it on a stack of its own"};

}  // namespace

std::string Switchboard::Attach(v8::Isolate* isolate, v8::Local<v8::Context> context, Notify notify,
                                CanCallJs can_call_js) {
  std::string failure = engine_.Attach(isolate, context);
  if (!failure.empty()) return failure;
  home_.Reset(isolate, context);
  notify_ = std::move(notify);
  can_call_js_ = std::move(can_call_js);
  stacks_ = std::make_unique<StackPool>(engine_.StackBytes() + Engine::kNativeSlack, kWarmStacks);
  slots_.push_back(std::make_unique<Coroutine>(this, kMain));
  current_ = slots_.front().get();
  current_->state = Coroutine::State::kRunning;
  engine_.DescribeMain(&current_->flow);
  return "";
}

Switchboard::~Switchboard() {
  // A stack that could not be unwound (its native frames swallow termination) must outlive us: V8 still knows of it.
  for (const auto& coroutine : slots_) {
    if (coroutine->slot == kMain || coroutine->state != Coroutine::State::kSuspended) continue;
    static_cast<void>(stacks_.release());
    return;
  }
}

uint32_t Switchboard::AddClient(v8::Local<v8::Function> entry, v8::Local<v8::Function> abandoned) {
  clients_.emplace_back();
  clients_.back().entry.Reset(engine_.isolate(), entry);
  clients_.back().abandoned.Reset(engine_.isolate(), abandoned);
  v8::Local<v8::Context> realm;
  if (CreationContext(engine_.isolate(), entry).ToLocal(&realm)) OccupyJoinStack(realm);
  return static_cast<uint32_t>(clients_.size() - 1);
}

SwitchError Switchboard::Obstacle() const {
  if (const char* why = engine_.Obstacle(current_->flow)) return {"ERR_VERDANT_CANNOT_SUSPEND", why};
  if (current_->slot == kMain) return kNoError;
  if (!current_->stack.contains(__builtin_frame_address(0))) return kForeignStack;
  if (!current_->in_microtasks && v8::MicrotasksScope::IsRunningMicrotasks(engine_.isolate())) return kInMicrotask;
  return kNoError;
}

void Switchboard::OccupyJoinStack(v8::Local<v8::Context> realm) {
  constexpr const char kJoinForEver[] =
      "(function (park) { [{ toString() { park(); return ''; } }].join(); return 0; })";
  v8::Isolate* isolate = engine_.isolate();
  const v8::HandleScope scope(isolate);
  const v8::Context::Scope context_scope(realm);
  const v8::TryCatch caught(isolate);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> entry;
  if (!v8::Script::Compile(realm, v8::String::NewFromUtf8Literal(isolate, kJoinForEver)).ToLocal(&script)) return;
  if (!script->Run(realm).ToLocal(&entry)) return;
  sentinel_entry_.Reset(isolate, entry.As<v8::Function>());
  SwitchError error;
  Coroutine* const sentinel = MakeFresh(0, &error);
  if (sentinel != nullptr) {
    sentinel->sentinel = true;
    if (!TransferToFresh(sentinel)) ++sentinels_;
  }
  sentinel_entry_.Reset();
}

void Switchboard::ParkSentinel(const v8::FunctionCallbackInfo<v8::Value>& arguments) {
  auto* const board = ExternalValue<Switchboard>(arguments.Data());
  if (const SwitchError error = board->SwitchTo(board->launcher_->slot)) {
    arguments.GetReturnValue().Set(false);
  }
}

SwitchError Switchboard::Launch(uint32_t client) {
  SwitchError error;
  Coroutine* const fresh = MakeFresh(client, &error);
  return fresh == nullptr ? error : TransferToFresh(fresh);
}

SwitchError Switchboard::CallFresh(uint32_t client, v8::Local<v8::Object> owner) {
  SwitchError error;
  Coroutine* const fresh = MakeFresh(client, &error);
  if (fresh == nullptr) return error ? error : Interrupted();
  fresh->caller = current_;
  fresh->flow.async.identity = engine_.async().Register(engine_.isolate(), owner, "FIBER", true);
  WatchOwner(fresh, owner);
  return TransferToFresh(fresh);
}

SwitchError Switchboard::Call(uint32_t slot) {
  if (slot >= slots_.size()) return kNotSuspended;
  Coroutine* const called = slots_[slot].get();
  if (called->state != Coroutine::State::kSuspended || called->caller != nullptr) return kNotSuspended;
  if (const SwitchError obstacle = Obstacle()) return obstacle;
  if (!engine_.ServeInterrupts()) return Interrupted();
  called->caller = current_;
  Transfer(called);
  return kNoError;
}

// A termination of the caller, before it has called anybody.
SwitchError Switchboard::Interrupted() {
  engine_.isolate()->CancelTerminateExecution();
  call_ended_ = CallEnd::kInterrupted;
  return kNoError;
}

SwitchError Switchboard::Leave() {
  if (current_->caller == nullptr) return kNotSuspended;
  if (const SwitchError obstacle = Obstacle()) return obstacle;
  if (!engine_.ServeInterrupts()) return kNoError;
  Transfer(std::exchange(current_->caller, nullptr));
  return kNoError;
}

Coroutine* Switchboard::MakeFresh(uint32_t client, SwitchError* error) {
  *error = Obstacle();
  if (*error || !engine_.ServeInterrupts()) return nullptr;
  StackError refused = StackError::kNone;
  const Stack stack = stacks_->Acquire(&refused);
  if (!stack) {
    *error = refused == StackError::kOutOfMappings ? kOutOfMappings : kOutOfMemory;
    return nullptr;
  }
  Coroutine* fresh = nullptr;
  if (idle_.empty()) {
    slots_.push_back(std::make_unique<Coroutine>(this, static_cast<uint32_t>(slots_.size())));
    fresh = slots_.back().get();
  } else {
    fresh = idle_.back();
    idle_.pop_back();
  }
  fresh->client = client;
  fresh->sentinel = false;
  fresh->stack = stack;
  fresh->flow.stack_start = stack.top;
  fresh->context.Prepare(stack, Body, fresh);
  return fresh;
}

SwitchError Switchboard::TransferToFresh(Coroutine* fresh) {
  ++launched_;
  launcher_ = current_;
  Transfer(fresh);
  return std::exchange(launch_refused_, false) ? kStackSizeRaised : kNoError;
}

SwitchError Switchboard::SwitchTo(uint32_t slot, uint32_t upcoming) {
  if (upcoming != kMain && upcoming < slots_.size()) slots_[upcoming]->context.Prefetch();
  if (slot >= slots_.size() || slots_[slot]->state != Coroutine::State::kSuspended) return kNotSuspended;
  if (const SwitchError obstacle = Obstacle()) return obstacle;
  if (!engine_.ServeInterrupts()) return kNoError;
  Transfer(slots_[slot].get());
  return kNoError;
}

// From JavaScript on the running flow to any other one; returns when somebody comes back.
void Switchboard::Transfer(Coroutine* to) {
  v8::Isolate* isolate = engine_.isolate();
  Coroutine* const from = current_;
  const v8::HandleScope scope(isolate);
  const v8::Local<v8::Data> continuation = GetContinuationData(isolate);
  // Names the running green thread to async_hooks for as long as main is away.
  v8::Local<v8::Object> who_runs;
  if (from->slot == kMain) {
    who_runs = engine_.async().Nobody(isolate);
    engine_.async().OpenScope(&who_runs);
  } else {
    engine_.async().Leave(isolate, &from->flow.async);
  }
  engine_.Suspend(&from->flow);
  from->state = Coroutine::State::kSuspended;
  {
    const v8::Unlocker unlocked(isolate);
    Name(to);
    Context::Switch(from->context, to->context);
  }
  Arrive(from);
  SetContinuationData(isolate, continuation);
  if (from->slot == kMain) {
    engine_.async().CloseScope();
    if (std::exchange(pass_on_termination_, false)) {
      if (ending_ || !can_call_js_()) {
        engine_.Terminate();
      } else {
        stray_termination_ = true;
      }
    }
  } else if (from->terminate) {
    engine_.Terminate();
  } else {
    engine_.async().Enter(isolate, &from->flow.async,
                          from->owner.IsEmpty() ? v8::Local<v8::Object>() : from->owner.Get(isolate));
  }
}

// V8's lock is free here; whoever arrives takes it under the name that is written now.
void Switchboard::Name(Coroutine* next) {
  ++switches_;
  current_ = next;
  Engine::Impersonate(next->flow);
}

void Switchboard::Arrive(Coroutine* here) {
  here->state = Coroutine::State::kRunning;
  engine_.Resume(&here->flow);
  here->in_microtasks = v8::MicrotasksScope::IsRunningMicrotasks(engine_.isolate());
  RetireDeparted();
}

void Switchboard::RetireDeparted() {
  Coroutine* const departed = std::exchange(departed_, nullptr);
  if (departed == nullptr) return;
  stacks_->Release(departed->stack);
  departed->stack = {};
  departed->caller = nullptr;
  departed->state = Coroutine::State::kIdle;
  idle_.push_back(departed);
}

// The bottom of every coroutine's stack. Nothing here has a destructor to run when the stack is given back.
void Switchboard::Body(void* coroutine) {
  auto* const self = static_cast<Coroutine*>(coroutine);
  Switchboard* const board = self->board;
  Coroutine* const next = board->Run(self);
  board->departed_ = self;
  board->Name(next);
  Context::Leave(self->context, next->context);
}

Coroutine* Switchboard::Run(Coroutine* self) {
  v8::Isolate* isolate = engine_.isolate();
  const v8::Locker locker(isolate);
  const bool sound = engine_.Begin(&self->flow, self->stack.limit);
  self->state = Coroutine::State::kRunning;
  self->in_microtasks = v8::MicrotasksScope::IsRunningMicrotasks(isolate);
  RetireDeparted();
  if (sound) return RunEntry(self);
  launch_refused_ = true;
  return launcher_;
}

v8::MaybeLocal<v8::Value> Switchboard::CallEntry(Coroutine* self, v8::Local<v8::Context> context) {
  v8::Isolate* isolate = engine_.isolate();
  const v8::Local<v8::Value> nobody = v8::Undefined(isolate);
  if (!self->sentinel) return clients_[self->client].entry.Get(isolate)->Call(context, nobody, 0, nullptr);
  v8::Local<v8::Function> park;
  if (!v8::Function::New(context, ParkSentinel, NewExternal(isolate, this)).ToLocal(&park)) return {};
  v8::Local<v8::Value> argument = park;
  return sentinel_entry_.Get(isolate)->Call(context, nobody, 1, &argument);
}

Coroutine* Switchboard::RunEntry(Coroutine* self) {
  v8::Isolate* isolate = engine_.isolate();
  Coroutine* const main = slots_.front().get();
  const v8::HandleScope scope(isolate);
  const v8::Local<v8::Context> context = home_.Get(isolate);
  const v8::Context::Scope context_scope(context);
  const bool called = self->caller != nullptr;
  if (called) {
    const v8::HandleScope owner_scope(isolate);  // nothing on this stack may hold the owner
    engine_.async().Rename(isolate, self->flow.async, self->owner.Get(isolate));
  }
  v8::TryCatch caught(isolate);
  caught.SetVerbose(false);
  v8::Local<v8::Value> result;
  const bool returned = CallEntry(self, context).ToLocal(&result);
  EndOwner();
  if (called) engine_.async().Unregister(isolate, self->flow.async.identity);
  self->terminate = false;
  engine_.async().Leave(isolate, &self->flow.async);
  self->flow.async = {};
  engine_.Suspend(&self->flow);
  // The environment's end calls coroutines that left their caller long ago.
  Coroutine* const caller = ending_ ? nullptr : self->caller;
  if (caught.HasTerminated()) {
    isolate->CancelTerminateExecution();
    pass_on_termination_ = !ending_ && caller == nullptr;
    if (caller != nullptr) call_ended_ = CallEnd::kTerminated;
    return caller == nullptr ? main : caller;
  }
  if (!returned) {
    escaped_.Reset(isolate, caught.Exception());
    return caller == nullptr ? main : caller;
  }
  if (caller != nullptr) return caller;
  const uint32_t next = result->IsUint32() ? result.As<v8::Uint32>()->Value() : kMain;
  const bool suspended = next < slots_.size() && slots_[next]->state == Coroutine::State::kSuspended;
  return suspended ? slots_[next].get() : main;
}

v8::MaybeLocal<v8::Value> Switchboard::TakeEscaped() {
  if (escaped_.IsEmpty()) return {};
  const v8::Local<v8::Value> escaped = escaped_.Get(engine_.isolate());
  escaped_.Reset();
  return escaped;
}

bool Switchboard::TakeStrayTermination() { return std::exchange(stray_termination_, false); }

void Switchboard::WatchOwner(Coroutine* coroutine, v8::Local<v8::Object> owner) {
  coroutine->owner.Reset(engine_.isolate(), owner);
  coroutine->owner.SetWeak(coroutine, OnOwnerCollected, v8::WeakCallbackType::kParameter);
}

void Switchboard::BeginOwner(v8::Local<v8::Object> owner, const AsyncIdentity& identity,
                             v8::Local<v8::Value> continuation) {
  if (current_->slot == kMain) return;
  WatchOwner(current_, owner);
  current_->flow.async.identity = identity;
  engine_.async().Rename(engine_.isolate(), current_->flow.async, owner);
  SetContinuationData(engine_.isolate(), continuation);
}

void Switchboard::EndOwner() {
  if (current_->slot == kMain || current_->owner.IsEmpty()) return;
  current_->owner.Reset();
  engine_.async().DropInner();
}

bool Switchboard::Adopt(uint32_t slot, v8::Local<v8::Object> owner) {
  if (slot >= slots_.size() || slots_[slot]->state != Coroutine::State::kSuspended) return false;
  WatchOwner(slots_[slot].get(), owner);
  return true;
}

std::vector<v8::Local<v8::Value>> Switchboard::Owners(uint32_t client) const {
  std::vector<v8::Local<v8::Value>> owners;
  for (const auto& coroutine : slots_) {
    if (coroutine->state != Coroutine::State::kSuspended || coroutine->client != client) continue;
    if (coroutine->owner.IsEmpty()) continue;
    owners.push_back(coroutine->owner.Get(engine_.isolate()));
  }
  return owners;
}

void Switchboard::OnOwnerCollected(const v8::WeakCallbackInfo<Coroutine>& info) {
  Coroutine* const coroutine = info.GetParameter();
  coroutine->owner.Reset();
  Switchboard* const board = coroutine->board;
  board->abandoned_.push_back(coroutine->slot);
  if (!board->ending_) board->notify_();
}

std::vector<Switchboard::Abandoned> Switchboard::TakeAbandoned() {
  std::vector<Abandoned> taken;
  for (const uint32_t slot : std::exchange(abandoned_, {})) {
    const Coroutine& coroutine = *slots_[slot];
    if (coroutine.state != Coroutine::State::kSuspended || !coroutine.owner.IsEmpty()) continue;
    taken.push_back({slot, clients_[coroutine.client].abandoned.Get(engine_.isolate())});
  }
  return taken;
}

void Switchboard::UnwindAll() {
  ending_ = true;
  if (current_->slot != kMain) return;  // the process exits from inside a green thread
  v8::Isolate* isolate = engine_.isolate();
  const v8::HandleScope scope(isolate);
  const v8::Context::Scope context_scope(home_.Get(isolate));
  isolate->CancelTerminateExecution();
  for (std::size_t slot = 1; slot < slots_.size(); ++slot) {
    if (slots_[slot]->state != Coroutine::State::kSuspended) continue;
    slots_[slot]->terminate = true;
    Transfer(slots_[slot].get());
  }
}

Switchboard::Stats Switchboard::stats() const {
  Stats stats;
  stats.switches = switches_;
  stats.launched = launched_;
  for (const auto& coroutine : slots_) {
    const bool counts = coroutine->slot != kMain && !coroutine->sentinel;
    if (counts && coroutine->state == Coroutine::State::kSuspended) ++stats.suspended;
  }
  stats.stacks = stacks_->stats();
  stats.stacks.in_use -= sentinels_;
  return stats;
}

}  // namespace verdant
