#pragma once
// Where each release of a lock is needed: the least fixpoint over the requirements, from the root, for all environments
// and selections at once.

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/version.h"
#include "resolver/fork.h"
#include "resolver/problem.h"

namespace pkg::resolver {

// A release, and where it is the one that its project is installed as, if at all.
struct PlacedRelease {
  pep::Name name;
  pep::Version version;
  std::shared_ptr<const pep::Metadata> metadata;  // null: it needs nothing
  bool direct = false;
  GuardedSet there;
};

// A requirement that is not met.
struct Unmet {
  std::optional<std::size_t> parent;  // nothing: the root
  const pep::Requirement* requirement = nullptr;
  std::optional<std::size_t> child;  // which is there and is not accepted; nothing: none is there
  GuardedSet where;
};

class LockWalk {
 public:
  using At = std::pair<std::size_t, pep::Name>;  // a release and one of its extras; without a name: itself
  struct Edge {
    std::optional<std::size_t> parent;
    std::size_t child;
    const pep::Requirement* requirement;
    MarkerSet environments;  // whatever is selected
  };

  // Two releases of a project have no environment in common. Both arguments outlive the walk.
  LockWalk(std::span<const PlacedRelease> releases, const Problem& problem, ForkWorld& world);

  // The first requirement found that is not met; nothing: all are.
  std::optional<Unmet> run();
  // After run() found nothing.
  const std::map<At, GuardedSet>& reached() const { return reached_; }
  std::vector<Edge> edges();

 private:
  void follow_root();
  void expand(const At& at);
  void follow(std::optional<std::size_t> parent, const pep::Requirement& requirement, const GuardedSet& needed);
  void meet(std::optional<std::size_t> parent, const pep::Requirement& requirement,
            const std::vector<pep::Name>& extras, const GuardedSet& needed);
  void reach(const At& at, const GuardedSet& where);

  std::span<const PlacedRelease> releases_;
  const Problem& problem_;
  ForkWorld& world_;
  GuardedSets& guarded_;
  std::unordered_map<pep::Name, std::vector<std::size_t>> by_name_;
  std::map<At, GuardedSet> reached_;
  std::deque<At> open_;
  std::set<At> queued_;
  std::optional<Unmet> unmet_;
  std::vector<Edge>* edges_ = nullptr;  // being collected
};

// A URL is met by what has come from one: two of them exclude each other.
bool accepts(const pep::Requirement& requirement, const pep::Version& version, bool direct);

}  // namespace pkg::resolver
