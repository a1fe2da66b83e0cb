// Registers the addon. All state hangs on the environment's instance data: each Worker has its own.

#include <napi.h>
#include <node.h>

#include <cstring>
#include <memory>
#include <string>

#include "coroutine/bindings.h"
#include "coroutine/switchboard.h"
#include "http/http_functions.h"
#include "reactor/loops.h"
#include "reactor/owned_descriptors.h"
#include "reactor/socket_functions.h"
#include "reactor/transfer.h"

namespace verdant {
namespace {

// N-API's handles are V8's local handles by another name.
template <typename T>
v8::Local<T> ToV8(napi_value value) {
  static_assert(sizeof(v8::Local<T>) == sizeof(napi_value), "a napi_value is a local handle");
  v8::Local<T> local;
  std::memcpy(static_cast<void*>(&local), &value, sizeof local);
  return local;
}

class Addon {
 public:
  explicit Addon(Napi::Env env) : env_(env) {}

  std::string Attach(v8::Isolate* isolate, v8::Local<v8::Context> context) {
    isolate_ = isolate;
    const auto notify = [this] { waker_.NonBlockingCall(this, OnAbandoned); };
    std::string failure = board_.Attach(isolate, context, notify, [this] { return CanCallJs(); });
    if (!failure.empty()) return failure;
    context_.Reset(isolate, context);
    // The GC may only leave a note; the note is read on the event loop, which it must not keep alive.
    waker_ = Napi::ThreadSafeFunction::New(env_, Napi::Function(), "verdant.abandoned", 0, 1);
    waker_.Unref(env_);
    node::AddEnvironmentCleanupHook(isolate, Unwind, this);
    return "";
  }

  void Install(v8::Local<v8::Context> context, Napi::Object exports) {
    const v8::Local<v8::Object> functions = ToV8<v8::Object>(exports);
    InstallBindings(&board_, context, functions);
    loops_ = std::make_unique<Loops>(isolate_);
    InstallLoops(loops_.get(), context, functions);
    InstallTransfer(&descriptors_, context, functions);
    InstallSocketFunctions(exports, &descriptors_);
    InstallHttpFunctions(&http_, context, functions);
  }

 private:
  static void OnAbandoned(Napi::Env, Napi::Function, Addon* self) {
    const v8::HandleScope scope(self->isolate_);
    ReportAbandoned(&self->board_, self->context_.Get(self->isolate_));
  }

  static void Unwind(void* addon) { static_cast<Addon*>(addon)->board_.UnwindAll(); }

  // Only N-API says whether an environment is past the point where JavaScript may run.
  bool CanCallJs() const {
    const Napi::HandleScope scope(env_);
    napi_value global = nullptr;
    bool found = false;
    if (napi_get_global(env_, &global) != napi_ok) return false;
    return napi_has_property(env_, global, Napi::String::New(env_, "process"), &found) == napi_ok;
  }

  Napi::Env env_;
  v8::Isolate* isolate_ = nullptr;
  v8::Global<v8::Context> context_;
  Switchboard board_;
  OwnedDescriptors descriptors_;
  HttpRoom http_;
  std::unique_ptr<Loops> loops_;
  Napi::ThreadSafeFunction waker_;
};

// Why this runtime cannot be used stands in `exports.unsupported`; lib/native.ts makes the error of it.
Napi::Object Init(Napi::Env env, Napi::Object exports) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  auto addon = std::make_unique<Addon>(env);
  const std::string failure = addon->Attach(isolate, context);
  if (!failure.empty()) {
    exports.Set("unsupported", failure);
    return exports;
  }
  addon->Install(context, exports);
  env.SetInstanceData(addon.release());
  return exports;
}

}  // namespace

NODE_API_MODULE(verdant, Init)

}  // namespace verdant
