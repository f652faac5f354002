#pragma once
// The requirements of one release, in order. Releases of one project ask for much the same: equal lines are one shared
// object.

#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "pep/requirement.h"

namespace pkg::pep {

using SharedRequirement = std::shared_ptr<const Requirement>;

class RequirementList {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Requirement;
    using difference_type = std::ptrdiff_t;
    using pointer = const Requirement*;
    using reference = const Requirement&;

    Iterator() = default;
    explicit Iterator(const SharedRequirement* at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const SharedRequirement* at_ = nullptr;
  };

  RequirementList() = default;
  explicit RequirementList(std::span<const Requirement> items) {
    items_.reserve(items.size());
    for (const auto& item : items) push_back(item);
  }

  void push_back(Requirement item) { items_.push_back(std::make_shared<const Requirement>(std::move(item))); }
  void push_back(SharedRequirement item) { items_.push_back(std::move(item)); }  // not null
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  const Requirement& operator[](std::size_t i) const { return *items_[i]; }
  Iterator begin() const { return Iterator(items_.data()); }
  Iterator end() const { return Iterator(items_.data() + items_.size()); }

 private:
  std::vector<SharedRequirement> items_;
};

// Parses each text once. What it gave lives as long as somebody holds it or the pool. Threads: any.
class RequirementPool {
 public:
  Result<SharedRequirement> parse(std::string_view text);  // errors: those of Requirement::parse, which are not kept

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::mutex mutex_;
  std::unordered_map<std::string, SharedRequirement, TextHash, std::equal_to<>> known_;
};

}  // namespace pkg::pep
