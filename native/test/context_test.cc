// Pins: flows run, suspend, continue and pass values, in any order.
#include "context.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

#include "coroutine.h"
#include "environment.h"
#include "units.h"

namespace {

using verdant_test::Coroutine;
using verdant_test::kKiB;
using verdant_test::Scaled;

TEST_CASE("a prepared context starts with its argument on its own stack") {
  verdant::StackPool pool(64 * kKiB);
  const char* inside = nullptr;
  Coroutine coroutine(pool, [&](Coroutine&) { inside = static_cast<const char*>(__builtin_frame_address(0)); });
  coroutine.Resume();
  CHECK(coroutine.stack().contains(inside));
}

TEST_CASE("two flows alternate a million times") {
  verdant::StackPool pool(64 * kKiB);
  const std::size_t rounds = Scaled(500'000);
  std::size_t pings = 0;
  std::size_t pongs = 0;
  Coroutine coroutine(pool, [&](Coroutine& self) {
    while (pongs < rounds) {
      ++pongs;
      self.Yield();
    }
  });
  while (pings < rounds) {
    ++pings;
    coroutine.Resume();
    REQUIRE(pings == pongs);
  }
  coroutine.Resume();
  CHECK(coroutine.done());
}

TEST_CASE("values cross in both directions") {
  verdant::StackPool pool(64 * kKiB);
  int crossing = 1;
  Coroutine doubler(pool, [&](Coroutine& self) {
    for (int i = 0; i < 10; ++i) {
      crossing *= 2;
      self.Yield();
    }
  });
  for (int i = 0; i < 10; ++i) {
    doubler.Resume();
    crossing += 1;
  }
  doubler.Resume();
  CHECK(crossing == 2047);
}

TEST_CASE("coroutines resume each other in a chain") {
  verdant::StackPool pool(64 * kKiB);
  std::vector<std::unique_ptr<Coroutine>> chain;
  int depth = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    chain.push_back(std::make_unique<Coroutine>(pool, [&, i](Coroutine& self) {
      ++depth;
      if (i > 0) chain[i - 1]->Resume();
      self.Yield();
      if (i > 0) chain[i - 1]->Resume();
      --depth;
    }));
  }
  chain.back()->Resume();
  CHECK(depth == 100);
  chain.back()->Resume();
  CHECK(depth == 0);
  for (const auto& coroutine : chain) CHECK(coroutine->done());
}

TEST_CASE("a context can be prepared again after its flow has left") {
  verdant::StackPool pool(64 * kKiB);
  verdant::StackError error = verdant::StackError::kNone;
  const verdant::Stack stack = pool.Acquire(&error);
  struct Flow {
    verdant::Context main;
    verdant::Context own;
    int runs = 0;
  } flow;
  const auto entry = [](void* argument) {
    auto* self = static_cast<Flow*>(argument);
    ++self->runs;
    verdant::Context::Leave(self->own, self->main);
  };
  for (int run = 1; run <= 3; ++run) {
    flow.own.Prepare(stack, entry, &flow);
    verdant::Context::Switch(flow.main, flow.own);
    CHECK(flow.runs == run);
  }
  pool.Release(stack);
}

TEST_CASE("thousands of coroutines keep their locals in any order of resumption") {
  std::mt19937_64 random(verdant_test::Seed());
  verdant::StackPool pool(64 * kKiB);
  const std::size_t count = Scaled(5'000);
  std::size_t corrupted = 0;
  std::vector<std::unique_ptr<Coroutine>> alive;
  for (std::size_t i = 0; i < count; ++i) {
    alive.push_back(std::make_unique<Coroutine>(pool, [&corrupted, i, seed = random()](Coroutine& self) {
      std::mt19937_64 own(seed);
      volatile std::uint64_t locals[64];
      for (std::size_t n = 0; n < 64; ++n) locals[n] = i * 64 + n;
      for (std::size_t yields = own() % 20; yields > 0; --yields) {
        self.Yield();
        for (std::size_t n = 0; n < 64; ++n) corrupted += locals[n] != i * 64 + n;
      }
    }));
  }
  while (!alive.empty()) {
    auto& chosen = alive[random() % alive.size()];
    chosen->Resume();
    if (chosen->done()) {
      std::swap(chosen, alive.back());
      alive.pop_back();
    }
  }
  CHECK(corrupted == 0);
  CHECK(pool.stats().in_use == 0);
}

}  // namespace
