#include "resolver/hints.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.h"
#include "resolver/advice.h"
#include "resolver/conflict_leaves.h"
#include "resolver/range_text.h"

namespace pkg::resolver {

using pubgrub::IncompatibilityId;
using pubgrub::Solver;

namespace {

constexpr std::size_t kMostHints = 4;

bool all_of_kind(const ConflictLeaves& facts, Unusable kind) {
  return !facts.unusable.empty() && std::all_of(facts.unusable.begin(), facts.unusable.end(),
                                                [&](const auto& fact) { return fact.second->reason.kind == kind; });
}

std::string about_one(const Provider& provider, const Project& project, const ConflictLeaves& facts) {
  const std::string name = quote(project.name.str());
  if (project.listing != nullptr && !project.listing->found) return cat(name, " ", project.listing->reason);
  if (project.listing != nullptr && project.versions.empty())
    return cat(name, " has no file that could be installed: the index lists no wheel or source distribution of it");
  if (!facts.unmatched.empty() && facts.unusable.empty())
    return cat("no version of ", name, " matches ",
               facts.unmatched.front().second->requirement->specifiers.to_string());
  if (all_of_kind(facts, Unusable::requires_python)) {
    if (provider.fork() != nullptr) return cat("no version of ", name, " fits the Pythons of requires-python");
    return cat("no version of ", name, " fits Python ", provider.problem().targets.front().python.to_string());
  }
  if (all_of_kind(facts, Unusable::tags) && names_lacking_platform(provider, facts.unusable.front().second->reason))
    return cat("no version of ", name, " has a wheel for ", facts.unusable.front().second->reason.detail);
  if (all_of_kind(facts, Unusable::tags))
    return cat("no version of ", name, " has a wheel for ",
               provider.fork() != nullptr ? "these environments" : "this platform and Python");
  if (all_of_kind(facts, Unusable::variants))
    return cat(name, " has wheel variants only, and none of them can be used ",
               provider.fork() != nullptr ? "in a lock" : "here");
  if (all_of_kind(facts, Unusable::hash)) return cat("no file of ", name, " has a hash that is allowed");
  if (all_of_kind(facts, Unusable::yanked)) return cat("every version of ", name, " that fits was yanked");
  if (all_of_kind(facts, Unusable::not_yet_uploaded))
    return cat("every version of ", name, " that fits is newer than the cut-off");
  if (all_of_kind(facts, Unusable::prerelease)) return cat("only pre-releases of ", name, " fit");
  if (facts.unusable.empty()) return cat("the requirements on ", name, " exclude each other");
  return cat("no version of ", name, " can be used");
}

std::string known_versions(const Project& project) {
  std::vector<std::string> texts;
  const std::size_t count = project.versions.size();
  const std::size_t shown = count > 12 ? 10 : count;
  for (std::size_t i = 0; i < shown; ++i) texts.push_back(project.versions[i].to_string());
  if (shown < count) return cat(join(texts, ", "), " and ", count - shown, " older ones");
  return join(texts, ", ");
}

}  // namespace

std::string headline(const Provider& provider, const Solver& solver, std::span<const IncompatibilityId> leaves) {
  const ConflictLeaves facts = conflict_leaves(provider, solver, leaves);
  if (facts.projects.size() == 1) return about_one(provider, **facts.projects.begin(), facts);
  std::set<std::string> names;
  for (const pep::Requirement* const requirement : facts.asked) names.insert(quote(requirement->name.str()));
  if (names.size() == 1) return cat(*names.begin(), " cannot be installed: no version of it fits everything it needs");
  if (names.size() <= 4 && !names.empty())
    return cat(list_text(std::vector<std::string>(names.begin(), names.end())), " cannot be installed together");
  return "the requirements cannot all be met";
}

std::string hint(const Provider& provider, const Solver& solver, std::span<const IncompatibilityId> leaves) {
  const ConflictLeaves facts = conflict_leaves(provider, solver, leaves);
  std::vector<std::string> lines;
  const auto add = [&](std::string text) {
    if (!text.empty() && lines.size() < kMostHints && std::find(lines.begin(), lines.end(), text) == lines.end())
      lines.push_back(std::move(text));
  };
  for (std::string& line : name_advice(provider, facts)) add(std::move(line));
  add(conflict_advice(provider, facts));
  for (const auto& [term, note] : facts.unmatched) {
    const Project& project = *provider.package(note->dependency).project;
    if (project.versions.empty()) continue;
    add(cat("versions of ", quote(project.name.str()), ": ", known_versions(project)));
  }
  for (const auto& [term, note] : facts.unusable) add(advice(provider, *term, *note));
  for (std::string& line : python_advice(provider, facts)) add(std::move(line));
  if (lines.empty()) add(request_advice(facts));
  return join(lines, "\n");
}

pep::SpecifierSet narrower_python(const Provider& provider, const Solver& solver,
                                  std::span<const IncompatibilityId> leaves) {
  return provider.fork() != nullptr ? narrower_python(provider, conflict_leaves(provider, solver, leaves))
                                    : pep::SpecifierSet();
}

}  // namespace pkg::resolver
