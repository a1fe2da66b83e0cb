#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "llhttp.h"

namespace verdant {

// What a request may be at most.
struct RequestLimits {
  uint32_t url = 8192;
  uint32_t header_bytes = 16384;
  uint32_t header_count = 100;
  double body = 0;  // Infinity: no limit
};

// The requests of one connection, one after the other. It is fed what comes in, and holds the head of the present
// request, as much of its body as nobody has taken, and what came behind it. It refuses whatever two parties could
// understand differently. Knows nothing of V8 and of descriptors.
class RequestParser {
 public:
  // What is known of the present request; bits of `state()`.
  static constexpr uint32_t kHead = 1;      // its head is complete
  static constexpr uint32_t kComplete = 2;  // and so is its body
  static constexpr uint32_t kRejected = 4;  // it is not acceptable: `reject_status()` says how to answer
  static constexpr uint32_t kBegun = 8;     // something has come of it

  // What its head says; bits of `head_flags()`, above the number of its method.
  static constexpr uint32_t kMinorOne = 1 << 8;  // HTTP/1.1
  static constexpr uint32_t kKeepAlive = 1 << 9;
  static constexpr uint32_t kHasBody = 1 << 10;
  static constexpr uint32_t kChunked = 1 << 11;
  static constexpr uint32_t kUpgrade = 1 << 12;
  static constexpr uint32_t kExpectsContinue = 1 << 13;
  static constexpr uint32_t kConnect = 1 << 14;

  explicit RequestParser(const Llhttp& llhttp) : llhttp_(llhttp) {}
  ~RequestParser() = default;
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // A new connection.
  void Open(const RequestLimits& limits);
  // Something has come in. What lies behind the end of the present request is kept for the next.
  void Feed(const char* data, std::size_t size);
  // The next request: the present one is forgotten, with what is left of its body.
  void Next();

  uint32_t state() const { return state_; }
  uint32_t head_flags() const { return head_flags_; }
  int reject_status() const { return reject_status_; }
  const char* reject_reason() const { return reject_reason_; }
  // The request's target, a line feed, and for each header its name, a colon, its value and a line feed.
  const std::string& head() const { return head_; }
  std::size_t url_size() const { return url_size_; }
  // In the same form as the headers.
  const std::string& trailers() const { return trailers_; }
  std::string& body() { return body_; }
  std::size_t pending() const { return pending_.size() - pending_from_; }
  const char* pending_data() const { return pending_.data() + pending_from_; }
  void DropPending();
  // Gives back memory that an unusual request has needed.
  void Trim();

 private:
  enum class Kind : uint8_t { kOther, kContentLength, kTransferEncoding, kHost, kExpect };
  static RequestParser* Self(LlhttpState* state) { return reinterpret_cast<RequestParser*>(state); }
  static const LlhttpCallbacks& Callbacks();

  void Begin();
  void Parse(const char* data, std::size_t size);
  int Reject(int status, const char* reason);
  void RejectByError(int error, const char* at, const char* end);
  std::string& Fields() { return (state_ & kHead) != 0 ? trailers_ : head_; }
  int Count(std::size_t bytes);

  int OnMethod(const char* at, std::size_t size);
  int OnUrl(const char* at, std::size_t size);
  int OnProtocol(const char* at, std::size_t size);
  int OnHeaderField(const char* at, std::size_t size);
  int OnHeaderFieldComplete();
  int OnHeaderValue(const char* at, std::size_t size);
  int OnHeaderValueComplete();
  int OnChunkHeader();
  int OnChunkExtension(std::size_t size);
  int OnHeadersComplete();
  int OnBody(const char* at, std::size_t size);
  bool CheckStart(const char* data, std::size_t size);
  int CheckTarget();
  int CheckFraming();
  int CheckExpectation();

  // Must stand first: llhttp hands out its address, by which the callbacks find the rest.
  LlhttpState llhttp_state_;
  LlhttpSettings settings_;
  const Llhttp& llhttp_;
  RequestLimits limits_;

  uint32_t state_ = 0;
  uint32_t head_flags_ = 0;
  int reject_status_ = 0;
  const char* reject_reason_ = "";

  std::string head_;
  std::string trailers_;
  std::string body_;
  std::string pending_;
  std::size_t pending_from_ = 0;

  // Bytes of this request that came before what is being parsed, and where that begins.
  std::size_t offset_ = 0;
  const char* piece_ = nullptr;
  std::size_t url_size_ = 0;
  std::size_t method_size_ = 0;
  std::size_t method_end_ = 0;
  std::size_t url_end_ = 0;
  std::size_t protocol_size_ = 0;
  bool protocol_http_ = false;
  bool started_ = false;
  bool after_cr_ = false;
  Kind kind_ = Kind::kOther;
  std::size_t value_from_ = 0;
  uint32_t header_count_ = 0;
  uint32_t header_bytes_ = 0;
  uint32_t extension_bytes_ = 0;
  double body_bytes_ = 0;
  uint32_t hosts_ = 0;
  uint32_t lengths_ = 0;
  uint32_t encodings_ = 0;
  double content_length_ = 0;
  bool chunked_ = false;
  bool encoding_known_ = true;
  bool host_valid_ = true;
  bool expects_continue_ = false;
  bool expects_other_ = false;
};

}  // namespace verdant
