#include "http_room.h"

#include <cstdio>

namespace verdant {

int HttpRoom::Open(const RequestLimits& limits) {
  std::unique_ptr<RequestParser> parser;
  if (spare_.empty()) {
    parser = std::make_unique<RequestParser>(Llhttp::Get());
  } else {
    parser = std::move(spare_.back());
    spare_.pop_back();
  }
  parser->Open(limits);
  if (free_numbers_.empty()) {
    parsers_.push_back(std::move(parser));
    return static_cast<int>(parsers_.size() - 1);
  }
  const int number = free_numbers_.back();
  free_numbers_.pop_back();
  parsers_[static_cast<std::size_t>(number)] = std::move(parser);
  return number;
}

RequestParser* HttpRoom::Get(int number) {
  const auto at = static_cast<std::size_t>(number);
  if (number >= 0 && at < parsers_.size() && parsers_[at] != nullptr) return parsers_[at].get();
  nobody_ = std::make_unique<RequestParser>(Llhttp::Get());
  nobody_->Open(RequestLimits());
  return nobody_.get();
}

void HttpRoom::Release(int number) {
  if (number < 0 || static_cast<std::size_t>(number) >= parsers_.size()) return;
  std::unique_ptr<RequestParser> parser = std::move(parsers_[static_cast<std::size_t>(number)]);
  if (parser == nullptr) return;
  free_numbers_.push_back(number);
  if (spare_.size() >= kSpare) return;
  parser->DropPending();
  parser->Trim();
  spare_.push_back(std::move(parser));
}

char* HttpRoom::receive_buffer() {
  if (receive_buffer_ == nullptr) receive_buffer_ = std::make_unique<char[]>(kReceiveSize);
  return receive_buffer_.get();
}

const std::string& HttpRoom::date_line() {
  const std::time_t now = std::time(nullptr);
  if (now == date_) return date_line_;
  static const char* const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char* const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm time{};
  gmtime_r(&now, &time);
  char text[64];
  // Not strftime: it speaks the user's language.
  const int size =
      std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[time.tm_wday],
                    time.tm_mday, months[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
  date_line_.assign(text, static_cast<std::size_t>(size));
  date_ = now;
  return date_line_;
}

}  // namespace verdant
