// What a file needs, from the cheapest source that can be believed: settings that replace it, what is installed, the
// index's word, another wheel of the release, and at last a build.
//
// Metadata that is wanted ahead is put off until something has to be waited for: a resolution that the cache answers
// sends no request. A wheel that its server lost says nothing of its release; another wheel of it does, and
// check_missing() sees to it that no older release is taken in silence. A source distribution is believed by its own
// metadata where that is static, else by a wheel beside it, and else it is built, together with others that are
// expected to be. A release that cannot be built is passed over like one whose metadata cannot be read, and the first
// such error is kept for the case that nothing else fits.

#include "ops/solve/live_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/tasks.h"
#include "base/text.h"
#include "ops/inputs/input_words.h"
#include "ops/solve/live_source_parts.h"

namespace pkg::ops {
namespace {

std::shared_ptr<const pep::Metadata> metadata_from(const DependencyMetadata& given, const pep::DistFile& file) {
  auto metadata = std::make_shared<pep::Metadata>();
  metadata->name = file.project;
  metadata->version = file.version;
  metadata->name_text = file.project.str();
  metadata->version_text = file.version.to_string();
  metadata->requires_dist = pep::RequirementList(given.requires_dist);
  metadata->provides_extra = given.provides_extra;
  if (given.requires_python) {
    metadata->requires_python = *given.requires_python;
    metadata->requires_python_text = given.requires_python->to_string();
    metadata->has_requires_python = true;
  }
  return metadata;
}

// What it requires as this wheel, where that depends on which variant it is. Of what is installed that is known
// already.
void settle_variant(const pep::WheelVariant* variant, std::shared_ptr<const pep::Metadata>& metadata) {
  if (metadata == nullptr || !pep::mentions_variant(*metadata)) return;
  auto changed = std::make_shared<pep::Metadata>(*metadata);
  pep::settle_variant(variant, *changed);
  metadata = std::move(changed);
}

// Sources in requirements get their one form: what is asked for is compared by text.
void make_sources_canonical(std::shared_ptr<const pep::Metadata>& metadata) {
  const auto differs = [](const pep::Requirement& one) {
    return !one.url.empty() && canonical_source(one.url) != one.url;
  };
  if (metadata == nullptr || std::ranges::none_of(metadata->requires_dist, differs)) return;
  auto changed = std::make_shared<pep::Metadata>(*metadata);
  changed->requires_dist = {};
  for (pep::Requirement requirement : metadata->requires_dist) {
    if (!requirement.url.empty()) requirement.url = canonical_source(requirement.url);
    changed->requires_dist.push_back(std::move(requirement));
  }
  metadata = std::move(changed);
}

}  // namespace

bool LiveSource::is_asked_of_index(const pep::DistFile& file) const {
  const bool has_metadata = file.kind == pep::DistKind::wheel || file.has_metadata;
  return has_metadata && !file.url.starts_with(kOwnScheme) && !file.url.starts_with(pep::kInstalledScheme) &&
         replacement(file) == nullptr;
}

void LiveSource::want_metadata(std::span<const pep::DistFile* const> files) {
  for (const auto* file : files) {
    if (!is_asked_of_index(*file)) continue;
    if (act_ && !has_waited_) {
      if (const auto kept = index_.kept_metadata(*file); !kept)
        put_off_.push_back(file);
      else if (kept->metadata)
        mailbox_->change([&] { mailbox_->arrivals.metadata.push_back(kept->metadata); });
    } else {
      begin_metadata(*file);
    }
  }
}

void LiveSource::begin_metadata(const pep::DistFile& file) {
  const auto arrived = [box = mailbox_](const Result<index::MetadataResult>& result) {
    if (result && result->metadata) box->change([&] { box->arrivals.metadata.push_back(result->metadata); });
  };
  if (const auto quick = index_.begin_metadata(file, arrived)) arrived(*quick);
}

Result<index::MetadataResult> LiveSource::indexed_metadata(const pep::DistFile& file) {
  const auto answer = std::make_shared<std::optional<Result<index::MetadataResult>>>();
  const auto arrived = [box = mailbox_, answer](const Result<index::MetadataResult>& result) {
    box->change([&] {
      answer->emplace(result);
      if (result && result->metadata) box->arrivals.metadata.push_back(result->metadata);
    });
  };
  if (auto quick = index_.begin_metadata(file, arrived)) return *std::move(quick);
  wait_until(file.project, [&] { return answer->has_value(); });
  return **answer;
}

// The other wheels of the release, those first whose names have most in common with it: of the same Python and ABI.
Result<std::vector<const pep::DistFile*>> LiveSource::wheels_beside(const pep::DistFile& file) {
  std::vector<const pep::DistFile*> others;
  PKG_TRY_ASSIGN(Entry * found, entry_of(file));
  const auto& releases = found->listing.releases;
  const auto release = std::ranges::find(releases, file.version, &resolver::Release::version);
  if (release == releases.end()) return others;
  PKG_TRY_ASSIGN(const auto all, files_of(*found, file.project, static_cast<std::size_t>(release - releases.begin())));
  for (const auto& one : all)
    if (one.kind == pep::DistKind::wheel && one.file_name != file.file_name && one.variant == file.variant &&
        is_asked_of_index(one))
      others.push_back(&one);
  const auto in_common = [&](const pep::DistFile* one) {
    return std::ranges::mismatch(one->file_name, file.file_name).in1 - one->file_name.begin();
  };
  std::ranges::stable_sort(others, std::ranges::greater{}, in_common);
  return others;
}

// A wheel that the server lost says nothing of its release: another one tells what that needs. Where none does, the
// release cannot be used, and check_missing() sees to it that no older one is taken in silence.
Result<index::MetadataResult> LiveSource::release_metadata(const pep::DistFile& file) {
  auto answer = indexed_metadata(file);
  if (answer || answer.error().kind != ErrorKind::not_found || file.index.empty()) return answer;
  PKG_TRY_ASSIGN(auto others, wheels_beside(file));
  constexpr std::size_t kMostTried = 4;  // of a release of which nothing is there
  others.resize(std::min(others.size(), kMostTried));
  for (const auto* other : others) begin_metadata(*other);  // all at once
  Missing release{{file}, std::move(answer).error()};
  for (const auto* other : others) {
    auto one = indexed_metadata(*other);
    if (one && one->metadata) {
      for (const auto& gone : release.files) index_.remember_missing_metadata(gone);
      return one;
    }
    if (one) continue;  // it is there, and says nothing
    if (one.error().kind != ErrorKind::not_found) return one;
    release.files.push_back(*other);
  }
  missing_.push_back(std::move(release));
  return index::MetadataResult{nullptr, cat("has files that the server does not have (", quote(file.file_name), ")")};
}

Status LiveSource::check_missing(const resolver::Resolution& resolution) {
  for (const auto& [files, error] : missing_) {
    const auto is_older = [&, &release = files.front()](const resolver::Pin& pin) {
      return pin.name == release.project && pin.version < release.version;
    };
    if (std::ranges::any_of(resolution.pins, is_older)) return error;
  }
  for (const auto& release : missing_)
    for (const auto& file : release.files) index_.remember_missing_metadata(file);
  return ok_status();
}

// An own project is there anyhow: of what asks for it only its extras, and a version that it does not have, matter.
void LiveSource::meet_own(std::shared_ptr<const pep::Metadata>& metadata) const {
  const auto is_own = [&](const pep::Requirement& one) { return one.url.empty() && own(one.name) != nullptr; };
  if (metadata == nullptr || std::ranges::none_of(metadata->requires_dist, is_own)) return;
  auto changed = std::make_shared<pep::Metadata>(*metadata);
  changed->requires_dist = {};
  for (pep::Requirement requirement : metadata->requires_dist) {
    if (is_own(requirement)) {
      const auto* project = own(requirement.name);
      const bool fits = !project->is_version_known || requirement.specifiers.contains(project->metadata->version);
      if (fits && requirement.extras.empty()) continue;
      if (fits) requirement.specifiers = {};
    }
    changed->requires_dist.push_back(std::move(requirement));
  }
  metadata = std::move(changed);
}

// In a lock the sources of a release stand for whatever has no wheel, and nobody builds them to learn what they need:
// that has to be what its wheels need, which for the null variant may be something else.
Result<bool> LiveSource::differs_from_source(const pep::DistFile& file, const pep::Metadata& metadata) {
  if (variants_.mode != VariantPolicy::Mode::null_only || file.variant == nullptr || !pep::mentions_variant(metadata))
    return false;
  auto as_variant = metadata, as_source = metadata;
  pep::settle_variant(file.variant.get(), as_variant);
  pep::settle_variant(nullptr, as_source);
  const auto is_same = [](const pep::Requirement& a, const pep::Requirement& b) {
    return a.to_string() == b.to_string();
  };
  if (std::ranges::equal(as_variant.requires_dist, as_source.requires_dist, is_same)) return false;
  PKG_TRY_ASSIGN(Entry * found, entry_of(file));
  const auto& releases = found->listing.releases;
  const auto release = std::ranges::find(releases, file.version, &resolver::Release::version);
  return release != releases.end() && release->has_sdist;
}

Result<resolver::MetadataAnswer> LiveSource::metadata(const pep::DistFile& file) {
  PKG_TRY_ASSIGN(auto answer, metadata_of(file));
  notes_.add(file, answer);
  if (answer.metadata != nullptr) {
    PKG_TRY_ASSIGN(const bool differs, differs_from_source(file, *answer.metadata));
    if (differs)
      return resolver::MetadataAnswer{
          nullptr, "needs one thing as its null variant and another as a source, and a lock has both"};
  }
  settle_variant(file.variant.get(), answer.metadata);
  make_sources_canonical(answer.metadata);
  if (!own_.empty()) meet_own(answer.metadata);
  const bool of_an_index = !file.index.empty();
  if (url_dependencies_allowed_ || !of_an_index || answer.metadata == nullptr) return answer;
  for (const auto& requirement : answer.metadata->requires_dist) {
    if (!requirement.url.empty())
      return resolver::MetadataAnswer{
          nullptr, cat("requires ", quote(requirement.to_string()), ", and URL dependencies are off")};
  }
  return answer;
}

Result<resolver::MetadataAnswer> LiveSource::metadata_of(const pep::DistFile& file) {
  const bool is_own = file.url.starts_with(kOwnScheme);
  if (const auto* given = is_own ? nullptr : replacement(file))
    return resolver::MetadataAnswer{metadata_from(*given, file), {}};
  if (file.url.starts_with(pep::kInstalledScheme)) {
    const auto* dist = installed_as(file.project);
    if (dist == nullptr) return resolver::MetadataAnswer{nullptr, "is installed, but its metadata is gone"};
    auto metadata = venv::read_metadata(*dist);
    if (!metadata) return resolver::MetadataAnswer{nullptr, cat("is installed, but ", metadata.error().message)};
    return resolver::MetadataAnswer{std::make_shared<const pep::Metadata>(std::move(metadata).value()), {}};
  }
  if (is_own) return resolver::MetadataAnswer{own(file.project)->metadata, {}};
  if (file.kind == pep::DistKind::wheel || file.has_metadata) {
    PKG_TRY_ASSIGN(auto answer, release_metadata(file));
    if (file.kind == pep::DistKind::wheel || answer.metadata != nullptr)
      return resolver::MetadataAnswer{std::move(answer.metadata), std::move(answer.reason)};
  }
  PKG_TRY_ASSIGN(auto told, told_by_wheels(file));
  if (told != nullptr) return resolver::MetadataAnswer{std::move(told), {}};
  return built_metadata(file);
}

// What a release needs, its wheels for other machines tell as well: here it is built when it is installed. Null: none
// does.
Result<const pep::DistFile*> LiveSource::telling_wheel(const pep::DistFile& sdist) {
  if (sdist.index.empty() || !formats_.wheels_allowed(sdist.project)) return nullptr;
  PKG_TRY_ASSIGN(const auto wheels, wheels_beside(sdist));
  return wheels.empty() ? nullptr : wheels.front();
}

Result<std::shared_ptr<const pep::Metadata>> LiveSource::told_by_wheels(const pep::DistFile& sdist) {
  std::shared_ptr<const pep::Metadata> none;
  PKG_TRY_ASSIGN(const auto* wheel, telling_wheel(sdist));
  if (wheel == nullptr) return none;
  const auto answer = indexed_metadata(*wheel);
  if (!answer) return answer.error().kind == ErrorKind::not_found ? Result(none) : answer.error();
  return answer->metadata;
}

void LiveSource::expect_build(const pep::DistFile& file) {
  if (!file.has_metadata && replacement(file) == nullptr) expected_builds_.push_back(&file);
}

// Builds what was expected together with `sdist`, as many at a time as the job limit allows: answers that will be asked
// for are there then. Whether they are errors matters to who asks. Builds that were begun for nothing hold up nobody
// longer than the longest of them.
Status LiveSource::build_expected(const pep::DistFile& sdist, SourceBuilder& builds) {
  if (!begun_builds_.insert(sdist.url).second) return ok_status();
  const auto jobs = builds.options().jobs;
  const auto limit = jobs > 0 ? static_cast<std::size_t>(jobs) : core_count();
  std::vector<const pep::DistFile*> batch{&sdist};
  std::size_t looked_at = 0;
  while (batch.size() < limit && looked_at < expected_builds_.size()) {
    const auto& file = *expected_builds_[looked_at++];
    if (begun_builds_.contains(file.url)) continue;
    PKG_TRY_ASSIGN(const auto* told_by, telling_wheel(file));
    if (told_by != nullptr) continue;
    begun_builds_.insert(file.url);
    batch.push_back(&file);
  }
  expected_builds_.erase(expected_builds_.begin(), expected_builds_.begin() + static_cast<std::ptrdiff_t>(looked_at));
  if (batch.size() > 1)
    parallel_for(batch.size(), batch.size(), [&](std::size_t i) { (void)builds.metadata(*batch[i]); });
  return ok_status();
}

// A release that cannot be built is passed over, like one whose metadata cannot be read. That takes its time: a project
// of which nothing can be built is given up soon.
Result<resolver::MetadataAnswer> LiveSource::built_metadata(const pep::DistFile& sdist) {
  if (!builds_) return resolver::MetadataAnswer{nullptr, "is a source distribution, and nothing is built here"};
  PKG_TRY_ASSIGN(auto* builds, builds_());
  PKG_TRY(build_expected(sdist, *builds));
  auto answer = builds->metadata(sdist);
  if (answer) return resolver::MetadataAnswer{std::move(answer->metadata), std::move(answer->reason)};
  if (answer.error().kind != ErrorKind::build || sdist.index.empty()) return std::move(answer).error();
  constexpr auto kMostFailed = 3;  // of one project
  const auto reason = cat(kNotBuilt, " (", answer.error().message, ")");
  const auto is_known = [&](const FailedBuild& one) {  // each fork asks again
    return one.project == sdist.project && one.version == sdist.version;
  };
  if (std::ranges::none_of(failed_builds_, is_known))
    failed_builds_.push_back({sdist.project, sdist.version, std::move(answer).error()});
  if (std::ranges::count(failed_builds_, sdist.project, &FailedBuild::project) >= kMostFailed) return *failed_build();
  return resolver::MetadataAnswer{nullptr, reason};
}

std::optional<Error> LiveSource::failed_build() const {
  if (failed_builds_.empty()) return std::nullopt;
  const auto& [project, version, error] = failed_builds_.front();
  auto told = error;
  bool has_wheels = false;
  entries_.each([&, &wanted = project](const pep::Name& name, const auto& entry) {
    has_wheels =
        has_wheels || (name == wanted && std::ranges::any_of(entry->listing.releases, &resolver::Release::has_wheel));
  });
  if (has_wheels)
    append(told.hint, told.hint.empty() ? "" : "\n", "`--only-binary ", project.str(),
           "` takes a release that has a wheel, `--prefer-binary` does where there is one");
  return told;
}

}  // namespace pkg::ops
