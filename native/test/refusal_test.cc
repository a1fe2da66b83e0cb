// Pins: what the pool does when the kernel refuses, step by step, with a kernel that refuses on demand.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "refusing_memory.h"
#include "stack_pool.h"
#include "units.h"

namespace {

using verdant::Stack;
using verdant::StackError;
using verdant::StackPool;
using verdant_test::kKiB;
using verdant_test::MemoryOrders;
using verdant_test::RefusingMemory;

constexpr std::size_t kStackBytes = 64 * kKiB;

// Acquires until the pool refuses.
std::vector<Stack> Exhaust(StackPool& pool, StackError* error) {
  std::vector<Stack> stacks;
  while (const Stack stack = pool.Acquire(error)) stacks.push_back(stack);
  return stacks;
}

TEST_CASE("refused memory is reported as out of memory, with an empty stack") {
  MemoryOrders orders;
  orders.biggest_map = 0;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kNone;
  CHECK_FALSE(pool.Acquire(&error));
  CHECK(error == StackError::kOutOfMemory);
  CHECK(pool.stats().reserved == 0);
}

TEST_CASE("refused memory at the limit of mappings is reported as out of mappings") {
  MemoryOrders orders;
  orders.biggest_map = 0;
  orders.mappings_exhausted = true;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kNone;
  CHECK_FALSE(pool.Acquire(&error));
  CHECK(error == StackError::kOutOfMappings);
}

TEST_CASE("where a big arena is refused a smaller one is made") {
  MemoryOrders orders;
  orders.biggest_map = 100 * kKiB;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kOutOfMemory;
  const Stack stack = pool.Acquire(&error);
  CHECK(stack);
  CHECK(error == StackError::kNone);
  pool.Release(stack);
}

TEST_CASE("a refused guard is reported as out of mappings and earlier stacks stay valid") {
  MemoryOrders orders;
  orders.guards_left = 6;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kNone;
  const auto stacks = Exhaust(pool, &error);
  CHECK(error == StackError::kOutOfMappings);
  CHECK(stacks.size() == 6);
  CHECK(pool.stats().in_use == 6);
  for (const Stack& stack : stacks) {
    *stack.limit = 1;
    *(stack.top - 1) = 1;
    pool.Release(stack);
  }
}

TEST_CASE("a pool that was refused a guard works again when the kernel relents") {
  MemoryOrders orders;
  orders.guards_left = 6;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kNone;
  auto stacks = Exhaust(pool, &error);
  const std::size_t maps = orders.maps;
  orders.guards_left = 1;
  stacks.push_back(pool.Acquire(&error));
  CHECK(stacks.back());
  CHECK(error == StackError::kNone);
  CHECK(orders.maps == maps);
  for (const Stack& stack : stacks) pool.Release(stack);
}

TEST_CASE("an exhausted pool still hands out what is released") {
  MemoryOrders orders;
  orders.guards_left = 3;
  StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
  StackError error = StackError::kNone;
  auto stacks = Exhaust(pool, &error);
  pool.Release(stacks[0]);
  CHECK(pool.Acquire(&error).limit == stacks[0].limit);
  CHECK(error == StackError::kNone);
  for (const Stack& stack : stacks) pool.Release(stack);
}

TEST_CASE("repeated refusals leak no mapping") {
  MemoryOrders orders;
  orders.guards_left = 5;
  {
    StackPool pool(kStackBytes, 4, std::make_unique<RefusingMemory>(&orders));
    StackError error = StackError::kNone;
    const auto stacks = Exhaust(pool, &error);
    const std::size_t mapped = orders.mapped_bytes;
    for (int i = 0; i < 100; ++i) CHECK_FALSE(pool.Acquire(&error));
    CHECK(orders.mapped_bytes == mapped);
    for (const Stack& stack : stacks) pool.Release(stack);
  }
  CHECK(orders.mapped_bytes == 0);
}

}  // namespace
