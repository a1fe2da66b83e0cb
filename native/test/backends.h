#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "reactor/reactor.h"

#if defined(__linux__)
#include "fake_bsd/kernel.h"
#endif

namespace verdant {
// reactor/kqueue.cc, compiled against fake_bsd/.
std::unique_ptr<Reactor> MakeFakeKqueue(int* error);
}  // namespace verdant

namespace verdant_test {

inline std::unique_ptr<verdant::Reactor> Made(std::unique_ptr<verdant::Reactor> (*make)(int*)) {
  int error = -1;
  auto reactor = make(&error);
  REQUIRE(error == 0);
  REQUIRE(reactor != nullptr);
  return reactor;
}

// The one of this platform.
struct Native {
  static std::unique_ptr<verdant::Reactor> Make() { return Made(verdant::MakeReactor); }
  // Beside another one.
  static std::unique_ptr<verdant::Reactor> MakeMore() { return Make(); }
};

#if defined(__linux__)
struct KqueueOfDarwin {
  static std::unique_ptr<verdant::Reactor> Make() {
    fake_bsd::Boot(fake_bsd::Kernel::kDarwin);
    return MakeMore();
  }
  static std::unique_ptr<verdant::Reactor> MakeMore() { return Made(verdant::MakeFakeKqueue); }
};

struct KqueueOfFreeBsd {
  static std::unique_ptr<verdant::Reactor> Make() {
    fake_bsd::Boot(fake_bsd::Kernel::kFreeBsd);
    return MakeMore();
  }
  static std::unique_ptr<verdant::Reactor> MakeMore() { return Made(verdant::MakeFakeKqueue); }
};

#define VERDANT_BACKENDS verdant_test::Native, verdant_test::KqueueOfDarwin, verdant_test::KqueueOfFreeBsd
#else
#define VERDANT_BACKENDS verdant_test::Native
#endif

}  // namespace verdant_test
