#pragma once

#include <cstdint>
#include <string>

#include "sockets.h"

namespace verdant {

// A numeric IPv4 or IPv6 address, the latter with a %scope if it needs one. False when it is neither.
bool ParseAddress(const std::string& host, uint16_t port, SocketAddress* address);
// A path, or on Linux an abstract name that begins with a zero byte. False when it is too long.
bool MakeUnixAddress(const std::string& path, SocketAddress* address);

struct AddressText {
  int family = 0;  // 4, 6, 1 for a Unix socket, 0 for anything else
  std::string host;
  uint16_t port = 0;
};
AddressText DescribeAddress(const SocketAddress& address);

}  // namespace verdant
