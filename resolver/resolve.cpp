#include "resolver/resolve.h"

#include "base/text.h"
#include "resolver/build_resolution.h"
#include "resolver/explain.h"
#include "resolver/prefetcher.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/universal.h"

namespace pkg::resolver {

namespace {

Status check_names(const Problem& problem);

Status check(const Problem& problem) {
  if (problem.universe) return check_names(problem);
  if (problem.targets.empty()) return make_error(ErrorKind::usage, "nothing to resolve for: the problem has no target");
  if (problem.targets.size() > 1)
    return make_error(ErrorKind::usage, "a problem is for one target, or for a universe of environments");
  return check_names(problem);
}

Status check_names(const Problem& problem) {
  for (const auto* const list : {&problem.requirements, &problem.constraints, &problem.overrides})
    for (const pep::Requirement& requirement : *list)
      if (requirement.name.empty())
        return make_error(ErrorKind::usage, cat("a requirement without a name: ", quote(requirement.url), " (",
                                                requirement.origin.to_string(), ")"));
  return ok_status();
}

// Lower bounds first, as people write them.
std::string bounds_text(const pep::SpecifierSet& set) {
  std::string text;
  for (const bool is_lower : {true, false})
    for (const pep::Specifier& part : set.parts())
      if ((part.op == pep::Operator::greater_equal || part.op == pep::Operator::greater) == is_lower)
        append(text, text.empty() ? "" : ",", part.to_string());
  return text;
}

// A narrower requires-python is proposed only when it is known to work.
Status propose_python(const Problem& problem, PackageSource& source, const CancelToken* cancel, Conflict& conflict) {
  constexpr int kMostAttempts = 3;
  Problem narrower = problem;
  pep::SpecifierSet python = conflict.narrower_python;
  for (int attempt = 0; attempt < kMostAttempts && !python.empty(); ++attempt) {
    narrower.universe->requires_python = python;
    auto answer = resolve_universal(narrower, source, cancel);
    if (!answer.ok()) return answer.error().kind == ErrorKind::interrupted ? Status(answer.error()) : ok_status();
    if (auto* const again = std::get_if<Conflict>(&*answer)) {
      python = std::move(again->narrower_python);
      continue;
    }
    const std::string line = cat("`requires-python = \"", bounds_text(python), "\"` would work");
    conflict.hint = conflict.hint.empty() ? line : cat(line, "\n", conflict.hint);
    return ok_status();
  }
  return ok_status();
}

Result<std::variant<Resolution, Conflict>> resolve_universe(const Problem& problem, PackageSource& source,
                                                            const CancelToken* cancel) {
  PKG_TRY_ASSIGN(auto answer, resolve_universal(problem, source, cancel));
  if (auto* const conflict = std::get_if<Conflict>(&answer))
    PKG_TRY(propose_python(problem, source, cancel, *conflict));
  return answer;
}

}  // namespace

Result<std::variant<Resolution, Conflict>> resolve(const Problem& problem, PackageSource& source,
                                                   const CancelToken* cancel) {
  PKG_TRY(check(problem));
  const Prefetcher ahead(problem, source);
  if (problem.universe) return resolve_universe(problem, source, cancel);
  UrlBook book;
  Rounds rounds(problem.policy.most_rounds, source);
  bool builds_wait = true;
  while (true) {
    pubgrub::Solver solver;
    Provider provider(problem, source, book);
    provider.count_with(rounds);
    if (builds_wait) provider.put_off_builds();
    PKG_TRY_ASSIGN(const auto ending, solver.solve(provider, cancel));
    switch (ending) {
      case pubgrub::Ending::stopped:  // the world has grown
        continue;
      case pubgrub::Ending::solved:
        return std::variant<Resolution, Conflict>(build_resolution(provider, solver));
      case pubgrub::Ending::impossible:
        if (provider.has_put_off()) {
          builds_wait = false;
          continue;
        }
        return std::variant<Resolution, Conflict>(explain(provider, solver));
    }
  }
}

}  // namespace pkg::resolver
