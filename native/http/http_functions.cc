#include "http_functions.h"

#include <node_buffer.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "../engine/functions.h"
#include "../reactor/sockets.h"
#include "http_strings.h"

namespace verdant {
namespace {

HttpRoom* Room(const Arguments& arguments) { return ExternalValue<HttpRoom>(arguments.Data()); }
int Integer(const Arguments& arguments, int at) { return arguments[at].As<v8::Int32>()->Value(); }
double Double(const Arguments& arguments, int at) { return arguments[at].As<v8::Number>()->Value(); }
RequestParser* Parser(const Arguments& arguments) { return Room(arguments)->Get(Integer(arguments, 0)); }

v8::Local<v8::String> OneByte(v8::Isolate* isolate, const char* data, std::size_t size) {
  return v8::String::NewFromOneByte(isolate, reinterpret_cast<const uint8_t*>(data), v8::NewStringType::kNormal,
                                    static_cast<int>(size))
      .FromMaybe(v8::Local<v8::String>());
}

void ReturnBuffer(const Arguments& arguments, const char* data, std::size_t size) {
  v8::Local<v8::Object> buffer;
  if (node::Buffer::Copy(arguments.GetIsolate(), data, size).ToLocal(&buffer)) arguments.GetReturnValue().Set(buffer);
}

// The head as a text when it has just become complete; else a number: what the call has moved, or a negative errno.
void Report(const Arguments& arguments, const RequestParser* parser, uint32_t before, int result) {
  uint32_t* const info = Room(arguments)->info();
  const uint32_t state = parser->state();
  info[HttpRoom::kState] = state;
  info[HttpRoom::kPending] = static_cast<uint32_t>(std::min<std::size_t>(parser->pending(), UINT32_MAX));
  info[HttpRoom::kStatus] = static_cast<uint32_t>(parser->reject_status());
  info[HttpRoom::kReceived] = result > 0 ? static_cast<uint32_t>(result) : 0;
  info[HttpRoom::kFlags] = parser->head_flags();
  if ((state & ~before & RequestParser::kHead) == 0) return arguments.GetReturnValue().Set(result);
  info[HttpRoom::kUrlSize] = static_cast<uint32_t>(parser->url_size());
  const std::string& head = parser->head();
  const v8::Local<v8::String> text = OneByte(arguments.GetIsolate(), head.data(), head.size());
  if (!text.IsEmpty()) arguments.GetReturnValue().Set(text);
}

// () => undefined, or why there is no parser
void Support(const Arguments& arguments) {
  const std::string& failure = Llhttp::Get().failure;
  if (!failure.empty()) arguments.GetReturnValue().Set(Text(arguments.GetIsolate(), failure.c_str()));
}

// (words: Uint32Array)
void ShareInfo(const Arguments& arguments) {
  Room(arguments)->ShareInfo(arguments[0].As<v8::Uint32Array>()->Buffer()->GetBackingStore());
}

// (number) => the method's name
void MethodName(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Text(arguments.GetIsolate(), Llhttp::Get().method_name(Integer(arguments, 0))));
}

// (URL, header bytes, header count, body) => the parser's number
void Open(const Arguments& arguments) {
  RequestLimits limits;
  limits.url = arguments[0].As<v8::Uint32>()->Value();
  limits.header_bytes = arguments[1].As<v8::Uint32>()->Value();
  limits.header_count = arguments[2].As<v8::Uint32>()->Value();
  limits.body = Double(arguments, 3);
  arguments.GetReturnValue().Set(Room(arguments)->Open(limits));
}

// (parser)
void Release(const Arguments& arguments) { Room(arguments)->Release(Integer(arguments, 0)); }

// (parser, fd) => see Report; 0 at the end of the stream
void ReceiveRequest(const Arguments& arguments) {
  RequestParser* const parser = Parser(arguments);
  const uint32_t before = parser->state();
  char* const buffer = Room(arguments)->receive_buffer();
  const ssize_t received = Receive(Integer(arguments, 1), buffer, HttpRoom::kReceiveSize);
  if (received > 0) parser->Feed(buffer, static_cast<std::size_t>(received));
  Report(arguments, parser, before, static_cast<int>(received));
}

// (parser, bytes) => see Report
void Feed(const Arguments& arguments) {
  RequestParser* const parser = Parser(arguments);
  const uint32_t before = parser->state();
  const v8::Local<v8::Uint8Array> view = arguments[1].As<v8::Uint8Array>();
  const std::size_t size = view->ByteLength();
  parser->Feed(static_cast<const char*>(view->Buffer()->Data()) + view->ByteOffset(), size);
  Report(arguments, parser, before, static_cast<int>(size));
}

// (parser) => see Report
void Next(const Arguments& arguments) {
  RequestParser* const parser = Parser(arguments);
  parser->Next();
  Report(arguments, parser, 0, 0);
}

// (parser, least) => the bytes of the body that have come and nobody has taken, if there are `least` of them
void TakeBody(const Arguments& arguments) {
  std::string& body = Parser(arguments)->body();
  ReturnBuffer(arguments, body.data(), body.size());
  body.clear();
}

// (parser) => how many bytes TakeBody would give
void BodySize(const Arguments& arguments) {
  arguments.GetReturnValue().Set(static_cast<double>(Parser(arguments)->body().size()));
}

// (parser) => the same as text: UTF-8 without a byte order mark; undefined if it would be too long
void TakeText(const Arguments& arguments) {
  std::string& body = Parser(arguments)->body();
  const bool marked = body.size() >= 3 && std::memcmp(body.data(), "\xEF\xBB\xBF", 3) == 0;
  const char* const from = body.data() + (marked ? 3 : 0);
  const std::size_t size = body.size() - (marked ? 3 : 0);
  if (size > static_cast<std::size_t>(v8::String::kMaxLength)) return;
  v8::Local<v8::String> text;
  const auto made =
      v8::String::NewFromUtf8(arguments.GetIsolate(), from, v8::NewStringType::kNormal, static_cast<int>(size));
  if (!made.ToLocal(&text)) return;
  body.clear();
  arguments.GetReturnValue().Set(text);
}

// (parser)
void DropBody(const Arguments& arguments) { Parser(arguments)->body().clear(); }

// (parser) => what stands in the trailer section
void Trailers(const Arguments& arguments) {
  const std::string& trailers = Parser(arguments)->trailers();
  const v8::Local<v8::String> text = OneByte(arguments.GetIsolate(), trailers.data(), trailers.size());
  if (!text.IsEmpty()) arguments.GetReturnValue().Set(text);
}

// (parser) => bytes that have come behind the request
void TakePending(const Arguments& arguments) {
  RequestParser* const parser = Parser(arguments);
  ReturnBuffer(arguments, parser->pending_data(), parser->pending());
  parser->DropPending();
}

// (parser) => why the request was rejected
void Reason(const Arguments& arguments) {
  arguments.GetReturnValue().Set(Text(arguments.GetIsolate(), Parser(arguments)->reject_reason()));
}

// (fd) => received and thrown away: bytes, 0 at the end, a negative errno
void Discard(const Arguments& arguments) {
  char* const buffer = Room(arguments)->receive_buffer();
  arguments.GetReturnValue().Set(static_cast<int32_t>(Receive(Integer(arguments, 0), buffer, HttpRoom::kReceiveSize)));
}

// --- answers
// ----------------------------------------------------------------------------------------------------------

// As in lib/http/parser.ts.
constexpr int kNoBody = 1;    // the body is only measured: an answer to HEAD
constexpr int kClose = 2;     // says that the connection ends
constexpr int kPersist = 4;   // says that it does not, to HTTP/1.0
constexpr int kNoLength = 8;  // nothing is said of a length
constexpr int kHasDate = 16;
constexpr int kChunkedBody = 32;

// An answer as it grows in the room's scratch memory.
class Answer {
 public:
  Answer(std::vector<char>* memory, v8::Isolate* isolate) : memory_(memory), isolate_(isolate) {}

