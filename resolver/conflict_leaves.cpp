#include "resolver/conflict_leaves.h"

#include <algorithm>

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::Term;

ConflictLeaves conflict_leaves(const Provider& provider, const pubgrub::Solver& solver,
                               std::span<const pubgrub::IncompatibilityId> leaves) {
  ConflictLeaves facts;
  for (const pubgrub::IncompatibilityId id : leaves) {
    const pubgrub::Incompatibility& leaf = solver.incompatibility(id);
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
    const bool has_negative =
        std::any_of(leaf.terms.begin(), leaf.terms.end(), [](const Term& term) { return !term.is_positive(); });
    const bool is_self = leaf.find(note.dependency) != nullptr && !has_negative;
    if (!has_negative && !is_self) facts.unmatched.emplace_back(&leaf.terms.front(), &note);
  }
  return facts;
}

bool names_lacking_platform(const Provider& provider, const Reason& reason) {
  if (provider.fork() == nullptr || reason.kind != Unusable::tags) return false;
  const auto& needs = provider.fork()->needs;
  return std::any_of(needs.begin(), needs.end(),
                     [&](const FileNeed& need) { return need.platform->name == reason.detail; });
}

}  // namespace pkg::resolver
