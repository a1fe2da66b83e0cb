#pragma once

#include <cstddef>

#include "stack.h"

// What memory checkers must be told about stacks that are not a thread's own. Everything here is empty in a normal
// build. Valgrind's client requests cost instructions even when it is not there, so they are compiled only on request.

#if defined(__SANITIZE_ADDRESS__)
#define VERDANT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VERDANT_ASAN 1
#endif
#endif

#if VERDANT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if VERDANT_VALGRIND && defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define VERDANT_VALGRIND_REQUESTS 1
#endif
#endif

namespace verdant {
namespace sanitizer {

#if VERDANT_ASAN

inline constexpr bool kAddress = true;

// A null `saved` tells that the running flow never comes back, so its fake stack is freed.
inline void StartSwitch(void** saved, const Stack& next) {
  __sanitizer_start_switch_fiber(saved, next.limit, next.size());
}

// Returns the bounds of the stack that was left.
inline Stack FinishSwitch(void* saved) {
  const void* limit = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(saved, &limit, &size);
  char* bottom = static_cast<char*>(const_cast<void*>(limit));
  return Stack{bottom, bottom + size};
}

// Frames that were dropped without returning have left their red zones in the shadow memory.
inline void Unpoison(const Stack& stack) { __asan_unpoison_memory_region(stack.limit, stack.size()); }

#else

inline constexpr bool kAddress = false;
inline void StartSwitch(void**, const Stack&) {}
inline Stack FinishSwitch(void*) { return {}; }
inline void Unpoison(const Stack&) {}

#endif

#if VERDANT_VALGRIND_REQUESTS

inline constexpr bool kValgrind = true;
// Valgrind takes a big change of the stack pointer for a big frame, unless it knows that there is another stack.
// Its ids start at 0, ours at 1.
inline unsigned AnnounceStack(const Stack& stack) { return VALGRIND_STACK_REGISTER(stack.limit, stack.top - 1) + 1; }
inline void ForgetStack(unsigned id) {
  if (id != 0) VALGRIND_STACK_DEREGISTER(id - 1);
}

#else

inline constexpr bool kValgrind = false;
inline unsigned AnnounceStack(const Stack&) { return 0; }
inline void ForgetStack(unsigned) {}

#endif

}  // namespace sanitizer
}  // namespace verdant
