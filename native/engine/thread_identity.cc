#include "thread_identity.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "tls_block.h"

namespace verdant {

std::ptrdiff_t ThreadIdentity::id_offset_ = 0;
std::ptrdiff_t ThreadIdentity::stack_start_offset_ = 0;

namespace {

using GetStackStart = void* (*)();

// v8::base::Stack::GetStackStart(): exported by all of Node 20 to 26, the only V8 symbol that is looked up by name.
GetStackStart FindGetStackStart() {
  return reinterpret_cast<GetStackStart>(dlsym(RTLD_DEFAULT, "_ZN2v84base5Stack13GetStackStartEv"));
}

template <typename T>
T Load(const char* address) {
  T value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

// The high end of the calling thread's stack, as V8 may have computed it: glibc's own mark for the main thread
// (V8 12 and later), the end of the pthread's stack otherwise.
std::vector<char*> LikelyStackStarts() {
  std::vector<char*> starts;
#if defined(__linux__)
  if (void* end = dlsym(RTLD_DEFAULT, "__libc_stack_end")) starts.push_back(*static_cast<char**>(end));
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    void* base = nullptr;
    std::size_t size = 0;
    pthread_attr_getstack(&attributes, &base, &size);
    pthread_attr_destroy(&attributes);
    starts.push_back(static_cast<char*>(base) + size);
  }
#elif defined(__APPLE__)
  starts.push_back(static_cast<char*>(pthread_get_stackaddr_np(pthread_self())));
#endif
  return starts;
}

}  // namespace

// A differential scan: what V8 writes on a thread it has never seen shows where it keeps things.
class Calibration {
 public:
  std::string Run(v8::Isolate* isolate) {
    std::string failure;
    // A fresh OS thread, where both words are still zero.
    std::thread scanner([&] { failure = ScanFreshThread(isolate); });
    scanner.join();
    if (failure.empty() && !have_stack_start_) failure = ScanForKnownStackStart();
    return failure;
  }

 private:
  std::string ScanFreshThread(v8::Isolate* isolate) {
    if (!RememberBlock()) return "the thread-local memory of the module that contains V8 was not found";
    std::vector<char> before = Snapshot();
    v8::Locker::IsLocked(isolate);  // asks for this thread's id and has no other effect
    std::vector<char> after = Snapshot();
    int hits = 0;
    for (std::size_t at = 0; at + sizeof(int) <= after.size(); at += sizeof(int)) {
      const int was = Load<int>(&before[at]);
      const int is = Load<int>(&after[at]);
      if (was == is) continue;
      ++hits;
      if (was == 0 && is > 0) ThreadIdentity::id_offset_ = block_.begin + at - ThreadIdentity::Base();
    }
    if (hits != 1 || ThreadIdentity::id_offset_ == 0) {
      return "the word that holds V8's thread id was not found (" + std::to_string(hits) + " candidates)";
    }
    const GetStackStart get_stack_start = FindGetStackStart();
    if (get_stack_start == nullptr) return "";
    before = Snapshot();
    char* const start = static_cast<char*>(get_stack_start());
    after = Snapshot();
    hits = 0;
    for (std::size_t at = 0; at + sizeof(char*) <= after.size(); at += sizeof(char*)) {
      if (Load<char*>(&before[at]) == Load<char*>(&after[at])) continue;
      ++hits;
      if (Load<char*>(&after[at]) == start) SetStackStartAt(at);
    }
    if (hits != 1 || !have_stack_start_) {
      return "the word that holds V8's stack start was not found (" + std::to_string(hits) + " candidates)";
    }
    return "";
  }

  // Without the symbol: V8 has long cached the calling thread's stack start, whose value is known from the system.
  std::string ScanForKnownStackStart() {
    if (!RememberBlock()) return "the thread-local memory of the module that contains V8 was not found";
    const std::vector<char> block = Snapshot();
    int hits = 0;
    for (char* start : LikelyStackStarts()) {
      for (std::size_t at = 0; at + sizeof(char*) <= block.size(); at += sizeof(char*)) {
        if (Load<char*>(&block[at]) != start) continue;
        ++hits;
        SetStackStartAt(at);
      }
      if (hits != 0) break;
    }
    return hits == 1 ? "" : "v8::base::Stack::GetStackStart is not exported and its cache was not found";
  }

  bool RememberBlock() {
    block_ = FindTlsBlock(reinterpret_cast<const void*>(&v8::Isolate::GetCurrent));
#if defined(__APPLE__)
    ThreadIdentity::tls_key_ = block_.key;
#endif
    return block_.begin != nullptr;
  }
  std::vector<char> Snapshot() const { return std::vector<char>(block_.begin, block_.begin + block_.size); }
  void SetStackStartAt(std::size_t at) {
    ThreadIdentity::stack_start_offset_ = block_.begin + at - ThreadIdentity::Base();
    have_stack_start_ = true;
  }

  TlsBlock block_;
  bool have_stack_start_ = false;
};

std::string ThreadIdentity::Calibrate(v8::Isolate* isolate) {
  static std::once_flag once;
  static std::string failure;
  std::call_once(once, [isolate] { failure = Calibration().Run(isolate); });
  return failure;
}

#if defined(__APPLE__)
unsigned long ThreadIdentity::tls_key_ = 0;
char* ThreadIdentity::Base() { return static_cast<char*>(pthread_getspecific(tls_key_)); }
#endif

}  // namespace verdant
