// The grammars that requests are checked against: tokens, hosts with ports, versions.
#include <doctest/doctest.h>

#include <string_view>

#include "http/header_rules.h"

namespace verdant {
namespace {

TEST_CASE("names are compared without regard to the case of ASCII letters") {
  CHECK(EqualsIgnoringCase("Content-Length", "content-length"));
  CHECK(EqualsIgnoringCase("", ""));
  CHECK_FALSE(EqualsIgnoringCase("Content-Length", "content-lengt"));
  CHECK_FALSE(EqualsIgnoringCase("a[", "a{"));
  CHECK_FALSE(EqualsIgnoringCase("\xC4", "\xE4"));
}

TEST_CASE("a token has the characters of RFC 9110, and at least one") {
  CHECK(IsToken("GET"));
  CHECK(IsToken("!#$%&'*+-.^_`|~09azAZ"));
  for (const std::string_view text : {"", "a b", "a:", "(", "\x7F", "\xC4", "a\n", "a/"}) CHECK_FALSE(IsToken(text));
  CHECK_FALSE(IsToken(std::string_view("a\0", 2)));
}

TEST_CASE("a host may have a port, and nothing else beside it") {
  for (const std::string_view text : {"", "a", "a.test", "a-b_c.test:80", "127.0.0.1:0", "a:", "a:65535", "[::1]",
                                      "[::1]:8080", "[::ffff:1.2.3.4]"}) {
    CAPTURE(text);
    CHECK(IsHost(text));
  }
  for (const std::string_view text :
       {"a b",   "a/b",  "a?b", "a#b", "u@a", "a,b",    "a%20b",  ":80",     "a:b",  "a:65536",      "a:-1",
        "a:1:2", "[::1", "::1", "[]",  "[a",  "[g::1]", "[::1]x", "[::1]:x", "\xC4", "a:99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(IsHost(text));
  }
}

TEST_CASE("a version is HTTP/ and two digits with a dot") {
  CHECK(IsHttpVersion("HTTP/1.1"));
  CHECK(IsHttpVersion("HTTP/2.0"));
  for (const std::string_view text : {"HTTP/1", "HTTP/1.", "http/1.1", "HTTP/11", "HTTP/1.1 ", "HTTP/a.b"}) {
    CHECK_FALSE(IsHttpVersion(text));
  }
}

}  // namespace
}  // namespace verdant
