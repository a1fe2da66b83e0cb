#include "isolate_layout.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "safe_memory.h"
#include "v8_compat.h"

namespace verdant {

std::size_t IsolateLayout::locker_flag_ = 0;
std::size_t IsolateLayout::stringifiers_ = 0;

namespace {

using Words = std::vector<std::uintptr_t>;

// The isolate's own words: what lies behind it belongs to somebody else, and may change at any time.
Words Snapshot(const SafeMemory& memory, v8::Isolate* isolate) {
  // All words looked for lie within this many bytes (the farthest seen is at 0x114a0, in V8 14.6).
  constexpr std::size_t kLargest = 0x18000;
  const std::size_t size = std::min(SizeOfAllocation(isolate), kLargest);
  Words words(size / sizeof(std::uintptr_t));
  const std::size_t bytes = memory.Read(isolate, words.data(), size);
  words.resize(bytes / sizeof(std::uintptr_t));
  return words;
}

// What the toJSON callback below saw while its stringifier was at work.
struct Inside {
  const SafeMemory* memory;
  Words words;
  std::uintptr_t stack_pointer = 0;
};

void LookFromInside(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* inside = ExternalValue<Inside>(info.Data());
  inside->words = Snapshot(*inside->memory, info.GetIsolate());
  inside->stack_pointer = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace

std::string IsolateLayout::Calibrate(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  static std::once_flag once;
  static std::string failure;
  std::call_once(once, [&] {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const bool guard_found = Word(isolate, kGuard) == reinterpret_cast<std::uintptr_t>(isolate) &&
                             StackLimit(isolate) < here && here - StackLimit(isolate) < (std::size_t{1} << 32);
    if (!guard_found) {
      failure = "V8's stack guard is not where its headers say";
      return;
    }
    FindLockerFlag(isolate);
    if constexpr (kKeepsStringifiers) FindStringifierList(isolate, context);
  });
  return failure;
}

// Isolate::entry_stack_ points at a count that Enter() raises and Exit() lowers; the flag lies 12 bytes above that
// pointer (V8 11.3 to 14.6). Not found: CPU profiles miss green threads, everything else works.
void IsolateLayout::FindLockerFlag(v8::Isolate* isolate) {
  constexpr std::size_t kFlagAfterEntryStack = 12;
  const SafeMemory memory;
  struct Candidate {
    std::size_t offset;
    std::uintptr_t pointer;
    int count;
  };
  std::vector<Candidate> candidates;
  const Words words = Snapshot(memory, isolate);
  for (std::size_t i = 0; i < words.size(); ++i) {
    int count = 0;
    const bool pointer_like = words[i] > 0x10000 && words[i] % sizeof(void*) == 0 && words[i] >> 47 == 0;
    if (!pointer_like || !memory.Read(reinterpret_cast<void*>(words[i]), &count)) continue;
    if (count > 0 && count < 1000) candidates.push_back({i * sizeof(std::uintptr_t), words[i], count});
  }
  isolate->Enter();
  std::size_t hits = 0;
  std::size_t found = 0;
  for (const Candidate& candidate : candidates) {
    int count = 0;
    if (!memory.Read(reinterpret_cast<void*>(candidate.pointer), &count) || count != candidate.count + 1) continue;
    ++hits;
    found = candidate.offset;
  }
  isolate->Exit();
  if (hits != 1) return;
  const std::size_t flag = found + kFlagAfterEntryStack;
  // Node holds a Locker at all times, so the flag must be set by now.
  if (*(reinterpret_cast<char*>(isolate) + flag) == 1) locker_flag_ = flag;
}

void IsolateLayout::FindStringifierList(v8::Isolate* isolate, v8::Local<v8::Context> context) {
  constexpr std::uintptr_t kNearby = 64 * 1024;
  const SafeMemory memory;
  Inside inside{&memory, {}, 0};
  const v8::HandleScope scope(isolate);
  const v8::Local<v8::Value> data = NewExternal(isolate, &inside);
  v8::Local<v8::Function> to_json;
  const v8::Local<v8::Object> object = v8::Object::New(isolate);
  if (!v8::Function::New(context, LookFromInside, data).ToLocal(&to_json)) return;
  if (object->Set(context, v8::String::NewFromUtf8Literal(isolate, "toJSON"), to_json).IsNothing()) return;
  const Words before = Snapshot(memory, isolate);
  if (v8::JSON::Stringify(context, object).IsEmpty() || inside.stack_pointer == 0) return;

  std::size_t hits = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i + 2 < before.size() && i + 2 < inside.words.size(); ++i) {
    const std::uintptr_t begin = inside.words[i];
    const std::uintptr_t end = inside.words[i + 1];
    const std::uintptr_t capacity = inside.words[i + 2];
    const bool vector_like = begin != 0 && begin < end && end <= capacity && (end - begin) % sizeof(void*) == 0;
    if (!vector_like || end - begin != before[i + 1] - before[i] + sizeof(void*)) continue;
    std::uintptr_t last = 0;  // the youngest entry is the stringifier itself, which lives on the C++ stack
    if (!memory.Read(reinterpret_cast<void*>(end - sizeof(void*)), &last)) continue;
    if (last < inside.stack_pointer || last > inside.stack_pointer + kNearby) continue;
    ++hits;
    found = i * sizeof(std::uintptr_t);
  }
  if (hits == 1) stringifiers_ = found;
}

}  // namespace verdant
