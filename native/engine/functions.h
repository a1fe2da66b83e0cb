#pragma once

#include <v8.h>

#include "v8_compat.h"

namespace verdant {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

inline v8::Local<v8::String> Text(v8::Isolate* isolate, const char* text) {
  return v8::String::NewFromUtf8(isolate, text).ToLocalChecked();
}

// Puts plain V8 functions on `exports` that find `owner` again in their arguments' data.
class FunctionInstaller {
 public:
  FunctionInstaller(v8::Local<v8::Context> context, v8::Local<v8::Object> exports, void* owner)
      : context_(context), exports_(exports), data_(NewExternal(v8::Isolate::GetCurrent(), owner)) {}

  void operator()(const char* name, v8::FunctionCallback callback) const {
    v8::Isolate* isolate = v8::Isolate::GetCurrent();
    const v8::Local<v8::Function> function = v8::Function::New(context_, callback, data_).ToLocalChecked();
    function->SetName(Text(isolate, name));
    exports_->Set(context_, Text(isolate, name), function).Check();
  }

 private:
  v8::Local<v8::Context> context_;
  v8::Local<v8::Object> exports_;
  v8::Local<v8::External> data_;
};

}  // namespace verdant
