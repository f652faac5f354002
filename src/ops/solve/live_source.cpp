#include "ops/solve/live_source.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/hash_file.h"
#include "base/limits.h"
#include "base/tasks.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/hash_mode.h"
#include "ops/inputs/input_words.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

// Where the installed release stands among the listing's releases.
struct InstalledRelease {
  std::size_t position = 0;  // index in the merged listing
  bool inserted = false;     // the index does not have it
};

pep::DistFile installed_file(const venv::InstalledDist& dist) {
  pep::DistFile file;
  file.project = dist.name;
  file.version = dist.version;
  file.file_name = cat(dist.name.with_underscores(), "-", dist.version.to_string(), "-py3-none-any.whl");
  file.url = cat(pep::kInstalledScheme, dist.info.string());
  return file;
}

constexpr std::string_view kOwnScheme = "own:";  // of the one file that an own project is shown with

pep::DistFile own_file(const resolver::OwnProject& own) {
  pep::DistFile file;
  file.project = own.name();
  file.version = own.metadata->version;
  file.file_name = cat(own.name().with_underscores(), "-", file.version.to_string(), "-py3-none-any.whl");
  file.url = cat(kOwnScheme, own.name().str());
  return file;
}

// A wheel of this machine may be built again under its name at any time: its bytes are what tells.
Status add_own_hash(pep::DistFile& file) {
  if (!file.url.starts_with("file:")) return ok_status();
  PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file.url));
  PKG_TRY_ASSIGN(auto hex, hash::hex_of_file(path));
  file.hashes.push_back({hash::Algorithm::sha256, std::move(hex)});
  return ok_status();
}

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

}  // namespace

struct LiveSource::Entry {
  std::shared_ptr<const index::Project> project;
  resolver::Listing listing;
  std::optional<InstalledRelease> installed;
  std::unordered_map<std::size_t, std::vector<pep::DistFile>> files;
  std::map<std::size_t, std::string> variant_misfits;        // by release
  std::map<std::size_t, std::vector<std::string>> left_out;  // labels of variants, by release

  std::string misfit_of(std::size_t release) const {
    const auto known = variant_misfits.find(release);
    return known == variant_misfits.end() ? std::string() : known->second;
  }
};

// What from() gives.
class LiveSource::OneIndex final : public resolver::PackageSource {
 public:
  OneIndex(LiveSource& whole, std::string index) : whole_(whole), index_(std::move(index)) {}

  void want_listings(std::span<const pep::Name> names) override {
    for (const auto& name : names)
      if (whole_.own(name) == nullptr) whole_.index_.want_projects(std::span(&name, 1), index_);
  }
  void want_metadata(std::span<const pep::DistFile* const> files) override { whole_.want_metadata(files); }
  Result<const resolver::Listing*> listing(const pep::Name& name) override {
    PKG_TRY_ASSIGN(const Entry* found, whole_.entry(name, index_));
    return &found->listing;
  }
  Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) override {
    PKG_TRY_ASSIGN(Entry * found, whole_.entry(name, index_));
    return whole_.files_of(*found, name, release);
  }
  std::string variant_misfit(const pep::Name& name, std::size_t release) override {
    const auto found = whole_.entry(name, index_);
    return found ? (*found)->misfit_of(release) : std::string();
  }
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile& file) override { return whole_.metadata(file); }
  void expect_build(const pep::DistFile& file) override { whole_.expect_build(file); }
  Result<resolver::DirectAnswer> direct(const pep::Name& name, const std::string& url) override {
    return whole_.direct(name, url);
  }

 private:
  LiveSource& whole_;
  const std::string index_;
};

resolver::PackageSource& LiveSource::from(const std::string& index) {
  auto& known = indexes_[index];
  if (!known) known = std::make_unique<OneIndex>(*this, index);
  return *known;
}

// Filled by the index's threads; outlives the source where an answer comes late.
struct LiveSource::Mailbox {
  std::mutex mutex;
  std::condition_variable changed;
  Arrivals arrivals;

  template <class Change>
  void change(Change act) {
    const std::lock_guard lock(mutex);
    act();
    changed.notify_one();
  }
};

LiveSource::LiveSource(index::Index& index, std::span<const venv::InstalledDist> installed,
                       SourceBuilderWhenNeeded builds)
    : index_(index), installed_(installed), builds_(std::move(builds)), mailbox_(std::make_shared<Mailbox>()) {}
LiveSource::~LiveSource() = default;

