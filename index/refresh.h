#pragma once
// --refresh for files whose index announces no sha256: what the cache knows by their URL is not believed.

#include <set>

#include "index/settings.h"
#include "pep/dist_file.h"

namespace pkg::index {

struct Refresh {
  RefreshMode mode = RefreshMode::none;
  std::set<pep::Name> names;
  bool applies_to(const pep::DistFile& file) const {
    const bool is_named = mode == RefreshMode::all || (mode == RefreshMode::listed && names.count(file.project) != 0);
    return is_named && file.sha256() == nullptr;
  }
};

}  // namespace pkg::index
