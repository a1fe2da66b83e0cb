#pragma once

#include <v8.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "request_parser.h"

namespace verdant {

// What an environment's HTTP connections share: their parsers by number, the place where bytes come in and the one
// where answers are put together, the words in which JavaScript reads what the last call has found.
class HttpRoom {
 public:
  static constexpr std::size_t kReceiveSize = 64 * 1024;

  // Words of `info`, as in lib/http/parser.ts.
  enum Word : std::size_t { kState, kFlags, kStatus, kUrlSize, kBodySize, kPending, kReceived, kAnswerSize, kWords };

  HttpRoom() = default;
  ~HttpRoom() = default;
  HttpRoom(const HttpRoom&) = delete;
  HttpRoom& operator=(const HttpRoom&) = delete;

  int Open(const RequestLimits& limits);
  void Release(int number);
  // One of a connection that is closed is nobody's: what is done to it comes to nothing.
  RequestParser* Get(int number);

  // Where bytes are received; nothing of it is kept.
  char* receive_buffer();
  // What stands in it after a call is undefined.
  std::vector<char>& scratch() { return scratch_; }
  // `Date: ...` and its line's end.
  const std::string& date_line();

  void ShareInfo(std::shared_ptr<v8::BackingStore> store) { info_ = std::move(store); }
  uint32_t* info() { return static_cast<uint32_t*>(info_->Data()); }

 private:
  // Parsers of closed connections, kept for the next.
  static constexpr std::size_t kSpare = 256;

  std::vector<std::unique_ptr<RequestParser>> parsers_;
  std::vector<int> free_numbers_;
  std::unique_ptr<RequestParser> nobody_;
  std::vector<std::unique_ptr<RequestParser>> spare_;
  std::unique_ptr<char[]> receive_buffer_;
  std::vector<char> scratch_;
  std::shared_ptr<v8::BackingStore> info_;
  std::time_t date_ = -1;
  std::string date_line_;
};

}  // namespace verdant
