#include "transfer.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "../engine/functions.h"
#include "sockets.h"

namespace verdant {
namespace {

// One result must fit a small integer of V8's; the kernel moves less at a time anyway.
constexpr std::size_t kMost = std::size_t{1} << 30;
constexpr std::size_t kParts = 64;

struct Bytes {
  char* data;
  std::size_t size;
};

// What lies in a view from `from` on. JavaScript has checked the bounds, but before it waited: since then the buffer
// may have been transferred or resized.
Bytes BytesOf(v8::Local<v8::Value> value, std::size_t from, std::size_t size) {
  const v8::Local<v8::Uint8Array> view = value.As<v8::Uint8Array>();
  const std::size_t length = view->ByteLength();
  if (from >= length) return {nullptr, 0};
  char* start = static_cast<char*>(view->Buffer()->Data()) + view->ByteOffset();
  return {start + from, std::min({size, length - from, kMost})};
}

int Descriptor(const Arguments& arguments) { return arguments[0].As<v8::Int32>()->Value(); }

std::size_t Size(v8::Local<v8::Value> value) { return static_cast<std::size_t>(value.As<v8::Number>()->Value()); }

void Return(const Arguments& arguments, ssize_t result) {
  arguments.GetReturnValue().Set(static_cast<int32_t>(result));
}

// (fd, view, offset, size) => bytes
void ReceiveInto(const Arguments& arguments) {
  const Bytes into = BytesOf(arguments[1], Size(arguments[2]), Size(arguments[3]));
  Return(arguments, into.size == 0 ? -EFAULT : Receive(Descriptor(arguments), into.data, into.size));
}

// (fd, view, offset) => bytes
void SendFrom(const Arguments& arguments) {
  const Bytes from = BytesOf(arguments[1], Size(arguments[2]), kMost);
  Return(arguments, from.size == 0 ? -EFAULT : Send(Descriptor(arguments), from.data, from.size));
}

// (fd, views, index, offset) => bytes: the views from `index` on, the first of them from `offset` on
void SendViews(const Arguments& arguments) {
  const v8::Local<v8::Context> context = arguments.GetIsolate()->GetCurrentContext();
  const v8::Local<v8::Array> views = arguments[1].As<v8::Array>();
  std::size_t offset = Size(arguments[3]);
  iovec parts[kParts];
  std::size_t count = 0;
  for (uint32_t index = arguments[2].As<v8::Uint32>()->Value(); index < views->Length() && count < kParts; index += 1) {
    v8::Local<v8::Value> view;
    if (!views->Get(context, index).ToLocal(&view)) return;
    const Bytes part = BytesOf(view, offset, kMost);
    if (part.size == 0) return Return(arguments, -EFAULT);
    parts[count] = {part.data, part.size};
    count += 1;
    offset = 0;
  }
  Return(arguments, SendVector(Descriptor(arguments), parts, count));
}

// An address goes out as the kernel's own bytes, behind which stands their number: it is put in words when asked for.
void WriteAddress(const SocketAddress& address, v8::Local<v8::Value> out) {
  const Bytes into = BytesOf(out, 0, kMost);
  const std::size_t length = std::min<std::size_t>(address.length, into.size - 1);
  std::memcpy(into.data, &address.storage, length);
  into.data[into.size - 1] = static_cast<char>(length);
}

// (fd, address out) => the new descriptor
void Accept(const Arguments& arguments) {
  SocketAddress peer;
  const int fd = AcceptSocket(Descriptor(arguments), &peer);
  if (fd >= 0) WriteAddress(peer, arguments[1]);
  Return(arguments, ExternalValue<OwnedDescriptors>(arguments.Data())->Take(fd));
}

// (fd, view, offset, size, address out) => bytes
void ReceiveFromInto(const Arguments& arguments) {
  const Bytes into = BytesOf(arguments[1], Size(arguments[2]), Size(arguments[3]));
  SocketAddress peer;
  const ssize_t result = ReceiveFrom(Descriptor(arguments), into.data, into.size, &peer);
  if (result >= 0) WriteAddress(peer, arguments[4]);
  Return(arguments, result);
}

// (fd, view, address or undefined) => bytes
void SendToFrom(const Arguments& arguments) {
  const Bytes from = BytesOf(arguments[1], 0, kMost);
  if (!arguments[2]->IsUint8Array())
    return Return(arguments, SendTo(Descriptor(arguments), from.data, from.size, nullptr));
  const Bytes address = BytesOf(arguments[2], 0, sizeof(sockaddr_storage));
  SocketAddress to;
  std::memcpy(&to.storage, address.data, address.size);
  to.length = static_cast<socklen_t>(address.size);
  Return(arguments, SendTo(Descriptor(arguments), from.data, from.size, &to));
}

}  // namespace

void InstallTransfer(OwnedDescriptors* owned, v8::Local<v8::Context> context, v8::Local<v8::Object> exports) {
  const FunctionInstaller install(context, exports, owned);
  install("receive", ReceiveInto);
  install("send", SendFrom);
  install("sendViews", SendViews);
  install("accept", Accept);
  install("receiveFrom", ReceiveFromInto);
  install("sendTo", SendToFrom);
}

}  // namespace verdant
