#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

// Counts of durations in nanoseconds, log-linear: every power of two is cut into 64 equal parts, so that a quantile is
// at most 1.6 % too high whatever its size, and recording one is an increment.
class Histogram {
 public:
  void Record(uint64_t nanoseconds) {
    counts_[BucketOf(nanoseconds)] += 1;
    total_ += 1;
    most_ = std::max(most_, nanoseconds);
  }

  void Clear() {
    std::fill(counts_.begin(), counts_.end(), 0);
    total_ = 0;
    most_ = 0;
  }

  uint64_t total() const { return total_; }
  uint64_t most() const { return most_; }

  // The duration that a share of all has not exceeded.
  uint64_t Quantile(double share) const {
    const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(total_)));
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < counts_.size(); bucket += 1) {
      seen += counts_[bucket];
      if (seen >= wanted && seen > 0) return std::min(Highest(bucket), most_);
    }
    return most_;
  }

 private:
  static constexpr unsigned kPartBits = 6;
  static constexpr size_t kParts = size_t{1} << kPartBits;

  // Values below 2 * kParts have a bucket each; above, the leading bit chooses a row and the next six bits a part of
  // it.
  static size_t BucketOf(uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value | 1));
    const unsigned shift = width > kPartBits + 1 ? width - kPartBits - 1 : 0;
    return shift * kParts + (value >> shift);
  }

  static uint64_t Highest(size_t bucket) {
    const size_t shift = bucket < 2 * kParts ? 0 : bucket / kParts - 1;
    return ((bucket - shift * kParts + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(BucketOf(UINT64_MAX) + 1);
  uint64_t total_ = 0;
  uint64_t most_ = 0;
};
