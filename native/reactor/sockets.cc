#include "sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace verdant {
namespace {

// Not for close(2) and connect(2): what they have begun goes on, and asking again means something else.
template <typename Call>
auto Retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return static_cast<decltype(result)>(-errno);
  }
}

#if defined(__linux__)
constexpr int kSendFlags = MSG_NOSIGNAL;
int Prepare(int /*fd*/) { return 0; }
#else
constexpr int kSendFlags = 0;
// Here flags cannot be given at birth, and a broken pipe's signal is refused once for each socket.
int Prepare(int fd) {
  const int on = 1;
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return -errno;
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) return -errno;
  return setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0 ? 0 : -errno;
}
#endif

int Prepared(int fd) {
  if (fd < 0) return fd;
  const int error = Prepare(fd);
  if (error < 0) close(fd);
  return error < 0 ? error : fd;
}

int BirthFlags(int type) {
#if defined(__linux__)
  return type | SOCK_NONBLOCK | SOCK_CLOEXEC;
#else
  return type;
#endif
}

}  // namespace

int OpenSocket(int family, int type) {
  return Prepared(Retry([&] { return socket(family, BirthFlags(type), 0); }));
}

int OpenSocketPair(int type, int pair[2]) {
  const int error = Retry([&] { return socketpair(AF_UNIX, BirthFlags(type), 0, pair); });
  if (error < 0) return error;
  for (const int end : {pair[0], pair[1]}) {
    const int refused = Prepare(end);
    if (refused == 0) continue;
    close(pair[0]);
    close(pair[1]);
    return refused;
  }
  return 0;
}

int AdoptSocket(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return -errno;
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return -errno;
  return Prepare(fd);
}

int AcceptSocket(int fd, SocketAddress* peer) {
#if defined(__linux__)
  return Retry([&] { return accept4(fd, peer->get(), &peer->length, SOCK_NONBLOCK | SOCK_CLOEXEC); });
#else
  return Prepared(Retry([&] { return accept(fd, peer->get(), &peer->length); }));
#endif
}

// An interrupted connect goes on by itself.
int ConnectSocket(int fd, const SocketAddress& address) {
  if (connect(fd, address.get(), address.length) == 0) return 0;
  return errno == EINTR ? -EINPROGRESS : -errno;
}

int BindSocket(int fd, const SocketAddress& address) {
  return bind(fd, address.get(), address.length) == 0 ? 0 : -errno;
}

int ListenSocket(int fd, int backlog) { return listen(fd, backlog) == 0 ? 0 : -errno; }

ssize_t Receive(int fd, void* into, std::size_t size) {
  return Retry([&] { return recv(fd, into, size, 0); });
}

ssize_t Send(int fd, const void* data, std::size_t size) {
  return Retry([&] { return send(fd, data, size, kSendFlags); });
}

ssize_t SendVector(int fd, iovec* parts, std::size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
  return Retry([&] { return sendmsg(fd, &message, kSendFlags); });
}

ssize_t ReceiveFrom(int fd, void* into, std::size_t size, SocketAddress* from) {
  return Retry([&] {
    from->length = sizeof from->storage;
    return recvfrom(fd, into, size, 0, from->get(), &from->length);
  });
}

ssize_t SendTo(int fd, const void* data, std::size_t size, const SocketAddress* to) {
  return Retry([&] {
    return to == nullptr ? send(fd, data, size, kSendFlags) : sendto(fd, data, size, kSendFlags, to->get(), to->length);
  });
}

int ShutdownSocket(int fd, int how) { return shutdown(fd, how) == 0 ? 0 : -errno; }

// After EINTR the descriptor is gone on Linux, and may be somebody else's by now: never close it twice.
int CloseDescriptor(int fd) { return close(fd) == 0 || errno == EINTR ? 0 : -errno; }

int LocalAddress(int fd, SocketAddress* address) {
  return getsockname(fd, address->get(), &address->length) == 0 ? 0 : -errno;
}

int PeerAddress(int fd, SocketAddress* address) {
  return getpeername(fd, address->get(), &address->length) == 0 ? 0 : -errno;
}

int PendingError(int fd) {
  int error = 0;
  const int refused = SocketOption(fd, SOL_SOCKET, SO_ERROR, &error);
  return refused < 0 ? -refused : error;
}

int SetSocketOption(int fd, int level, int option, const void* value, socklen_t size) {
  return setsockopt(fd, level, option, value, size) == 0 ? 0 : -errno;
}

int SocketOption(int fd, int level, int option, int* value) {
  socklen_t size = sizeof *value;
  return getsockopt(fd, level, option, value, &size) == 0 ? 0 : -errno;
}

int PollNow(int fd, short events) {
  pollfd one{fd, events, 0};
  const int count = Retry([&] { return poll(&one, 1, 0); });
  if (count < 0) return count;
  if ((one.revents & POLLNVAL) != 0) return -EBADF;
  if ((one.revents & (POLLERR | POLLHUP)) != 0) return events;
  return one.revents & events;
}

}  // namespace verdant
