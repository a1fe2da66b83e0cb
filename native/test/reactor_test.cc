// Pins: what every reactor tells of descriptors, whatever kernel is behind it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "backends.h"
#include "descriptors.h"

namespace {

using verdant::kHangUp;
using verdant::kReadable;
using verdant::kWritable;
using verdant::Reactor;
using verdant::Readiness;
using verdant_test::BoundSocket;
using verdant_test::OwnedFd;
using verdant_test::Pipe;
using verdant_test::SocketPair;

constexpr int kAtOnce = 0;
constexpr int kForEver = -1;
constexpr int kMany = 64;

// All that is reported without waiting, by generation.
std::map<uint32_t, uint32_t> ReportedNow(Reactor& reactor, int capacity = kMany) {
  std::map<uint32_t, uint32_t> reported;
  std::vector<Readiness> events(static_cast<std::size_t>(capacity));
  for (int rounds = 0; rounds < 100; rounds += 1) {
    const int count = reactor.Wait(kAtOnce, events.data(), capacity);
    REQUIRE(count >= 0);
    REQUIRE(count <= capacity);
    if (count == 0) return reported;
    for (int i = 0; i < count; i += 1) reported[events[i].generation] |= events[i].what;
  }
  FAIL("the same is reported again and again");
  return reported;
}

uint32_t ReportedOf(Reactor& reactor, uint32_t generation) { return ReportedNow(reactor)[generation]; }

// Waits until all of `what` has been reported.
void Await(Reactor& reactor, uint32_t generation, uint32_t what) {
  uint32_t missing = what;
  while (missing != 0) {
    Readiness event{};
    REQUIRE(reactor.Wait(kForEver, &event, 1) >= 0);
    if (event.generation == generation) missing &= ~event.what;
  }
}

bool IsReadable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  return poll(&polled, 1, 0) == 1;
}

TEST_CASE_TEMPLATE("an event names the descriptor and the generation it was watched with", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  constexpr uint32_t kLast = 0xffffffff;
  REQUIRE(reactor->Watch(pair.ours.get(), kLast) == 0);
  Readiness event{};
  REQUIRE(reactor->Wait(kForEver, &event, 1) == 1);
  CHECK(event.fd == static_cast<uint32_t>(pair.ours.get()));
  CHECK(event.generation == kLast);
}

TEST_CASE_TEMPLATE("watching reports what is ready already", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK(ReportedOf(*reactor, 7) == (kReadable | kWritable));
}

