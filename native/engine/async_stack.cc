#include "async_stack.h"

#include <dlfcn.h>
#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <variant>

#include "safe_memory.h"

namespace verdant {

namespace {

// Exported by every Node from 20 to 26; the last parameter of push_async_context changed twice.
#if NODE_MAJOR_VERSION >= 26
using ResourceArgument = std::variant<v8::Local<v8::Object>*, v8::Global<v8::Object>*>;
constexpr const char* kPushSymbol =
    "_ZN4node10AsyncHooks18push_async_contextEddSt7variantIJPN2v85LocalINS2_6ObjectEEEPNS2_6GlobalIS4_EEEE";
#elif NODE_MAJOR_VERSION >= 22
using ResourceArgument = v8::Local<v8::Object>*;
constexpr const char* kPushSymbol = "_ZN4node10AsyncHooks18push_async_contextEddPN2v85LocalINS1_6ObjectEEE";
#else
using ResourceArgument = v8::Local<v8::Object>;
constexpr const char* kPushSymbol = "_ZN4node10AsyncHooks18push_async_contextEddN2v85LocalINS1_6ObjectEEE";
#endif
constexpr const char* kPopSymbol = "_ZN4node10AsyncHooks17pop_async_contextEd";
constexpr const char* kVtableSymbol = "_ZTVN4node10AsyncHooksE";

using PushFunction = void (*)(void* hooks, double async_id, double trigger_id, ResourceArgument resource);
using PopFunction = bool (*)(void* hooks, double async_id);

PushFunction push_function = nullptr;
PopFunction pop_function = nullptr;

ResourceArgument ToArgument(v8::Local<v8::Object>* resource) {
#if NODE_MAJOR_VERSION >= 22
  return resource;
#else
  return resource == nullptr ? v8::Local<v8::Object>() : *resource;
#endif
}

// Node's AliasedBuffer.
struct AliasedBuffer {
  const void* vtable;
  v8::Isolate* isolate;
  std::size_t count;
  std::size_t byte_offset;
  void* buffer;
  void* js_array;
  const void* index;
};

// The head of Node's AsyncHooks object. Checked at load against what a push and a pop do.
struct AsyncHooksHeadCopy {
  const void* vtable;
  AliasedBuffer id_stack;
  AliasedBuffer fields;
  AliasedBuffer ids;
};
struct AsyncHooksHead : AsyncHooksHeadCopy {
  v8::Global<v8::Array> js_resources;
};

// What lies behind the environment belongs to somebody else, and may change at any time.
std::vector<std::uintptr_t> SnapshotWords(const void* environment) {
  constexpr std::size_t kLargest = 64 * 1024;
  const std::size_t size = std::min(SizeOfAllocation(environment), kLargest);
  std::vector<std::uintptr_t> words(size / sizeof(std::uintptr_t));
  const SafeMemory memory;
  words.resize(memory.Read(environment, words.data(), size) / sizeof(std::uintptr_t));
  return words;
}

// The object a local handle refers to is named by a slot in its handle scope, which the GC updates: writing that slot
// makes every copy of the handle refer to another object.
void Redirect(v8::Local<v8::Object>* handle, v8::Local<v8::Object> target) {
  static_assert(sizeof(v8::Local<v8::Object>) == sizeof(std::uintptr_t*), "handles must be indirect");
  std::uintptr_t* slot = nullptr;
  std::uintptr_t* source = nullptr;
  std::memcpy(&slot, handle, sizeof slot);
  std::memcpy(&source, &target, sizeof source);
  *slot = *source;
}

// A handle that stays valid as long as `global` does: both refer to their object by the address of a slot.
v8::Local<v8::Object> ViewOf(const v8::Global<v8::Object>& global) {
  union View {  // neither constructs nor destroys the global it aliases
    View() : local() {}
    v8::Local<v8::Object> local;
    const void* slot;
  } view;
  const void* const* source = reinterpret_cast<const void* const*>(&global);
  view.slot = *source;
  return view.local;
}

}  // namespace

std::string AsyncStack::Attach(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  push_function = reinterpret_cast<PushFunction>(dlsym(RTLD_DEFAULT, kPushSymbol));
  pop_function = reinterpret_cast<PopFunction>(dlsym(RTLD_DEFAULT, kPopSymbol));
  if (push_function == nullptr || pop_function == nullptr) return "Node's async id stack is not exported";
  std::string failure = FindHooks(isolate, context);
  if (failure.empty()) failure = FindDepth(isolate);
  nobody_.Reset(isolate, v8::Object::New(isolate));
  return failure;
}

std::string AsyncStack::FindHooks(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  env_ = node::GetCurrentEnvironment(context);
  void* vtable = dlsym(RTLD_DEFAULT, kVtableSymbol);
  if (env_ == nullptr || vtable == nullptr) return "the context belongs to no Node environment";
  const std::uintptr_t marker = reinterpret_cast<std::uintptr_t>(vtable) + 2 * sizeof(void*);
  const std::vector<std::uintptr_t> words = SnapshotWords(env_);
  // The marker may also lie, left over from an environment that is gone, in memory behind the environment's.
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != marker) continue;
    hooks_ = static_cast<char*>(env_) + i * sizeof(std::uintptr_t);
    if (LooksLikeHooks(isolate)) return CheckLayout(isolate) ? "" : "Node's async hooks object has an unknown layout";
  }
  return "Node's async hooks object was not found";
}

