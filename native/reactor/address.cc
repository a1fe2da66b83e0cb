#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace verdant {
namespace {

// An interface's name, or its number.
bool ParseScope(const std::string& scope, uint32_t* number) {
  *number = if_nametoindex(scope.c_str());
  if (*number != 0) return true;
  const char* end = scope.data() + scope.size();
  const auto parsed = std::from_chars(scope.data(), end, *number);
  return parsed.ec == std::errc() && parsed.ptr == end && !scope.empty();
}

bool ParseIPv4(const std::string& host, uint16_t port, SocketAddress* address) {
  sockaddr_in parsed{};
  if (inet_pton(AF_INET, host.c_str(), &parsed.sin_addr) != 1) return false;
  parsed.sin_family = AF_INET;
  parsed.sin_port = htons(port);
  std::memcpy(&address->storage, &parsed, sizeof parsed);
  address->length = sizeof parsed;
  return true;
}

bool ParseIPv6(const std::string& host, uint16_t port, SocketAddress* address) {
  sockaddr_in6 parsed{};
  const std::size_t percent = host.find('%');
  if (inet_pton(AF_INET6, host.substr(0, percent).c_str(), &parsed.sin6_addr) != 1) return false;
  if (percent != std::string::npos && !ParseScope(host.substr(percent + 1), &parsed.sin6_scope_id)) return false;
  parsed.sin6_family = AF_INET6;
  parsed.sin6_port = htons(port);
  std::memcpy(&address->storage, &parsed, sizeof parsed);
  address->length = sizeof parsed;
  return true;
}

AddressText DescribeIPv6(const sockaddr_in6& address) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  std::string host = text;
  char interface[IF_NAMESIZE];
  if (address.sin6_scope_id != 0) {
    const bool named = if_indextoname(address.sin6_scope_id, interface) != nullptr;
    host += '%' + (named ? std::string(interface) : std::to_string(address.sin6_scope_id));
  }
  return {6, host, ntohs(address.sin6_port)};
}

}  // namespace

bool ParseAddress(const std::string& host, uint16_t port, SocketAddress* address) {
  return ParseIPv4(host, port, address) || ParseIPv6(host, port, address);
}

bool MakeUnixAddress(const std::string& path, SocketAddress* address) {
  sockaddr_un made{};
  // A path ends with a zero byte; an abstract name is as long as it is.
  const bool abstract = !path.empty() && path[0] == '\0';
  if (path.empty() || path.size() + (abstract ? 0 : 1) > sizeof made.sun_path) return false;
  made.sun_family = AF_UNIX;
  std::memcpy(made.sun_path, path.data(), path.size());
  std::memcpy(&address->storage, &made, sizeof made);
  address->length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return true;
}

AddressText DescribeAddress(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return {4, text, ntohs(in.sin_port)};
  }
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &address.storage, sizeof in6);
    return DescribeIPv6(in6);
  }
  if (address.storage.ss_family != AF_UNIX) return {};
  sockaddr_un un{};
  std::memcpy(&un, &address.storage, sizeof un);
  const std::size_t start = offsetof(sockaddr_un, sun_path);
  const std::size_t size = address.length > start ? std::min<std::size_t>(address.length, sizeof un) - start : 0;
  if (size == 0) return {1, "", 0};
  if (un.sun_path[0] == '\0') return {1, std::string(un.sun_path, size), 0};
  return {1, std::string(un.sun_path, strnlen(un.sun_path, size)), 0};
}

}  // namespace verdant
