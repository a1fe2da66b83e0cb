#pragma once

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace verdant {

// A vector that can say no: addons are built without exceptions, where a std::vector that cannot grow ends the process.
template <typename T>
class GrowableArray {
  static_assert(std::is_trivially_copyable_v<T>, "moved with realloc");

 public:
  GrowableArray() = default;
  ~GrowableArray() { std::free(items_); }
  GrowableArray(const GrowableArray&) = delete;
  GrowableArray& operator=(const GrowableArray&) = delete;

  // After a true answer, `capacity` items fit without another allocation.
  [[nodiscard]] bool Reserve(std::size_t capacity) {
    if (capacity <= capacity_) return true;
    const std::size_t wanted = capacity > 2 * capacity_ ? capacity : 2 * capacity_;
    void* bigger = std::realloc(static_cast<void*>(items_), wanted * sizeof(T));
    if (bigger == nullptr) return false;
    items_ = static_cast<T*>(bigger);
    capacity_ = wanted;
    return true;
  }

  void Push(const T& item) { items_[size_++] = item; }
  T Pop() { return items_[--size_]; }
  void Truncate(std::size_t size) { size_ = size; }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return items_[index]; }
  T& back() { return items_[size_ - 1]; }
  T* begin() { return items_; }
  T* end() { return items_ + size_; }

 private:
  T* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace verdant
