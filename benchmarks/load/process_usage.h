#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "failure.h"

// What a process (all its threads) has used so far.
struct ProcessUsage {
  uint64_t cpu_nanoseconds = 0;
  uint64_t waited_nanoseconds = 0;  // ready to run, but its CPU did something else
  uint64_t resident_bytes = 0;
};

// From /proc, where schedstat counts nanoseconds; stat's ticks of 10 ms would be too coarse.
inline ProcessUsage UsageOf(uint64_t pid) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  ProcessUsage usage;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(process / "task", gone)) {
    uint64_t ran = 0;
    uint64_t waited = 0;
    std::ifstream(task.path() / "schedstat") >> ran >> waited;
    usage.cpu_nanoseconds += ran;
    usage.waited_nanoseconds += waited;
  }
  if (gone) throw Failure("the server, process " + std::to_string(pid) + ": " + gone.message());
  std::ifstream status(process / "status");
  for (std::string key; status >> key;) {
    if (key != "VmRSS:") continue;
    status >> usage.resident_bytes;
    usage.resident_bytes *= 1024;
  }
  return usage;
}
