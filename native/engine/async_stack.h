#pragma once

#include <node.h>
#include <v8.h>

#include <cstdint>
#include <string>
#include <vector>

namespace verdant {

// Who runs, as async_hooks sees it: its ids and its resource.
struct AsyncIdentity {
  double async_id = 0;
  double trigger_id = 0;
};

// Node keeps one stack of async ids for an environment and aborts the process when a scope (runInAsyncScope, a domain,
// a MakeCallback) pops an id that is not on top. With many stacks running interleaved, that order holds only if each
// carries its own part of it. While a coroutine runs, Node's stack is
//
//     main's scopes | one scope for the coroutine itself | scopes the coroutine entered since
//     <--- base --->                                       <---------- "inner" ---------->
//
// Leaving a coroutine takes its inner scopes off and keeps them; entering one puts its own back. The depth of
// callback scopes (which tells Node whether to drain ticks when one closes) is carried the same way.
// Only what Node exports is called; the object's layout is checked by a push and a pop at load.
class AsyncStack {
 public:
  // The part of the stack that belongs to one coroutine.
  struct Segment {
    struct Scope {
      AsyncIdentity identity;
      bool from_js;  // Node keeps the resources of JavaScript's pushes in another list than those of C++
      v8::Global<v8::Object> resource;
      v8::Local<v8::Object> view;  // of `resource`; Node remembers this object's address
    };
    AsyncIdentity identity;
    std::vector<Scope> inner;
    std::size_t callback_depth = 0;  // callback scopes the coroutine has entered
  };

  // An empty string on success, else why this runtime cannot be used.
  std::string Attach(v8::Isolate* isolate, v8::Local<v8::Context> context);
  // async_hooks.executionAsyncResource, the one version-independent way to read a resource.
  void SetResourceReader(v8::Isolate* isolate, v8::Local<v8::Function> reader) { reader_.Reset(isolate, reader); }

  // Main hands over to a coroutine: opens the coroutines' scope. `slot` must stay alive until CloseScope; what it
  // refers to is replaced at every Enter().
  void OpenScope(v8::Local<v8::Object>* slot);
  void CloseScope();
  // A new handle for `slot`, until the first Enter().
  v8::Local<v8::Object> Nobody(v8::Isolate* isolate) const { return nobody_.Get(isolate); }

  void Enter(v8::Isolate* isolate, Segment* segment, v8::Local<v8::Object> resource);
  void Leave(v8::Isolate* isolate, Segment* segment);
  // The coroutine has become another green thread.
  void Rename(v8::Isolate* isolate, const Segment& segment, v8::Local<v8::Object> resource);

  // Takes off what the running coroutine entered and did not leave.
  void DropInner();

  // Registers `resource` as a new async resource. Without `inherit` its AsyncLocalStorage stores are empty.
  AsyncIdentity Register(v8::Isolate* isolate, v8::Local<v8::Object> resource, const char* type, bool inherit);
  void Unregister(v8::Isolate* isolate, const AsyncIdentity& identity);

 private:
  std::string FindHooks(v8::Isolate* isolate, v8::Local<v8::Context> context);
  std::string FindDepth(v8::Isolate* isolate);
  bool LooksLikeHooks(v8::Isolate* isolate);
  std::size_t ScanForDepth(v8::Isolate* isolate) const;
  bool CheckLayout(v8::Isolate* isolate);

  uint32_t length() const { return (*fields_)[kStackLength]; }
  AsyncIdentity current() const { return {(*ids_)[0], (*ids_)[1]}; }
  void SetCurrent(const AsyncIdentity& identity);
  void Push(const AsyncIdentity& identity, v8::Local<v8::Object>* resource);
  void Pop();
  v8::Local<v8::Array> JsResources(v8::Isolate* isolate) const;
  void SaveInner(v8::Isolate* isolate, Segment* segment);
  void RestoreInner(v8::Isolate* isolate, Segment* segment);

  static constexpr int kStackLength = 7;  // AsyncHooks::Fields, the same from Node 20 to 26; checked by CheckLayout

  void* env_ = nullptr;
  void* hooks_ = nullptr;
  uint32_t** fields_ = nullptr;  // where the AsyncHooks object keeps these addresses
  double** ids_ = nullptr;
  v8::Global<v8::Array>* js_resources_ = nullptr;
  std::size_t* depth_ = nullptr;

  v8::Global<v8::Function> reader_;
  v8::Global<v8::Object> nobody_;
  v8::Local<v8::Object>* slot_ = nullptr;
  uint32_t base_ = 0;
  std::size_t base_depth_ = 0;
};

}  // namespace verdant
