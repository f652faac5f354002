#include "resolver/pubgrub/version_set.h"

#include <algorithm>

namespace pkg::resolver::pubgrub {

bool VersionSet::is_empty() const {
  for (std::uint32_t i = 0; i < word_count(); ++i)
    if (words_[i] != 0) return false;
  return true;
}

bool VersionSet::is_full() const { return count() == bits_; }

bool VersionSet::equals(const VersionSet& other) const {
  return bits_ == other.bits_ && (words_ == other.words_ || std::equal(words_, words_ + word_count(), other.words_));
}

std::size_t VersionSet::count() const {
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < word_count(); ++i) total += static_cast<std::size_t>(std::popcount(words_[i]));
  return total;
}

std::optional<Value> VersionSet::first(Value from) const {
  if (from >= bits_) return std::nullopt;
  std::uint32_t word = from / 64;
  std::uint64_t rest = words_[word] & (~std::uint64_t{0} << (from % 64));
  while (rest == 0) {
    if (++word == word_count()) return std::nullopt;
    rest = words_[word];
  }
  return word * 64 + static_cast<Value>(std::countr_zero(rest));
}

std::optional<Value> VersionSet::last_below(Value limit) const {
  if (limit == 0) return std::nullopt;
  std::uint32_t word = (limit - 1) / 64;
  std::uint64_t rest = words_[word] & (~std::uint64_t{0} >> (63 - (limit - 1) % 64));
  while (rest == 0) {
    if (word-- == 0) return std::nullopt;
    rest = words_[word];
  }
  return word * 64 + 63 - static_cast<Value>(std::countl_zero(rest));
}

bool VersionSet::is_single() const {
  bool seen = false;
  for (std::uint32_t i = 0; i < word_count(); ++i) {
    if (words_[i] == 0) continue;
    if (seen || !std::has_single_bit(words_[i])) return false;
    seen = true;
  }
  return seen;
}

std::size_t VersionSet::hash() const {
  std::uint64_t sum = bits_;
  for (std::uint32_t i = 0; i < word_count(); ++i) sum = (std::rotl(sum, 23) ^ words_[i]) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(sum ^ (sum >> 32));
}

void VersionSet::insert_range(Value from, Value to) {
  while (from < to && from % 64 != 0) insert(from++);
  for (; from + 64 <= to; from += 64) words_[from / 64] = ~std::uint64_t{0};
  while (from < to) insert(from++);
}

void VersionSet::intersect(const VersionSet& other) {
  for (std::uint32_t i = 0; i < word_count(); ++i) words_[i] &= other.words_[i];
}

void VersionSet::unite(const VersionSet& other) {
  for (std::uint32_t i = 0; i < word_count(); ++i) words_[i] |= other.words_[i];
}

void VersionSet::subtract(const VersionSet& other) {
  for (std::uint32_t i = 0; i < word_count(); ++i) words_[i] &= ~other.words_[i];
}

void VersionSet::complement() {
  for (std::uint32_t i = 0; i < word_count(); ++i) words_[i] = ~words_[i];
  if (bits_ % 64 != 0) words_[word_count() - 1] &= (std::uint64_t{1} << (bits_ % 64)) - 1;
}

std::uint64_t* SetArena::allocate(std::size_t words) {
  while (chunk_ < chunks_.size() && used_ + words > chunks_[chunk_].size) ++chunk_, used_ = 0;
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(kChunkWords, words);
    chunks_.push_back(Chunk{std::make_unique<std::uint64_t[]>(size), size});
    used_ = 0;
  }
  std::uint64_t* const result = chunks_[chunk_].words.get() + used_;
  used_ += words;
  return result;
}

VersionSet SetArena::empty(std::uint32_t bits) {
  const std::size_t words = (bits + 63) / 64;
  std::uint64_t* const memory = allocate(words);
  std::fill(memory, memory + words, 0);
  return VersionSet(memory, bits);
}

VersionSet SetArena::full(std::uint32_t bits) {
  VersionSet set = empty(bits);
  set.complement();
  return set;
}

VersionSet SetArena::copy(const VersionSet& set) {
  VersionSet result = empty(set.bits());
  result.unite(set);
  return result;
}

}  // namespace pkg::resolver::pubgrub
