#pragma once
// What operations on diagrams gave before: a table with one place for each hash, in which the latest answer wins. It
// forgets, and so its size has a bound; a forgotten answer is found again.

#include <cstdint>
#include <optional>
#include <vector>

namespace pkg::resolver {

using DiagramNode = std::uint32_t;

enum class DiagramOperation : std::uint8_t { conjunction, disjunction, difference, implies, disjoint, restrict_to };

class DiagramMemo {
 public:
  DiagramMemo() : entries_(kSmallest) {}

  std::optional<DiagramNode> find(DiagramOperation operation, DiagramNode a, DiagramNode b) const {
    const Entry& entry = entries_[place(operation, a, b)];
    const bool counts = entry.generation == 0 || entry.generation == generation_;
    if (entry.a != a || entry.b != b || entry.operation != operation || !counts) return std::nullopt;
    return entry.result;
  }

  void note(DiagramOperation operation, DiagramNode a, DiagramNode b, DiagramNode result) {
    if (++noted_ > 2 * entries_.size() && entries_.size() < kLargest) grow();
    entries_[place(operation, a, b)] = {a, b, result, in_scratch_ ? generation_ : 0, operation};
  }

  // Answers from begin_scratch() on count until end_scratch().
  void begin_scratch() { in_scratch_ = true, ++generation_; }
  void end_scratch() { in_scratch_ = false, ++generation_; }

 private:
  static constexpr std::size_t kSmallest = 1u << 10, kLargest = 1u << 19;
  struct Entry {  // nobody asks for what an empty one answers: false and false
    DiagramNode a = 0, b = 0, result = 0;
    std::uint32_t generation = 0;  // 0: for ever
    DiagramOperation operation = DiagramOperation::conjunction;
  };

  std::size_t place(DiagramOperation operation, DiagramNode a, DiagramNode b) const {
    std::uint64_t hash = (std::uint64_t{a} << 32 | b) + static_cast<std::uint64_t>(operation) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 32)) * 0xff51afd7ed558ccdu;
    return static_cast<std::size_t>(hash >> 32) & (entries_.size() - 1);
  }

  void grow() {
    std::vector<Entry> old(entries_.size() * 4);
    old.swap(entries_);
    noted_ = 0;
    for (const Entry& entry : old) entries_[place(entry.operation, entry.a, entry.b)] = entry;
  }

  std::vector<Entry> entries_;
  std::size_t noted_ = 0;
  std::uint32_t generation_ = 1;
  bool in_scratch_ = false;
};

}  // namespace pkg::resolver
