#include "request_parser.h"

#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "header_rules.h"

namespace verdant {
namespace {

// Chunk extensions mean nothing to anybody: so much of them is read over in one request.
constexpr uint32_t kMostExtensionBytes = 4096;
// Memory that is kept from one request to the next.
constexpr std::size_t kKeptCapacity = 16384;

void TrimText(std::string* text) {
  if (text->capacity() <= kKeptCapacity) return;
  text->clear();
  text->shrink_to_fit();
}

}  // namespace

const LlhttpCallbacks& RequestParser::Callbacks() {
  using State = LlhttpState*;
  using Text = const char*;
  using Size = std::size_t;
  static const LlhttpCallbacks callbacks = {
      [](State state, Text at, Size size) { return Self(state)->OnProtocol(at, size); },
      [](State state, Text at, Size size) { return Self(state)->OnMethod(at, size); },
      [](State state, Text at, Size size) { return Self(state)->OnUrl(at, size); },
      [](State state, Text at, Size size) { return Self(state)->OnHeaderField(at, size); },
      [](State state) { return Self(state)->OnHeaderFieldComplete(); },
      [](State state, Text at, Size size) { return Self(state)->OnHeaderValue(at, size); },
      [](State state) { return Self(state)->OnHeaderValueComplete(); },
      [](State state) { return Self(state)->OnChunkHeader(); },
      [](State state, Text, Size size) { return Self(state)->OnChunkExtension(size); },
      [](State state, Text, Size size) { return Self(state)->OnChunkExtension(size); },
      [](State state) { return Self(state)->OnHeadersComplete(); },
      [](State state, Text at, Size size) { return Self(state)->OnBody(at, size); },
      // The next request waits until somebody asks for it.
      [](State state) {
        Self(state)->state_ |= kComplete;
        return kLlhttpPaused;
      },
  };
  return callbacks;
}

void RequestParser::Open(const RequestLimits& limits) {
  static_assert(std::is_standard_layout<LlhttpState>::value, "llhttp writes into it");
  limits_ = limits;
  llhttp_.Fill(Callbacks(), &settings_);
  pending_.clear();
  pending_from_ = 0;
  Begin();
}

void RequestParser::Begin() {
  llhttp_.init(&llhttp_state_, kLlhttpRequest, &settings_);
  state_ = head_flags_ = 0;
  reject_status_ = 0;
  reject_reason_ = "";
  head_.clear();
  trailers_.clear();
  body_.clear();
  offset_ = url_size_ = method_size_ = method_end_ = url_end_ = protocol_size_ = value_from_ = 0;
  protocol_http_ = started_ = after_cr_ = false;
  kind_ = Kind::kOther;
  header_count_ = header_bytes_ = extension_bytes_ = hosts_ = lengths_ = encodings_ = 0;
  body_bytes_ = content_length_ = 0;
  chunked_ = expects_continue_ = expects_other_ = false;
  encoding_known_ = host_valid_ = true;
}

void RequestParser::Next() {
  Begin();
  if (pending() == 0) {
    Trim();
    return;
  }
  const std::size_t from = pending_from_;
  const std::size_t size = pending();
  // All of it counts as taken; what is left over is put back by moving the mark.
  Parse(pending_.data() + from, size);
  if ((state_ & kComplete) == 0) pending_from_ = pending_.size();
  if (pending() == 0) DropPending();
}

void RequestParser::Feed(const char* data, std::size_t size) {
  if ((state_ & (kComplete | kRejected)) != 0) {
    pending_.append(data, size);
    return;
  }
  pending_.clear();
  pending_from_ = 0;
  Parse(data, size);
}

void RequestParser::DropPending() {
  pending_.clear();
  pending_from_ = 0;
}

void RequestParser::Trim() {
  TrimText(&head_);
  TrimText(&trailers_);
  TrimText(&body_);
  TrimText(&pending_);
}

void RequestParser::Parse(const char* data, std::size_t size) {
  if (size == 0) return;
  piece_ = data;
  state_ |= kBegun;
  if (!started_ && !CheckStart(data, size)) return;
  const int outcome = llhttp_.execute(&llhttp_state_, data, size);
  const char* const end = data + size;
  if (outcome == kLlhttpPaused && (state_ & kComplete) != 0) {
    const char* const stopped = llhttp_.error_pos(&llhttp_state_);
    const bool within = data >= pending_.data() && data < pending_.data() + pending_.size();
    if (within) {
      pending_from_ = static_cast<std::size_t>(stopped - pending_.data());
    } else {
      pending_.assign(stopped, end);
      pending_from_ = 0;
    }
    return;
  }
  if (outcome != kLlhttpOk) {
    if ((state_ & kRejected) == 0) RejectByError(outcome, llhttp_.error_pos(&llhttp_state_), end);
    return;
  }
  offset_ += size;
  // Empty lines before the request, a method without an end: whatever the callbacks do not count.
  if ((state_ & kHead) == 0 && offset_ > std::size_t{limits_.header_bytes} + limits_.url + 64) {
    Reject(431, "The request's head is too large");
  }
}

// Empty lines may stand before a request, but no lone CR or LF.
bool RequestParser::CheckStart(const char* data, std::size_t size) {
  for (std::size_t at = 0; at < size && !started_; at += 1) {
    const char c = data[at];
    if (after_cr_ != (c == '\n')) {
      Reject(400, "A line that does not end with CRLF");
      return false;
    }
    after_cr_ = c == '\r';
    started_ = c != '\r' && c != '\n';
  }
  return true;
}

int RequestParser::Reject(int status, const char* reason) {
  if ((state_ & kRejected) == 0) {
    state_ |= kRejected;
    reject_status_ = status;
    reject_reason_ = reason;
  }
  return kLlhttpUser;
}

// llhttp has given up. Some of what it calls an error is a request in good order that we do not serve.
void RequestParser::RejectByError(int error, const char* at, const char* end) {
  const std::string_view name = llhttp_.errno_name(error);
  const char* const reason = llhttp_.error_reason(&llhttp_state_);
  if (name == "HPE_PAUSED_H2_UPGRADE") {
    Reject(505, "HTTP/2 is not spoken here");
  } else if (name == "HPE_INVALID_VERSION" && at != nullptr && at >= piece_ && at <= end) {
    // It stands behind the version, or within it.
    const char* from = at;
    while (from > piece_ && at - from < 8 && (end - from < 5 || std::string_view(from, 5) != "HTTP/")) from -= 1;
    const std::size_t left = static_cast<std::size_t>(end - from);
    const bool other = left >= 8 && IsHttpVersion(std::string_view(from, 8)) &&
                       std::string_view(from, 8) != "HTTP/1.1" && std::string_view(from, 8) != "HTTP/1.0";
    Reject(other ? 505 : 400, reason);
  } else if (name == "HPE_INVALID_METHOD" && method_size_ == 0) {
    const std::string_view line(piece_, static_cast<std::size_t>(end - piece_));
    const std::size_t space = line.find(' ');
    const bool unknown = space != std::string_view::npos && IsToken(line.substr(0, space));
    Reject(offset_ == 0 && unknown ? 501 : 400, reason);
  } else {
    Reject(400, reason == nullptr || *reason == 0 ? "Malformed request" : reason);
  }
}

int RequestParser::OnMethod(const char* at, std::size_t size) {
  method_size_ += size;
  method_end_ = offset_ + static_cast<std::size_t>(at - piece_) + size;
  return kLlhttpOk;
}

int RequestParser::OnUrl(const char* at, std::size_t size) {
  // One space, as the grammar has it: who reads it otherwise may see another target.
  if (url_size_ == 0 && offset_ + static_cast<std::size_t>(at - piece_) != method_end_ + 1) {
    return Reject(400, "More than one space before the request's target");
  }
  // Known from here on, so that a HEAD that is refused gets no body.
  if (url_size_ == 0) head_flags_ = llhttp_.method(&llhttp_state_);
  url_size_ += size;
  url_end_ = offset_ + static_cast<std::size_t>(at - piece_) + size;
  if (url_size_ > limits_.url) return Reject(414, "The request's target is too long");
  head_.append(at, size);
  return kLlhttpOk;
}

int RequestParser::OnProtocol(const char* at, std::size_t size) {
  constexpr std::string_view kHttp = "HTTP";
  if (protocol_size_ == 0) {
    protocol_http_ = true;
    if (size > 0 && offset_ + static_cast<std::size_t>(at - piece_) != url_end_ + 1) {
      return Reject(400, "More than one space before the version");
    }
  }
  if (protocol_size_ + size > kHttp.size() || kHttp.substr(protocol_size_, size) != std::string_view(at, size)) {
    protocol_http_ = false;
  }
  protocol_size_ += size;
  return kLlhttpOk;
}

int RequestParser::Count(std::size_t bytes) {
  header_bytes_ += static_cast<uint32_t>(bytes);
  if (header_bytes_ > limits_.header_bytes) return Reject(431, "The request's headers are too large");
  return kLlhttpOk;
}

int RequestParser::OnHeaderField(const char* at, std::size_t size) {
  std::string& fields = Fields();
  if (value_from_ == 0) {
    header_count_ += 1;
    if (header_count_ > limits_.header_count) return Reject(431, "Too many headers");
    if ((state_ & kHead) == 0 && header_count_ == 1) fields.push_back('\n');
    value_from_ = fields.size() + 1;  // for now, one more than where the name begins
  }
  fields.append(at, size);
  return Count(size);
}

int RequestParser::OnHeaderFieldComplete() {
  std::string& fields = Fields();
  const std::string_view name = std::string_view(fields).substr(value_from_ - 1);
  kind_ = Kind::kOther;
  if ((state_ & kHead) == 0) {
    if (name.size() == 4 && EqualsIgnoringCase(name, "host")) kind_ = Kind::kHost;
    if (name.size() == 6 && EqualsIgnoringCase(name, "expect")) kind_ = Kind::kExpect;
    if (name.size() == 14 && EqualsIgnoringCase(name, "content-length")) kind_ = Kind::kContentLength;
    if (name.size() == 17 && EqualsIgnoringCase(name, "transfer-encoding")) kind_ = Kind::kTransferEncoding;
  }
  fields.push_back(':');
  value_from_ = fields.size();
  return Count(4);  // a colon, a space and the line's end
}

int RequestParser::OnHeaderValue(const char* at, std::size_t size) {
  Fields().append(at, size);
  return Count(size);
}

int RequestParser::OnHeaderValueComplete() {
  std::string& fields = Fields();
  while (fields.size() > value_from_ && (fields.back() == ' ' || fields.back() == '\t')) fields.pop_back();
  const std::string_view value = std::string_view(fields).substr(value_from_);
  switch (kind_) {
    case Kind::kHost:
      hosts_ += 1;
      host_valid_ = host_valid_ && IsHost(value);
      break;
    case Kind::kExpect:
      if (EqualsIgnoringCase(value, "100-continue"))
        expects_continue_ = true;
      else
        expects_other_ = true;
      break;
    case Kind::kContentLength:
      // llhttp has made sure that these are digits, and that they fit into 64 bits.
      lengths_ += 1;
      content_length_ = 0;
      for (const char digit : value) content_length_ = content_length_ * 10 + (digit - '0');
      break;
    case Kind::kTransferEncoding:
      encodings_ += 1;
      chunked_ = EqualsIgnoringCase(value, "chunked");
      encoding_known_ = encoding_known_ && chunked_;
      break;
    case Kind::kOther:
      break;
  }
  fields.push_back('\n');
  value_from_ = 0;
  kind_ = Kind::kOther;
  return kLlhttpOk;
}

// Whoever announces more than is allowed need not be waited for.
int RequestParser::OnChunkHeader() {
  const auto size = static_cast<double>(llhttp_.length(&llhttp_state_));
  return body_bytes_ + size > limits_.body ? Reject(413, "The request's body is too large") : kLlhttpOk;
}

int RequestParser::OnChunkExtension(std::size_t size) {
  extension_bytes_ += static_cast<uint32_t>(size);
  return extension_bytes_ > kMostExtensionBytes ? Reject(413, "Too many chunk extensions") : kLlhttpOk;
}

int RequestParser::CheckTarget() {
  const std::string_view target = std::string_view(head_).substr(0, url_size_);
  const std::string_view method = llhttp_.method_name(llhttp_.method(&llhttp_state_));
  const bool connects = method == "CONNECT";
  if (connects) head_flags_ |= kConnect;
  if (target.empty()) return Reject(400, "No target");
  if (target.find('#') != std::string_view::npos) return Reject(400, "A fragment in the request's target");
  if (target.front() == '*' && (target.size() > 1 || method != "OPTIONS")) return Reject(400, "An invalid target");
  bool valid = target.front() == '/' || target.front() == '*';
  if (connects) {
    valid =
        IsHost(target) && target.find(':') != std::string_view::npos && target.back() != ':' && target.back() != ']';
  } else if (!valid) {
    const std::size_t colon = target.find("://");
    if (colon != std::string_view::npos) {
      const std::string_view rest = target.substr(colon + 3);
      const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
      valid = !authority.empty() && IsHost(authority);
    }
  }
  return valid ? kLlhttpOk : Reject(400, "An invalid target");
}

int RequestParser::CheckFraming() {
  const bool one = (head_flags_ & kMinorOne) != 0;
  if (hosts_ > 1 || (one && hosts_ == 0)) return Reject(400, "There must be exactly one Host header");
  if (!host_valid_) return Reject(400, "An invalid Host header");
  if (lengths_ > 1) return Reject(400, "More than one Content-Length");
  if (encodings_ == 0) return kLlhttpOk;
  if (!one) return Reject(400, "A Transfer-Encoding in HTTP/1.0");
  if (lengths_ > 0) return Reject(400, "A Content-Length beside a Transfer-Encoding");
  if (encodings_ > 1) return Reject(400, "More than one Transfer-Encoding");
  return encoding_known_ ? kLlhttpOk : Reject(501, "A Transfer-Encoding other than chunked");
}

int RequestParser::CheckExpectation() {
  if (expects_other_) return Reject(417, "An expectation other than 100-continue");
  const bool expects = expects_continue_ && (head_flags_ & (kMinorOne | kHasBody)) == (kMinorOne | kHasBody);
  if (expects) head_flags_ |= kExpectsContinue;
  return kLlhttpOk;
}

int RequestParser::OnHeadersComplete() {
  if (header_count_ == 0) head_.push_back('\n');
  value_from_ = 0;
  const int major = llhttp_.http_major(&llhttp_state_);
  const int minor = llhttp_.http_minor(&llhttp_state_);
  if (!protocol_http_) return Reject(400, "Another protocol than HTTP");
  if (major != 1 || minor > 1) return Reject(505, "Another version than HTTP/1.0 and HTTP/1.1");
  head_flags_ = llhttp_.method(&llhttp_state_);
  if (minor == 1) head_flags_ |= kMinorOne;
  if (llhttp_.should_keep_alive(&llhttp_state_) != 0) head_flags_ |= kKeepAlive;
  if (llhttp_.upgrade(&llhttp_state_) != 0) head_flags_ |= kUpgrade;
  if (chunked_) head_flags_ |= kChunked;
  if (chunked_ || content_length_ > 0) head_flags_ |= kHasBody;
  if (CheckTarget() != kLlhttpOk || CheckFraming() != kLlhttpOk || CheckExpectation() != kLlhttpOk) return kLlhttpUser;
  if (content_length_ > limits_.body) return Reject(413, "The request's body is too large");
  state_ |= kHead;
  return kLlhttpOk;
}

int RequestParser::OnBody(const char* at, std::size_t size) {
  body_bytes_ += static_cast<double>(size);
  if (body_bytes_ > limits_.body) return Reject(413, "The request's body is too large");
  body_.append(at, size);
  return kLlhttpOk;
}

}  // namespace verdant
