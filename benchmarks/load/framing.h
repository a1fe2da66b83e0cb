#pragma once

#include <string>
#include <string_view>
#include <vector>

// What a message looks like on its way to the server and back: bare bytes, or WebSocket frames of 126 to 65535 bytes.
// The client's mask is zero, which is allowed, so that both carry the same bytes.
class Framing {
 public:
  Framing(bool websocket, size_t size) {
    if (!websocket) return;
    const std::string length = {static_cast<char>(size >> 8), static_cast<char>(size & 0xff)};
    request_head_ = std::string("\x82\xfe", 2) + length + std::string(4, '\0');
    reply_head_ = std::string("\x82\x7e", 2) + length;
  }

  std::vector<char> Request(const std::vector<char>& payload) const { return Join(request_head_, payload); }
  std::vector<char> Reply(const std::vector<char>& payload) const { return Join(reply_head_, payload); }
  size_t request_head() const { return request_head_.size(); }
  size_t reply_head() const { return reply_head_.size(); }

 private:
  static std::vector<char> Join(const std::string& head, const std::vector<char>& payload) {
    std::vector<char> all(head.begin(), head.end());
    all.insert(all.end(), payload.begin(), payload.end());
    return all;
  }

  std::string request_head_;
  std::string reply_head_;
};

// The key and its answer are the example of RFC 6455, section 1.3.
constexpr std::string_view kHandshake =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

inline bool IsWelcome(const std::string& head) {
  return head.starts_with("HTTP/1.1 101 ") && head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos;
}
