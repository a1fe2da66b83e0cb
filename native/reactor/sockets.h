#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>

namespace verdant {

// The sockets' system calls, with what every descriptor of ours has: non-blocking, closed on exec, no SIGPIPE. They
// return a result from 0 on, or a negative errno, and are repeated when a signal interrupts them.

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

int OpenSocket(int family, int type);
int OpenSocketPair(int type, int pair[2]);
// Makes a descriptor from elsewhere one of ours.
int AdoptSocket(int fd);
int AcceptSocket(int fd, SocketAddress* peer);
int ConnectSocket(int fd, const SocketAddress& address);
int BindSocket(int fd, const SocketAddress& address);
int ListenSocket(int fd, int backlog);
ssize_t Receive(int fd, void* into, std::size_t size);
ssize_t Send(int fd, const void* data, std::size_t size);
ssize_t SendVector(int fd, iovec* parts, std::size_t count);
ssize_t ReceiveFrom(int fd, void* into, std::size_t size, SocketAddress* from);
ssize_t SendTo(int fd, const void* data, std::size_t size, const SocketAddress* to);
int ShutdownSocket(int fd, int how);
int CloseDescriptor(int fd);
int LocalAddress(int fd, SocketAddress* address);
int PeerAddress(int fd, SocketAddress* address);
// The error that a connect or the peer has left behind: 0, or a positive errno.
int PendingError(int fd);
int SetSocketOption(int fd, int level, int option, const void* value, socklen_t size);
int SocketOption(int fd, int level, int option, int* value);
// Which of poll(2)'s POLLIN and POLLOUT hold now; errors and hang-ups count as both.
int PollNow(int fd, short events);

}  // namespace verdant
