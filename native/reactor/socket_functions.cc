#include "socket_functions.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "address.h"
#include "sockets.h"

namespace verdant {
namespace {

using Info = Napi::CallbackInfo;

OwnedDescriptors* Owned(const Info& info) { return static_cast<OwnedDescriptors*>(info.Data()); }

int Integer(const Info& info, std::size_t at) { return info[at].As<Napi::Number>().Int32Value(); }

Napi::Value Number(const Info& info, int result) { return Napi::Number::New(info.Env(), result); }

std::string String(const Info& info, std::size_t at) { return info[at].As<Napi::String>().Utf8Value(); }

Napi::Value Bytes(const Info& info, const SocketAddress& address) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(info.Env(), address.length);
  std::memcpy(bytes.Data(), &address.storage, address.length);
  return bytes;
}

SocketAddress AddressOf(const Info& info, std::size_t at) {
  const auto bytes = info[at].As<Napi::Uint8Array>();
  SocketAddress address;
  address.length = static_cast<socklen_t>(std::min(bytes.ByteLength(), sizeof address.storage));
  std::memcpy(&address.storage, bytes.Data(), address.length);
  return address;
}

// 4, 6, or 1 for Unix sockets
int FamilyOf(int number) { return number == 4 ? AF_INET : number == 6 ? AF_INET6 : AF_UNIX; }
int TypeOf(bool stream) { return stream ? SOCK_STREAM : SOCK_DGRAM; }

// (family, stream) => fd
Napi::Value Open(const Info& info) {
  return Number(info, Owned(info)->Take(OpenSocket(FamilyOf(Integer(info, 0)), TypeOf(info[1].ToBoolean()))));
}

// (pair out: Int32Array(2)) => 0
Napi::Value OpenPair(const Info& info) {
  int pair[2] = {-1, -1};
  const int error = OpenSocketPair(SOCK_STREAM, pair);
  if (error == 0) {
    auto out = info[0].As<Napi::Int32Array>();
    out[0] = Owned(info)->Take(pair[0]);
    out[1] = Owned(info)->Take(pair[1]);
  }
  return Number(info, error);
}

// (fd) => 0; from now on it is ours
Napi::Value Adopt(const Info& info) {
  const int error = AdoptSocket(Integer(info, 0));
  if (error == 0) Owned(info)->Take(Integer(info, 0));
  return Number(info, error);
}

// (fd): somebody else closes it
void Disown(const Info& info) { Owned(info)->Release(Integer(info, 0)); }

Napi::Value Close(const Info& info) {
  Owned(info)->Release(Integer(info, 0));
  return Number(info, CloseDescriptor(Integer(info, 0)));
}

Napi::Value Connect(const Info& info) { return Number(info, ConnectSocket(Integer(info, 0), AddressOf(info, 1))); }
Napi::Value Bind(const Info& info) { return Number(info, BindSocket(Integer(info, 0), AddressOf(info, 1))); }
Napi::Value Listen(const Info& info) { return Number(info, ListenSocket(Integer(info, 0), Integer(info, 1))); }
Napi::Value Pending(const Info& info) { return Number(info, PendingError(Integer(info, 0))); }

// (fd, read, write)
Napi::Value Shutdown(const Info& info) {
  const bool read = info[1].ToBoolean();
  const bool write = info[2].ToBoolean();
  return Number(info, ShutdownSocket(Integer(info, 0), read && write ? SHUT_RDWR : read ? SHUT_RD : SHUT_WR));
}

// (fd, write) => 1 when ready, else 0
Napi::Value IsReady(const Info& info) {
  const short events = info[1].ToBoolean() ? POLLOUT : POLLIN;
  const int result = PollNow(Integer(info, 0), events);
  return Number(info, result > 0 ? 1 : result);
}

// (numeric host, port) => bytes, or undefined
Napi::Value EncodeAddress(const Info& info) {
  SocketAddress address;
  const auto port = static_cast<uint16_t>(Integer(info, 1));
  return ParseAddress(String(info, 0), port, &address) ? Bytes(info, address) : info.Env().Undefined();
}

Napi::Value EncodeUnix(const Info& info) {
  SocketAddress address;
  return MakeUnixAddress(String(info, 0), &address) ? Bytes(info, address) : info.Env().Undefined();
}

Napi::Value Decode(const Info& info, const SocketAddress& address) {
  const AddressText text = DescribeAddress(address);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("family", text.family);
  result.Set("host", text.host);
  result.Set("port", text.port);
  return result;
}

Napi::Value DecodeAddress(const Info& info) { return Decode(info, AddressOf(info, 0)); }

// (fd, peer) => address, or an error
Napi::Value Name(const Info& info) {
  SocketAddress address;
  const int fd = Integer(info, 0);
  const int error = info[1].ToBoolean() ? PeerAddress(fd, &address) : LocalAddress(fd, &address);
  return error < 0 ? Number(info, error) : Decode(info, address);
}

struct Option {
  const char* name;
  int level;
  int option;
};

#if defined(__APPLE__)
constexpr int kKeepIdle = TCP_KEEPALIVE;
#else
constexpr int kKeepIdle = TCP_KEEPIDLE;
#endif

constexpr Option kOptions[] = {
    {"noDelay", IPPROTO_TCP, TCP_NODELAY},
    {"keepAlive", SOL_SOCKET, SO_KEEPALIVE},
    {"keepAliveDelay", IPPROTO_TCP, kKeepIdle},
    {"reuseAddress", SOL_SOCKET, SO_REUSEADDR},
    {"reusePort", SOL_SOCKET, SO_REUSEPORT},
    {"ipv6Only", IPPROTO_IPV6, IPV6_V6ONLY},
    {"broadcast", SOL_SOCKET, SO_BROADCAST},
    {"sendBufferSize", SOL_SOCKET, SO_SNDBUF},
    {"receiveBufferSize", SOL_SOCKET, SO_RCVBUF},
    {"ttl", IPPROTO_IP, IP_TTL},
    {"ttl6", IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {"multicastTtl", IPPROTO_IP, IP_MULTICAST_TTL},
    {"multicastTtl6", IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
    {"multicastLoopback", IPPROTO_IP, IP_MULTICAST_LOOP},
    {"multicastLoopback6", IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    {"type", SOL_SOCKET, SO_TYPE},
    {"listening", SOL_SOCKET, SO_ACCEPTCONN},
};

const Option* FindOption(const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kOptions), std::end(kOptions), [&](const Option& one) { return name == one.name; });
  return found == std::end(kOptions) ? nullptr : found;
}

// (fd, name, value)
Napi::Value SetOption(const Info& info) {
  const Option* option = FindOption(String(info, 1));
  if (option == nullptr) return Number(info, -EINVAL);
  const int value = Integer(info, 2);
  return Number(info, SetSocketOption(Integer(info, 0), option->level, option->option, &value, sizeof value));
}

// (fd, name) => the value, or a negative errno
Napi::Value GetOption(const Info& info) {
  const Option* option = FindOption(String(info, 1));
  int value = 0;
  const int error = option == nullptr ? -EINVAL : SocketOption(Integer(info, 0), option->level, option->option, &value);
  return Number(info, error < 0 ? error : value);
}

// (fd): close() will then reset the connection instead of ending it in order
Napi::Value SetReset(const Info& info) {
  const linger none{1, 0};
  return Number(info, SetSocketOption(Integer(info, 0), SOL_SOCKET, SO_LINGER, &none, sizeof none));
}

// (fd, join, group: bytes, interface: number)
Napi::Value SetMembership(const Info& info) {
  const int fd = Integer(info, 0);
  const bool join = info[1].ToBoolean();
  const SocketAddress group = AddressOf(info, 2);
  if (group.storage.ss_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, &group.storage, sizeof in6);
    const ipv6_mreq request{in6.sin6_addr, static_cast<unsigned>(Integer(info, 3))};
    return Number(
        info, SetSocketOption(fd, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request, sizeof request));
  }
  sockaddr_in in{};
  std::memcpy(&in, &group.storage, sizeof in);
  ip_mreqn request{};
  request.imr_multiaddr = in.sin_addr;
  request.imr_ifindex = Integer(info, 3);
  return Number(
      info, SetSocketOption(fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request, sizeof request));
}

Napi::Value InterfaceNumber(const Info& info) {
  return Number(info, static_cast<int>(if_nametoindex(String(info, 0).c_str())));
}

}  // namespace

void InstallSocketFunctions(Napi::Object exports, OwnedDescriptors* owned) {
  const auto install = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(exports.Env(), function, name, owned));
  };
  install("openSocket", Open);
  install("openSocketPair", OpenPair);
  install("adoptSocket", Adopt);
  install("disownSocket", Disown);
  install("closeSocket", Close);
  install("connectSocket", Connect);
  install("bindSocket", Bind);
  install("listenSocket", Listen);
  install("pendingError", Pending);
  install("shutdownSocket", Shutdown);
  install("isReady", IsReady);
  install("encodeAddress", EncodeAddress);
  install("encodeUnix", EncodeUnix);
  install("decodeAddress", DecodeAddress);
  install("socketName", Name);
  install("setOption", SetOption);
  install("getOption", GetOption);
  install("setReset", SetReset);
  install("setMembership", SetMembership);
  install("interfaceNumber", InterfaceNumber);
}

}  // namespace verdant
