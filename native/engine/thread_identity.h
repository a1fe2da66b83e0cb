#pragma once

#include <v8.h>

#include <cstddef>
#include <string>

namespace verdant {

// The two words of thread-local memory by which V8 tells one thread from another:
//   thread_id           an int; 0 means "not asked yet", V8's own counter then assigns one
//   thread_stack_start  the high end of the thread's stack (cached by v8::base::Stack::GetStackStart)
// Writing both at a switch makes V8 take a coroutine for a thread of its own. Their places differ between Node's minor
// versions, so they are found at load time by watching which word changes (no symbol table, no version table).
class ThreadIdentity {
 public:
  // Finds the words. Once per process; an empty string on success, else why this runtime cannot be used.
  static std::string Calibrate(v8::Isolate* isolate);

  static int id() { return *Word<int>(id_offset_); }
  static void set_id(int id) { *Word<int>(id_offset_) = id; }
  static char* stack_start() { return *Word<char*>(stack_start_offset_); }
  static void set_stack_start(char* start) { *Word<char*>(stack_start_offset_) = start; }

 private:
  template <typename T>
  static T* Word(std::ptrdiff_t offset) {
    return reinterpret_cast<T*>(Base() + offset);
  }
  // The address the offsets count from, in the calling OS thread. V8 lives in the executable or in a library loaded at
  // start-up, so its block of thread-local memory lies at a fixed distance from the thread pointer.
  static char* Base();

  static std::ptrdiff_t id_offset_;
  static std::ptrdiff_t stack_start_offset_;
#if defined(__APPLE__)
  static unsigned long tls_key_;
#endif
  friend class Calibration;
};

#if !defined(__APPLE__)
inline char* ThreadIdentity::Base() { return static_cast<char*>(__builtin_thread_pointer()); }
#endif

}  // namespace verdant
