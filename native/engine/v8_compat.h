#pragma once

#include <v8.h>

namespace verdant {

// The public V8 calls whose shape differs between Node 20 (V8 11.3) and Node 26 (V8 14.6), each behind one name.

inline v8::Local<v8::External> NewExternal(v8::Isolate* isolate, void* value) {
#if V8_MAJOR_VERSION >= 14
  return v8::External::New(isolate, value, v8::kExternalPointerTypeTagDefault);
#else
  return v8::External::New(isolate, value);
#endif
}

template <typename T>
T* ExternalValue(v8::Local<v8::Value> external) {
#if V8_MAJOR_VERSION >= 14
  return static_cast<T*>(external.As<v8::External>()->Value(v8::kExternalPointerTypeTagDefault));
#else
  return static_cast<T*>(external.As<v8::External>()->Value());
#endif
}

// Continuation-preserved embedder data: the running flow's AsyncContextFrame (the stores of every AsyncLocalStorage) in
// Node 24 and later, and in Node 22 on request. V8 does not archive it with a thread, so each switch carries it. Node
// 20 has no use for it.
inline v8::Local<v8::Data> GetContinuationData(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION >= 14
  return isolate->GetContinuationPreservedEmbedderDataV2();
#elif V8_MAJOR_VERSION >= 12
  return isolate->GetContinuationPreservedEmbedderData();
#else
  return v8::Undefined(isolate);
#endif
}

inline void SetContinuationData(v8::Isolate* isolate, v8::Local<v8::Data> data) {
#if V8_MAJOR_VERSION >= 14
  isolate->SetContinuationPreservedEmbedderDataV2(data);
#elif V8_MAJOR_VERSION >= 12
  isolate->SetContinuationPreservedEmbedderData(data.As<v8::Value>());
#else
  static_cast<void>(isolate);
  static_cast<void>(data);
#endif
}

// The context (realm) a function was made in.
inline v8::MaybeLocal<v8::Context> CreationContext(v8::Isolate* isolate, v8::Local<v8::Function> function) {
#if V8_MAJOR_VERSION >= 14
  return function->GetCreationContext(isolate);
#else
  static_cast<void>(isolate);
  return function->GetCreationContext();
#endif
}

}  // namespace verdant
