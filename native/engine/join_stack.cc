#include "join_stack.h"

namespace verdant {

namespace {

// Compiled to JavaScript, so that its stack check sees the termination.
constexpr const char kNeverEnding[] =
    "(function (terminate) { [{ toString() { terminate(); for (;;) { } } }].join(); })";

void Terminate(const v8::FunctionCallbackInfo<v8::Value>& arguments) { arguments.GetIsolate()->TerminateExecution(); }

}  // namespace

void OccupyJoinStack(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  const v8::HandleScope scope(isolate);
  const v8::Context::Scope context_scope(context);
  const v8::TryCatch caught(isolate);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> join;
  v8::Local<v8::Function> terminate;
  if (!v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, kNeverEnding)).ToLocal(&script)) return;
  if (!script->Run(context).ToLocal(&join)) return;
  if (!v8::Function::New(context, Terminate).ToLocal(&terminate)) return;
  v8::Local<v8::Value> argument = terminate;
  v8::Local<v8::Value> never;
  if (join.As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&never)) return;
  if (caught.HasTerminated()) isolate->CancelTerminateExecution();
}

}  // namespace verdant
