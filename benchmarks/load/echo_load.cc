// Load for echo servers: so many connections, each sends a message, checks what comes back, sends the next. One thread,
// so that it fits on one core; see options.h. On standard output, a line of JSON when all connections are open and one
// with the result; a failure (any connection that is lost, any wrong byte) is one line on standard error and exit
// code 1.
#include <sys/resource.h>

#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "client.h"
#include "failure.h"
#include "options.h"
#include "process_usage.h"

namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMillisecond;

void AllowDescriptors(uint64_t connections) {
  constexpr uint64_t kOthers = 16;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) throw Failure(Describe("getrlimit", errno));
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw Failure(Describe("setrlimit", errno));
  if (limit.rlim_max < connections + kOthers) {
    throw Failure(std::to_string(connections) + " connections are more than the " + std::to_string(limit.rlim_max) +
                  " open files that are allowed here (ulimit -Hn)");
  }
}

uint64_t OwnCpuNanoseconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto nanoseconds = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_usec) * 1000;
  };
  return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

void WaitForLine() {
  std::string line;
  std::getline(std::cin, line);
}

void Measure(Client& client, const Options& options) {
  client.RunUntil(Now() + options.warmup * kMillisecond);
  client.Reset();
  const ProcessUsage before = options.server_pid != 0 ? UsageOf(options.server_pid) : ProcessUsage();
  const uint64_t cpu_before = OwnCpuNanoseconds();
  const uint64_t start = Now();
  client.RunUntil(start + options.milliseconds * kMillisecond);
  const uint64_t elapsed = Now() - start;
  const uint64_t cpu = OwnCpuNanoseconds() - cpu_before;
  const ProcessUsage after = options.server_pid != 0 ? UsageOf(options.server_pid) : ProcessUsage();

  const Histogram& latencies = client.latencies;
  const double seconds = static_cast<double>(elapsed) / kSecond;
  const auto microseconds = [](uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; };
  const auto share = [elapsed](uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / static_cast<double>(elapsed);
  };
  const auto [least, most] = client.Fairness();
  std::printf("{\"requests\":%" PRIu64 ",\"seconds\":%.6f,\"requestsPerSecond\":%.1f,", latencies.total(), seconds,
              static_cast<double>(latencies.total()) / seconds);
  std::printf("\"microseconds\":{\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f},",
              microseconds(latencies.Quantile(0.5)), microseconds(latencies.Quantile(0.99)),
              microseconds(latencies.Quantile(0.999)), microseconds(latencies.most()));
  std::printf("\"repliesOfOneConnection\":{\"least\":%" PRIu64 ",\"most\":%" PRIu64 "},", least, most);
  std::printf("\"loadCpuShare\":%.4f,", share(cpu));
  std::printf("\"server\":{\"cpuNanoseconds\":%" PRIu64
              ",\"cpuShare\":%.4f,\"waitedShare\":%.4f,\"residentBytes\":%" PRIu64 "}}\n",
              after.cpu_nanoseconds - before.cpu_nanoseconds, share(after.cpu_nanoseconds - before.cpu_nanoseconds),
              share(after.waited_nanoseconds - before.waited_nanoseconds), after.resident_bytes);
}

void Run(const Options& options) {
  AllowDescriptors(options.idle + options.connections);
  Client client(options);
  client.Open(options.idle, options.idle_exchange != 0);
  const size_t first_busy = client.size();
  client.Open(options.connections, false);
  std::printf("{\"open\":%zu}\n", client.size());
  std::fflush(stdout);
  if (options.hold != 0) WaitForLine();
  if (options.connections == 0) return;
  client.Start(first_busy);
  Measure(client, options);
  client.Finish();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = ParseOptions(std::vector<std::string_view>(argv + 1, argv + argc));
    Run(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "echo_load: %s\n", error.what());
    return 1;
  }
}
