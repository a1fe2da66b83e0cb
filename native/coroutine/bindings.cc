#include "bindings.h"

#include <node.h>
#include <uv.h>

#include <vector>

#include "../engine/functions.h"
#include "../engine/v8_compat.h"

namespace verdant {

namespace {

// Enough for every call that lib/ makes between deciding to suspend and having resumed.
constexpr std::size_t kParkingRoom = 24 * 1024;
// Of that, what is still there when the switch itself is asked for.
constexpr std::size_t kLeavingRoom = 16 * 1024;

Switchboard* Board(const Arguments& arguments) { return ExternalValue<Switchboard>(arguments.Data()); }

void Throw(v8::Isolate* isolate, const SwitchError& error) {
  const v8::Local<v8::Value> exception = v8::Exception::Error(Text(isolate, error.message));
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (exception.As<v8::Object>()->Set(context, Text(isolate, "code"), Text(isolate, error.code)).IsNothing()) return;
  isolate->ThrowException(exception);
}

// The caller is running again: pass on what happened in the flow that handed over to it.
void Return(const Arguments& arguments, Switchboard* board, const SwitchError& error) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (error) return Throw(isolate, error);
  v8::Local<v8::Value> escaped;
  if (board->current() == Switchboard::kMain && board->TakeEscaped().ToLocal(&escaped)) {
    isolate->ThrowException(escaped);
  }
}

void RegisterClient(const Arguments& arguments) {
  arguments.GetReturnValue().Set(
      Board(arguments)->AddClient(arguments[0].As<v8::Function>(), arguments[1].As<v8::Function>()));
}

void Launch(const Arguments& arguments) {
  Switchboard* board = Board(arguments);
  Return(arguments, board, board->Launch(arguments[0].As<v8::Uint32>()->Value()));
}

void SwitchTo(const Arguments& arguments) {
  Switchboard* board = Board(arguments);
  const bool hinted = arguments[1]->IsUint32();
  const uint32_t upcoming = hinted ? arguments[1].As<v8::Uint32>()->Value() : Switchboard::kMain;
  Return(arguments, board, board->SwitchTo(arguments[0].As<v8::Uint32>()->Value(), upcoming));
}

// Back in the caller of a coroutine.
void ReturnFromCall(const Arguments& arguments, Switchboard* board, const SwitchError& error) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (error) return Throw(isolate, error);
  v8::Local<v8::Value> escaped;
  if (board->TakeEscaped().ToLocal(&escaped)) {
    isolate->ThrowException(escaped);
  } else {
    arguments.GetReturnValue().Set(static_cast<uint32_t>(board->TakeCallEnd()));
  }
}

// (client, owner)
void CallFresh(const Arguments& arguments) {
  Switchboard* board = Board(arguments);
  const uint32_t client = arguments[0].As<v8::Uint32>()->Value();
  ReturnFromCall(arguments, board, board->CallFresh(client, arguments[1].As<v8::Object>()));
}

// (slot)
void Call(const Arguments& arguments) {
  Switchboard* board = Board(arguments);
  ReturnFromCall(arguments, board, board->Call(arguments[0].As<v8::Uint32>()->Value()));
}

void Leave(const Arguments& arguments) {
  Switchboard* board = Board(arguments);
  if (board->engine().StackExhausted(kLeavingRoom)) {
    arguments.GetIsolate()->ThrowException(
        v8::Exception::RangeError(Text(arguments.GetIsolate(), "Maximum call stack size exceeded")));
  } else if (const SwitchError error = board->Leave()) {
    Throw(arguments.GetIsolate(), error);
  }
}

// One pass of Node's loop inside of whatever runs now: true when there was, or is, anything for it to do.
void RunLoopOnce(const Arguments& arguments) {
  uv_loop_t* loop = node::GetCurrentEventLoop(arguments.GetIsolate());
  if (loop == nullptr) return arguments.GetReturnValue().Set(false);
  const bool had_work = uv_loop_alive(loop) != 0;
  arguments.GetReturnValue().Set(uv_run(loop, UV_RUN_ONCE) != 0 || had_work);
}

void Terminate(const Arguments& arguments) { Board(arguments)->engine().Terminate(); }

void Current(const Arguments& arguments) { arguments.GetReturnValue().Set(Board(arguments)->current()); }

void StrayTermination(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Board(arguments)->TakeStrayTermination());
}

// Returns what is wrong instead of throwing it: below a promising export this callback may run on a stack of V8's own,
// and V8 14 aborts when C++ throws there. JavaScript may throw anywhere.
void Checkpoint(const Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  if (const SwitchError obstacle = Board(arguments)->Obstacle()) {
    arguments.GetReturnValue().Set(Text(isolate, obstacle.message));
  } else if (Board(arguments)->engine().StackExhausted(kParkingRoom)) {
    arguments.GetReturnValue().SetNull();
  } else {
    arguments.GetReturnValue().Set(static_cast<double>(uv_hrtime()) / 1e6);
  }
}

