#include "ops/lock/explain_choice.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "resolver/fork.h"
#include "resolver/lacking_files.h"
#include "resolver/marker_space.h"
#include "resolver/resolve.h"

namespace pkg::ops {
namespace {

using Kind = ChoiceExplanation::Kind;
using resolver::Conflict;
using resolver::Resolution;

Origin asked_here() { return {.file = {}, .what = "this question", .line = 0, .column = 0}; }

std::string label(const pep::Name& name, const pep::Version& version) {
  return cat(quote(name.str()), " ", version.to_string());
}

// The problem with a version newer than the chosen one required where that one is installed.
resolver::Problem with_newer(const resolver::Problem& problem, const pep::Name& name, const ChosenVersion& chosen) {
  auto changed = problem;
  std::erase_if(changed.preferences, [&](const resolver::Preference& preference) { return preference.name == name; });
  pep::Requirement newer;
  newer.name = name;
  newer.name_as_written = name.str();
  pep::Specifier above;
  above.op = pep::Operator::greater;
  above.version = chosen.version.strip_local();
  newer.specifiers = pep::SpecifierSet::from_parts({std::move(above)});
  newer.marker = chosen.marker;
  newer.origin = asked_here();
  changed.requirements.push_back(std::move(newer));
  // An earlier step says that only pre-releases are newer: they must not slip in because nothing else matches.
  auto& policy = changed.policy;
  const auto own = policy.prereleases_of.find(name);
  const auto mode = own != policy.prereleases_of.end() ? own->second : policy.prereleases;
  if (mode == resolver::Prereleases::if_necessary && !chosen.version.is_prerelease())
    policy.prereleases_of[name] = resolver::Prereleases::disallow;
  return changed;
}

// Newer than the chosen version, finals first.
struct Newer {
  std::optional<pep::Version> newest, newest_final;
};
Newer newer_than(const resolver::Listing& listing, const pep::Version& version) {
  Newer newer;
  for (const auto& release : listing.releases) {
    if (!(release.version > version)) break;
    if (!newer.newest) newer.newest = release.version;
    if (!newer.newest_final && !release.version.is_prerelease()) newer.newest_final = release.version;
  }
  return newer;
}

// Whether both markers hold somewhere that the problem is for.
bool overlaps(const resolver::Problem& problem, const pep::Marker& a, const pep::Marker& b) {
  if (a.is_trivial() || b.is_trivial() || !problem.universe) return true;
  resolver::ForkWorld world(*problem.universe);
  auto& space = world.space();
  const auto where = [&](const pep::Marker& marker) {
    return space.both(world.everything(), world.guarded().hull(world.guarded(marker)));
  };
  return !space.disjoint(where(a), where(b));
}

// The version of `name` that a resolution of the problem has where the chosen one was, if it is newer.
std::optional<pep::Version> version_in(const Resolution& resolution, const resolver::Problem& problem,
                                       const pep::Name& name, const ChosenVersion& chosen) {
  for (const auto& pin : resolution.pins)
    if (pin.name == name && pin.version > chosen.version && overlaps(problem, pin.marker, chosen.marker))
      return pin.version;
  return std::nullopt;
}

using Versions = std::map<pep::Name, pep::Version>;  // of several of one name the newest

Versions versions_of(const Resolution& resolution) {
  Versions versions;
  for (const auto& pin : resolution.pins) {
    const auto [entry, is_new] = versions.emplace(pin.name, pin.version);
    if (!is_new && entry->second < pin.version) entry->second = pin.version;
  }
  return versions;
}

// What both have in different versions, besides `name`.
struct Change {
  pep::Name name;
  pep::Version before, after;
};
std::vector<Change> changes_between(const Resolution& before, const Resolution& after, const pep::Name& name) {
  std::vector<Change> changes;
  const auto old_versions = versions_of(before), new_versions = versions_of(after);
  for (const auto& [other, version] : old_versions) {
    const auto found = new_versions.find(other);
    if (other != name && found != new_versions.end() && found->second != version)
      changes.push_back({other, version, found->second});
  }
  return changes;
}

std::string change_line(const Change& change) {
  return cat(quote(change.name.str()), " would be ", change.after.to_string(), " instead of ",
             change.before.to_string());
}

// The derivation calls our own question a requirement of the user: "you asked for np>1 (this question)".
std::string without_question(std::string line, const std::string& replacement) {
  constexpr std::string_view kAsked = "you asked for ", kQuestion = " (this question)";
  for (auto end = line.find(kQuestion); end != std::string::npos; end = line.find(kQuestion)) {
    const auto start = line.rfind(kAsked, end);
    if (start == std::string::npos) break;
    line.replace(start, end + kQuestion.size() - start, replacement);
  }
  return line;
}

// What helps somebody who failed to resolve, as far as it helps somebody who wants a newer version: there are newer
// final ones, and an older one is what they have.
std::string useful_hint(const std::string& hint) {
  std::vector<std::string> lines;
  for (const auto line : split_lines(hint)) {
    if (line.starts_with("pre-releases of ") || line.starts_with("loosen `")) continue;  // the question is no wish
    lines.emplace_back(line.substr(0, line.find(", or ask for an older ")));
  }
  return join(lines, "\n");
}

void tell_conflict(const pep::Name& name, const Conflict& conflict, ChoiceExplanation& out) {
  out.kind = Kind::conflict;
  out.headline = cat("nothing newer than ", label(name, out.version), " can be had");
  const auto wish = cat(name.str(), " is to be newer than ", out.version.to_string());
  for (const auto line : split_lines(conflict.explanation))
    out.lines.push_back(without_question(std::string(line), wish));
  out.hint = useful_hint(conflict.hint);
}

// `moved`: what changes with it; `lifted`: what has to be lifted with it.
void tell_preference(const pep::Name& name, const std::vector<Change>& moved, const std::vector<Change>& lifted,
                     ChoiceExplanation& out) {
  out.kind = Kind::preference;
  out.headline = cat("only the lock keeps ", label(name, out.version), ": ", out.possible->to_string(), " can be had");
  for (const auto& change : moved) out.lines.push_back(change_line(change));
  out.hint = cat("pkg lock -P ", name.str());
  for (const auto& change : lifted) append(out.hint, " -P ", change.name.str());
  out.hint += ", or pkg lock -U for everything";
}

void tell_trade(const pep::Name& name, const std::vector<Change>& price, ChoiceExplanation& out) {
  out.kind = Kind::trade;
  out.headline = cat(label(name, *out.possible), " can be had, at the price of other versions");
  for (const auto& change : price) out.lines.push_back(change_line(change));
  if (price.empty()) out.lines.emplace_back("what is decided before it asks for the older one");
  out.hint = cat("to have it anyway, ask for ", name.str(), ">=", out.possible->to_string());
}

const resolver::Pin* pin_of(const Resolution& resolution, const pep::Name& name, const pep::Version& version) {
  const auto is_it = [&](const resolver::Pin& pin) { return pin.name == name && pin.version == version; };
  const auto found = std::ranges::find_if(resolution.pins, is_it);
  return found == resolution.pins.end() ? nullptr : &*found;
}

// Where `chosen` is installed and has files, and the newer version has none. Both pins have all files that the policy
// allows.
std::vector<std::string> platforms_lost(const resolver::Problem& problem, const ChosenVersion& chosen,
                                        const resolver::Pin& older, const resolver::Pin& newer) {
  if (!problem.universe) return {};
  resolver::ForkWorld world(*problem.universe);
  const auto lacking = [&](resolver::Pin pin) {
    pin.marker = chosen.marker;
    return resolver::platforms_without_file(pin, resolver::PlatformChoice::sought, world);
  };
  auto lost = lacking(newer);
  const auto lacked_anyhow = lacking(older);
  std::erase_if(lost, [&](const auto& name) { return std::ranges::find(lacked_anyhow, name) != lacked_anyhow.end(); });
  return lost;
}

void tell_files(const pep::Name& name, const std::vector<std::string>& platforms, ChoiceExplanation& out) {
  out.kind = Kind::files;
  out.headline = cat(label(name, *out.possible), " has no file for some platforms where it would be installed, and ",
                     out.version.to_string(), " has");
  for (const auto& platform : platforms) out.lines.push_back(cat("none for ", platform));
  out.hint = cat("to have it anyway, ask for ", name.str(), ">=", out.possible->to_string(),
                 "; `environments` says which platforms the lock is for");
}

// nullopt: there is none.
Result<std::optional<Resolution>> resolve_only(const resolver::Problem& problem, resolver::PackageSource& source,
                                               const CancelToken* cancel) {
  PKG_TRY_ASSIGN(auto outcome, resolver::resolve(problem, source, cancel));
  auto* resolution = std::get_if<Resolution>(&outcome);
  return resolution == nullptr ? std::optional<Resolution>() : std::optional(std::move(*resolution));
}

// Without the preferences for `name`, or without any.
Result<std::optional<Resolution>> without_preferences(resolver::Problem problem, const pep::Name* name,
                                                      resolver::PackageSource& source, const CancelToken* cancel) {
  std::erase_if(problem.preferences,
                [&](const resolver::Preference& preference) { return name == nullptr || preference.name == *name; });
  return resolve_only(problem, source, cancel);
}

// Where its releases come from.
resolver::PackageSource& source_of(const resolver::Problem& problem, const pep::Name& name, const ChosenVersion& chosen,
                                   resolver::PackageSource& source) {
  resolver::MarkerSpace space;
  const auto here = space.of(chosen.marker);
  for (const auto& rule : problem.index_rules)
    if (rule.name == name && !space.disjoint(here, space.of(rule.where))) return source.from(rule.index);
  return source;
}

Result<ChoiceExplanation> explain_one(const resolver::Problem& problem, const pep::Name& name,
                                      const ChosenVersion& chosen, resolver::PackageSource& source,
                                      const CancelToken* cancel) {
  ChoiceExplanation out;
  out.version = chosen.version;
  out.marker = chosen.marker;
  PKG_TRY_ASSIGN(const auto* listing, source_of(problem, name, chosen, source).listing(name));
  const auto newer = newer_than(*listing, chosen.version);
  out.newest = newer.newest;
  if (!newer.newest) {
    out.headline = cat(label(name, chosen.version), " is the newest there is");
    return out;
  }
  const bool takes_prereleases =
      problem.policy.prereleases == resolver::Prereleases::allow || chosen.version.is_prerelease();
  if (!newer.newest_final && !takes_prereleases) {
    out.kind = Kind::prerelease;
    out.headline = cat(label(name, chosen.version), " is the newest final release: ", newer.newest->to_string(),
                       " is a pre-release");
    out.hint = "allow pre-releases with --prerelease allow";
    return out;
  }
  PKG_TRY_ASSIGN(auto forced, resolver::resolve(with_newer(problem, name, chosen), source, cancel));
  if (const auto* conflict = std::get_if<Conflict>(&forced)) {
    tell_conflict(name, *conflict, out);
    return out;
  }
  const auto& with = std::get<Resolution>(forced);
  out.possible = version_in(with, problem, name, chosen);
  if (!out.possible) out.possible = newer.newest;
  PKG_TRY_ASSIGN(const auto kept, without_preferences(problem, &name, source, cancel));
  if (kept && version_in(*kept, problem, name, chosen)) {
    out.possible = version_in(*kept, problem, name, chosen);
    PKG_TRY_ASSIGN(const auto now, resolve_only(problem, source, cancel));
    tell_preference(name, now ? changes_between(*now, *kept, name) : std::vector<Change>(), {}, out);
    return out;
  }
  PKG_TRY_ASSIGN(const auto newest, without_preferences(problem, nullptr, source, cancel));
  if (kept && newest && version_in(*newest, problem, name, chosen)) {
    const auto changes = changes_between(*kept, with, name);
    tell_preference(name, changes, changes, out);
    return out;
  }
  const auto* older = kept ? pin_of(*kept, name, chosen.version) : nullptr;
  const auto* taken = pin_of(with, name, *out.possible);
  if (older != nullptr && taken != nullptr) {
    if (const auto lost = platforms_lost(problem, chosen, *older, *taken); !lost.empty()) {
      tell_files(name, lost, out);
      return out;
    }
  }
  tell_trade(name, newest ? changes_between(*newest, with, name) : std::vector<Change>(), out);
  return out;
}

}  // namespace

Result<std::vector<ChoiceExplanation>> explain_choice(const resolver::Problem& problem, const pep::Name& name,
                                                      const std::vector<ChosenVersion>& chosen,
                                                      resolver::PackageSource& source, const CancelToken* cancel) {
  if (chosen.empty()) return make_error(ErrorKind::not_found, cat(quote(name.str()), " is not in the lock"));
  std::vector<ChoiceExplanation> answers;
  for (const auto& one : chosen) {
    PKG_TRY_ASSIGN(auto answer, explain_one(problem, name, one, source, cancel));
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace pkg::ops
