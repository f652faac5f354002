// A project over one page (the usual case: nothing is copied) or several, merged release by release.

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "index/cache/packed_page.h"
#include "index/index.h"

namespace pkg::index {
namespace {

const std::string kNothing;

// The page of the index proper: find-links have no status.
const PackedPage* telling_status(const std::vector<std::shared_ptr<const PackedPage>>& pages) {
  for (const auto& page : pages)
    if (!page->facts().status.empty()) return page.get();
  return nullptr;
}

}  // namespace

struct Project::Merged {
  struct Place {
    std::size_t page = 0, release = 0;
  };
  std::vector<ReleaseEntry> releases;
  std::vector<std::vector<Place>> places;  // by release, in order of priority
};

Project::Project(std::vector<std::shared_ptr<const PackedPage>> pages, std::string reason)
    : pages_(std::move(pages)), reason_(std::move(reason)) {
  if (pages_.size() < 2) return;
  struct Item {
    const ReleaseEntry* entry;
    Merged::Place place;
  };
  std::vector<Item> items;
  for (std::size_t p = 0; p < pages_.size(); ++p) {
    const auto releases = pages_[p]->releases();
    for (std::size_t r = 0; r < releases.size(); ++r) items.push_back({&releases[r], {p, r}});
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.entry->version > b.entry->version; });
  auto merged = std::make_unique<Merged>();
  for (const auto& [entry, place] : items) {
    if (merged->releases.empty() || merged->releases.back().version != entry->version) {
      merged->releases.push_back(*entry);
      merged->places.emplace_back();
    } else {
      auto& known = merged->releases.back();
      known.has_wheel = known.has_wheel || entry->has_wheel;
      known.has_sdist = known.has_sdist || entry->has_sdist;
      known.all_yanked = known.all_yanked && entry->all_yanked;
      known.has_variants = known.has_variants || entry->has_variants;
      known.systems |= entry->systems;
    }
    merged->places.back().push_back(place);
  }
  merged_ = std::move(merged);
}

Project::~Project() = default;

bool Project::found() const { return !pages_.empty(); }

std::span<const ReleaseEntry> Project::releases() const {
  if (merged_) return merged_->releases;
  return pages_.empty() ? std::span<const ReleaseEntry>() : pages_.front()->releases();
}

Status Project::each_file_name(std::size_t release, const std::function<void(std::string_view)>& visit) const {
  if (!merged_ && !pages_.empty()) return pages_.front()->each_file_name(release, visit);
  PKG_TRY_ASSIGN(const auto all, files(release));
  for (const auto& file : all) visit(file.file_name);
  return ok_status();
}

Result<std::vector<pep::DistFile>> Project::files(std::size_t release) const {
  if (!merged_) {
    if (pages_.empty()) return make_error(ErrorKind::internal, "files were asked for of a project that was not found");
    return pages_.front()->files(release);
  }
  if (release >= merged_->places.size())
    return make_error(ErrorKind::internal, cat("there is no release number ", release));
  std::vector<pep::DistFile> all;
  std::unordered_set<std::string> names;
  for (const auto& place : merged_->places[release]) {
    PKG_TRY_ASSIGN(auto files, pages_[place.page]->files(place.release));
    for (auto& file : files)
      if (names.insert(file.file_name).second) all.push_back(std::move(file));
  }
  return all;
}

Result<VariantFiles> Project::variants(std::size_t release) const {
  if (pages_.empty()) return VariantFiles();
  if (!merged_) return pages_.front()->variants(release);
  if (release >= merged_->places.size())
    return make_error(ErrorKind::internal, cat("there is no release number ", release));
  for (const auto& place : merged_->places[release])
    if (pages_[place.page]->releases()[place.release].has_variants) return pages_[place.page]->variants(place.release);
  return VariantFiles();
}

ProjectStatus Project::status() const {
  const auto* page = telling_status(pages_);
  if (page == nullptr) return ProjectStatus::active;
  const auto& status = page->facts().status;
  if (status == "archived") return ProjectStatus::archived;
  if (status == "quarantined") return ProjectStatus::quarantined;
  return status == "deprecated" ? ProjectStatus::deprecated : ProjectStatus::active;
}

const std::string& Project::status_reason() const {
  const auto* page = telling_status(pages_);
  return page != nullptr ? page->facts().status_reason : kNothing;
}

}  // namespace pkg::index