TEST_CASE_TEMPLATE("what is not ready is not reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  REQUIRE(pair.ours.Fill() > 0);
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("a readiness is reported once, though nobody used it up", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK(ReportedOf(*reactor, 7) == (kReadable | kWritable));
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("bytes that come later are reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK(ReportedOf(*reactor, 7) == kWritable);
  pair.theirs.Write("x");
  CHECK((ReportedOf(*reactor, 7) & kReadable) != 0);
}

TEST_CASE_TEMPLATE("bytes that come beside unread ones are reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  pair.theirs.Write("y");
  CHECK((ReportedOf(*reactor, 7) & kReadable) != 0);
}

TEST_CASE_TEMPLATE("bytes that were read before anybody waited are not reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  pair.theirs.Write("x");
  CHECK(pair.ours.Read(1) == "x");
  CHECK((ReportedOf(*reactor, 7) & kReadable) == 0);
}

TEST_CASE_TEMPLATE("room in a full buffer is reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  const std::size_t filled = pair.ours.Fill();
  CHECK(ReportedNow(*reactor).empty());
  CHECK(pair.theirs.Empty() == filled);
  CHECK(ReportedOf(*reactor, 7) == kWritable);
}

TEST_CASE_TEMPLATE("rearming repeats what is ready for a second reader", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  pair.theirs.Write("xyz");
  ReportedNow(*reactor);
  for (const char* byte : {"x", "y"}) {
    CHECK(pair.ours.Read(1) == byte);
    CHECK(ReportedNow(*reactor).empty());
    REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
    CHECK(ReportedOf(*reactor, 7) == (kReadable | kWritable));
  }
}

TEST_CASE_TEMPLATE("rearming repeats nothing that is not ready", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  pair.ours.Fill();
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("a rearmed readiness that has gone by the next wait is not reported", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  CHECK(pair.ours.Read(1) == "x");
  CHECK(ReportedOf(*reactor, 7) == kWritable);
}

TEST_CASE_TEMPLATE("a readiness twice rearmed is reported once", Backend, VERDANT_BACKENDS) {
  Pipe pipe;
  pipe.writer.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pipe.reader.get(), 7) == 0);
  ReportedNow(*reactor);
  REQUIRE(reactor->Rearm(pipe.reader.get(), 7) == 0);
  REQUIRE(reactor->Rearm(pipe.reader.get(), 7) == 0);
  int readable = 0;
  Readiness events[kMany];
  int count = 0;
  while ((count = reactor->Wait(kAtOnce, events, kMany)) > 0) {
    for (int i = 0; i < count; i += 1) readable += (events[i].what & kReadable) != 0 ? 1 : 0;
  }
  CHECK(readable == 1);
}

TEST_CASE_TEMPLATE("rearming after edges goes on reporting later ones", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  pair.theirs.Write("x");
  CHECK((ReportedOf(*reactor, 7) & kReadable) != 0);
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("rearming with another generation has later events carry it", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  REQUIRE(reactor->Rearm(pair.ours.get(), 8) == 0);
  const auto reported = ReportedNow(*reactor);
  CHECK(reported.size() == 1);
  CHECK(reported.count(8) == 1);
}

TEST_CASE_TEMPLATE("a closed descriptor is reported no more", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  pair.theirs.Write("x");
  pair.ours.Close();
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("rearming a closed descriptor fails", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  const int closed = pair.ours.get();
  REQUIRE(reactor->Watch(closed, 7) == 0);
  pair.ours.Close();
  const int result = reactor->Rearm(closed, 7);
  CHECK((result == -EBADF || result == -ENOENT));
}

TEST_CASE_TEMPLATE("rearming a descriptor whose number is another's by now is ENOENT and watches nothing", Backend,
                   VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  const int number = pair.ours.get();
  REQUIRE(reactor->Watch(number, 7) == 0);
  pair.ours.Close();
  SocketPair other;
  REQUIRE(other.ours.get() == number);
  CHECK(reactor->Rearm(number, 7) == -ENOENT);
  other.theirs.Write("x");
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("a number used again can be watched again", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  const int number = pair.ours.get();
  REQUIRE(reactor->Watch(number, 7) == 0);
  pair.ours.Close();
  SocketPair other;
  REQUIRE(other.ours.get() == number);
  REQUIRE(reactor->Watch(number, 8) == 0);
  other.theirs.Write("x");
  const auto reported = ReportedNow(*reactor);
  CHECK(reported.size() == 1);
  CHECK(reported.at(8) == (kReadable | kWritable));
}

TEST_CASE_TEMPLATE("an unwatched descriptor is reported no more", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  pair.theirs.Write("x");
  CHECK(reactor->Unwatch(pair.ours.get()) == 0);
  CHECK(ReportedNow(*reactor).empty());
  pair.theirs.Write("y");
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("an unwatched descriptor cannot be rearmed, but watched anew", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  REQUIRE(reactor->Unwatch(pair.ours.get()) == 0);
  CHECK(reactor->Rearm(pair.ours.get(), 7) == -ENOENT);
  REQUIRE(reactor->Watch(pair.ours.get(), 8) == 0);
  CHECK(ReportedOf(*reactor, 8) == kWritable);
}

TEST_CASE_TEMPLATE("unwatching what was not watched is ENOENT", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  CHECK(reactor->Unwatch(pair.ours.get()) == -ENOENT);
}

TEST_CASE_TEMPLATE("watching no descriptor is EBADF", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const int closed = pair.ours.get();
  const auto reactor = Backend::Make();
  pair.ours.Close();
  CHECK(reactor->Watch(closed, 7) == -EBADF);
  CHECK(reactor->Watch(-1, 7) == -EBADF);
  CHECK(reactor->WatchLevel(closed, 7) == -EBADF);
}

TEST_CASE_TEMPLATE("a regular file, with unread bytes or none, is always ready and cannot be watched", Backend,
                   VERDANT_BACKENDS) {
  char name[] = "/tmp/verdant-reactor-XXXXXX";  // mkstemp() writes a unique name over the six letters
  const OwnedFd file(mkstemp(name));
  REQUIRE(file.get() >= 0);
  REQUIRE(unlink(name) == 0);
  const auto reactor = Backend::Make();
  CHECK(reactor->Watch(file.get(), 7) == -EPERM);
  file.Write("x");
  REQUIRE(lseek(file.get(), 0, SEEK_SET) == 0);
  CHECK(reactor->Watch(file.get(), 7) == -EPERM);
  CHECK(reactor->WatchLevel(file.get(), 7) == -EPERM);
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("a folder is always ready and cannot be watched", Backend, VERDANT_BACKENDS) {
  const OwnedFd folder(open("/", O_RDONLY));
  REQUIRE(folder.get() >= 0);
  const auto reactor = Backend::Make();
  CHECK(reactor->Watch(folder.get(), 7) == -EPERM);
}

TEST_CASE_TEMPLATE("a peer that stops sending is a hang-up beside what can be read and written still", Backend,
                   VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK((ReportedOf(*reactor, 7) & kHangUp) == 0);
  pair.theirs.Write("last");
  REQUIRE(shutdown(pair.theirs.get(), SHUT_WR) == 0);
  CHECK((ReportedOf(*reactor, 7) & (kReadable | kHangUp)) == (kReadable | kHangUp));
  CHECK(pair.ours.Read(10) == "last");
  pair.ours.Write("answer");
  CHECK(pair.theirs.Read(10) == "answer");
}

TEST_CASE_TEMPLATE("a hang-up is still known when the descriptor is rearmed", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  REQUIRE(shutdown(pair.theirs.get(), SHUT_WR) == 0);
  ReportedNow(*reactor);
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  CHECK((ReportedOf(*reactor, 7) & (kReadable | kHangUp)) == (kReadable | kHangUp));
}

TEST_CASE_TEMPLATE("a socket that has itself stopped sending has not hung up", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  ReportedNow(*reactor);
  REQUIRE(shutdown(pair.ours.get(), SHUT_WR) == 0);
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  CHECK(ReportedOf(*reactor, 7) == kWritable);
}

TEST_CASE_TEMPLATE("a peer that has closed is a hang-up on both sides", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  pair.ours.Fill();
  ReportedNow(*reactor);
  pair.theirs.Close();
  CHECK(ReportedOf(*reactor, 7) == (kReadable | kWritable | kHangUp));
}

TEST_CASE_TEMPLATE("the reading end of a pipe learns of bytes and of the end", Backend, VERDANT_BACKENDS) {
  Pipe pipe;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pipe.reader.get(), 7) == 0);
  CHECK((ReportedOf(*reactor, 7) & (kReadable | kHangUp)) == 0);
  pipe.writer.Write("x");
  CHECK((ReportedOf(*reactor, 7) & (kReadable | kHangUp)) == kReadable);
  pipe.writer.Close();
  CHECK((ReportedOf(*reactor, 7) & (kReadable | kHangUp)) == (kReadable | kHangUp));
}

TEST_CASE_TEMPLATE("the writing end of a pipe learns of room and of the end", Backend, VERDANT_BACKENDS) {
  Pipe pipe;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(pipe.writer.get(), 7) == 0);
  CHECK(ReportedOf(*reactor, 7) == kWritable);
  const std::size_t filled = pipe.writer.Fill();
  CHECK(ReportedNow(*reactor).empty());
  CHECK(pipe.reader.Empty() == filled);
  CHECK(ReportedOf(*reactor, 7) == kWritable);
  pipe.writer.Fill();
  pipe.reader.Close();
  CHECK((ReportedOf(*reactor, 7) & (kWritable | kHangUp)) == (kWritable | kHangUp));
}

TEST_CASE_TEMPLATE("a pipe that has lost its other end already can be watched and says so", Backend, VERDANT_BACKENDS) {
  Pipe readerless;
  readerless.writer.Fill();
  readerless.reader.Close();
  Pipe writerless;
  writerless.writer.Write("x");
  writerless.writer.Close();
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(readerless.writer.get(), 7) == 0);
  CHECK((ReportedOf(*reactor, 7) & (kWritable | kHangUp)) == (kWritable | kHangUp));
  REQUIRE(reactor->Watch(writerless.reader.get(), 8) == 0);
  CHECK((ReportedOf(*reactor, 8) & (kReadable | kHangUp)) == (kReadable | kHangUp));
  CHECK(reactor->Rearm(readerless.writer.get(), 7) == 0);
  CHECK(reactor->Rearm(writerless.reader.get(), 8) == 0);
  CHECK(reactor->Unwatch(readerless.writer.get()) == 0);
  CHECK(reactor->Unwatch(writerless.reader.get()) == 0);
}

TEST_CASE_TEMPLATE("a listener is readable for each connection, and the connection writable", Backend,
                   VERDANT_BACKENDS) {
  BoundSocket listener;
  REQUIRE(listen(listener.fd.get(), 5) == 0);
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(listener.fd.get(), 7) == 0);
  CHECK((ReportedOf(*reactor, 7) & kReadable) == 0);
  const OwnedFd first = listener.Connect();
  Await(*reactor, 7, kReadable);
  const OwnedFd second = listener.Connect();
  Await(*reactor, 7, kReadable);
  REQUIRE(reactor->Watch(second.get(), 8) == 0);
  Await(*reactor, 8, kWritable);
}

TEST_CASE_TEMPLATE("a refused connection is a hang-up on both sides, the error left to be asked for", Backend,
                   VERDANT_BACKENDS) {
  // Bound, but not listening.
  const BoundSocket deaf;
  const OwnedFd refused = deaf.Connect();
  const auto reactor = Backend::Make();
  REQUIRE(reactor->Watch(refused.get(), 7) == 0);
  Await(*reactor, 7, kReadable | kWritable | kHangUp);
  int error = 0;
  socklen_t length = sizeof error;
  REQUIRE(getsockopt(refused.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0);
  CHECK(error == ECONNREFUSED);
}

TEST_CASE_TEMPLATE("more events than fit come with later waits, none lost or repeated", Backend, VERDANT_BACKENDS) {
  constexpr uint32_t kPipes = 5;
  Pipe pipes[kPipes];
  const auto reactor = Backend::Make();
  for (uint32_t i = 0; i < kPipes; i += 1) {
    pipes[i].writer.Write("x");
    REQUIRE(reactor->Watch(pipes[i].reader.get(), i) == 0);
  }
  const auto reported = ReportedNow(*reactor, 2);
  CHECK(reported.size() == kPipes);
  for (const auto& [generation, what] : reported) CHECK((what & kReadable) != 0);
}

TEST_CASE_TEMPLATE("no events beyond the capacity are written", Backend, VERDANT_BACKENDS) {
  SocketPair pairs[3];
  const auto reactor = Backend::Make();
  for (SocketPair& pair : pairs) REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  Readiness events[3] = {{}, {}, {99, 99, 99}};
  CHECK(reactor->Wait(kAtOnce, events, 2) == 2);
  CHECK(events[2].what == 99);
}

TEST_CASE_TEMPLATE("more descriptors can be ready than are fetched in one batch", Backend, VERDANT_BACKENDS) {
  constexpr std::size_t kPairs = 300;
  std::vector<SocketPair> pairs(kPairs);
  const auto reactor = Backend::Make();
  for (std::size_t i = 0; i < kPairs; i += 1) {
    REQUIRE(reactor->Watch(pairs[i].ours.get(), static_cast<uint32_t>(i)) == 0);
  }
  CHECK(ReportedNow(*reactor, 1000).size() == kPairs);
}

TEST_CASE_TEMPLATE("a wait ends with its time", Backend, VERDANT_BACKENDS) {
  const auto reactor = Backend::Make();
  Readiness event{};
  timespec before{};
  timespec after{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  CHECK(reactor->Wait(1020, &event, 1) == 0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  const auto elapsed_us = (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
  CHECK(elapsed_us >= 1020 * 1000 - 1000);
}

TEST_CASE_TEMPLATE("a wait that a signal interrupts reports nothing", Backend, VERDANT_BACKENDS) {
  struct sigaction handler {};
  struct sigaction previous {};
  handler.sa_handler = [](int) {};
  REQUIRE(sigaction(SIGALRM, &handler, &previous) == 0);
  const auto reactor = Backend::Make();
  // Again and again: the first may come before the wait.
  const itimerval often{{0, 5000}, {0, 5000}};
  const itimerval never{};
  REQUIRE(setitimer(ITIMER_REAL, &often, nullptr) == 0);
  Readiness event{};
  const int result = reactor->Wait(kForEver, &event, 1);
  REQUIRE(setitimer(ITIMER_REAL, &never, nullptr) == 0);
  REQUIRE(sigaction(SIGALRM, &previous, nullptr) == 0);
  CHECK(result == 0);
}

TEST_CASE_TEMPLATE("a level is reported as long as it lasts", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  REQUIRE(reactor->WatchLevel(pair.ours.get(), 7) == 0);
  Readiness event{};
  CHECK(reactor->Wait(kAtOnce, &event, 1) == 0);
  pair.theirs.Write("x");
  for (int i = 0; i < 3; i += 1) {
    REQUIRE(reactor->Wait(kAtOnce, &event, 1) == 1);
    CHECK(event.generation == 7);
    CHECK(event.what == kReadable);
  }
  CHECK(pair.ours.Read(1) == "x");
  CHECK(reactor->Wait(kAtOnce, &event, 1) == 0);
  pair.theirs.Write("y");
  CHECK(reactor->Wait(kAtOnce, &event, 1) == 1);
}

TEST_CASE_TEMPLATE("a level does not crowd out the edges beside it", Backend, VERDANT_BACKENDS) {
  SocketPair level;
  SocketPair edge;
  level.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->WatchLevel(level.ours.get(), 1) == 0);
  REQUIRE(reactor->Watch(edge.ours.get(), 2) == 0);
  Await(*reactor, 2, kWritable);
  edge.theirs.Write("x");
  Await(*reactor, 2, kReadable);
}

TEST_CASE_TEMPLATE("a level that is watched can be unwatched", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  pair.theirs.Write("x");
  const auto reactor = Backend::Make();
  REQUIRE(reactor->WatchLevel(pair.ours.get(), 7) == 0);
  CHECK(reactor->Unwatch(pair.ours.get()) == 0);
  CHECK(ReportedNow(*reactor).empty());
}

TEST_CASE_TEMPLATE("the reactor's own descriptor is readable exactly when a wait would not block", Backend,
                   VERDANT_BACKENDS) {
  SocketPair pair;
  const auto reactor = Backend::Make();
  CHECK(!IsReadable(reactor->fd()));
  REQUIRE(reactor->Watch(pair.ours.get(), 7) == 0);
  CHECK(IsReadable(reactor->fd()));
  ReportedNow(*reactor);
  CHECK(!IsReadable(reactor->fd()));
  pair.theirs.Write("x");
  CHECK(IsReadable(reactor->fd()));
  ReportedNow(*reactor);
  CHECK(!IsReadable(reactor->fd()));
  REQUIRE(reactor->Rearm(pair.ours.get(), 7) == 0);
  CHECK(IsReadable(reactor->fd()));
}

TEST_CASE_TEMPLATE("a program that is executed does not inherit the reactor", Backend, VERDANT_BACKENDS) {
  const auto reactor = Backend::Make();
  CHECK((fcntl(reactor->fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE_TEMPLATE("a reactor takes its descriptor with it", Backend, VERDANT_BACKENDS) {
  auto reactor = Backend::Make();
  const int fd = reactor->fd();
  CHECK(fcntl(fd, F_GETFD) >= 0);
  reactor.reset();
  CHECK(fcntl(fd, F_GETFD) == -1);
}

TEST_CASE_TEMPLATE("a reactor can host the loop of another one, as a level", Backend, VERDANT_BACKENDS) {
  SocketPair pair;
  const auto outer = Backend::Make();
  const auto inner = Backend::MakeMore();
  REQUIRE(outer->WatchLevel(inner->fd(), 1) == 0);
  REQUIRE(inner->Watch(pair.ours.get(), 2) == 0);
  Readiness event{};
  for (int i = 0; i < 2; i += 1) {
    REQUIRE(outer->Wait(kAtOnce, &event, 1) == 1);
    CHECK(event.generation == 1);
    CHECK(event.what == kReadable);
  }
  ReportedNow(*inner);
  CHECK(outer->Wait(kAtOnce, &event, 1) == 0);
  pair.theirs.Write("x");
  CHECK(outer->Wait(kForEver, &event, 1) == 1);
  CHECK((ReportedOf(*inner, 2) & kReadable) != 0);
}

}  // namespace
