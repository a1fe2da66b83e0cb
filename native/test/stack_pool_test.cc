// Pins: which stack the pool hands out, and what it counts.
#include "stack_pool.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "units.h"

namespace {

using verdant::Stack;
using verdant::StackError;
using verdant::StackPool;
using verdant_test::kKiB;

std::vector<Stack> AcquireMany(StackPool& pool, std::size_t count) {
  std::vector<Stack> stacks;
  for (std::size_t i = 0; i < count; ++i) {
    StackError error = StackError::kOutOfMemory;
    stacks.push_back(pool.Acquire(&error));
    REQUIRE(error == StackError::kNone);
    REQUIRE(stacks.back());
  }
  return stacks;
}

TEST_CASE("the usable size is rounded up to whole pages") {
  const std::size_t page = verdant::VirtualMemory::PageSize();
  StackPool pool(3 * page + 1);
  const Stack stack = AcquireMany(pool, 1)[0];
  CHECK(stack.size() == 4 * page);
  CHECK(reinterpret_cast<std::uintptr_t>(stack.limit) % page == 0);
  pool.Release(stack);
}

TEST_CASE("every byte of every stack is writable and zero at first") {
  StackPool pool(64 * kKiB);
  for (const Stack& stack : AcquireMany(pool, 20)) {
    std::size_t dirty = 0;
    for (char* byte = stack.limit; byte < stack.top; ++byte) {
      dirty += *byte != 0;
      *byte = 1;
    }
    CHECK(dirty == 0);
    pool.Release(stack);
  }
}

TEST_CASE("stacks do not overlap") {
  StackPool pool(64 * kKiB);
  const auto stacks = AcquireMany(pool, 200);
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    for (std::size_t j = i + 1; j < stacks.size(); ++j) {
      REQUIRE((stacks[i].top <= stacks[j].limit || stacks[j].top <= stacks[i].limit));
    }
  }
  for (const Stack& stack : stacks) pool.Release(stack);
}

TEST_CASE("the most recently released stack is handed out first") {
  StackPool pool(64 * kKiB);
  const auto stacks = AcquireMany(pool, 3);
  for (const Stack& stack : stacks) pool.Release(stack);
  const auto again = AcquireMany(pool, 3);
  CHECK(again[0].limit == stacks[2].limit);
  CHECK(again[1].limit == stacks[1].limit);
  CHECK(again[2].limit == stacks[0].limit);
  for (const Stack& stack : again) pool.Release(stack);
}

TEST_CASE("an idle stack is preferred to a new one") {
  StackPool pool(64 * kKiB);
  for (int i = 0; i < 100; ++i) pool.Release(AcquireMany(pool, 1)[0]);
  CHECK(pool.stats().reserved == 1);
}

TEST_CASE("stats count reserved, used and idle stacks") {
  StackPool pool(64 * kKiB);
  const auto stacks = AcquireMany(pool, 10);
  for (int i = 0; i < 3; ++i) pool.Release(stacks[static_cast<std::size_t>(i)]);
  const auto stats = pool.stats();
  CHECK(stats.reserved == 10);
  CHECK(stats.in_use == 7);
  CHECK(stats.idle == 3);
  for (std::size_t i = 3; i < 10; ++i) pool.Release(stacks[i]);
}

TEST_CASE("a stack contains the addresses from its limit up to its top") {
  StackPool pool(64 * kKiB);
  const Stack stack = AcquireMany(pool, 1)[0];
  CHECK(stack.contains(stack.limit));
  CHECK(stack.contains(stack.top - 1));
  CHECK_FALSE(stack.contains(stack.top));
  CHECK_FALSE(stack.contains(stack.limit - 1));
  pool.Release(stack);
}

}  // namespace
