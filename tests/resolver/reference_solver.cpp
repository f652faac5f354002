#include "resolver/reference_solver.h"

#include <algorithm>
#include <functional>
#include <set>

namespace pkg::test {

namespace {

using Choice = std::map<std::string, int>;

// Follows the requirements of what is chosen. The first package that is needed and not chosen, "" when all is well,
// nullopt when something is violated.
std::optional<std::string> first_open(const TinyWorld& world, const std::vector<TinyRequirement>& root,
                                      const Choice& choice) {
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<std::pair<std::string, std::string>> work;
  std::string open;
  bool violated = false;
  const auto follow = [&](const TinyRequirement& requirement) {
    const auto chosen = choice.find(requirement.name);
    if (chosen == choice.end()) {
      if (open.empty()) open = requirement.name;
      return;
    }
    if (std::find(requirement.allowed.begin(), requirement.allowed.end(), chosen->second) == requirement.allowed.end())
      violated = true;
    for (const std::string& extra : {std::string(), requirement.extra})
      if (seen.emplace(requirement.name, extra).second) work.emplace_back(requirement.name, extra);
  };
  for (const TinyRequirement& requirement : root) follow(requirement);
  while (!work.empty()) {
    const auto [name, extra] = work.back();
    work.pop_back();
    for (const TinyRequirement& requirement : world.at(name).at(choice.at(name)))
      if (requirement.only_for == extra) follow(requirement);
  }
  if (violated) return std::nullopt;
  return open;
}

}  // namespace

bool is_satisfiable(const TinyWorld& world, const std::vector<TinyRequirement>& root) {
  Choice choice;
  const std::function<bool()> search = [&]() -> bool {
    const auto open = first_open(world, root, choice);
    if (!open) return false;
    if (open->empty()) return true;
    const auto versions = world.find(*open);
    if (versions == world.end()) return false;
    for (const auto& [version, requirements] : versions->second) {
      choice[*open] = version;
      if (search()) return true;
    }
    choice.erase(*open);
    return false;
  };
  return search();
}

}  // namespace pkg::test
