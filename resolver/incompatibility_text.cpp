#include "resolver/incompatibility_text.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "resolver/conflict_leaves.h"

namespace pkg::resolver {

using pubgrub::Incompatibility;
using pubgrub::Term;

namespace {

// What keeps a version out, after its name: "needs Python >=3.9".
std::string unusable_clause(const Reason& reason, const Phrase& who) {
  switch (reason.kind) {
    case Unusable::no_files:
      return cat(who.verb("has", "have"), " no file that could be installed");
    case Unusable::format:
      return cat(who.verb("has", "have"), " ", reason.detail);
    case Unusable::not_yet_uploaded:
      return cat(who.verb("was", "were"), " uploaded after the cut-off");
    case Unusable::yanked:
      return cat(who.verb("was", "were"), " yanked", reason.detail.empty() ? "" : ": ", printable(reason.detail));
    case Unusable::hash:
      return cat(who.verb("has", "have"), " no file with a hash that is allowed");
    case Unusable::requires_python:
      return cat(who.verb("needs", "need"), " Python ", reason.detail);
    case Unusable::tags:
      return cat(who.verb("has", "have"), " wheels ", reason.detail);
    case Unusable::variants:
      return cat(who.verb("has", "have"), " wheel variants only, and ", reason.detail);
    case Unusable::no_metadata:
      return printable(reason.detail);
    case Unusable::bad_metadata:
      return cat(who.verb("has", "have"), " metadata that is not understood: ", printable(reason.detail));
    case Unusable::prerelease:
      return who.is_plural ? "are pre-releases" : "is a pre-release";
    case Unusable::constraint:
      return "";
  }
  PKG_UNREACHABLE();
}

}  // namespace

std::string IncompatibilityText::of(const Incompatibility& incompatibility) const {
  const pubgrub::Cause& cause = incompatibility.cause;
  switch (cause.kind) {
    case pubgrub::CauseKind::root:
      return "there is something to install";
    case pubgrub::CauseKind::dependency:
      return dependency(incompatibility, provider_.note(cause.note));
    case pubgrub::CauseKind::unusable:
      return unusable(incompatibility, provider_.note(cause.note));
    case pubgrub::CauseKind::conflict:
      return derived(incompatibility);
  }
  PKG_UNREACHABLE();
}

std::string IncompatibilityText::dependency(const Incompatibility& incompatibility, const Note& note) const {
  const pep::Requirement& requirement = *note.requirement;
  const Package& wanted = provider_.package(note.dependency);
  std::string text;
  const Term* parent = nullptr;
  std::string extra;
  for (const Term& term : incompatibility.terms) {
    if (!term.is_positive()) continue;
    const Package& package = provider_.package(term.package);
    if (package.kind == Package::Kind::extra)
      extra = package.extra.str();
    else
      parent = &term;
  }
  PKG_CHECK(parent != nullptr);
  if (parent->package == pubgrub::kRoot) {
    text = cat("you asked for ", requirement_text(requirement), origin_text(requirement));
  } else {
    const Phrase who = ranges_.versions(*provider_.package(parent->package).project, parent->values, extra);
    text = cat(who.text, who.verb(" depends on ", " depend on "), requirement_text(requirement));
    if (requirement.is_override) text += origin_text(requirement);
  }
  const bool nothing_matches = incompatibility.terms.size() == (extra.empty() ? 1U : 2U) &&
                               provider_.package(parent->package).project != wanted.project;
  if (nothing_matches) {
    const Project& project = *wanted.project;
    if (project.listing != nullptr && !project.listing->found)
      append(text, ", which ", project.listing->reason);
    else if (project.versions.empty())
      append(text, ", which has no release");
    else
      append(text, ", which no version matches");
  }
  return text;
}

std::string IncompatibilityText::unusable(const Incompatibility& incompatibility, const Note& note) const {
  const Term& term = incompatibility.terms.front();
  const Project& project = *provider_.package(term.package).project;
  const Phrase who = ranges_.versions(project, term.values, "", true);
  if (note.reason.kind == Unusable::constraint)
    return cat(who.text, who.verb(" is", " are"), " excluded by the constraint ", requirement_text(*note.requirement),
               origin_text(*note.requirement));
  if (names_lacking_platform(provider_, note.reason))
    return cat(who.text, who.verb(" has", " have"), " no wheel for ", note.reason.detail);
  return cat(who.text, " ", unusable_clause(note.reason, who));
}

std::string IncompatibilityText::derived(const Incompatibility& incompatibility) const {
  std::vector<Phrase> have, need;
  for (const Term& term : incompatibility.terms) {
    if (term.package == pubgrub::kRoot) continue;
    const Package& package = provider_.package(term.package);
    const Term* const owner =
        package.kind == Package::Kind::extra ? incompatibility.find(package.project->id) : nullptr;
    if (package.kind == Package::Kind::extra) {
      if (!term.is_positive())
        need.push_back({cat(package.project->name.str(), "[", package.extra.str(), "]"), false});
      else if (owner == nullptr || !owner->is_positive())
        have.push_back({cat(package.project->name.str(), "[", package.extra.str(), "]"), false});
    } else if (term.is_positive()) {
      std::string extra;  // "a[x] 1" for the extra and its project together
      for (const Term& other : incompatibility.terms) {
        const Package& mine = provider_.package(other.package);
        if (mine.kind == Package::Kind::extra && mine.project == package.project && other.is_positive())
          append(extra, extra.empty() ? "" : ",", mine.extra.str());
      }
      have.push_back(ranges_.versions(*package.project, term.values, extra));
    } else {
      need.push_back(ranges_.others(*package.project, term.values));
    }
  }
  std::vector<std::string> have_texts, need_texts;
  for (const Phrase& phrase : have) have_texts.push_back(phrase.text);
  for (const Phrase& phrase : need) need_texts.push_back(phrase.text);
  std::sort(have_texts.begin(), have_texts.end());
  std::sort(need_texts.begin(), need_texts.end());
  if (have.empty() && need.empty()) return "the requirements cannot all be met";
  if (need.empty()) return cat(list_text(have_texts), " cannot be used", have.size() > 1 ? " together" : "");
  const std::string needed = list_text(need_texts, "or");
  if (have.empty())
    return cat(needed, need.front().is_plural || need.size() > 1 ? " are" : " is", " all that can be used");
  return cat(list_text(have_texts), have.size() > 1 || have.front().is_plural ? " need " : " needs ", needed);
}

}  // namespace pkg::resolver
