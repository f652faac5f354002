#include "resolver/missing_files.h"

#include <algorithm>
#include <iterator>

#include "resolver/wheel_tags.h"

namespace pkg::resolver {

namespace {

constexpr int kMostUnreadable = 3;  // releases without metadata, until a wish is not tried

}  // namespace

Result<std::vector<FileNeed>> MissingFiles::of(const Fork& fork, const ForkSolution& solution,
                                               const PlatformClass& platform) {
  std::vector<FileNeed> needs;
  for (const ForkNode& node : solution.nodes) {
    const MarkerSet wanted = space_.both(node.environments, platform.environments);
    if (wanted == MarkerSpace::kNone || node.direct || is_settled(fork, node.name, platform)) continue;
    if (std::ranges::any_of(node.files, [](const pep::DistFile* file) { return file->kind == pep::DistKind::sdist; }))
      continue;
    MarkerSet missing = space_.without(wanted, world_.coverage().of(node.files, platform));
    if (missing == MarkerSpace::kNone) continue;
    if (!platform.required) {
      if (is_preferred(node, missing)) continue;  // a lock is not changed because there are more files now
      PKG_TRY_ASSIGN(const MarkerSet others, covered_by_others(node, platform, missing));
      missing = space_.both(missing, others);
      if (missing == MarkerSpace::kNone) continue;
    }
    needs.push_back({node.name, &platform, missing});
  }
  return needs;
}

Result<std::vector<FileNeed>> MissingFiles::of(const Fork& fork, const ForkSolution& solution) {
  std::vector<FileNeed> all;
  for (const PlatformClass& platform : world_.coverage().platforms()) {
    PKG_TRY_ASSIGN(auto needs, of(fork, solution, platform));
    std::ranges::move(needs, std::back_inserter(all));
  }
  return all;
}

bool MissingFiles::is_settled(const Fork& fork, const pep::Name& name, const PlatformClass& platform) {
  const auto is_same = [&](const auto& entry) { return entry.first == name && entry.second == &platform; };
  return std::ranges::any_of(fork.waived, is_same);
}

// Where some release has files, as far as what is missing goes. kNone too when those releases cannot be read: no use
// in trying.
Result<MarkerSet> MissingFiles::covered_by_others(const ForkNode& node, const PlatformClass& platform,
                                                  MarkerSet missing) {
  Covered& known = covered_by_any_[{node.name, node.index, &platform}];
  if (known.unreadable == kMostUnreadable || space_.implies(missing, known.by))
    return known.unreadable == kMostUnreadable ? MarkerSpace::kNone : known.by;
  PKG_TRY_ASSIGN(const Listing* const listing, source_of(node).listing(node.name));
  for (; known.next < listing->releases.size() && !space_.implies(missing, known.by); ++known.next) {
    const Release& release = listing->releases[known.next];
    if (release.all_yanked) continue;
    PKG_TRY_ASSIGN(const MarkerSet covered, covered_by_release(node, known.next, release, platform));
    if (!known.has_readable && !space_.disjoint(covered, missing)) {
      PKG_TRY_ASSIGN(known.has_readable, is_readable(node, known.next));
      if (!known.has_readable && ++known.unreadable == kMostUnreadable) return MarkerSpace::kNone;
      if (!known.has_readable) continue;
    }
    known.by = space_.either(known.by, covered);
  }
  return known.by;
}

// Its files are looked at only where the listing does not tell.
Result<MarkerSet> MissingFiles::covered_by_release(const ForkNode& node, std::size_t number, const Release& release,
                                                   const PlatformClass& platform) {
  const auto& format = problem_.policy.format;
  if (release.has_sdist && format.sdists_allowed(node.name)) return platform.environments;
  MarkerSet covered = MarkerSpace::kNone;
  if (!format.wheels_allowed(node.name) || (release.systems & platform.systems) == 0) return covered;
  WheelCoverage& coverage = world_.coverage();
  PKG_TRY(source_of(node).each_file_name(node.name, number, [&](std::string_view file) {
    if (is_wheel_name(file) && !WheelCoverage::is_for_another_system(file, platform))
      covered = space_.either(covered, coverage.of(coverage.tags_of(file), platform));
  }));
  return covered;
}

// Its metadata can be had, from a wheel as everywhere.
Result<bool> MissingFiles::is_readable(const ForkNode& node, std::size_t release) {
  PKG_TRY_ASSIGN(const auto files, source_of(node).files(node.name, release));
  const pep::DistFile* first = nullptr;
  for (const pep::DistFile& file : files) {
    if (file.kind != pep::DistKind::wheel || space_.disjoint(world_.everything(), world_.coverage().of(file))) continue;
    if (first == nullptr || file.file_name < first->file_name) first = &file;
  }
  if (first == nullptr) return false;
  PKG_TRY_ASSIGN(const auto answer, source_.metadata(*first));
  return answer.metadata != nullptr;
}

// The old lock has this release there.
bool MissingFiles::is_preferred(const ForkNode& node, MarkerSet environments) {
  return std::ranges::any_of(problem_.preferences, [&](const Preference& preference) {
    return preference.name == node.name && preference.version == node.version &&
           space_.implies(environments, world_.guarded().hull(world_.guarded(preference.marker)));
  });
}

}  // namespace pkg::resolver
