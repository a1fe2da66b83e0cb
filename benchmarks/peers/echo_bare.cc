// Echo server with nothing but the system calls: what the kernel alone costs, so the ceiling for all others. Prints its
// port as JSON. Whatever fails ends it.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

int Checked(int result, const char* what) {
  if (result >= 0) return result;
  std::perror(what);
  std::exit(1);
}

void Watch(int epoll, int fd) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = fd;
  Checked(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void AcceptAll(int epoll, int listener) {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno == EAGAIN) return;
    const int on = 1;
    setsockopt(Checked(fd, "accept4"), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Watch(epoll, fd);
  }
}

void Echo(int fd) {
  static std::array<char, 65536> buffer;
  const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    close(fd);
  } else if (send(fd, buffer.data(), static_cast<size_t>(count), MSG_NOSIGNAL) != count) {
    std::fprintf(stderr, "echo_bare: a message did not fit into the socket's buffer\n");
    std::exit(1);
  }
}

}  // namespace

int main() {
  rlimit limit = {};
  Checked(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Checked(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  const int listener = Checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  Checked(bind(listener, reinterpret_cast<sockaddr*>(&address), length), "bind");
  Checked(listen(listener, 511), "listen");
  Checked(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  const int epoll = Checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  Watch(epoll, listener);
  std::printf("{\"port\":%d}\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (;;) {
    std::array<epoll_event, 1024> events;
    const int count = Checked(epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1), "epoll_wait");
    for (int i = 0; i < count; i += 1) {
      if (events[static_cast<size_t>(i)].data.fd == listener) {
        AcceptAll(epoll, listener);
      } else {
        Echo(events[static_cast<size_t>(i)].data.fd);
      }
    }
  }
}
