#pragma once

#include <v8.h>

namespace verdant {

// Takes the continuation-preserved embedder data out of V8's hands while its scavenger runs.
//
// V8 13 and 14 visit that root once for the running thread and once more for each archived one. The scavenger's visitor
// is not made for that: at the second visit the slot names the object's new copy, which is copied once more and left
// behind as a forwarding address, and every reference to the first copy is corrupt ("unreachable code" or a crash some
// collections later). It takes an AsyncLocalStorage with a young store, one suspended coroutine and one scavenge. A
// value that is not young is left alone by any number of visits, so the slot holds undefined until the collection is
// over.
class ContinuationGuard {
 public:
  ContinuationGuard() = default;
  ~ContinuationGuard();
  ContinuationGuard(const ContinuationGuard&) = delete;
  ContinuationGuard& operator=(const ContinuationGuard&) = delete;

  void Attach(v8::Isolate* isolate);

 private:
  static void BeforeCollection(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* guard);
  static void AfterCollection(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* guard);

  v8::Isolate* isolate_ = nullptr;
  v8::Global<v8::Data> kept_;
};

}  // namespace verdant
