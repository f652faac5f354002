#pragma once
// What the parts of LiveSource share, and nobody else sees.

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/solve/live_source.h"

namespace pkg::ops {

inline constexpr std::string_view kOwnScheme = "own:";  // of the one file that an own project is shown with

// Where the installed release stands among the listing's releases.
struct InstalledRelease {
  std::size_t position = 0;  // index in the merged listing
  bool inserted = false;     // the index does not have it
};

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

}  // namespace pkg::ops
