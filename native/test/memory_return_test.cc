// Pins: how much memory and how many mappings stacks take, as the kernel counts them.
#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "coroutine.h"
#include "environment.h"
#include "guard_kinds.h"
#include "process_memory.h"
#include "units.h"

namespace {

using verdant::GuardKind;
using verdant::Stack;
using verdant::StackError;
using verdant::StackPool;
using verdant::VirtualMemory;
using verdant_test::kKiB;
using verdant_test::ResidentPages;
using verdant_test::Scaled;
using verdant_test::WorkingGuards;

constexpr std::size_t kBigStack = 1'100 * kKiB;

std::vector<Stack> AcquireMany(StackPool& pool, std::size_t count) {
  std::vector<Stack> stacks;
  for (std::size_t i = 0; i < count; ++i) {
    StackError error = StackError::kNone;
    stacks.push_back(pool.Acquire(&error));
    REQUIRE(stacks.back());
  }
  return stacks;
}

#if defined(__linux__)

// An emulator shows its own memory where a process asks for its own.
doctest::skip SkipEmulated() { return doctest::skip(verdant_test::CurrentHost() == verdant_test::Host::kEmulator); }

TEST_CASE("only touched pages of a stack are resident") {
  StackPool pool(kBigStack);
  const Stack stack = AcquireMany(pool, 1)[0];
  CHECK(ResidentPages(stack) == 0);
  std::memset(stack.top - 10'000, 1, 10'000);
  CHECK(ResidentPages(stack) <= 3);
  pool.Release(stack);
}

TEST_CASE("idle stacks above the watermark give their memory back") {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    StackPool pool(256 * kKiB, 4, std::make_unique<VirtualMemory>(kind));
    const auto stacks = AcquireMany(pool, 16);
    for (const Stack& stack : stacks) std::memset(stack.limit, 1, stack.size());
    for (const Stack& stack : stacks) pool.Release(stack);
    for (std::size_t i = 0; i < 12; ++i) CHECK(ResidentPages(stacks[i]) == 0);
    for (std::size_t i = 12; i < 16; ++i) CHECK(ResidentPages(stacks[i]) > 0);
  }
}

TEST_CASE("a stack in use keeps its memory while others give theirs back") {
  StackPool pool(64 * kKiB, 2);
  const auto stacks = AcquireMany(pool, 40);
  for (const Stack& stack : stacks) std::memset(stack.limit, 7, stack.size());
  for (std::size_t i = 0; i < 40; i += 2) pool.Release(stacks[i]);
  std::size_t changed = 0;
  for (std::size_t i = 1; i < 40; i += 2) {
    for (const char* byte = stacks[i].limit; byte < stacks[i].top; ++byte) changed += *byte != 7;
  }
  CHECK(changed == 0);
  for (std::size_t i = 1; i < 40; i += 2) pool.Release(stacks[i]);
}

TEST_CASE("a stack that was taken again is not emptied by later releases") {
  StackPool pool(64 * kKiB, 1);
  auto stacks = AcquireMany(pool, 8);
  for (int round = 0; round < 50; ++round) {
    for (const Stack& stack : stacks) pool.Release(stack);
    stacks = AcquireMany(pool, 8);
    for (const Stack& stack : stacks) *stack.limit = 5;
    for (std::size_t i = 4; i < 8; ++i) pool.Release(stacks[i]);
    for (std::size_t i = 0; i < 4; ++i) REQUIRE(*stacks[i].limit == 5);
    const auto again = AcquireMany(pool, 4);
    for (std::size_t i = 0; i < 4; ++i) stacks[4 + i] = again[i];
  }
  for (const Stack& stack : stacks) pool.Release(stack);
  CHECK(pool.stats().reserved == 8);
}

TEST_CASE("stacks are never backed by huge pages" * SkipEmulated()) {
  StackPool pool(kBigStack);
  const auto stacks = AcquireMany(pool, 100);
  for (const Stack& stack : stacks) {
    const std::string flags = verdant_test::MappingFlags(stack.limit);
    REQUIRE(flags.find(" nh ") != std::string::npos);
    pool.Release(stack);
  }
}

TEST_CASE("lightweight guards cost no mappings" * SkipEmulated()) {
  if (VirtualMemory().guard_kind() != GuardKind::kLightweight) return;
  const std::size_t before = verdant_test::CountMappings();
  StackPool pool(kBigStack);
  const std::size_t count = Scaled(100'000);
  const auto stacks = AcquireMany(pool, count);
  CHECK(verdant_test::CountMappings() <= before + count / 50 + 10);
  for (const Stack& stack : stacks) pool.Release(stack);
}

TEST_CASE("protection guards cost two mappings a stack" * SkipEmulated()) {
  const std::size_t before = verdant_test::CountMappings();
  StackPool pool(kBigStack, 256, std::make_unique<VirtualMemory>(GuardKind::kProtection));
  const std::size_t count = Scaled(10'000);
  const auto stacks = AcquireMany(pool, count);
  CHECK(verdant_test::CountMappings() <= before + 2 * count + 10);
  for (const Stack& stack : stacks) pool.Release(stack);
}

TEST_CASE("a small program reserves little address space" * SkipEmulated()) {
  const std::size_t before = verdant_test::AddressSpaceBytes();
  StackPool pool(kBigStack);
  pool.Release(AcquireMany(pool, 1)[0]);
  CHECK(verdant_test::AddressSpaceBytes() - before < 8 * kBigStack);
}

TEST_CASE("a destroyed pool leaves no mapping behind" * SkipEmulated()) {
  for (const auto kind : WorkingGuards()) {
    CAPTURE(verdant_test::Name(kind));
    const std::size_t count = Scaled(1'000);
    const std::size_t before = verdant_test::AddressSpaceBytes();
    {
      StackPool pool(kBigStack, 256, std::make_unique<VirtualMemory>(kind));
      for (const Stack& stack : AcquireMany(pool, count)) pool.Release(stack);
    }
    // The heap may have grown a little.
    CHECK(verdant_test::AddressSpaceBytes() < before + 16 * kBigStack);
  }
}

#endif

}  // namespace
