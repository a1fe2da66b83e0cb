// Pins: what the kqueue reactor makes of answers that only a kqueue gives, over a model of one.
#include <doctest/doctest.h>
#include <sys/event.h>

#include <cerrno>

#include "backends.h"
#include "descriptors.h"

namespace {

using verdant::kHangUp;
using verdant::kReadable;
using verdant::kWritable;
using verdant::Readiness;
using verdant_test::KqueueOfDarwin;
using verdant_test::KqueueOfFreeBsd;
using verdant_test::Pipe;
using verdant_test::SocketPair;

constexpr int kAtOnce = 0;
constexpr int kMany = 64;

TEST_CASE("the two sides of a descriptor are two events of one batch") {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = KqueueOfDarwin::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 2);
  CHECK(events[0].fd == events[1].fd);
  CHECK((events[0].what | events[1].what) == (kReadable | kWritable));
  CHECK((events[0].what & events[1].what) == 0);
}

TEST_CASE("a kind of file that has no writing side is watched for reading alone") {
  SocketPair pair;
  const auto reactor = KqueueOfDarwin::Make();
  fake_bsd::RefuseFilter(EVFILT_WRITE, EINVAL);
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  pair.theirs.Write("x");
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].what == kReadable);
  CHECK(reactor->Rearm(pair.ours.get(), 7) == 0);
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(reactor->Unwatch(pair.ours.get()) == 0);
  CHECK(fake_bsd::CountEntries(reactor->fd(), pair.ours.get()) == 0);
}

TEST_CASE("a kind of file that has no reading side is watched for writing alone") {
  SocketPair pair;
  const auto reactor = KqueueOfDarwin::Make();
  fake_bsd::RefuseFilter(EVFILT_READ, EINVAL);
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].what == kWritable);
  CHECK(reactor->Rearm(pair.ours.get(), 7) == 0);
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(reactor->Unwatch(pair.ours.get()) == 0);
  CHECK(fake_bsd::CountEntries(reactor->fd(), pair.ours.get()) == 0);
}

TEST_CASE("the writing side of a pipe tells of the hang-up where there is no reading side to do it") {
  Pipe pipe;
  const auto reactor = KqueueOfDarwin::Make();
  fake_bsd::RefuseFilter(EVFILT_READ, EINVAL);
  REQUIRE(reactor->Watch(pipe.writer.get(), 7) == 0);
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].what == kWritable);
  pipe.reader.Close();
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].what == (kWritable | kHangUp));
}

TEST_CASE("a kind of file that has neither side cannot be watched") {
  SocketPair pair;
  const auto reactor = KqueueOfDarwin::Make();
  fake_bsd::RefuseFilter(EVFILT_READ, EINVAL);
  fake_bsd::RefuseFilter(EVFILT_WRITE, EINVAL);
  CHECK(reactor->Watch(pair.ours.get(), 7) == -EINVAL);
}

TEST_CASE("a want of memory for one side leaves nothing of the other behind") {
  for (const int16_t filter : {int16_t{EVFILT_READ}, int16_t{EVFILT_WRITE}}) {
    SocketPair pair;
    const auto reactor = KqueueOfDarwin::Make();
    fake_bsd::RefuseFilter(filter, ENOMEM);
    CHECK(reactor->Watch(pair.ours.get(), 7) == -ENOMEM);
    CHECK(fake_bsd::CountEntries(reactor->fd(), pair.ours.get()) == 0);
  }
}

TEST_CASE("changes take no event from the queue") {
  SocketPair pair;
  SocketPair other;
  const auto reactor = KqueueOfDarwin::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  REQUIRE(reactor->Watch(other.ours.get(), 8) == 0);
  REQUIRE(reactor->Rearm(other.ours.get(), 8) == 0);
  REQUIRE(reactor->Unwatch(other.ours.get()) == 0);
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].generation == 7);
}

TEST_CASE("an entry that has failed ends the waits of its side") {
  SocketPair pair;
  const auto reactor = KqueueOfDarwin::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  Readiness events[kMany];
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  fake_bsd::FailEntry(pair.ours.get(), EVFILT_READ, EIO);
  pair.theirs.Write("x");
  REQUIRE(reactor->Wait(kAtOnce, events, kMany) == 1);
  CHECK(events[0].what == (kReadable | kHangUp));
}

TEST_CASE("a broken pipe that the kernel refuses to watch for writing is announced once, as its own event") {
  Pipe pipe;
  pipe.reader.Close();
  const auto reactor = KqueueOfFreeBsd::Make();
  REQUIRE(reactor->Watch(pipe.writer.get(), 7) == 0);
  uint32_t what = 0;
  Readiness events[kMany];
  for (int count = 0; (count = reactor->Wait(kAtOnce, events, kMany)) > 0;) {
    for (int i = 0; i < count; i += 1) {
      CHECK(events[i].fd == static_cast<uint32_t>(pipe.writer.get()));
      CHECK(events[i].generation == 7);
      what |= events[i].what;
    }
  }
  CHECK(what == (kReadable | kWritable | kHangUp));
  REQUIRE(reactor->Unwatch(pipe.writer.get()) == 0);
  CHECK(fake_bsd::CountEntries(reactor->fd(), pipe.writer.get()) == 0);
}

TEST_CASE("a closed descriptor is answered with what the kernel says of it") {
  SocketPair pair;
  const int closed = pair.ours.get();
  const auto darwin = KqueueOfDarwin::Make();
  REQUIRE(darwin->Watch(closed, 7) == 0);
  pair.ours.Close();
  CHECK(darwin->Rearm(closed, 7) == -ENOENT);
  CHECK(darwin->Unwatch(closed) == -ENOENT);
}

TEST_CASE("a queue that is gone fails every call with EBADF and aborts nothing") {
  SocketPair pair;
  const auto reactor = KqueueOfDarwin::Make();
  fake_bsd::Boot(fake_bsd::Kernel::kDarwin);
  Readiness event{};
  CHECK(reactor->Watch(pair.ours.get(), 7) == -EBADF);
  CHECK(reactor->WatchLevel(pair.ours.get(), 7) == -EBADF);
  CHECK(reactor->Rearm(pair.ours.get(), 7) == -EBADF);
  CHECK(reactor->Unwatch(pair.ours.get()) == -EBADF);
  CHECK(reactor->Wait(kAtOnce, &event, 1) == -EBADF);
}

}  // namespace
