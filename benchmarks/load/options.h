#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "failure.h"

struct Options {
  std::string host = "127.0.0.1";
  uint64_t port = 0;
  uint64_t connections = 1;    // busy: each sends its next message when the last has come back
  uint64_t idle = 0;           // opened before the busy ones, and kept open
  uint64_t idle_exchange = 0;  // 1: each idle connection does one exchange first
  uint64_t milliseconds = 3000;
  uint64_t warmup = 1000;  // milliseconds, too
  uint64_t size = 512;
  uint64_t server_pid = 0;  // its CPU time and memory are reported, too
  uint64_t spin = 0;        // 1: never sleeps, for a core of its own
  uint64_t websocket = 0;   // 1: messages are WebSocket frames, after an opening handshake
  uint64_t hold = 0;        // 1: once all are open, waits for a line on standard input
};

inline uint64_t ParseNumber(std::string_view name, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Failure(std::string(name) + ": a whole number, not '" + std::string(text) + "'");
  }
  return value;
}

// Every option takes a value: --connections 100.
inline Options ParseOptions(const std::vector<std::string_view>& words) {
  Options options;
  const std::map<std::string_view, uint64_t*> numbers = {
      {"--port", &options.port},
      {"--connections", &options.connections},
      {"--idle", &options.idle},
      {"--idle-exchange", &options.idle_exchange},
      {"--milliseconds", &options.milliseconds},
      {"--warmup", &options.warmup},
      {"--size", &options.size},
      {"--server-pid", &options.server_pid},
      {"--spin", &options.spin},
      {"--hold", &options.hold},
      {"--websocket", &options.websocket},
  };
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string name(words[i]);
    const auto number = numbers.find(name);
    if (number == numbers.end() && name != "--host") throw Failure("no such option: " + name);
    if (i + 1 == words.size()) throw Failure(name + " needs a value");
    if (number == numbers.end()) {
      options.host = words[i + 1];
    } else {
      *number->second = ParseNumber(name, words[i + 1]);
    }
  }
  if (options.port < 1 || options.port > 65535) throw Failure("--port: 1 to 65535");
  if (options.size < 1 || options.size > 65536) throw Failure("--size: 1 to 65536");
  if (options.websocket != 0 && (options.size < 126 || options.size > 65535)) {
    throw Failure("--size: 126 to 65535 with --websocket");
  }
  return options;
}