void Now(const Arguments& arguments) { arguments.GetReturnValue().Set(static_cast<double>(uv_hrtime()) / 1e6); }

// (owner, inherit, identity: Float64Array(2)) => the context to begin with
void Inherit(const Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const bool inherit = arguments[1]->IsTrue();
  const AsyncIdentity identity =
      Board(arguments)->engine().async().Register(isolate, arguments[0].As<v8::Object>(), "GREENTHREAD", inherit);
  const v8::Local<v8::Float64Array> out = arguments[2].As<v8::Float64Array>();
  auto* numbers = static_cast<double*>(out->Buffer()->Data());
  numbers[0] = identity.async_id;
  numbers[1] = identity.trigger_id;
  if (!inherit) return;
  const v8::Local<v8::Data> continuation = GetContinuationData(isolate);
  if (continuation->IsValue()) arguments.GetReturnValue().Set(continuation.As<v8::Value>());
}

// (owner, asyncId, triggerId, context)
void Begin(const Arguments& arguments) {
  const AsyncIdentity identity{arguments[1].As<v8::Number>()->Value(), arguments[2].As<v8::Number>()->Value()};
  Board(arguments)->BeginOwner(arguments[0].As<v8::Object>(), identity, arguments[3]);
}

// (asyncId, triggerId)
void End(const Arguments& arguments) {
  Board(arguments)->EndOwner();
  const node::async_context context{arguments[0].As<v8::Number>()->Value(), arguments[1].As<v8::Number>()->Value()};
  node::EmitAsyncDestroy(arguments.GetIsolate(), context);
}

void Adopt(const Arguments& arguments) {
  arguments.GetReturnValue().Set(
      Board(arguments)->Adopt(arguments[0].As<v8::Uint32>()->Value(), arguments[1].As<v8::Object>()));
}

void Owners(const Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  std::vector<v8::Local<v8::Value>> owners = Board(arguments)->Owners(arguments[0].As<v8::Uint32>()->Value());
  arguments.GetReturnValue().Set(v8::Array::New(isolate, owners.data(), owners.size()));
}

void SetResourceReader(const Arguments& arguments) {
  Board(arguments)->engine().async().SetResourceReader(arguments.GetIsolate(), arguments[0].As<v8::Function>());
}

void Stats(const Arguments& arguments) {
  v8::Isolate* isolate = arguments.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const Switchboard::Stats stats = Board(arguments)->stats();
  const v8::Local<v8::Object> result = v8::Object::New(isolate);
  const auto set = [&](const char* name, double value) {
    result->Set(context, Text(isolate, name), v8::Number::New(isolate, value)).Check();
  };
  set("switches", stats.switches);
  set("launched", stats.launched);
  set("suspended", static_cast<double>(stats.suspended));
  set("stacksReserved", static_cast<double>(stats.stacks.reserved));
  set("stacksInUse", static_cast<double>(stats.stacks.in_use));
  set("stacksIdle", static_cast<double>(stats.stacks.idle));
  arguments.GetReturnValue().Set(result);
}

}  // namespace

void InstallBindings(Switchboard* board, v8::Local<v8::Context> context, v8::Local<v8::Object> exports) {
  const FunctionInstaller install(context, exports, board);
  install("registerClient", RegisterClient);
  install("launch", Launch);
  install("switchTo", SwitchTo);
  install("callFresh", CallFresh);
  install("call", Call);
  install("leave", Leave);
  install("terminate", Terminate);
  install("runLoopOnce", RunLoopOnce);
  install("current", Current);
  install("strayTermination", StrayTermination);
  install("checkpoint", Checkpoint);
  install("now", Now);
  install("inherit", Inherit);
  install("begin", Begin);
  install("end", End);
  install("adopt", Adopt);
  install("owners", Owners);
  install("setResourceReader", SetResourceReader);
  install("stats", Stats);
}

void ReportAbandoned(Switchboard* board, v8::Local<v8::Context> context) {
  v8::Isolate* isolate = board->engine().isolate();
  const v8::HandleScope scope(isolate);
  for (const Switchboard::Abandoned& abandoned : board->TakeAbandoned()) {
    v8::Local<v8::Value> slot = v8::Integer::NewFromUnsigned(isolate, abandoned.slot);
    node::MakeCallback(isolate, context->Global(), abandoned.tell, 1, &slot, {0, 0});
  }
}

}  // namespace verdant
