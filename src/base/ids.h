#pragma once
// Dense typed indices: Id<Tag> is an integer that cannot be mixed up with another kind's, IdVector is a vector indexed
// by one.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace pkg {

template <class Tag>
struct Id {
  std::uint32_t value = 0;
  auto operator<=>(const Id&) const = default;
};

template <class IdType, class T>
class IdVector {
 public:
  IdType push_back(T item) {
    items_.push_back(std::move(item));
    return IdType{static_cast<std::uint32_t>(items_.size() - 1)};
  }
  T& operator[](IdType id) { return items_[id.value]; }
  const T& operator[](IdType id) const { return items_[id.value]; }
  std::size_t size() const { return items_.size(); }
  void resize(std::size_t size) { items_.resize(size); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  std::vector<T> items_;
};

}  // namespace pkg

template <class Tag>
struct std::hash<pkg::Id<Tag>> {
  std::size_t operator()(pkg::Id<Tag> id) const noexcept { return std::hash<std::uint32_t>{}(id.value); }
};
