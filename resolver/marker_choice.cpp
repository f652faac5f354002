// Sets that share a member are one group: their members' combinations are counted out together. A set by itself has as
// many selections as members; a chain of sets of two has a few more. A group with very many is left to booleans.
#include "resolver/marker_choice.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace pkg::resolver {

namespace {

constexpr std::size_t kMostCombined = 64;  // selections of more than one member

using Selection = std::vector<std::uint32_t>;

class Groups {
 public:
  explicit Groups(std::span<const std::vector<pep::MarkerAtom>> exclusive) {
    std::map<std::string, std::uint32_t> ids;
    for (const auto& set : exclusive)
      for (const pep::MarkerAtom& atom : set) ids.emplace(pep::to_string(atom), 0);
    for (auto& [text, id] : ids) id = static_cast<std::uint32_t>(atoms_.size()), atoms_.emplace_back();
    excluded_.assign(atoms_.size(), std::vector<bool>(atoms_.size(), false));
    group_.resize(atoms_.size());
    std::iota(group_.begin(), group_.end(), 0u);
    for (const auto& set : exclusive) {
      Selection members;
      for (const pep::MarkerAtom& atom : set) {
        members.push_back(ids[pep::to_string(atom)]);
        atoms_[members.back()] = atom;
      }
      exclude(members);
    }
  }

  std::vector<ChoiceGroup> run() {
    std::map<std::uint32_t, Selection> by_group;
    for (std::uint32_t id = 0; id < group_.size(); ++id) by_group[root(id)].push_back(id);
    std::vector<ChoiceGroup> groups;
    for (const auto& [group, members] : by_group)
      if (members.size() > 1) groups.push_back(group_of(members));
    return groups;
  }

 private:
  std::uint32_t root(std::uint32_t id) const {
    while (group_[id] != id) id = group_[id];
    return id;
  }

  void exclude(const Selection& members) {
    for (const std::uint32_t a : members)
      for (const std::uint32_t b : members) {
        if (a == b) continue;
        excluded_[a][b] = true;
        const std::uint32_t first = root(a), second = root(b);
        group_[std::max(first, second)] = std::min(first, second);
      }
  }

  // Each selection, and after it all that add members behind its last one.
  ChoiceGroup group_of(const Selection& ids) const {
    ChoiceGroup group;
    for (const std::uint32_t id : ids) group.members.push_back(atoms_[id]);
    for (std::uint32_t i = 0; i < ids.size(); ++i) group.selections.push_back({i});
    for (std::size_t at = 0; at < group.selections.size(); ++at)
      for (std::uint32_t next = group.selections[at].back() + 1; next < ids.size(); ++next) {
        Selection larger = group.selections[at];
        if (std::ranges::any_of(larger, [&](std::uint32_t member) { return excluded_[ids[member]][ids[next]]; }))
          continue;
        larger.push_back(next);
        group.selections.push_back(std::move(larger));
        group.is_whole = group.selections.size() <= ids.size() + kMostCombined;
        if (!group.is_whole) return group;
      }
    return group;
  }

  std::vector<pep::MarkerAtom> atoms_;  // by id, in the order of their texts
  std::vector<std::vector<bool>> excluded_;
  std::vector<std::uint32_t> group_;  // another member of the same group, in the end the first one
};

}  // namespace

std::vector<ChoiceGroup> choice_groups(std::span<const std::vector<pep::MarkerAtom>> exclusive) {
  return Groups(exclusive).run();
}

}  // namespace pkg::resolver
