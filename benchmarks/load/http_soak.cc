// Load for an HTTP server that is to be soaked: requests of many kinds and sizes on connections that come and go, some
// pipelined, some aborted anywhere, some malformed. Every answer is checked to the byte. One thread. On standard output
// a line of JSON with the result; whatever the server did wrong is a line on standard error, and makes the exit code 1.
// The server's side is test/stress/http_soak_server.cjs.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "descriptor.h"
#include "failure.h"

namespace {

using Clock = std::chrono::steady_clock;

struct SoakOptions {
  uint64_t port = 0;
  uint64_t requests = 100'000;
  uint64_t seconds = 0;  // after which it ends in any case; 0: never
  uint64_t connections = 64;
  uint64_t seed = 1;
  uint64_t aborted_per_thousand = 10;
};

SoakOptions ParseSoakOptions(int argc, char** argv) {
  SoakOptions options;
  const std::map<std::string, uint64_t*> numbers = {
      {"--port", &options.port},       {"--requests", &options.requests},
      {"--seconds", &options.seconds}, {"--connections", &options.connections},
      {"--seed", &options.seed},       {"--aborted", &options.aborted_per_thousand}};
  for (int i = 1; i < argc; i += 2) {
    const auto number = numbers.find(argv[i]);
    if (number == numbers.end() || i + 1 == argc) throw Failure(std::string("no such option, or no value: ") + argv[i]);
    *number->second = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (options.port < 1 || options.port > 65535) throw Failure("--port: 1 to 65535");
  return options;
}

// What the server must answer.
struct Expected {
  int status = 200;
  size_t offset = 0;     // of its body in the pattern
  size_t size = 0;       // of its body
  bool no_body = false;  // the answer to HEAD: the length is that, but nothing comes
  bool any_body = false;
  bool closes = false;  // the server ends the connection behind it
};

enum class Way { kOrderly, kCutRequest, kNoReading, kCutAnswer };

struct Connection {
  Descriptor descriptor;
  bool connected = false;
  bool writable = true;
  std::string out;
  size_t sent = 0;
  std::string in;
  std::deque<Expected> expected;
  uint64_t left = 0;        // so many requests more before it is closed
  bool awaits_end = false;  // the server has said that it closes it
  Way way = Way::kOrderly;
  size_t read_at_most = 0;
  uint64_t generation = 0;
};

class Soak {
 public:
  explicit Soak(const SoakOptions& options)
      : options_(options),
        random_(options.seed),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.connections) {
    pattern_.resize(kPattern);
    for (size_t i = 0; i < kPattern; i += 1) pattern_[i] = static_cast<char>((i * 131 + (i >> 8) * 17 + 7) & 0xff);
    buffer_.resize(256 * 1024);
  }

  // False when something was wrong.
  bool Run() {
    start_ = last_progress_ = Clock::now();
    for (size_t i = 0; i < connections_.size(); i += 1) Connect(i);
    std::vector<epoll_event> events(256);
    while (open_ > 0) {
      const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), 1000);
      if (count < 0 && errno != EINTR) throw Failure(Describe("epoll_wait", errno));
      for (int i = 0; i < count; i += 1) Handle(events[i].data.u64, events[i].events);
      if (Clock::now() - last_progress_ > std::chrono::seconds(30)) {
        Wrong("nothing has happened for 30 seconds");
        break;
      }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    std::printf("{\"answered\":%" PRIu64 ",\"aborted\":%" PRIu64 ",\"malformed\":%" PRIu64 ",\"connections\":%" PRIu64
                ",\"bytes\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"seconds\":%.3f,\"perSecond\":%.0f}\n",
                answered_, aborted_, malformed_, opened_, bytes_, wrong_, seconds,
                static_cast<double>(answered_ + aborted_) / seconds);
    return wrong_ == 0;
  }

 private:
  static constexpr size_t kPattern = 1 << 20;
  static constexpr size_t kOffsets = 4096;
  // A port is not free for a minute after its connection: more addresses, more connections.
  static constexpr uint32_t kAddresses = 200;

