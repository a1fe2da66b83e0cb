#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace verdant_test {

class OwnedFd {
 public:
  explicit OwnedFd(int fd = -1) : fd_(fd) {}
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    Close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~OwnedFd() { Close(); }

  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  // All of it, at once.
  void Write(const std::string& bytes) const {
    REQUIRE(write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::string Read(std::size_t count) const {
    std::string bytes(count, '\0');
    const ssize_t got = read(fd_, bytes.data(), count);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  // Until the next byte would block; how many.
  std::size_t Fill() const {
    const std::string bytes(4096, 'x');
    std::size_t sum = 0;
    ssize_t written = 0;
    while ((written = write(fd_, bytes.data(), bytes.size())) > 0) sum += static_cast<std::size_t>(written);
    return sum;
  }
  std::size_t Empty() const {
    std::size_t sum = 0;
    std::size_t got = 0;
    while ((got = Read(4096).size()) > 0) sum += got;
    return sum;
  }

 private:
  int fd_;
};

inline OwnedFd NonBlocking(int fd) {
  REQUIRE(fd >= 0);
  REQUIRE(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
  return OwnedFd(fd);
}

struct SocketPair {
  SocketPair() {
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    ours = NonBlocking(fds[0]);
    theirs = NonBlocking(fds[1]);
  }
  OwnedFd ours;
  OwnedFd theirs;
};

struct Pipe {
  Pipe() {
    int fds[2];
    REQUIRE(pipe(fds) == 0);
    reader = NonBlocking(fds[0]);
    writer = NonBlocking(fds[1]);
  }
  OwnedFd reader;
  OwnedFd writer;
};

// A TCP socket bound to a free port of the loopback interface.
struct BoundSocket {
  BoundSocket() : fd(NonBlocking(socket(AF_INET, SOCK_STREAM, 0))) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t length = sizeof address;
    REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  }
  // A connection to it, complete or under way or refused already.
  OwnedFd Connect() const {
    OwnedFd connecting = NonBlocking(socket(AF_INET, SOCK_STREAM, 0));
    connect(connecting.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return connecting;
  }
  OwnedFd fd;
  sockaddr_in address{};
};

}  // namespace verdant_test
