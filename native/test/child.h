// Runs what is expected to end a process in a process of its own.
#pragma once

#include <functional>

namespace verdant_test {

struct Ending {
  int exit_code;  // -1 when a signal ended it
  int signal;     // 0 when it exited
};

// `body` returns the child's exit code. Signals have their default effect in the child, whatever a sanitizer installed.
Ending RunInChild(const std::function<int()>& body);

}  // namespace verdant_test