  uint64_t Below(uint64_t bound) { return random_() % bound; }

  void Wrong(const std::string& what) {
    wrong_ += 1;
    if (wrong_ <= 20) std::fprintf(stderr, "http_soak: %s\n", what.c_str());
  }

  bool Done() const {
    return asked_ >= options_.requests ||
           (options_.seconds != 0 && last_progress_ - start_ > std::chrono::seconds(options_.seconds));
  }

  void Connect(size_t index) {
    Connection& connection = connections_[index];
    const uint64_t generation = connection.generation + 1;
    connection = Connection();
    connection.generation = generation;
    if (Done()) return;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw Failure(Describe("socket", errno));
    connection.descriptor = Descriptor(fd);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<uint32_t>(opened_ % kAddresses));
    opened_ += 1;
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
      throw Failure(Describe("connect", errno));
    }
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = index;
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0) throw Failure(Describe("epoll_ctl", errno));
    open_ += 1;
    connection.left = 1 + Below(200);
    Ask(&connection);
  }

  void Close(size_t index, bool reset) {
    Connection& connection = connections_[index];
    if (reset) {
      const linger now = {1, 0};
      setsockopt(connection.descriptor.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    connection.descriptor.Close();
    open_ -= 1;
    Connect(index);
  }

  // Puts the next requests into `out`.
  void Ask(Connection* connection) {
    connection->out.clear();
    connection->sent = 0;
    uint64_t count = Below(20) == 0 ? 2 + Below(4) : 1;
    if (count > connection->left) count = connection->left;
    for (uint64_t i = 0; i < count; i += 1) {
      connection->left -= 1;
      asked_ += 1;
      // Half of the connections are closed by the server.
      const bool last = connection->left == 0 && Below(2) == 0;
      if (connection->left == 0 && Below(20) == 0) {
        AskBadly(connection);
      } else {
        AskOne(connection, last);
      }
    }
    if (Below(1000) < options_.aborted_per_thousand) Spoil(connection);
  }

  void Spoil(Connection* connection) {
    constexpr Way kWays[] = {Way::kCutRequest, Way::kNoReading, Way::kCutAnswer};
    connection->way = kWays[Below(3)];
    if (connection->way == Way::kCutRequest) connection->out.resize(1 + Below(connection->out.size()));
    if (connection->way == Way::kCutAnswer) connection->read_at_most = 1 + Below(2000);
  }

  size_t Size() {
    const uint64_t kind = Below(1000);
    if (kind < 600) return Below(200);
    if (kind < 900) return Below(4000);
    if (kind < 990) return Below(40'000);
    return Below(400'000);
  }

  void AskOne(Connection* connection, bool last) {
    std::string& out = connection->out;
    Expected expected;
    const uint64_t kind = Below(100);
    expected.size = Size();
    expected.offset = Below(kOffsets);
    expected.closes = last;
    const std::string place = std::to_string(expected.offset) + "/" + std::to_string(expected.size);
    const bool posts = kind >= 60;
    const bool read = kind < 95;
    if (kind < 30) {
      out += "GET /bytes/" + place;
    } else if (kind < 40) {
      out += "GET /stream/" + place;
    } else if (kind < 50) {
      out += "GET /wait/" + place;
    } else if (kind < 55) {
      out += "HEAD /bytes/" + place;
      expected.no_body = true;
    } else if (kind < 60) {
      out += "GET /nothing";
      expected = {204, 0, 0, true, false, last};
    } else if (kind < 95) {
      out += "POST /echo";
    } else {
      // The handler does not look at the body: the server reads it away if there is not too much of it.
      expected.size = Below(4000);
      out += "POST /nothing";
      expected.status = 204;
      expected.no_body = true;
    }
    out += " HTTP/1.1\r\nHost: soak.test\r\nUser-Agent: http_soak\r\nAccept: */*\r\n";
    if (last) out += "Connection: close\r\n";
    if (posts) {
      AddBody(&out, expected, read);
    } else {
      out += "\r\n";
    }
    if (expected.status == 204) expected.size = 0;
    connection->expected.push_back(expected);
  }

  void AddBody(std::string* out, const Expected& expected, bool read) {
    const std::string_view body(pattern_.data() + expected.offset, expected.size);
    if (read && Below(10) == 0) *out += "Expect: 100-continue\r\n";
    if (Below(3) != 0) {
      *out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
      *out += body;
      return;
    }
    *out += "Transfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < body.size();) {
      const size_t piece = std::min<size_t>(body.size() - at, 1 + Below(8000));
      char line[32];
      std::snprintf(line, sizeof line, "%zx\r\n", piece);
      *out += line;
      *out += body.substr(at, piece);
      *out += "\r\n";
      at += piece;
    }
    *out += Below(4) == 0 ? "0\r\nX-Sum: 1\r\n\r\n" : "0\r\n\r\n";
  }

  void AskBadly(Connection* connection) {
    constexpr const char* kBad[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "\x16\x03\x01\r\n\r\n",
    };
    connection->out += kBad[Below(std::size(kBad))];
    connection->expected.push_back({400, 0, 0, false, true, true});
    malformed_ += 1;
  }

  void Handle(size_t index, uint32_t events) {
    Connection& connection = connections_[index];
    if (connection.descriptor.fd() < 0) return;
    last_progress_ = Clock::now();
    const uint64_t generation = connection.generation;
    if (!connection.connected) {
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(connection.descriptor.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) {
        Wrong(Describe("a connection was refused", error));
        Close(index, true);
        return;
      }
      connection.connected = true;
    }
    if ((events & EPOLLOUT) != 0) Write(index);
    if (connections_[index].generation != generation) return;
    // What announces the end comes once: with it, all there is must be read.
    const uint32_t over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((events & (EPOLLIN | over)) != 0) Read(index, (events & over) != 0);
  }

  void Write(size_t index) {
    Connection& connection = connections_[index];
    while (connection.sent < connection.out.size()) {
      const ssize_t count = send(connection.descriptor.fd(), connection.out.data() + connection.sent,
                                 connection.out.size() - connection.sent, MSG_NOSIGNAL);
      if (count < 0) {
        if (errno == EAGAIN) return;
        // The server may have refused it already: its answer tells, when it is read.
        connection.sent = connection.out.size();
        return;
      }
      connection.sent += static_cast<size_t>(count);
    }
    if (connection.way == Way::kCutRequest || connection.way == Way::kNoReading) Abort(index);
  }

  void Abort(size_t index) {
    aborted_ += 1;
    Close(index, Below(2) == 0);
  }

  void Read(size_t index, bool over) {
    Connection& connection = connections_[index];
    const bool ended = Receive(&connection, over);
    if (connection.way == Way::kCutAnswer && (ended || connection.in.size() >= connection.read_at_most)) {
      Abort(index);
      return;
    }
    const uint64_t generation = connection.generation;
    while (!connection.expected.empty() && TakeAnswer(index)) {
      if (connection.generation != generation) return;
    }
    if (!connection.expected.empty()) {
      if (!ended) return;
      if (connection.way == Way::kOrderly) {
        Wrong("the server closed a connection with " + std::to_string(connection.expected.size()) +
              " answers to come; of the next there is: " + connection.in.substr(0, 100));
        Close(index, false);
      } else {
        Abort(index);
      }
      return;
    }
    if (!connection.in.empty()) Wrong("bytes behind the last answer: " + connection.in.substr(0, 100));
    if (connection.awaits_end) {
      if (ended) Close(index, false);
    } else if (connection.left == 0 || Done()) {
      Close(index, false);
    } else if (ended) {
      Wrong("the server closed an idle connection");
      Close(index, false);
    } else {
      Ask(&connection);
      Write(index);
    }
  }

  // True at the end of the stream.
  bool Receive(Connection* connection, bool over) {
    for (;;) {
      const ssize_t count = recv(connection->descriptor.fd(), buffer_.data(), buffer_.size(), 0);
      if (count < 0 && errno == EAGAIN) return false;
      if (count <= 0) return true;
      connection->in.append(buffer_.data(), static_cast<size_t>(count));
      bytes_ += static_cast<uint64_t>(count);
      if (!over && static_cast<size_t>(count) < buffer_.size()) return false;
    }
  }

  // Takes the first answer from `in` if it is there.
  bool TakeAnswer(size_t index) {
    Connection& connection = connections_[index];
    std::string& in = connection.in;
    const size_t head_end = in.find("\r\n\r\n");
    if (head_end == std::string::npos) return false;
    const std::string_view head(in.data(), head_end + 2);
    if (head.substr(0, 9) != "HTTP/1.1 ") {
      Wrong("no answer: " + in.substr(0, 100));
      Close(index, true);
      return true;
    }
    const int status = std::atoi(in.c_str() + 9);
    if (status == 100) {
      in.erase(0, head_end + 4);
      return true;
    }
    const Expected& expected = connection.expected.front();
    std::string body;
    size_t next = head_end + 4;
    if (!expected.no_body || status != expected.status) {
      const std::string_view length = Field(head, "\r\nContent-Length: ");
      if (!length.empty()) {
        const size_t size = std::strtoull(std::string(length).c_str(), nullptr, 10);
        if (in.size() < next + size) return false;
        body = in.substr(next, size);
        next += size;
      } else if (!TakeChunks(in, &next, &body)) {
        return false;
      }
    }
    if (status != expected.status) {
      Wrong("status " + std::to_string(status) + " in place of " + std::to_string(expected.status) + ": " + body);
    } else if (!expected.no_body && !expected.any_body &&
               (body.size() != expected.size ||
                std::memcmp(body.data(), pattern_.data() + expected.offset, body.size()) != 0)) {
      Wrong("a wrong body: " + std::to_string(body.size()) + " bytes in place of " + std::to_string(expected.size));
    }
    const bool says_close = Field(head, "\r\nConnection: ") == "close";
    if (expected.closes && !says_close) Wrong("the server does not say that it closes");
    connection.awaits_end = expected.closes;
    if (!expected.closes && says_close) {
      Wrong("the server closes without being asked to");
      Close(index, true);
      return true;
    }
    in.erase(0, next);
    answered_ += 1;
    connection.expected.pop_front();
    return true;
  }

  static std::string_view Field(std::string_view head, std::string_view name) {
    const size_t at = head.find(name);
    if (at == std::string_view::npos) return {};
    const size_t from = at + name.size();
    return head.substr(from, head.find("\r\n", from) - from);
  }

  static bool TakeChunks(const std::string& in, size_t* next, std::string* body) {
    size_t at = *next;
    for (;;) {
      const size_t line_end = in.find("\r\n", at);
      if (line_end == std::string::npos) return false;
      const size_t size = std::strtoull(in.c_str() + at, nullptr, 16);
      at = line_end + 2;
      if (in.size() < at + size + 2) return false;
      body->append(in, at, size);
      at += size + 2;
      if (size == 0) break;
    }
    *next = at;
    return true;
  }

  const SoakOptions options_;
  std::mt19937_64 random_;
  Descriptor epoll_;
  std::vector<Connection> connections_;
  std::vector<char> pattern_;
  std::vector<char> buffer_;
  Clock::time_point start_;
  Clock::time_point last_progress_;
  uint64_t open_ = 0;
  uint64_t opened_ = 0;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  uint64_t aborted_ = 0;
  uint64_t malformed_ = 0;
  uint64_t bytes_ = 0;
  uint64_t wrong_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    return Soak(ParseSoakOptions(argc, argv)).Run() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "http_soak: %s\n", error.what());
    return 1;
  }
}