const venv::InstalledDist* LiveSource::installed_as(const pep::Name& name) const {
  const auto found = std::ranges::find(installed_, name, &venv::InstalledDist::name);
  return found == installed_.end() || found->kind != venv::InstalledKind::dist_info ? nullptr : &*found;
}

bool LiveSource::is_installed(const pep::Name& name, const pep::Version& version) const {
  const auto* dist = installed_as(name);
  return dist != nullptr && dist->has_record && dist->version == version;
}

void LiveSource::replace_metadata(std::span<const DependencyMetadata> replacements) {
  replacements_.assign(replacements.begin(), replacements.end());
}

const DependencyMetadata* LiveSource::replacement(const pep::DistFile& file) const {
  const auto found = std::ranges::find_if(replacements_, [&](const DependencyMetadata& given) {
    return given.name == file.project && (!given.version || *given.version == file.version);
  });
  return found == replacements_.end() ? nullptr : &*found;
}

bool LiveSource::forget_cached_listings() {
  std::vector<pep::Name> names;
  entries_.each([&](const pep::Name& name, const auto&) { names.push_back(name); });
  if (!index_.rests_on_cache(names)) return false;
  index_.confirm_all_pages();
  mailbox_ = std::make_shared<Mailbox>();
  act_ = {};
  has_waited_ = false;
  put_off_.clear();
  expected_builds_.clear();
  entries_.clear();
  missing_.clear();
  failed_builds_.clear();
  notes_.clear();
  return true;
}

bool LiveSource::while_waiting(std::function<void(const Arrivals&)> act) {
  act_ = std::move(act);
  return true;
}

const resolver::OwnProject* LiveSource::own(const pep::Name& name) const {
  const auto found = std::ranges::find(own_, name, &resolver::OwnProject::name);
  return found == own_.end() ? nullptr : &*found;
}

void LiveSource::want_listings(std::span<const pep::Name> names) {
  if (!act_ && own_.empty()) return index_.want_projects(names);
  for (const auto& name : names) {
    if (own(name) != nullptr) continue;
    if (!act_) {
      index_.want_projects(std::span(&name, 1));
      continue;
    }
    const auto arrived = [box = mailbox_, name] { box->change([&] { box->arrivals.listings.push_back(name); }); };
    if (index_.begin_project(name, false, arrived)) arrived();
  }
}

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

