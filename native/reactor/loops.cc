#include "loops.h"

#include <node.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "../engine/functions.h"

namespace verdant {

struct Loops::Entry : std::enable_shared_from_this<Entry> {
  v8::Isolate* isolate = nullptr;
  v8::Global<v8::Context> context;
  v8::Global<v8::Function> turn;
  std::shared_ptr<v8::BackingStore> batch;
  std::unique_ptr<LoopShare> share;
  node::AsyncCleanupHookHandle cleanup;
  bool closing = false;
  // Set when the environment is going away and waits for the handles to be closed.
  std::function<void()> done;

  bool Turn(bool new_pass) const {
    const std::shared_ptr<const Entry> self = shared_from_this();  // the turn may close it, and run the loop
    const v8::HandleScope scope(isolate);
    v8::Local<v8::Value> argument = v8::Boolean::New(isolate, new_pass);
    const v8::Local<v8::Object> receiver = context.Get(isolate)->Global();
    return !node::MakeCallback(isolate, receiver, turn.Get(isolate), 1, &argument, {0, 0}).IsEmpty();
  }

  static void Close(const std::shared_ptr<Entry>& self) {
    if (std::exchange(self->closing, true)) return;
    self->turn.Reset();
    self->context.Reset();
    // The caller may be a turn that this very share has called: it is freed when the loop runs again.
    self->share->Close([self] {
      if (self->done) {
        self->done();
      } else {
        node::RemoveEnvironmentCleanupHook(std::move(self->cleanup));
      }
    });
  }
};

Loops::~Loops() = default;

int Loops::Open(v8::Local<v8::Context> context, v8::Local<v8::Function> turn, v8::Local<v8::Uint32Array> batch,
                LoopShare::Role role) {
  int error = 0;
  std::unique_ptr<Reactor> reactor = MakeReactor(&error);
  if (reactor == nullptr) return error;
  const auto entry = std::make_shared<Entry>();
  entry->isolate = isolate_;
  entry->context.Reset(isolate_, context);
  entry->turn.Reset(isolate_, turn);
  entry->batch = batch->Buffer()->GetBackingStore();
  entry->share = std::make_unique<LoopShare>(node::GetCurrentEventLoop(isolate_), role, std::move(reactor),
                                             static_cast<LoopShare::Batch*>(entry->batch->Data()),
                                             [it = entry.get()](bool new_pass) { return it->Turn(new_pass); });
  error = entry->share->Open();
  if (error < 0) return error;
  // A Worker that ends, and whose hub nobody has closed: its loop must be empty then.
  const auto clean_up = [](void* held, void (*done)(void*), void* data) {
    const std::shared_ptr<Entry> self = static_cast<Entry*>(held)->shared_from_this();
    self->done = [done, data] { done(data); };
    Entry::Close(self);
  };
  const auto free = std::find(entries_.begin(), entries_.end(), nullptr);
  const auto place = free == entries_.end() ? entries_.insert(free, entry) : free;
  *place = entry;
  entry->cleanup = node::AddEnvironmentCleanupHook(isolate_, clean_up, entry.get());
  return static_cast<int>(place - entries_.begin());
}

void Loops::Close(int number) { Entry::Close(std::exchange(entries_[static_cast<std::size_t>(number)], nullptr)); }

LoopShare* Loops::Get(int number) { return entries_[static_cast<std::size_t>(number)]->share.get(); }

bool Loops::HasHost() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const std::shared_ptr<Entry>& entry) {
    return entry != nullptr && entry->share->role() == LoopShare::Role::kHost;
  });
}

namespace {

Loops* AllLoops(const Arguments& arguments) { return ExternalValue<Loops>(arguments.Data()); }

int Integer(const Arguments& arguments, int at) { return arguments[at].As<v8::Int32>()->Value(); }
uint32_t Unsigned(const Arguments& arguments, int at) { return arguments[at].As<v8::Uint32>()->Value(); }
LoopShare* Share(const Arguments& arguments) { return AllLoops(arguments)->Get(Integer(arguments, 0)); }

void OpenLoop(const Arguments& arguments) {
  Loops* loops = AllLoops(arguments);
  const bool host = arguments[2]->IsTrue() && !loops->HasHost();
  arguments.GetReturnValue().Set(loops->Open(arguments.GetIsolate()->GetCurrentContext(),
                                             arguments[0].As<v8::Function>(), arguments[1].As<v8::Uint32Array>(),
                                             host ? LoopShare::Role::kHost : LoopShare::Role::kGuest));
}

void CloseLoop(const Arguments& arguments) { AllLoops(arguments)->Close(Integer(arguments, 0)); }

void IsHost(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Share(arguments)->role() == LoopShare::Role::kHost);
}

void RequestTurn(const Arguments& arguments) { Share(arguments)->RequestTurn(arguments[1]->IsTrue()); }

void RequestTurnAt(const Arguments& arguments) {
  Share(arguments)->RequestTurnAt(arguments[1].As<v8::Number>()->Value());
}

void Hold(const Arguments& arguments) { Share(arguments)->Hold(arguments[1]->IsTrue()); }

void KeepAlive(const Arguments& arguments) { Share(arguments)->KeepAlive(arguments[1]->IsTrue()); }

void Watch(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Share(arguments)->reactor()->Watch(Integer(arguments, 1), Unsigned(arguments, 2)));
}

void Rearm(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Share(arguments)->reactor()->Rearm(Integer(arguments, 1), Unsigned(arguments, 2)));
}

void Unwatch(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Share(arguments)->reactor()->Unwatch(Integer(arguments, 1)));
}

}  // namespace

void InstallLoops(Loops* loops, v8::Local<v8::Context> context, v8::Local<v8::Object> exports) {
  const FunctionInstaller install(context, exports, loops);
  install("openLoop", OpenLoop);
  install("closeLoop", CloseLoop);
  install("isHost", IsHost);
  install("requestTurn", RequestTurn);
  install("requestTurnAt", RequestTurnAt);
  install("hold", Hold);
  install("keepAlive", KeepAlive);
  install("watch", Watch);
  install("rearm", Rearm);
  install("unwatch", Unwatch);
}

}  // namespace verdant
