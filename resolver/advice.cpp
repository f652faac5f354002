#include "resolver/advice.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "pep/filename.h"
#include "pep/old_metadata.h"
#include "resolver/candidates.h"
#include "resolver/range_text.h"

namespace pkg::resolver {

using pubgrub::Term;
using pubgrub::Value;

namespace {

// The files of a release as the source lists them; none for a URL, and none when they cannot be had (no reason to fail
// a second time).
std::span<const pep::DistFile> listed_files(const Project& project, Value value) {
  if (value < project.direct_count()) return {};
  const auto files = project.source->files(project.name, value - project.direct_count());
  return files.ok() ? *files : std::span<const pep::DistFile>();
}

// "2024-05-01", or with the time of day where there is one.
std::string date_text(std::int64_t unix_seconds) {
  const std::string text = time::to_rfc3339(unix_seconds);
  return text.ends_with("T00:00:00Z") ? text.substr(0, 10) : text;
}

std::string cut_off_advice(const Provider& provider, const Project& project, Value value) {
  std::optional<std::int64_t> uploaded, limit;
  for (const pep::DistFile& file : listed_files(project, value)) {
    if (!limit) limit = provider.problem().policy.cut_off_of(file);
    if (file.upload_time) uploaded = std::min(uploaded.value_or(*file.upload_time), *file.upload_time);
  }
  const std::string what = cat(quote(project.name.str()), " ", project.versions[value].to_string());
  const std::string cut_off = limit ? cat(" is ", date_text(*limit)) : std::string();
  if (!uploaded)
    return cat("when ", what, " was uploaded is not known, so it counts as newer than the cut-off (exclude-newer",
               cut_off, ")");
  return cat(what, " was uploaded on ", date_text(*uploaded), ", the cut-off (exclude-newer)",
             cut_off.empty() ? " is before" : cut_off);
}

std::string hash_text(const pep::FileHash& hash) { return cat(hash::name(hash.algorithm), ":", hash.hex); }

// Which file was refused for its hash: what it has, and what it should have.
std::string hash_advice(const Provider& provider, const Project& project, Value value) {
  const auto& policy = provider.problem().policy;
  const auto wanted = policy.hashes.find(project.name);
  const auto files = value < project.direct_count()
                         ? std::span<const pep::DistFile>(project.direct[value].file.get(), 1)
                         : listed_files(project, value);
  const auto shown = std::ranges::find_if(files, [](const pep::DistFile& file) { return !file.hashes.empty(); });
  if (wanted == policy.hashes.end() || wanted->second.empty() || shown == files.end()) return "";
  const auto& expected = wanted->second;
  const auto same_kind = std::ranges::find(shown->hashes, expected.front().algorithm, &pep::FileHash::algorithm);
  const auto& found = same_kind == shown->hashes.end() ? shown->hashes.front() : *same_kind;
  return cat("`", printable(shown->file_name), "` has ", hash_text(found), ", expected ", hash_text(expected.front()),
             expected.size() == 1 ? "" : cat(", or another of the ", expected.size(), " required"));
}

// "macosx_11_0_arm64 and win_amd64".
std::string wheel_platforms(std::span<const pep::DistFile> files) {
  std::set<std::string> platforms;
  for (const pep::DistFile& file : files)
    if (const auto parts = pep::split_wheel_name(file.file_name))
      platforms.insert(cat(parts->platforms == "any" ? parts->interpreters : parts->platforms));
  return few_text(platforms);
}

// The newest release behind `value` that has a file for the target. Hints name what was looked at.
std::optional<Value> older_usable(const Provider& provider, const Project& project, Value value) {
  constexpr Value kMostTried = 100;
  const Problem& problem = provider.problem();
  if (problem.targets.empty()) return std::nullopt;
  const pep::Target& target = problem.targets.front();
  FileChooser chooser(target, problem.policy, PythonCheck(target.python, problem.policy), nullptr);
  const Value end = std::min(project.version_count(), value + 1 + kMostTried);
  for (Value older = std::max(value + 1, project.direct_count()); older < end; ++older) {
    if (project.prereleases.contains(older)) continue;
    Candidate candidate;
    chooser.choose(project.name, listed_files(project, older), FileOrigin::release, candidate);
    if (!candidate.reason) return older;
  }
  return std::nullopt;
}

std::string older_text(const Project& project, Value older) {
  return cat("ask for an older ", quote(project.name.str()), ": ", project.versions[older].to_string());
}

// What sys.platform is wherever one of these wheels fits; empty: several things, or Linux, where it is no help.
std::string only_system(std::span<const pep::DistFile> files) {
  std::set<std::string> systems;
  for (const pep::DistFile& file : files) {
    const auto parts = pep::split_wheel_name(file.file_name);
    if (!parts) continue;
    for (const auto platform : split(parts->platforms, '.'))
      systems.insert(platform.starts_with("win") ? "win32" : platform.starts_with("macosx_") ? "darwin" : "");
  }
  return systems.size() == 1 ? *systems.begin() : std::string();
}

// What the wheels are for is in the explanation, but where a fork lacks a platform.
std::string wheels_advice(const Provider& provider, const Project& project, Value value, const Reason& reason) {
  if (names_lacking_platform(provider, reason)) {
    const std::string platforms = wheel_platforms(listed_files(project, value));
    return platforms.empty() ? ""
                             : cat("wheels of ", quote(project.name.str()), " ", project.versions[value].to_string(),
                                   " are for ", platforms, " only");
  }
  const auto older = older_usable(provider, project, value);
  if (older) return cat(older_text(project, *older), " has a file for this platform and Python");
  if (reason.detail.starts_with("for other Pythons only")) return "--python PATH or VERSION takes another Python";
  const bool is_own_wish = std::ranges::find(provider.problem().requirements, project.name, &pep::Requirement::name) !=
                           provider.problem().requirements.end();
  const auto system = is_own_wish ? only_system(listed_files(project, value)) : std::string();
  return system.empty()
             ? ""
             : cat("to have it on that system only: ", project.name.str(), "; sys_platform == \"", system, "\"");
}

// The lowest Python that a Requires-Python accepts, as one specifier; nullopt: no lower bound.
std::optional<pep::Specifier> lower_bound_of(const pep::SpecifierSet& set) {
  std::optional<pep::Specifier> bound;
  for (const pep::Specifier& part : set.parts()) {
    using enum pep::Operator;
    if (part.op != greater_equal && part.op != greater && part.op != compatible && part.op != equal) continue;
    const pep::Operator op = part.op == greater ? greater : greater_equal;
    if (bound && (part.version < bound->version || (part.version == bound->version && bound->op == greater))) continue;
    bound = pep::Specifier{.op = op, .version = part.version};
  }
  return bound;
}

bool is_lower(const pep::Specifier& a, const pep::Specifier& b) {
  return a.version != b.version ? a.version < b.version
                                : a.op == pep::Operator::greater_equal && b.op == pep::Operator::greater;
}

}  // namespace

std::string advice(const Provider& provider, const Term& term, const Note& note) {
  const Project& project = *provider.package(term.package).project;
  const auto newest = term.values.first();
  if (!newest || *newest >= project.version_count()) return "";
  const std::string name = quote(project.name.str()), version = project.versions[*newest].to_string();
  switch (note.reason.kind) {
    case Unusable::prerelease:
      return cat("pre-releases of ", name, " exist, the newest is ", version, ": allow them with ",
                 provider.problem().policy.prereleases_of.contains(project.name)
                     ? cat("--prerelease-package ", project.name.str(), "=allow")
                     : "--pre");
    case Unusable::yanked:
      return cat("to take a yanked version anyway, ask for it by its number: ", project.name.str(), "==", version);
    case Unusable::not_yet_uploaded:
      return cut_off_advice(provider, project, *newest);
    case Unusable::hash:
      return hash_advice(provider, project, *newest);
    case Unusable::tags:
      return wheels_advice(provider, project, *newest, note.reason);
    case Unusable::variants:
      return provider.fork() != nullptr ? std::string()
                                        : "`--variant \"NAMESPACE :: FEATURE :: VALUE\"` names what a machine has, in "
                                          "place of what is found out";
    case Unusable::constraint:
      return cat("loosen the constraint ", requirement_text(*note.requirement), origin_text(*note.requirement));
    case Unusable::format:
      return cat("allow other files of ", name, " (--only-binary, --no-binary)");
    default:
      return "";
  }
}

std::vector<std::string> python_advice(const Provider& provider, const ConflictLeaves& facts) {
  if (provider.fork() != nullptr) return {};  // see narrower_python
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
    if (const auto older = older_usable(provider, *project, found.first))
      append(line, ", or ", older_text(*project, *older));
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

pep::SpecifierSet narrower_python(const Provider& provider, const ConflictLeaves& facts) {
  // Of each project that is cut off, one version must become usable: the one that asks for least.
  std::map<const Project*, pep::Specifier> least;
  for (const auto& [term, note] : facts.unusable) {
    if (note->reason.kind != Unusable::requires_python) continue;
    const auto set = pep::read_requires_python(note->reason.detail);
    const auto bound = set ? lower_bound_of(*set) : std::nullopt;
    if (!bound) continue;
    const auto [entry, is_new] = least.try_emplace(provider.package(term->package).project, *bound);
    if (!is_new && is_lower(*bound, entry->second)) entry->second = *bound;
  }
  if (least.empty()) return {};
  const auto most = std::max_element(least.begin(), least.end(),
                                     [](const auto& a, const auto& b) { return is_lower(a.second, b.second); });
  const pep::SpecifierSet& present = provider.problem().universe->requires_python;
  const auto floor = lower_bound_of(present);
  if (floor && !is_lower(*floor, most->second)) return {};
  std::vector<pep::Specifier> parts{most->second};
  for (const pep::Specifier& part : present.parts())
    if (part.op != pep::Operator::greater_equal && part.op != pep::Operator::greater) parts.push_back(part);
  return pep::SpecifierSet::from_parts(std::move(parts));
}

std::vector<std::string> name_advice(const Provider& provider, const ConflictLeaves& facts) {
  const Problem& problem = provider.problem();
  std::set<std::string> lines;
  for (const Project* const project : facts.projects) {
    const std::string name = quote(project->name.str());
    const auto own = std::find_if(problem.own.begin(), problem.own.end(),
                                  [&](const OwnProject& one) { return one.name() == project->name; });
    if (own != problem.own.end()) {
      lines.insert(cat(name, " is your own project, version ", own->metadata->version.to_string(),
                       ": it stands in the way of the one of that name on the index"));
      continue;
    }
    if (project->listing == nullptr) continue;
    if (project->listing->found) {
      const bool is_short = std::any_of(facts.unmatched.begin(), facts.unmatched.end(), [&](const auto& fact) {
        return provider.package(fact.second->dependency).project == project;
      });
      if (is_short && !project->index.empty())
        lines.insert(cat(name, " comes from the index ", quote(project->index), " here, as the project's sources say"));
      const auto others = is_short && project->index.empty()
                              ? provider.source().also_on(project->name)
                              : Result<std::vector<std::string>>(std::vector<std::string>());
      if (others.ok() && !others->empty())
        lines.insert(
            cat(name, " is also on ", list_text(*others), ", but only the first index that has a project counts"));
      continue;
    }
    std::set<std::string> known;
    for (const auto* const list : {&problem.requirements, &problem.constraints, &problem.overrides})
      for (const pep::Requirement& requirement : *list) known.insert(requirement.name.str());
    for (const Preference& preference : problem.preferences) known.insert(preference.name.str());
    known.erase(project->name.str());
    const std::vector<std::string> candidates(known.begin(), known.end());
    if (const auto close = nearest(project->name.str(), candidates))
      lines.insert(cat("did you mean ", quote(*close), "?"));
  }
  return {lines.begin(), lines.end()};
}

std::string request_advice(const ConflictLeaves& facts) {
  constexpr std::size_t kMost = 3;  // more are no advice
  std::set<std::string> narrow, plain;
  for (const pep::Requirement* const requirement : facts.asked) {
    const bool is_narrow = requirement->url.empty() && !requirement->specifiers.empty();
    (is_narrow ? narrow : plain).insert(quote(requirement_text(*requirement)));
  }
  if (narrow.empty() || narrow.size() + plain.size() < 2 || narrow.size() + plain.size() > kMost) return "";
  return cat("loosen ", list_text({narrow.begin(), narrow.end()}, "or"),
             plain.empty() ? "" : cat(", or leave out ", list_text({plain.begin(), plain.end()}, "or")));
}

std::string conflict_advice(const Provider& provider, const ConflictLeaves& facts) {
  if (provider.fork() == nullptr) return "";
  MarkerSpace& space = provider.world()->space();
  std::set<std::pair<bool, std::string>> selected;  // (is a group, name): those that the failing fork is about
  for (const pep::Requirement* const requirement : facts.asked)
    for (const pep::MarkerNode& node : requirement->marker.nodes()) {
      const bool is_extra = node.atom.variable == pep::MarkerVariable::extras;
      if (node.kind != pep::MarkerNode::Kind::atom ||
          (!is_extra && node.atom.variable != pep::MarkerVariable::dependency_groups))
        continue;
      const pep::Name name = pep::Name::from_normalized(node.atom.literal);
      const MarkerSet chosen = space.of(is_extra ? pep::in_extras(name) : pep::in_dependency_groups(name));
      if (space.implies(provider.fork()->environments, chosen)) selected.emplace(!is_extra, name.str());
    }
  if (selected.size() < 2) return "";
  std::vector<std::string> words, items;
  for (const auto& [is_group, name] : selected) {
    words.push_back(cat(is_group ? "group " : "extra ", quote(name)));
    items.push_back(cat(is_group ? "{group = \"" : "{extra = \"", name, "\"}"));
  }
  return cat("if ", list_text(words), " are never installed together, say so: [tool.pkg] conflicts = [[",
             join(items, ", "), "]]");
}

}  // namespace pkg::resolver