void LiveSource::wait_until(const pep::Name& whose, const std::function<bool()>& is_there) {
  if (!std::exchange(has_waited_, true)) {
    for (const auto* file : std::exchange(put_off_, {})) begin_metadata(*file);
  }
  std::unique_lock lock(mailbox_->mutex);
  while (!is_there()) {
    auto arrived = std::exchange(mailbox_->arrivals, {});
    if (!act_ || (arrived.listings.empty() && arrived.metadata.empty())) {
      const bool is_slow = mailbox_->changed.wait_for(lock, std::chrono::seconds(1)) == std::cv_status::timeout;
      if (is_slow && tell_waiting_) tell_waiting_(whose, entries_.projects());
      continue;
    }
    lock.unlock();
    act_(arrived);
    lock.lock();
  }
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

Result<LiveSource::Entry*> LiveSource::entry(const pep::Name& name, const std::string& index) {
  if (const auto* known = entries_.find(name, index)) return known->get();
  if (const auto* project = own(name)) {
    auto entry = std::make_unique<Entry>();
    entry->listing.found = true;
    entry->listing.releases.push_back({.version = project->metadata->version, .has_wheel = true});
    entry->files.emplace(0, std::vector{own_file(*project)});
    return (entries_.slot(name, index) = std::move(entry)).get();
  }
  const auto is_there = std::make_shared<bool>(false);
  const auto arrived = [box = mailbox_, is_there] { box->change([&] { *is_there = true; }); };
  if (!index_.begin_project(name, true, arrived, index)) wait_until(name, [&] { return *is_there; });
  if (const auto* meanwhile = entries_.find(name, index)) return meanwhile->get();
  PKG_TRY_ASSIGN(auto project, index_.project(name, index));
  return (entries_.slot(name, index) = entry_from(name, std::move(project))).get();
}

std::unique_ptr<LiveSource::Entry> LiveSource::entry_from(const pep::Name& name,
                                                          std::shared_ptr<const index::Project> project) const {
  auto entry = std::make_unique<Entry>();
  entry->project = std::move(project);
  auto& listing = entry->listing;
  listing.found = entry->project->found();
  listing.reason = entry->project->reason();
  const auto releases = entry->project->releases();
  listing.releases.reserve(releases.size() + 1);
  for (const auto& release : releases) {
    listing.releases.push_back({release.version, release.has_wheel, release.has_sdist, release.all_yanked,
                                release.systems, release.has_variants});
  }
  if (const auto* dist = installed_as(name)) {
    auto& all = listing.releases;
    const auto at = std::ranges::lower_bound(all, dist->version, std::ranges::greater{}, &resolver::Release::version);
    const bool known = at != all.end() && at->version == dist->version;
    entry->installed = InstalledRelease{static_cast<std::size_t>(at - all.begin()), !known};
    if (!known) all.insert(at, {dist->version, true, false, false});
    listing.found = true;
  }
  return entry;
}

// That the release of the file is among.
Result<LiveSource::Entry*> LiveSource::entry_of(const pep::DistFile& file) {
  const auto* bound = entries_.find(file.project, file.index);
  return bound == nullptr ? entry(file.project, {}) : Result(bound->get());
}

Result<const resolver::Listing*> LiveSource::listing(const pep::Name& name) {
  PKG_TRY_ASSIGN(const Entry* found, entry(name, {}));
  return &found->listing;
}

Result<std::span<const pep::DistFile>> LiveSource::files(const pep::Name& name, std::size_t release) {
  PKG_TRY_ASSIGN(Entry * found, entry(name, {}));
  return files_of(*found, name, release);
}

Result<std::span<const pep::DistFile>> LiveSource::files_of(Entry& entry, const pep::Name& name, std::size_t release) {
  const auto known = entry.files.find(release);
  if (known != entry.files.end()) return std::span<const pep::DistFile>(known->second);
  const auto& installed = entry.installed;
  const bool is_installed = installed && installed->position == release;
  std::vector<pep::DistFile> files;
  if (!(is_installed && installed->inserted)) {
    const std::size_t position =
        installed && installed->inserted && release > installed->position ? release - 1 : release;
    PKG_TRY_ASSIGN(files, entry.project->files(position));
    if (entry.listing.releases[release].has_variants) PKG_TRY(add_variants(entry, release, position, files));
    if (const auto required = required_hashes_.find(name); required != required_hashes_.end()) {
      std::erase_if(files, [&](pep::DistFile& file) { return !pin_sdist(file, required->second); });
    }
  }
  if (is_installed && installed->inserted) files.push_back(installed_file(*installed_as(name)));
  const auto& kept = entry.files.emplace(release, std::move(files)).first->second;
  return std::span<const pep::DistFile>(kept);
}

Status LiveSource::add_variants(Entry& entry, std::size_t release, std::size_t position,
                                std::vector<pep::DistFile>& files) {
  PKG_TRY_ASSIGN(const auto found, entry.project->variants(position));
  if (!found.wheels.empty() && !formats_.wheels_allowed(found.wheels.front().project)) {
    entry.variant_misfits[release] = "wheels of it are not allowed";
    return ok_status();
  }
  PKG_TRY_ASSIGN(auto chosen, ops::choose_variants(found, variants_, [&](const pep::DistFile& json) {
                   return index_.variants_text(json);
                 }));
  std::ranges::move(chosen.usable, std::back_inserter(files));
  if (!chosen.misfit.empty()) entry.variant_misfits[release] = std::move(chosen.misfit);
  if (!chosen.left_out.empty()) entry.left_out[release] = std::move(chosen.left_out);
  return ok_status();
}

std::string LiveSource::variant_misfit(const pep::Name& name, std::size_t release) {
  const auto found = entry(name, {});
  return found ? (*found)->misfit_of(release) : std::string();
}

Status LiveSource::each_file_name(const pep::Name& name, std::size_t release,
                                  const std::function<void(std::string_view)>& visit) {
  PKG_TRY_ASSIGN(Entry * found, entry(name, {}));
  if (found->installed || found->files.contains(release)) return PackageSource::each_file_name(name, release, visit);
  return found->project->each_file_name(release, visit);
}

namespace {

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

std::vector<std::string> LiveSource::passed_over(const resolver::Resolution& resolution) const {
  std::vector<std::string> lines;
  for (const auto& pin : resolution.pins) {
    for (const auto& failed : failed_builds_)
      if (failed.project == pin.name && failed.version > pin.version)
        lines.push_back(cat(quote(pin.name.str()), " ", failed.version.to_string(), " ", kNotBuilt, ", and ",
                            pin.version.to_string(), " is taken: ", failed.error.message));
  }
  std::ranges::move(notes_.ignored(resolution), std::back_inserter(lines));
  std::ranges::move(left_out_variants(resolution), std::back_inserter(lines));
  return lines;
}

std::vector<std::string> LiveSource::left_out_variants(const resolver::Resolution& resolution) const {
  std::vector<std::string> lines;
  std::set<pep::Name> told;
  const auto tell = [&](const pep::Name& name, const Entry& entry) {
    for (const auto& [release, labels] : entry.left_out) {
      const auto& version = entry.listing.releases[release].version;
      const auto is_it = [&](const resolver::Pin& pin) { return pin.name == name && pin.version == version; };
      if (std::ranges::none_of(resolution.pins, is_it) || !told.insert(name).second) continue;
      lines.push_back(cat("a lock has no wheel variants: those of ", quote(name.str()), " ", version.to_string(), " (",
                          join(labels, ", "), ") are left out, its other files are in it"));
    }
  };
  entries_.each([&](const pep::Name& name, const auto& entry) { tell(name, *entry); });
  std::ranges::sort(lines);
  return lines;
}

Result<std::vector<std::string>> LiveSource::also_on(const pep::Name& name) { return index_.also_on(name); }

Result<std::shared_ptr<const pep::DistFile>> LiveSource::direct_file(const pep::Name& name, const std::string& url) {
  PKG_TRY_ASSIGN(const auto source, pep::SourceUrl::parse(url));
  pep::DistFile file;
  if (source.kind == pep::SourceUrl::Kind::wheel) {
    PKG_TRY_ASSIGN(file, index_.direct_file(url));
    if (file.hashes.empty()) PKG_TRY(add_own_hash(file));
  } else if (!builds_) {
    return make_error(ErrorKind::unsupported,
                      cat(quote(url::redact(url)), " would have to be built, and nothing is built here"));
  } else {
    PKG_TRY_ASSIGN(auto* builds, builds_());
    const auto given = std::ranges::find(replacements_, name, &DependencyMetadata::name);
    const bool is_known = given != replacements_.end() && given->version &&
                          std::ranges::count(replacements_, name, &DependencyMetadata::name) == 1;
    if (is_known && source.kind != pep::SourceUrl::Kind::sdist) {  // an archive's hash is to be known, too
      PKG_TRY_ASSIGN(file, builds->locate(url, editables_.contains(url)));
      file.project = name;
      file.version = *given->version;
    } else {
      PKG_TRY_ASSIGN(auto named, builds->source(url, editables_.contains(url)));
      file = std::move(named.file);
    }
  }
  return std::make_shared<const pep::DistFile>(std::move(file));
}

Result<resolver::DirectAnswer> LiveSource::direct(const pep::Name& name, const std::string& url) {
  auto& known = direct_[url];
  if (!known) {
    PKG_TRY_ASSIGN(known, direct_file(name, url));
  }
  if (known->project != name) {
    return resolver::DirectAnswer{
        nullptr, cat("is asked for as ", quote(url), ", which is a file of ", quote(known->project.str()))};
  }
  if (known->kind == pep::DistKind::wheel) {
    const auto parts = pep::split_wheel_name(known->file_name);
    if (parts && !parts->label.empty() && parts->label != pep::kNullVariant) return direct_variant(parts->label, known);
  }
  return resolver::DirectAnswer{known, {}};
}

// The wheel itself says what it is: it is fetched now, and has to be anyhow where it fits.
Result<resolver::DirectAnswer> LiveSource::direct_variant(std::string_view label,
                                                          std::shared_ptr<const pep::DistFile> file) {
  if (const auto known = direct_variants_.find(file->url); known != direct_variants_.end()) return known->second;
  const auto reading = [&] { return cat("while reading variant.json of ", quote(file->file_name)); };
  PKG_TRY_ASSIGN(const auto wheel, index_.wheel(*file));
  const auto path = std::filesystem::path(wheel->path) / wheel->manifest.dist_info / "variant.json";
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kVariants).with(reading));
  std::string misfit;
  PKG_TRY_ASSIGN(auto variant, named_variant(label, text, variants_, misfit).with(reading));
  resolver::DirectAnswer answer{nullptr, std::move(misfit)};
  if (variant != nullptr) {
    auto with_variant = *file;
    with_variant.variant = std::move(variant);
    answer.file = std::make_shared<const pep::DistFile>(std::move(with_variant));
  }
  return direct_variants_.emplace(file->url, std::move(answer)).first->second;
}

const index::Project* LiveSource::project_of(const pep::DistFile& file) const {
  const auto* known = entries_.find(file.project, file.index);
  if (known == nullptr) known = entries_.find(file.project, {});
  return known == nullptr ? nullptr : (*known)->project.get();
}

}  // namespace pkg::ops