  void Add(const char* data, std::size_t size) {
    std::memcpy(Reserve(size), data, size);
    size_ += size;
  }
  template <std::size_t kSize>
  void Add(const char (&text)[kSize]) {
    Add(text, kSize - 1);
  }
  void AddOneByte(v8::Local<v8::String> text) {
    const int size = text->Length();
    CopyOneByte(isolate_, text, Reserve(static_cast<std::size_t>(size)), size);
    size_ += static_cast<std::size_t>(size);
  }
  void AddLength(std::size_t length) {
    char line[48];
    const int size = std::snprintf(line, sizeof line, "Content-Length: %zu\r\n\r\n", length);
    Add(line, static_cast<std::size_t>(size));
  }
  // The end of the head, with the body's length, and the body as UTF-8.
  void AddText(v8::Local<v8::String> text, bool measured_only) {
    const std::size_t mark = size_;
    const auto length = static_cast<std::size_t>(text->Length());
    if (text->IsOneByte()) {
      AddLength(length);
      char* const from = Reserve(length);
      CopyOneByte(isolate_, text, from, static_cast<int>(length));
      if (IsAscii(from, length)) {
        if (!measured_only) size_ += length;
        return;
      }
      size_ = mark;
    }
    const std::size_t bytes = Utf8Size(isolate_, text);
    AddLength(bytes);
    if (measured_only) return;
    CopyUtf8(isolate_, text, Reserve(bytes), bytes);
    size_ += bytes;
  }
  const char* data() const { return memory_->data(); }
  std::size_t size() const { return size_; }

