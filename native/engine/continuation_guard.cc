#include "continuation_guard.h"

#include "v8_compat.h"

namespace verdant {

ContinuationGuard::~ContinuationGuard() {
  if (isolate_ == nullptr) return;
  isolate_->RemoveGCPrologueCallback(BeforeCollection, this);
  isolate_->RemoveGCEpilogueCallback(AfterCollection, this);
}

void ContinuationGuard::Attach(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION >= 12  // before, the data was a field of the context and no root
  constexpr auto kYoung = static_cast<v8::GCType>(v8::kGCTypeScavenge | v8::kGCTypeMinorMarkSweep);
  isolate_ = isolate;
  isolate->AddGCPrologueCallback(BeforeCollection, this, kYoung);
  isolate->AddGCEpilogueCallback(AfterCollection, this, kYoung);
#else
  static_cast<void>(isolate);
#endif
}

void ContinuationGuard::BeforeCollection(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* guard) {
  auto* const self = static_cast<ContinuationGuard*>(guard);
  const v8::HandleScope scope(isolate);
  self->kept_.Reset(isolate, GetContinuationData(isolate));
  SetContinuationData(isolate, v8::Undefined(isolate));
}

void ContinuationGuard::AfterCollection(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void* guard) {
  auto* const self = static_cast<ContinuationGuard*>(guard);
  if (self->kept_.IsEmpty()) return;
  const v8::HandleScope scope(isolate);
  SetContinuationData(isolate, self->kept_.Get(isolate));
  self->kept_.Reset();
}

}  // namespace verdant
