#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

// What ends the whole run; main() prints its message.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& message) : std::runtime_error(message) {}
};

inline std::string Describe(const std::string& what, int error) { return what + ": " + std::strerror(error); }
