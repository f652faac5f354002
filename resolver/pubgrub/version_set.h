#pragma once
// Sets of the values a package can have, as bits. See docs/internals/resolver.md#version-sets.
//
// The world is closed: when a package is first seen all its versions are known and numbered. A package that is not
// selected has the value "absent", one more bit. So a term of PubGrub, positive or negative, is simply a set of values,
// and "and", "or", "not" of terms are operations on bits.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pkg::resolver::pubgrub {

using Value = std::uint32_t;  // index of a version in its package; the number of versions stands for "absent"

// A handle on bits that live in a SetArena: cheap to copy, shares the bits. Two sets are only combined when they are of
// the same package.
class VersionSet {
 public:
  VersionSet() = default;
  VersionSet(std::uint64_t* words, std::uint32_t bits) : words_(words), bits_(bits) {}

  std::uint32_t bits() const { return bits_; }  // number of versions + 1
  std::uint32_t word_count() const { return (bits_ + 63) / 64; }
  Value absent() const { return bits_ - 1; }
  bool contains(Value value) const { return (words_[value / 64] >> (value % 64) & 1) != 0; }
  bool has_absent() const { return contains(absent()); }
  const void* identity() const { return words_; }  // equal for handles on the same bits

  bool is_empty() const;
  bool is_full() const;
  bool is_subset_of(const VersionSet& other) const {
    for (std::uint32_t i = 0; i < word_count(); ++i)
      if ((words_[i] & ~other.words_[i]) != 0) return false;
    return true;
  }
  // Whether each value is in one of the two.
  bool is_subset_of_union(const VersionSet& a, const VersionSet& b) const {
    for (std::uint32_t i = 0; i < word_count(); ++i)
      if ((words_[i] & ~(a.words_[i] | b.words_[i])) != 0) return false;
    return true;
  }
  bool is_disjoint_from(const VersionSet& other) const { return is_disjoint_from(other, 0, word_count()); }
  // The same, when `other` has bits in the words [first, end) only.
  bool is_disjoint_from(const VersionSet& other, std::uint32_t first, std::uint32_t end) const {
    for (std::uint32_t i = first; i < end; ++i)
      if ((words_[i] & other.words_[i]) != 0) return false;
    return true;
  }
  std::uint64_t word(std::uint32_t index) const { return words_[index]; }
  bool equals(const VersionSet& other) const;
  std::size_t count() const;                                          // "absent" included
  std::optional<Value> first(Value from = 0) const;                   // smallest value >= from
  std::optional<Value> last() const { return last_below(absent()); }  // largest version, "absent" left out
  std::optional<Value> last_below(Value limit) const;                 // largest value < limit
  bool is_single() const;                                             // exactly one value
  std::size_t hash() const;

  void insert(Value value) { words_[value / 64] |= std::uint64_t{1} << (value % 64); }
  void erase(Value value) { words_[value / 64] &= ~(std::uint64_t{1} << (value % 64)); }
  void insert_range(Value from, Value to);  // [from, to)
  void intersect(const VersionSet& other);
  void unite(const VersionSet& other);
  void subtract(const VersionSet& other);
  void complement();

 private:
  std::uint64_t* words_ = nullptr;
  std::uint32_t bits_ = 0;
};

// Memory for sets. Everything allocated after mark() is given back by release(mark).
class SetArena {
 public:
  struct Mark {
    std::size_t chunk = 0, used = 0;
  };
  Mark mark() const { return {chunk_, used_}; }
  void release(Mark mark) { chunk_ = mark.chunk, used_ = mark.used; }

  VersionSet empty(std::uint32_t bits);
  VersionSet full(std::uint32_t bits);
  VersionSet copy(const VersionSet& set);

 private:
  static constexpr std::size_t kChunkWords = 4096;
  std::uint64_t* allocate(std::size_t words);
  struct Chunk {
    std::unique_ptr<std::uint64_t[]> words;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
};

}  // namespace pkg::resolver::pubgrub