 private:
  char* Reserve(std::size_t size) {
    if (memory_->size() < size_ + size) memory_->resize(std::max(2 * memory_->size(), size_ + size + 4096));
    return memory_->data() + size_;
  }
  static bool IsAscii(const char* data, std::size_t size) {
    constexpr uint64_t kHigh = 0x8080808080808080u;
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, data + at, 8);
      if ((word & kHigh) != 0) return false;
    }
    for (; at < size; at += 1) {
      if ((data[at] & 0x80) != 0) return false;
    }
    return true;
  }

  std::vector<char>* const memory_;
  v8::Isolate* const isolate_;
  std::size_t size_ = 0;
};

// What is kept of the scratch memory; larger answers are rare.
constexpr std::size_t kKeptScratch = 256 * 1024;

// (fd or -1, status line, headers, body: text, bytes or undefined, flags) => the bytes that are gone, all of them; a
// Buffer with those that the kernel would not take yet (all of them if there is no descriptor); or a negative errno
void Respond(const Arguments& arguments) {
  v8::Isolate* const isolate = arguments.GetIsolate();
  HttpRoom* const room = Room(arguments);
  const int flags = Integer(arguments, 4);
  const v8::Local<v8::Value> body = arguments[3];
  Answer answer(&room->scratch(), isolate);
  answer.AddOneByte(arguments[1].As<v8::String>());
  answer.AddOneByte(arguments[2].As<v8::String>());
  if ((flags & kHasDate) == 0) answer.Add(room->date_line().data(), room->date_line().size());
  if ((flags & kClose) != 0) answer.Add("Connection: close\r\n");
  if ((flags & kPersist) != 0) answer.Add("Connection: keep-alive\r\n");
  if ((flags & kChunkedBody) != 0)
    answer.Add("Transfer-Encoding: chunked\r\n\r\n");
  else if ((flags & kNoLength) != 0)
    answer.Add("\r\n");
  else if (body->IsString())
    answer.AddText(body.As<v8::String>(), (flags & kNoBody) != 0);
  else if (!body->IsUint8Array())
    answer.AddLength(0);
  else
    answer.AddLength(body.As<v8::Uint8Array>()->ByteLength());
  if (body->IsUint8Array() && (flags & kNoBody) == 0) {
    const v8::Local<v8::Uint8Array> view = body.As<v8::Uint8Array>();
    answer.Add(static_cast<const char*>(view->Buffer()->Data()) + view->ByteOffset(), view->ByteLength());
  }
  room->info()[HttpRoom::kAnswerSize] = static_cast<uint32_t>(answer.size());
  const int fd = Integer(arguments, 0);
  ssize_t sent = fd < 0 ? 0 : Send(fd, answer.data(), answer.size());
  if (sent == -EAGAIN) sent = 0;
  if (sent < 0 || static_cast<std::size_t>(sent) == answer.size()) {
    arguments.GetReturnValue().Set(static_cast<int32_t>(sent));
  } else {
    ReturnBuffer(arguments, answer.data() + sent, answer.size() - static_cast<std::size_t>(sent));
  }
  if (room->scratch().size() > kKeptScratch) std::vector<char>().swap(room->scratch());
}

}  // namespace

void InstallHttpFunctions(HttpRoom* room, v8::Local<v8::Context> context, v8::Local<v8::Object> exports) {
  const FunctionInstaller install(context, exports, room);
  install("httpSupport", Support);
  install("httpShareInfo", ShareInfo);
  install("httpMethodName", MethodName);
  install("httpOpen", Open);
  install("httpRelease", Release);
  install("httpReceive", ReceiveRequest);
  install("httpFeed", Feed);
  install("httpNext", Next);
  install("httpTakeBody", TakeBody);
  install("httpBodySize", BodySize);
  install("httpTakeText", TakeText);
  install("httpDropBody", DropBody);
  install("httpTrailers", Trailers);
  install("httpTakePending", TakePending);
  install("httpReason", Reason);
  install("httpDiscard", Discard);
  install("httpRespond", Respond);
}

}  // namespace verdant
