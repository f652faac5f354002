// The resolver's questions, answered from the index and from what is installed: which releases there are, which files
// they have, what a URL leads to. What a file needs is in live_source_metadata.cpp.
//
// The resolver asks on one thread and names ahead what it will want; the index's threads fetch that and put into the
// mailbox what has arrived. A question whose answer is not there yet waits in wait_until(), which hands arrivals to the
// resolver meanwhile, so that it can name more. Entries are made once for each project and index, and stay: the
// resolver keeps pointers into them.

#include "ops/solve/live_source.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/fs.h"
#include "base/hash_file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/hash_mode.h"
#include "ops/solve/live_source_parts.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

pep::DistFile installed_file(const venv::InstalledDist& dist) {
  pep::DistFile file;
  file.project = dist.name;
  file.version = dist.version;
  file.file_name = cat(dist.name.with_underscores(), "-", dist.version.to_string(), "-py3-none-any.whl");
  file.url = cat(pep::kInstalledScheme, dist.info.string());
  return file;
}

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

}  // namespace

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
