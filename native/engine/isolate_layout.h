#pragma once

#include <v8-internal.h>
#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace verdant {

// The few words of V8's isolate that a switch must read or mend and that no API reaches. The stack guard's place comes
// from V8's public header and is checked; the others are found by watching what a known call changes.
class IsolateLayout {
 public:
  // Once per process; an empty string on success, else why this runtime cannot be used.
  static std::string Calibrate(v8::Isolate* isolate, v8::Local<v8::Context> context);

  // The lowest address JavaScript may use on the running stack.
  static std::uintptr_t StackLimit(v8::Isolate* isolate) { return Word(isolate, kRealLimit); }
  // True when an interrupt (termination, a GC request, optimised code to install) waits for the next stack check:
  // V8 then keeps the limit it checks against different from the real one.
  static bool InterruptPending(v8::Isolate* isolate) {
    return Word(isolate, kCheckedLimit) != Word(isolate, kRealLimit);
  }

  // V8's profiler drops every sample taken while the lock's owner is another "thread" than the one that started it, but
  // only once a Locker was ever used. Our coroutines are all one OS thread, so the samples are right: clear the flag.
  static void ForgetLockerUse(v8::Isolate* isolate) {
    if (locker_flag_ != 0) *(reinterpret_cast<char*>(isolate) + locker_flag_) = 0;
  }

  // V8 12 (Node 22) keeps the running JSON.stringify calls of the isolate in a vector and aborts when they do not end
  // in the order in which they began. Each coroutine gets a vector of its own. Zeros on all other versions, where it is
  // not even looked for: what looked like it would be somebody else's words, which every switch then changed.
  struct StringifierList {
    std::uintptr_t begin = 0, end = 0, capacity = 0;
  };
  static bool HasStringifierList() { return kKeepsStringifiers && stringifiers_ != 0; }
  static StringifierList* Stringifiers(v8::Isolate* isolate) {
    return reinterpret_cast<StringifierList*>(reinterpret_cast<char*>(isolate) + stringifiers_);
  }

 private:
  static constexpr bool kKeepsStringifiers = V8_MAJOR_VERSION == 12;

  // StackGuard begins with its isolate, then ThreadLocal { real_jslimit, real_climit, jslimit, ... } (V8 11.3 to 14.6).
  static constexpr std::size_t kGuard = v8::internal::Internals::kIsolateStackGuardOffset;
  static constexpr std::size_t kRealLimit = kGuard + sizeof(void*);
  static constexpr std::size_t kCheckedLimit = kGuard + 3 * sizeof(void*);

  static std::uintptr_t Word(v8::Isolate* isolate, std::size_t offset) {
    return *reinterpret_cast<volatile std::uintptr_t*>(reinterpret_cast<char*>(isolate) + offset);
  }
  static void FindLockerFlag(v8::Isolate* isolate);
  static void FindStringifierList(v8::Isolate* isolate, v8::Local<v8::Context> context);

  static std::size_t locker_flag_;
  static std::size_t stringifiers_;
};

}  // namespace verdant
