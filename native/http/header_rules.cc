#include "header_rules.h"

#include <algorithm>
#include <cstring>

namespace verdant {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'f'); }
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }
bool IsOneOf(char c, const char* set) { return c != 0 && std::strchr(set, c) != nullptr; }

bool IsPort(std::string_view text) {
  int port = 0;
  for (const char c : text) {
    if (!IsDigit(c) || port > 6553) return false;
    port = port * 10 + (c - '0');
  }
  return port <= 65535;
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || IsLetter(c) || IsOneOf(c, "!#$%&'*+-.^_`|~");
  });
}

bool IsHost(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = text.substr(1, end - 1);
    if (!std::all_of(address.begin(), address.end(), [](char c) { return IsHexDigit(c) || c == ':' || c == '.'; })) {
      return false;
    }
    const std::string_view rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name.empty() && !text.empty()) return false;
  if (colon != std::string_view::npos && !IsPort(text.substr(colon + 1))) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return IsDigit(c) || IsLetter(c) || IsOneOf(c, "-._~!$&'()*+;="); });
}

bool IsHttpVersion(std::string_view text) {
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && IsDigit(text[5]) && text[6] == '.' && IsDigit(text[7]);
}

}  // namespace verdant
