#pragma once
// Asks the source for what the solver will most likely need next, while the solver waits for something else: when
// metadata arrives, for the pages of its requirements; when a page arrives, for the metadata of the release that is
// likely to be chosen. It only asks ahead: what the solver decides does not depend on it, nor on the order in which
// answers arrive.

#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "pep/metadata.h"
#include "resolver/candidates.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"

namespace pkg::resolver {

// For the life of one resolution. `problem` and `source` outlive it. Threads: that of the resolution.
class Prefetcher {
 public:
  Prefetcher(const Problem& problem, PackageSource& source);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

 private:
  struct Interest {
    std::vector<const pep::Requirement*> requirements;  // each has to be met
    std::set<pep::Name> extras;
    std::vector<std::shared_ptr<const pep::Metadata>> followed;
    bool is_chosen = false;
  };

  void act(const PackageSource::Arrivals& arrivals);
  void require(const pep::Requirement& requirement, std::span<const pep::Name> extras_of_parent);
  void ask_for_listings();
  void follow(const std::shared_ptr<const pep::Metadata>& metadata);
  void follow_again(const Interest& interest);
  void choose(const pep::Name& name);
  bool may_hold(const pep::Marker& marker, std::span<const pep::Name> extras) const;
  bool fits(const Interest& interest, const Release& release) const;
  const pep::DistFile* likely_file(const pep::Name& name, std::span<const pep::DistFile> files);

  const Problem& problem_;
  PackageSource& source_;
  std::unique_ptr<FileChooser> chooser_;  // null: universal
  std::unordered_map<pep::Name, Interest> interests_;
  std::vector<pep::Name> unasked_;
};

}  // namespace pkg::resolver
