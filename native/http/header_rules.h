#pragma once

#include <string_view>

namespace verdant {

// Whether two texts are the same but for the case of ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);
// Whether it is a token of RFC 9110: a method, a header's name.
bool IsToken(std::string_view text);
// Whether it may stand in a Host header: a host as in RFC 3986, without user information, percent-encoding and commas,
// which no name has, and a port perhaps; or nothing.
bool IsHost(std::string_view text);
// Whether `HTTP/` and two digits with a dot stand there.
bool IsHttpVersion(std::string_view text);

}  // namespace verdant