bool AsyncStack::LooksLikeHooks(v8::Isolate* isolate) {
  const SafeMemory memory;
  AsyncHooksHeadCopy head;
  if (!memory.Read(hooks_, &head)) return false;
  for (const AliasedBuffer* buffer : {&head.id_stack, &head.fields, &head.ids}) {
    if (buffer->isolate != isolate || buffer->byte_offset != 0 || buffer->buffer == nullptr) return false;
  }
  if (head.fields.count <= kStackLength || head.ids.count < 2) return false;
  auto* place = static_cast<AsyncHooksHead*>(hooks_);
  fields_ = reinterpret_cast<uint32_t**>(&place->fields.buffer);
  ids_ = reinterpret_cast<double**>(&place->ids.buffer);
  js_resources_ = &place->js_resources;
  return true;
}

bool AsyncStack::CheckLayout(v8::Isolate* isolate) {
  const auto* head = static_cast<AsyncHooksHead*>(hooks_);
  const uint32_t length_before = length();
  const AsyncIdentity before = current();
  const AsyncIdentity probe{before.async_id + 1000003, before.trigger_id + 1000033};
  v8::Local<v8::Object> resource = v8::Object::New(isolate);
  Push(probe, &resource);
  const auto* id_stack = static_cast<const double*>(head->id_stack.buffer);
  const bool pushed = length() == length_before + 1 && current().async_id == probe.async_id &&
                      current().trigger_id == probe.trigger_id && id_stack[2 * length_before] == before.async_id;
  pop_function(hooks_, probe.async_id);
  return pushed && length() == length_before && current().async_id == before.async_id;
}

// A callback scope raises the count by one and its end lowers it again; no other word of the environment does that, but
// another thread may change one meanwhile: so three scopes, and another try if that is not enough. Its place is the
// same in every environment of the process.
std::string AsyncStack::FindDepth(v8::Isolate* isolate) {
  static std::atomic<std::size_t> place{0};
  for (int tries = 0; place == 0 && tries < 10; ++tries) place = ScanForDepth(isolate);
  if (place == 0) return "Node's callback scope depth was not found";
  depth_ = reinterpret_cast<std::size_t*>(static_cast<char*>(env_) + place);
  return "";
}

std::size_t AsyncStack::ScanForDepth(v8::Isolate* isolate) const {
  constexpr std::size_t kScopes = 3;
  const v8::Local<v8::Object> resource = v8::Object::New(isolate);
  std::vector<std::vector<std::uintptr_t>> seen{SnapshotWords(env_)};
  {
    const node::CallbackScope first(isolate, resource, node::async_context{0, 0});
    seen.push_back(SnapshotWords(env_));
    const node::CallbackScope second(isolate, resource, node::async_context{0, 0});
    seen.push_back(SnapshotWords(env_));
    const node::CallbackScope third(isolate, resource, node::async_context{0, 0});
    seen.push_back(SnapshotWords(env_));
  }
  const std::vector<std::uintptr_t> after = SnapshotWords(env_);
  std::size_t hits = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::uintptr_t before = seen[0][i];
    bool counts = after[i] == before && before < 1000;
    for (std::size_t scopes = 1; scopes <= kScopes; ++scopes) counts = counts && seen[scopes][i] == before + scopes;
    if (!counts) continue;
    ++hits;
    found = i * sizeof(std::uintptr_t);
  }
  return hits == 1 ? found : 0;
}

