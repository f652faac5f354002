#include "pep/tags.h"

#include <algorithm>

#include "base/text.h"
#include "pep/tag_order.h"

// TagSet: tags as triples of small ids, and a hash table from triple to rank.

namespace pkg::pep {
namespace {

// Ignores the case of ASCII letters; '_' and DEL fall together, which costs a comparison and nothing else.
std::uint64_t hash_ignoring_case(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ (static_cast<unsigned char>(c) | 0x20u)) * 0x100000001b3;
  return hash ^ (hash >> 29);
}

// Calls visit(piece) for each '.'-separated piece.
template <class Visit>
void for_each_piece(std::string_view set, Visit visit) {
  while (true) {
    const auto dot = set.find('.');
    visit(set.substr(0, dot));
    if (dot == std::string_view::npos) return;
    set.remove_prefix(dot + 1);
  }
}

std::size_t hash_ids(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t mixed = (a << 40 ^ b << 20 ^ c) * 0x9e3779b97f4a7c15;
  return mixed ^ mixed >> 32;
}

}  // namespace

std::size_t TagSet::Names::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_ignoring_case(text) & mask;
  while (slots_[slot] != kNone && !equals_ignoring_case(texts_[slots_[slot]], text)) slot = (slot + 1) & mask;
  return slot;
}

void TagSet::Names::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), kNone);
  for (std::uint32_t id = 0; id < texts_.size(); ++id) slots_[slot_of(texts_[id])] = id;
}

std::uint32_t TagSet::Names::intern(std::string_view text) {
  if (texts_.size() * 2 >= slots_.size()) grow();
  std::uint32_t& id = slots_[slot_of(text)];
  if (id == kNone) {
    id = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
  }
  return id;
}

std::uint32_t TagSet::Names::find(std::string_view text) const {
  return slots_.empty() ? kNone : slots_[slot_of(text)];
}

TagSet::TagSet(std::span<const Tag> ordered) {
  tags_.reserve(ordered.size());
  for (const Tag& tag : ordered)
    add({interpreters_.intern(tag.interpreter), abis_.intern(tag.abi), platforms_.intern(tag.platform)});
  index_ranks();
}

TagSet::TagSet(const InterpreterFacts& interpreter, std::span<const std::string> platforms) {
  // Neighbouring tags share their interpreter and ABI; the look-up of those is spared by remembering the views.
  std::string_view last_python, last_abi;
  Ids ids{};
  visit_tags(interpreter, platforms, [&](std::string_view python, std::string_view abi, std::string_view platform) {
    if (python != last_python || tags_.empty()) ids.interpreter = interpreters_.intern(python);
    if (abi != last_abi || tags_.empty()) ids.abi = abis_.intern(abi);
    ids.platform = platforms_.intern(platform);
    last_python = interpreters_.text(ids.interpreter);
    last_abi = abis_.text(ids.abi);
    add(ids);
  });
  index_ranks();
}

void TagSet::index_ranks() {
  std::size_t capacity = 64;
  while (capacity < tags_.size() * 2) capacity *= 2;
  slots_.assign(capacity, 0);
  for (std::uint32_t rank = 0; rank < tags_.size(); ++rank) {
    const Ids& ids = tags_[rank];
    std::size_t slot = hash_ids(ids.interpreter, ids.abi, ids.platform) & (capacity - 1);
    // Of a tag that is listed twice the first counts.
    while (slots_[slot] != 0 && tags_[slots_[slot] - 1] != ids) slot = (slot + 1) & (capacity - 1);
    if (slots_[slot] == 0) slots_[slot] = rank + 1;
  }
}

std::uint32_t TagSet::rank_of(const Ids& ids) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_ids(ids.interpreter, ids.abi, ids.platform) & mask;
  while (slots_[slot] != 0 && tags_[slots_[slot] - 1] != ids) slot = (slot + 1) & mask;
  return slots_[slot] == 0 ? Names::kNone : slots_[slot] - 1;
}

Tag TagSet::tag(std::size_t rank) const {
  const Ids& ids = tags_[rank];
  return Tag{interpreters_.text(ids.interpreter), abis_.text(ids.abi), platforms_.text(ids.platform)};
}

std::vector<Tag> TagSet::ordered() const {
  std::vector<Tag> tags;
  tags.reserve(size());
  for (std::size_t rank = 0; rank < size(); ++rank) tags.push_back(tag(rank));
  return tags;
}

std::optional<std::uint32_t> TagSet::rank(std::string_view interpreters, std::string_view abis,
                                          std::string_view platforms) const {
  std::uint32_t best = Names::kNone;
  for_each_piece(interpreters, [&](std::string_view interpreter_text) {
    const std::uint32_t interpreter = interpreters_.find(interpreter_text);
    if (interpreter == Names::kNone) return;
    for_each_piece(abis, [&](std::string_view abi_text) {
      const std::uint32_t abi = abis_.find(abi_text);
      if (abi == Names::kNone) return;
      for_each_piece(platforms, [&](std::string_view platform_text) {
        const std::uint32_t platform = platforms_.find(platform_text);
        if (platform != Names::kNone) best = std::min(best, rank_of({interpreter, abi, platform}));
      });
    });
  });
  return best == Names::kNone ? std::nullopt : std::optional(best);
}

}  // namespace pkg::pep
