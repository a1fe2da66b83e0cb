// Pins: the same refusals from the real kernel, in a child whose limits are really reached.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <memory>
#include <vector>

#include "child.h"
#include "environment.h"
#include "guard_kinds.h"
#include "process_memory.h"
#include "stack_pool.h"
#include "units.h"

#if defined(__linux__)

namespace {

using verdant::GuardKind;
using verdant::Stack;
using verdant::StackError;
using verdant::StackPool;
using verdant::VirtualMemory;
using verdant_test::Host;
using verdant_test::kKiB;
using verdant_test::RunInChild;

constexpr std::size_t kStackBytes = 1'100 * kKiB;

// Valgrind and emulators need address space and mappings of their own, and die without.
bool CannotStarve() {
  const Host host = verdant_test::CurrentHost();
  return host == Host::kValgrind || host == Host::kEmulator;
}

void LimitAddressSpace(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_AS, &limit);
}

TEST_CASE("running out of address space is an error, and recovery works after it" * doctest::skip(CannotStarve())) {
  const auto ending = RunInChild([] {
    StackPool pool(kStackBytes);
    std::vector<Stack> stacks;
    stacks.reserve(1000);
    LimitAddressSpace(verdant_test::AddressSpaceBytes() + 40 * kStackBytes);
    StackError error = StackError::kNone;
    while (const Stack stack = pool.Acquire(&error)) stacks.push_back(stack);
    if (error != StackError::kOutOfMemory) return 1;
    // Arenas shrink as it gets tight: nearly all of what is allowed is used.
    if (stacks.size() < 30 || stacks.size() > 41) return 2;
    for (const Stack& stack : stacks) *(stack.top - 1) = 1;

    pool.Release(stacks.back());
    if (!pool.Acquire(&error)) return 3;
    LimitAddressSpace(RLIM_INFINITY);
    if (!pool.Acquire(&error) || error != StackError::kNone) return 4;
    return 0;
  });
  CHECK(ending.exit_code == 0);
}

// Takes every mapping that the kernel allows this process, one page each.
class AllMappings {
 public:
  AllMappings() : page_(VirtualMemory::PageSize()) {
    pages_.reserve(1 << 20);
    for (bool writable = false;; writable = !writable) {
      // Neighbours of equal protection would be merged into one mapping.
      void* page =
          mmap(nullptr, page_, writable ? PROT_READ | PROT_WRITE : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (page == MAP_FAILED || pages_.size() == pages_.capacity()) break;
      pages_.push_back(page);
    }
  }
  void GiveBack(std::size_t count) {
    for (; count > 0 && !pages_.empty(); --count) {
      munmap(pages_.back(), page_);
      pages_.pop_back();
    }
  }

 private:
  std::size_t page_;
  std::vector<void*> pages_;
};

TEST_CASE("running out of mappings is told from running out of memory, and recovery works after it" *
          doctest::skip(CannotStarve())) {
  for (const auto kind : verdant_test::WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const auto ending = RunInChild([kind] {
      StackPool pool(kStackBytes, 4, std::make_unique<VirtualMemory>(kind));
      std::vector<Stack> stacks;
      stacks.reserve(10'000);
      AllMappings hog;
      StackError error = StackError::kNone;
      while (const Stack stack = pool.Acquire(&error)) stacks.push_back(stack);
      if (error != StackError::kOutOfMappings) return 1;
      for (const Stack& stack : stacks) *(stack.top - 1) = 1;

      hog.GiveBack(100);
      const Stack late = pool.Acquire(&error);
      if (!late || error != StackError::kNone) return 2;
      *(late.top - 1) = 1;
      return 0;
    });
    CHECK(ending.exit_code == 0);
  }
}

TEST_CASE("protection guards run out of mappings cleanly in the middle of an arena" * doctest::skip(CannotStarve())) {
  const auto ending = RunInChild([] {
    StackPool pool(kStackBytes, 4, std::make_unique<VirtualMemory>(GuardKind::kProtection));
    std::vector<Stack> stacks;
    stacks.reserve(100'000);
    AllMappings hog;
    hog.GiveBack(50);
    StackError error = StackError::kNone;
    while (const Stack stack = pool.Acquire(&error)) stacks.push_back(stack);
    if (error != StackError::kOutOfMappings) return 1;
    if (stacks.size() < 10) return 2;
    for (const Stack& stack : stacks) *(stack.top - 1) = 1;
    for (const Stack& stack : stacks) pool.Release(stack);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      if (!pool.Acquire(&error)) return 3;
    }
    return 0;
  });
  CHECK(ending.exit_code == 0);
}

}  // namespace

#endif