void AsyncStack::SetCurrent(const AsyncIdentity& identity) {
  (*ids_)[0] = identity.async_id;
  (*ids_)[1] = identity.trigger_id;
}

void AsyncStack::Push(const AsyncIdentity& identity, v8::Local<v8::Object>* resource) {
  push_function(hooks_, identity.async_id, identity.trigger_id, ToArgument(resource));
}

void AsyncStack::Pop() { pop_function(hooks_, current().async_id); }

void AsyncStack::OpenScope(v8::Local<v8::Object>* slot) {
  slot_ = slot;
  base_ = length();
  base_depth_ = *depth_;
  Push(current(), slot);
}

void AsyncStack::CloseScope() {
  while (length() > base_) Pop();
  *depth_ = base_depth_;
  slot_ = nullptr;
}

void AsyncStack::Enter(v8::Isolate* isolate, Segment* segment, v8::Local<v8::Object> resource) {
  Rename(isolate, *segment, resource);
  *depth_ = base_depth_ + segment->callback_depth;
  if (!segment->inner.empty()) RestoreInner(isolate, segment);
}

void AsyncStack::Rename(v8::Isolate* isolate, const Segment& segment, v8::Local<v8::Object> resource) {
  SetCurrent(segment.identity);
  Redirect(slot_, resource.IsEmpty() ? nobody_.Get(isolate) : resource);
}

void AsyncStack::Leave(v8::Isolate* isolate, Segment* segment) {
  segment->callback_depth = *depth_ - base_depth_;
  *depth_ = base_depth_;
  if (length() > base_ + 1) {
    SaveInner(isolate, segment);
  } else {
    segment->inner.clear();
  }
}

void AsyncStack::DropInner() {
  while (length() > base_ + 1) Pop();
  *depth_ = base_depth_;
}

v8::Local<v8::Array> AsyncStack::JsResources(v8::Isolate* isolate) const {
  return js_resources_->IsEmpty() ? v8::Local<v8::Array>() : js_resources_->Get(isolate);
}

void AsyncStack::SaveInner(v8::Isolate* isolate, Segment* segment) {
  const v8::HandleScope scope(isolate);
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const v8::Local<v8::Array> from_js = JsResources(isolate);
  std::vector<Segment::Scope> inner(length() - base_ - 1);
  for (auto saved = inner.rbegin(); saved != inner.rend(); ++saved) {
    const uint32_t index = length() - 1;
    saved->identity = current();
    v8::Local<v8::Value> resource;
    saved->from_js = !from_js.IsEmpty() && from_js->Length() > index &&
                     from_js->Get(context, index).ToLocal(&resource) && resource->IsObject();
    const bool read =
        saved->from_js || (!reader_.IsEmpty() &&
                           reader_.Get(isolate)->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&resource));
    if (read && resource->IsObject()) saved->resource.Reset(isolate, resource.As<v8::Object>());
    Pop();
  }
  segment->inner = std::move(inner);
}

void AsyncStack::RestoreInner(v8::Isolate* isolate, Segment* segment) {
  const v8::HandleScope scope(isolate);
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const v8::Local<v8::Array> from_js = JsResources(isolate);
  for (Segment::Scope& saved : segment->inner) {
    const uint32_t index = length();
    if (saved.from_js) {
      Push(saved.identity, nullptr);
      from_js->Set(context, index, saved.resource.Get(isolate)).Check();
      continue;
    }
    saved.view = ViewOf(saved.resource);
    Push(saved.identity, saved.resource.IsEmpty() ? nullptr : &saved.view);
  }
}

AsyncIdentity AsyncStack::Register(v8::Isolate* isolate, v8::Local<v8::Object> resource, const char* type,
                                   bool inherit) {
  const AsyncIdentity spawner = current();
  v8::Local<v8::Object> nobody = nobody_.Get(isolate);
  if (!inherit) Push(spawner, &nobody);
  const node::async_context made = node::EmitAsyncInit(isolate, resource, type, spawner.async_id);
  if (!inherit) Pop();
  return {made.async_id, made.trigger_async_id};
}

void AsyncStack::Unregister(v8::Isolate* isolate, const AsyncIdentity& identity) {
  node::EmitAsyncDestroy(isolate, node::async_context{identity.async_id, identity.trigger_id});
}

}  // namespace verdant
