#include "resolver/hints.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resolver/range_text.h"

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::Incompatibility;
using pubgrub::IncompatibilityId;
using pubgrub::Solver;
using pubgrub::Term;
using pubgrub::Value;

namespace {

// What the facts are about.
struct Facts {
  std::set<const Project*> projects;           // all that occur
  std::vector<const pep::Requirement*> asked;  // requirements of the root
  std::vector<std::pair<const Term*, const Note*>> unusable;
  std::vector<std::pair<const Term*, const Note*>> unmatched;  // dependencies that no known version meets
};

Facts facts_of(const Provider& provider, const Solver& solver, std::span<const IncompatibilityId> leaves) {
  Facts facts;
  for (const IncompatibilityId id : leaves) {
    const Incompatibility& leaf = solver.incompatibility(id);
    for (const Term& term : leaf.terms)
      if (const Project* const project = provider.package(term.package).project) facts.projects.insert(project);
    if (leaf.cause.kind == CauseKind::root) continue;
    const Note& note = provider.note(leaf.cause.note);
    if (leaf.cause.kind == CauseKind::unusable) {
      facts.unusable.emplace_back(&leaf.terms.front(), &note);
      continue;
    }
    facts.projects.insert(provider.package(note.dependency).project);
    const bool is_root = leaf.find(pubgrub::kRoot) != nullptr;
    if (is_root) facts.asked.push_back(note.requirement);
    const bool has_negative = std::any_of(leaf.terms.begin(), leaf.terms.end(), [](const Term& term) { return !term.is_positive(); });
    const bool is_self = leaf.find(note.dependency) != nullptr && !has_negative;
    if (!has_negative && !is_self) facts.unmatched.emplace_back(&leaf.terms.front(), &note);
  }
  return facts;
}

bool all_of_kind(const Facts& facts, Unusable kind) {
  return !facts.unusable.empty() &&
         std::all_of(facts.unusable.begin(), facts.unusable.end(), [&](const auto& fact) { return fact.second->reason.kind == kind; });
}

std::string about_one(const Provider& provider, const Project& project, const Facts& facts) {
  const std::string name = quote(project.name.str());
  if (project.listing != nullptr && !project.listing->found) return cat(name, " ", project.listing->reason);
  if (!facts.unmatched.empty() && facts.unusable.empty())
    return cat("no version of ", name, " matches ", facts.unmatched.front().second->requirement->specifiers.to_string());
  if (all_of_kind(facts, Unusable::requires_python)) {
    if (provider.fork() != nullptr) return cat("no version of ", name, " fits the Pythons of requires-python");
    return cat("no version of ", name, " fits Python ", provider.problem().targets.front().python.to_string());
  }
  if (all_of_kind(facts, Unusable::tags)) return cat("no version of ", name, " has a wheel for this platform and Python");
  if (all_of_kind(facts, Unusable::yanked)) return cat("every version of ", name, " that fits was yanked");
  if (all_of_kind(facts, Unusable::not_yet_uploaded)) return cat("every version of ", name, " that fits is newer than the cut-off");
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

// One line for each project that needs another Python: the least that would do, and what is left besides it.
std::vector<std::string> python_advice(const Provider& provider, const Solver& solver, const Facts& facts) {
  std::map<const Project*, std::pair<Value, const Note*>> oldest;
  for (const auto& [term, note] : facts.unusable) {
    if (note->reason.kind != Unusable::requires_python) continue;
    const auto value = term->values.last();
    if (!value) continue;
    const auto [entry, is_new] = oldest.try_emplace(provider.package(term->package).project, *value, note);
    if (!is_new && *value > entry->second.first) entry->second = {*value, note};
  }
  std::vector<std::string> lines;
  for (const auto& [project, found] : oldest) {
    std::string line = cat("use a Python that satisfies ", found.second->reason.detail);
    const auto older = solver.solution().lasting_domain(project->id).first(found.first + 1);
    if (older && *older < project->version_count())
      append(line, ", or ask for an older ", quote(project->name.str()), ": ", project->versions[*older].to_string(), " or before");
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string advice(const Provider& provider, const Term& term, const Note& note) {
  const Project& project = *provider.package(term.package).project;
  const std::string name = quote(project.name.str());
  const auto newest = term.values.first();
  const std::string version = newest ? project.versions[*newest].to_string() : "";
  switch (note.reason.kind) {
    case Unusable::prerelease:
      return cat("pre-releases of ", name, " exist, the newest is ", version, ": allow them with --pre");
    case Unusable::yanked:
      return cat("to take a yanked version anyway, ask for it by its number: ", project.name.str(), "==", version);
    case Unusable::not_yet_uploaded:
      return cat(name, " ", version, " is newer than the cut-off of --exclude-newer");
    case Unusable::tags:
      return note.reason.detail.empty() ? "" : cat("wheels of ", name, " ", version, " are for ", note.reason.detail, " only");
    case Unusable::constraint:
      return cat("loosen the constraint ", requirement_text(*note.requirement), origin_text(*note.requirement));
    case Unusable::format:
      return cat("allow other files of ", name, " (--only-binary, --no-binary)");
    default:
      return "";
  }
}

}  // namespace

std::string headline(const Provider& provider, const Solver& solver, std::span<const IncompatibilityId> leaves) {
  const Facts facts = facts_of(provider, solver, leaves);
  if (facts.projects.size() == 1) return about_one(provider, **facts.projects.begin(), facts);
  std::set<std::string> names;
  for (const pep::Requirement* const requirement : facts.asked) names.insert(quote(requirement->name.str()));
  if (names.size() == 1) return cat(*names.begin(), " cannot be installed: no version of it fits everything it needs");
  if (names.size() <= 4 && !names.empty())
    return cat(list_text(std::vector<std::string>(names.begin(), names.end())), " cannot be installed together");
  return "the requirements cannot all be met";
}

std::string hint(const Provider& provider, const Solver& solver, std::span<const IncompatibilityId> leaves) {
  const Facts facts = facts_of(provider, solver, leaves);
  std::vector<std::string> lines;
  const auto add = [&](std::string text) {
    if (!text.empty() && lines.size() < 3 && std::find(lines.begin(), lines.end(), text) == lines.end()) lines.push_back(std::move(text));
  };
  for (const auto& [term, note] : facts.unmatched) {
    const Project& project = *provider.package(note->dependency).project;
    if (project.versions.empty()) continue;
    add(cat("versions of ", quote(project.name.str()), ": ", known_versions(project)));
  }
  for (const auto& [term, note] : facts.unusable) add(advice(provider, *term, *note));
  for (std::string& line : python_advice(provider, solver, facts)) add(std::move(line));
  return join(lines, "\n");
}

}  // namespace pkg::resolver
