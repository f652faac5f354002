#pragma once
// Forks of a universal resolution: a set of environments that is solved for at once, and what all forks of one
// resolution share. docs/internals/resolver.md#universal-resolution

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/marker.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/specifier.h"
#include "resolver/chosen_files.h"
#include "resolver/guarded_set.h"
#include "resolver/marker_space.h"
#include "resolver/problem.h"
#include "resolver/wheel_coverage.h"

namespace pkg::resolver {

// A project's release counts in a fork only if its files cover these environments.
struct FileNeed {
  pep::Name name;
  const PlatformClass* platform = nullptr;
  MarkerSet environments;
};

struct Fork {
  MarkerSet environments;
  std::vector<FileNeed> needs;
  std::vector<std::pair<pep::Name, const PlatformClass*>>
      waived;  // files that were looked for in vain: not looked for again
  std::vector<FileNeed>
      lacking;  // what the solution lacked that this fork is to improve on: more must not be lacking now
};

// Sets of markers and specifiers as they are used again and again. One per resolution; not thread-safe.
class ForkWorld {
 public:
  explicit ForkWorld(const Universe& universe);

  MarkerSpace& space() { return space_; }
  const Universe& universe() const { return universe_; }
  MarkerSet everything() const { return everything_; }  // the universe, known platforms included
  WheelCoverage& coverage() { return coverage_; }
  GuardedSets& guarded() { return guarded_; }

  // Where `marker` holds for a distribution with these extras (and no others).
  MarkerSet condition(const pep::Marker& marker, std::span<const pep::Name> extras);
  // From now on conditions of requirements and locks are those where this is selected of these choices.
  void assume(std::map<ChoiceId, ChoiceSelection> decided);
  // Where a marker of the project or of its lock holds. Valid until keep_in_diagrams() or assume().
  const GuardedSet& guarded(const pep::Marker& marker);
  void keep_in_diagrams(const std::set<std::string>& memberships);
  // Of the release with these files (their address counts: sources keep them). Filled in by FileChooser.
  ChosenFiles& chosen(const pep::DistFile* files, bool yanked_allowed) {
    return chosen_[yanked_allowed ? 1 : 0][files];
  }

  // Of the release with these files: what joined_metadata() found; null at first.
  std::shared_ptr<const pep::Metadata>& joined_metadata(const pep::DistFile& first, const pep::DistFile& last,
                                                        std::size_t count) {
    return joined_[{&first, &last, count}];
  }

  // Of metadata as a source gives it: what with_rules() made of it; null at first.
  std::shared_ptr<const pep::Metadata>& ruled_metadata(const std::shared_ptr<const pep::Metadata>& stated) {
    return ruled_[stated];
  }

  // The Pythons a release says it is for. A text that is no specifier: all.
  MarkerSet python_of(const std::string& requires_python);
  MarkerSet python_of(const pep::SpecifierSet& requires_python);

 private:
  MarkerSet selectable();
  MarkerSet make_everything();
  struct Known;
  Known& known(const pep::Marker& marker);

  const Universe& universe_;
  std::map<ChoiceId, ChoiceSelection> assumed_;
  MarkerSpace space_;
  GuardedSets guarded_;
  MarkerSet selectable_;  // where no two members of a conflict are selected; made before anything else
  WheelCoverage coverage_;
  MarkerSet everything_;
  struct Known {
    pep::Marker kept;  // its nodes are the key: they must live as long
    MarkerSet set;
    bool has_choice = false;
    std::map<pep::Name, MarkerSet> with_extra;  // and with no other one; without a name: with none at all
  };
  struct KnownGuarded {
    pep::Marker kept;
    GuardedSet set;
  };
  std::unordered_map<const pep::MarkerNode*, Known> known_;
  std::unordered_map<const pep::MarkerNode*, KnownGuarded> guarded_markers_;
  std::unordered_map<std::string, MarkerSet> pythons_;
  std::unordered_map<const pep::DistFile*, ChosenFiles> chosen_[2];
  std::map<std::tuple<const pep::DistFile*, const pep::DistFile*, std::size_t>, std::shared_ptr<const pep::Metadata>>
      joined_;
  std::map<std::shared_ptr<const pep::Metadata>, std::shared_ptr<const pep::Metadata>> ruled_;
};

}  // namespace pkg::resolver
