#include "stack_pool.h"

#include <algorithm>
#include <utility>

#include "sanitizer.h"

namespace verdant {
namespace {

// More than a page, so that a C++ frame with a big local buffer does not step over it.
constexpr std::size_t kGuardBytes = std::size_t{16} * 1024;

// A program with a handful of green threads reserves a handful of stacks; a hundred thousand take about 1,600 mappings.
constexpr std::size_t kSmallestArena = 4;
constexpr std::size_t kBiggestArena = 64;

std::size_t WholePages(std::size_t bytes) {
  const std::size_t page = VirtualMemory::PageSize();
  return std::max<std::size_t>(1, (bytes + page - 1) / page) * page;
}

}  // namespace

StackPool::StackPool(std::size_t usable_bytes, std::size_t resident_watermark, std::unique_ptr<VirtualMemory> memory)
    : memory_(memory ? std::move(memory) : std::make_unique<VirtualMemory>()),
      usable_bytes_(WholePages(usable_bytes)),
      guard_bytes_(WholePages(kGuardBytes)),
      resident_watermark_(resident_watermark) {}

StackPool::~StackPool() {
  for (const Arena& arena : arenas_) memory_->Unmap(arena.start, arena.capacity * stride());
}

Stack StackPool::Acquire(StackError* error) {
  *error = StackError::kNone;
  if (idle_.empty()) return Carve(error);
  char* limit = idle_.Pop();
  discarded_ = std::min(discarded_, idle_.size());
  return Stack{limit, limit + usable_bytes_};
}

void StackPool::Release(const Stack& stack) {
  sanitizer::Unpoison(stack);
  idle_.Push(stack.limit);
  // The coldest stack pays, not the one just released: that one is the next to be used.
  if (idle_.size() - discarded_ > resident_watermark_) memory_->Discard(idle_[discarded_++], usable_bytes_);
}

StackPoolStats StackPool::stats() const { return {reserved_, reserved_ - idle_.size(), idle_.size()}; }

Stack StackPool::Carve(StackError* error) {
  // Room for every stack in the idle list is made here, because Release() has nobody to tell a failure to.
  if (!idle_.Reserve(reserved_ + 1)) {
    *error = StackError::kOutOfMemory;
    return {};
  }
  if ((arenas_.empty() || arenas_.back().carved == arenas_.back().capacity) && !AddArena(error)) return {};

  Arena& arena = arenas_.back();
  char* start = arena.start + arena.carved * stride();
  // Guards are made one by one: an arena costs little before it is used, and where the kernel refuses the next guard
  // the stacks before it stay good and this one is tried again next time.
  if (!memory_->Guard(start, guard_bytes_)) {
    *error = StackError::kOutOfMappings;
    return {};
  }
  ++arena.carved;
  ++reserved_;
  char* limit = start + guard_bytes_;
  return Stack{limit, limit + usable_bytes_};
}

bool StackPool::AddArena(StackError* error) {
  *error = StackError::kOutOfMemory;
  if (!arenas_.Reserve(arenas_.size() + 1)) return false;
  for (std::size_t capacity = NextArenaCapacity(); capacity > 0; capacity /= 2) {
    char* start = memory_->Map(capacity * stride());
    if (start != nullptr) {
      arenas_.Push(Arena{start, capacity, 0});
      *error = StackError::kNone;
      return true;
    }
  }
  if (memory_->MappingsExhausted()) *error = StackError::kOutOfMappings;
  return false;
}

std::size_t StackPool::NextArenaCapacity() const { return std::clamp(reserved_, kSmallestArena, kBiggestArena); }

}  // namespace verdant
