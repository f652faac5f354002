#include "ops/solve/release_fit.h"

#include "pep/filename.h"
#include "pep/old_metadata.h"

namespace pkg::ops {
namespace {

using Verdict = ReleaseFit::Verdict;

ReleaseFit verdict_of(const pep::DistFile& file, const pep::Target* target, const resolver::Policy& policy) {
  const bool is_wheel = file.kind == pep::DistKind::wheel;
  if (!(is_wheel ? policy.format.wheels_allowed(file.project) : policy.format.sdists_allowed(file.project))) return {};
  if (policy.is_cut_off(file)) return {Verdict::exclude_newer, {}, file.kind};
  if (file.yanked) return {Verdict::yanked, *file.yanked, file.kind};
  const auto requires_python = pep::read_requires_python(file.requires_python);
  if (target != nullptr && !policy.ignore_requires_python && requires_python &&
      !requires_python->contains(target->python.base_version()))
    return {Verdict::requires_python, file.requires_python, file.kind};
  if (!is_wheel || target == nullptr || target->tags == nullptr) return {Verdict::fits, {}, file.kind};
  const auto wheel = pep::WheelName::parse(file.file_name);
  const bool is_usable = wheel && target->tags->rank(wheel->interpreters, wheel->abis, wheel->platforms);
  return {is_usable ? Verdict::fits : Verdict::other_platform, {}, file.kind};
}

bool prereleases_allowed(const pep::Name& project, const resolver::Policy& policy) {
  const auto own = policy.prereleases_of.find(project);
  return (own != policy.prereleases_of.end() ? own->second : policy.prereleases) == resolver::Prereleases::allow;
}

}  // namespace

ReleaseFit fit_of(const pep::Version& version, std::span<const pep::DistFile> files, const pep::Target* target,
                  const resolver::Policy& policy) {
  ReleaseFit best;
  for (const auto& file : files) {
    auto fit = verdict_of(file, target, policy);
    const bool is_better_kind =
        fit.verdict == Verdict::fits && best.verdict == Verdict::fits && fit.kind == pep::DistKind::wheel;
    if (fit.verdict > best.verdict || is_better_kind) best = std::move(fit);
  }
  const bool is_unwanted =
      version.is_prerelease() && !files.empty() && !prereleases_allowed(files.front().project, policy);
  if (best.verdict == Verdict::fits && is_unwanted) best.verdict = Verdict::prerelease;
  return best;
}

}  // namespace pkg::ops
