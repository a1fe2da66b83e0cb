#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "descriptor.h"
#include "failure.h"
#include "framing.h"
#include "histogram.h"
#include "options.h"

inline uint64_t Now() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

// The connections of one thread. Each has at most one message under way, whose bytes are checked when they come back.
class Client {
 public:
  explicit Client(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), framing_(options.websocket != 0, options.size) {
    if (epoll_.fd() < 0) throw Failure(Describe("epoll_create1", errno));
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<uint16_t>(options.port));
    if (inet_pton(AF_INET, options.host.c_str(), &address_.sin_addr) != 1) {
      throw Failure("--host: an IPv4 address, not '" + options.host + "'");
    }
    std::vector<char> payload(options.size);
    for (size_t i = 0; i < payload.size(); i += 1) payload[i] = static_cast<char>(i * 131 + 7);
    message_ = framing_.Request(payload);
    reply_ = framing_.Reply(payload);
    received_.resize(std::max<size_t>(reply_.size(), 1024));
  }

  // Opens so many connections more, few at a time: a server's queue of connections not yet accepted is short, and what
  // overflows it is sent again by the kernel only after a second.
  void Open(uint64_t count, bool exchange) {
    const size_t wanted = connections_.size() + count;
    const uint64_t deadline = Now() + kPatience;
    connections_.reserve(wanted);
    exchange_first_ = exchange;
    opened_ = connections_.size();
    while (opened_ < wanted) {
      while (connections_.size() < std::min(wanted, opened_ + kConnectAtOnce)) StartConnecting();
      Poll(100);
      if (Now() > deadline) {
        throw Failure("only " + std::to_string(opened_) + " of " + std::to_string(wanted) +
                      " connections were open after 30 seconds");
      }
    }
  }

  // The connections opened from here on (an index) exchange messages until the time has come.
  void Start(size_t first) {
    first_busy_ = first;
    const uint64_t now = last_reply_ = Now();
    for (size_t i = first; i < connections_.size(); i += 1) {
      connections_[i].state = State::kBusy;
      Send(connections_[i], now);
    }
  }

  void RunUntil(uint64_t deadline) {
    for (;;) {
      Poll(options_.spin != 0 ? 0 : 100);
      const uint64_t now = Now();
      if (now >= deadline) return;
      if (now > last_reply_ + kPatience) throw Failure("no reply came for 30 seconds");
    }
  }

  // Sends nothing more and takes in what is under way: a connection closed before its last reply would be reset, and
  // the server would see errors.
  void Finish() {
    finishing_ = true;
    const uint64_t deadline = Now() + kPatience;
    while (finished_ < connections_.size() - first_busy_) {
      Poll(100);
      if (Now() > deadline) throw Failure("the last replies did not come within 30 seconds");
    }
  }

  // Forgets what has been measured so far.
  void Reset() {
    latencies.Clear();
    for (Connection& connection : connections_) connection.replies = 0;
  }

  size_t size() const { return connections_.size(); }

  // How many replies the connection that got fewest has had, and the one that got most.
  std::pair<uint64_t, uint64_t> Fairness() const {
    const auto by_replies = [](const Connection& a, const Connection& b) { return a.replies < b.replies; };
    const auto busy = connections_.begin() + static_cast<std::ptrdiff_t>(first_busy_);
    if (busy == connections_.end()) return {0, 0};
    const auto [least, most] = std::minmax_element(busy, connections_.end(), by_replies);
    return {least->replies, most->replies};
  }

  Histogram latencies;

 private:
  static constexpr size_t kConnectAtOnce = 64;
  static constexpr uint64_t kPatience = 30'000'000'000;

  enum class State { kConnecting, kHandshake, kFirstExchange, kIdle, kBusy };

  struct Connection {
    Descriptor descriptor;
    State state = State::kConnecting;
    uint64_t number = 0;  // stands at the beginning of its message: connections must not get each other's bytes
    uint64_t replies = 0;
    uint64_t started = 0;
    size_t sent = 0;
    size_t received = 0;
    std::string head;  // of the answer to the handshake, as far as it has come
  };

  void StartConnecting() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw Failure(Describe("socket number " + std::to_string(connections_.size() + 1), errno));
    Connection& connection = connections_.emplace_back();
    connection.descriptor = Descriptor(fd);
    connection.number = static_cast<uint64_t>(connections_.size()) << 40;
    const int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) throw Failure(Describe("TCP_NODELAY", errno));
    if (connect(fd, reinterpret_cast<sockaddr*>(&address_), sizeof address_) != 0 && errno != EINPROGRESS) {
      throw Failure(DescribeConnect(errno));
    }
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = connections_.size() - 1;
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0) throw Failure(Describe("epoll_ctl", errno));
  }

  void Poll(int timeout_ms) {
    const int count = epoll_wait(epoll_.fd(), events_.data(), static_cast<int>(events_.size()), timeout_ms);
    if (count < 0 && errno != EINTR) throw Failure(Describe("epoll_wait", errno));
    for (int i = 0; i < count; i += 1) Handle(connections_[events_[i].data.u64], events_[i].events);
  }

  void Handle(Connection& connection, uint32_t events) {
    if (connection.state == State::kConnecting) {
      FinishConnecting(connection);
      return;
    }
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) throw Failure(Name(connection) + Lost(connection));
    if (connection.state == State::kHandshake) {
      if ((events & EPOLLIN) != 0) ReadHead(connection);
      return;
    }
    if ((events & EPOLLOUT) != 0 && InExchange(connection)) Write(connection);
    if ((events & EPOLLIN) != 0) Read(connection);
  }

  void FinishConnecting(Connection& connection) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection.descriptor.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) throw Failure(DescribeConnect(error));
    if (options_.websocket == 0) return BeReady(connection);
    connection.state = State::kHandshake;
    const ssize_t count = send(connection.descriptor.fd(), kHandshake.data(), kHandshake.size(), MSG_NOSIGNAL);
    if (count != static_cast<ssize_t>(kHandshake.size())) throw Failure(Name(connection) + ": handshake not sent");
  }

  void ReadHead(Connection& connection) {
    const ssize_t count = recv(connection.descriptor.fd(), received_.data(), received_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) throw Failure(Name(connection) + Lost(connection));
    connection.head.append(received_.data(), static_cast<size_t>(count));
    if (!connection.head.ends_with("\r\n\r\n")) return;
    if (!IsWelcome(connection.head)) throw Failure(Name(connection) + ": no WebSocket: " + connection.head);
    connection.head = std::string();
    BeReady(connection);
  }

  void BeReady(Connection& connection) {
    if (exchange_first_) {
      connection.state = State::kFirstExchange;
      Send(connection, Now());
    } else {
      connection.state = State::kIdle;
      opened_ += 1;
    }
  }

  static bool InExchange(const Connection& connection) {
    return connection.state == State::kBusy || connection.state == State::kFirstExchange;
  }

  void Send(Connection& connection, uint64_t now) {
    connection.number += 1;
    connection.started = now;
    connection.sent = 0;
    connection.received = 0;
    Write(connection);
  }

  void Number(const Connection& connection, std::vector<char>& message, size_t head) {
    std::memcpy(message.data() + head, &connection.number, std::min(message.size() - head, sizeof connection.number));
  }

  // What does not fit goes out when the socket says that it is writable again.
  void Write(Connection& connection) {
    if (connection.sent == message_.size()) return;
    Number(connection, message_, framing_.request_head());
    const char* rest = message_.data() + connection.sent;
    const ssize_t count = send(connection.descriptor.fd(), rest, message_.size() - connection.sent, MSG_NOSIGNAL);
    if (count >= 0) connection.sent += static_cast<size_t>(count);
    if (count < 0 && errno != EAGAIN) throw Failure(Describe(Name(connection) + ": send", errno));
  }

  // One call is enough: more than the message cannot be there, and what comes later is announced again.
  void Read(Connection& connection) {
    // An idle connection has room, too: bytes that it never asked for must not go unnoticed.
    const size_t room = InExchange(connection) ? reply_.size() - connection.received : reply_.size();
    const ssize_t count = recv(connection.descriptor.fd(), received_.data(), room, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) throw Failure(Describe(Name(connection) + ": recv", errno));
    if (count == 0) throw Failure(Name(connection) + ": the server closed it");
    if (!InExchange(connection)) throw Failure(Name(connection) + ": bytes came that it has not sent");
    Number(connection, reply_, framing_.reply_head());
    if (std::memcmp(received_.data(), reply_.data() + connection.received, static_cast<size_t>(count)) != 0) {
      throw Failure(Name(connection) + ": other bytes came back than it has sent");
    }
    connection.received += static_cast<size_t>(count);
    if (connection.received == reply_.size()) Reply(connection);
  }

  void Reply(Connection& connection) {
    const uint64_t now = Now();
    if (connection.state == State::kFirstExchange) {
      connection.state = State::kIdle;
      opened_ += 1;
      return;
    }
    latencies.Record(now - connection.started);
    connection.replies += 1;
    last_reply_ = now;
    if (finishing_) {
      connection.state = State::kIdle;
      finished_ += 1;
      return;
    }
    Send(connection, now);
  }

  std::string Name(const Connection& connection) const {
    return "connection " + std::to_string(&connection - connections_.data() + 1) + " of " +
           std::to_string(connections_.size()) + " after " + std::to_string(latencies.total()) + " replies in all";
  }

  static std::string Lost(const Connection& connection) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection.descriptor.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error == 0 ? ": the server closed it" : Describe("", error);
  }

  std::string DescribeConnect(int error) const {
    const std::string which = "connection " + std::to_string(connections_.size()) + " to " + options_.host + ":" +
                              std::to_string(options_.port);
    if (error != EADDRNOTAVAIL && error != EAGAIN) return Describe(which, error);
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    uint64_t low = 0;
    uint64_t high = 0;
    range >> low >> high;
    return Describe(which, error) + ": local ports are used up (net.ipv4.ip_local_port_range is " +
           std::to_string(low) + " to " + std::to_string(high) + "; closed connections keep theirs for a minute)";
  }

  const Options& options_;
  Descriptor epoll_;
  sockaddr_in address_ = {};
  std::vector<epoll_event> events_ = std::vector<epoll_event>(512);
  std::vector<Connection> connections_;
  Framing framing_;
  std::vector<char> message_;
  std::vector<char> reply_;
  std::vector<char> received_;
  bool exchange_first_ = false;
  bool finishing_ = false;
  size_t opened_ = 0;
  size_t finished_ = 0;
  size_t first_busy_ = 0;
  uint64_t last_reply_ = 0;
};
