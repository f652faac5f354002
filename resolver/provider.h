#pragma once
// The Python side of PubGrub: which version of a package to try, what it depends on, and what to ask the source for
// ahead of time.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "resolver/package.h"
#include "resolver/problem.h"
#include "resolver/pubgrub/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/rounds.h"

namespace pkg::resolver {

// URL requirements found in metadata. They become known while solving, but a package's versions are fixed when it is
// first seen: solving starts again when this book grows.
struct UrlBook {
  std::map<pep::Name, std::vector<std::string>> urls;
  std::map<std::pair<pep::Name, std::string>, std::vector<std::pair<pep::Name, pep::Version>>>
      asked_by;  // (name, url) → who asks
};

// A requirement of the root or of a version as it counts for the target: overrides applied, excluded names left out.
struct ActiveRequirement {
  const pep::Requirement* requirement = nullptr;
  const std::vector<pep::Name>* extras = nullptr;
  MarkerSet condition;                      // universal: where it holds, for the extras it was asked for
  const pep::Requirement* asked = nullptr;  // what it overrides, else itself
};

class Provider final : public pubgrub::Provider {
 public:
  // Why the solving ended before its time.
  enum class Stop : std::uint8_t {
    world_has_grown,  // the book has: solve again
    must_split,       // universal: parts() of the fork need different versions, or other indexes
    has_given_up,     // as give_up_after() says
  };

  Provider(const Problem& problem, PackageSource& source, UrlBook& book);
  // For one fork of a universal problem; `preferred` stands in for the problem's preferences.
  Provider(const Problem& problem, PackageSource& source, UrlBook& book, ForkWorld& world, const Fork& fork,
           std::span<const Preference> preferred);

  // Errors: the source's (network, bad_data, io, interrupted). internal ends the run without being one: see
  // must_restart(), must_split(), gave_up(). unsupported: too many rounds.
  Result<std::optional<pubgrub::Value>> choose(pubgrub::Solver& solver, pubgrub::PackageId package,
                                               const pubgrub::VersionSet& allowed) override;
  Status add_dependencies(pubgrub::Solver& solver, pubgrub::PackageId package, pubgrub::Value value) override;
  std::uint32_t rank(pubgrub::PackageId package) const override;
  Status next_round(const pubgrub::Solver& solver) override;
  void count_with(Rounds& rounds) { rounds_ = &rounds; }  // outlives the provider

  bool has_stopped() const override { return stop_.has_value(); }
  std::optional<Stop> stop() const { return stop_; }

  // What would have to be built is put off: see provider_builds.cpp. Whether that ruled anything out.
  void put_off_builds() { puts_off_builds_ = true; }
  bool has_put_off() const { return has_put_off_; }

  // Universal, a fork that only wishes for files: after so many releases without metadata it is given up.
  void give_up_after(std::size_t unreadable_releases) { unreadable_left_ = unreadable_releases; }
  const std::set<pep::Name>& unreadable() const { return unreadable_; }  // projects with such releases

  const std::vector<MarkerSet>& parts() const { return parts_; }
  const Fork* fork() const { return fork_; }
  ForkWorld* world() const { return world_; }

  const Problem& problem() const { return problem_; }
  PackageSource& source() const { return source_; }  // for explanations
  const Package& package(pubgrub::PackageId id) const { return packages_[id]; }
  const Note& note(std::uint32_t id) const { return notes_[id]; }
  const Project* find(const pep::Name& name) const;
  const Candidate* candidate(const Project& project, pubgrub::Value value) const;
  // The requirements of a version for the target, with these extras; those of the root are active_root().
  std::vector<ActiveRequirement> active(const pep::Metadata& metadata, std::span<const pep::Name> extras) const;
  const std::vector<ActiveRequirement>& active_root() const { return root_; }
  // (package, requirement) is in force when the set of extras is asked for.
  std::uint64_t listings_asked() const { return listings_asked_; }
  std::uint64_t metadata_asked() const { return metadata_asked_; }

 private:
  // Where the marker holds: kNone when nowhere in the fork; for a single target kAll or kNone.
  MarkerSet condition(const pep::Marker& marker, std::span<const pep::Name> extras) const;
  bool holds(const pep::Marker& marker, std::span<const pep::Name> extras) const {
    return condition(marker, extras) != MarkerSpace::kNone;
  }
  void take_problem(std::span<const Preference> preferred);
  bool find_clash(pubgrub::Solver& solver, std::span<const ActiveRequirement> requirements);
  bool is_partial_bound(const ActiveRequirement& a, std::optional<pubgrub::Value> best_of_a, const ActiveRequirement& b,
                        std::optional<pubgrub::Value> best_of_b);
  bool splits(const pubgrub::VersionSet& domain, const Project& project, const pubgrub::VersionSet& needed,
              MarkerSet where);
  const pubgrub::VersionSet& conditional_set(pubgrub::Solver& solver, Project& project, const pubgrub::VersionSet& set,
                                             MarkerSet condition);
  void check_files(const Project& project, Candidate& candidate) const;
  void apply_override(const pep::Requirement& requirement, MarkerSet condition,
                      std::vector<ActiveRequirement>& out) const;

  bool falls_apart(MarkerSet where);
  std::string index_of(const pep::Name& name);
  void keep_urls_apart(const pep::Name& name);
  Result<Project*> ensure(pubgrub::Solver& solver, const pep::Name& name);
  Status ensure_all(pubgrub::Solver& solver, std::span<const ActiveRequirement> requirements);
  Status load_versions(Project& project);
  std::string asker_of_url(const pep::Name& name, const std::string& url) const;
  void apply_policy(pubgrub::Solver& solver, Project& project);
  void apply_constraints(pubgrub::Solver& solver, Project& project);
  // `requirement` outlives the provider.
  const pubgrub::VersionSet& set_for(pubgrub::Solver& solver, Project& project, const pep::Requirement& requirement);
  const pubgrub::VersionSet& set_for_text(pubgrub::Solver& solver, Project& project,
                                          const pep::Requirement& requirement);
  const pubgrub::VersionSet& interned(Project& project, pubgrub::VersionSet set);
  pubgrub::PackageId extra_package(pubgrub::Solver& solver, Project& project, const pep::Name& extra);

  Result<Candidate*> files_of(Project& project, pubgrub::Value value);
  void tell_of_variants(const std::string& misfit, Reason& reason) const;
  // With its metadata, or the reason why there is none; the provider may have stopped over it.
  Result<Candidate*> complete(Project& project, pubgrub::Value value);
  Status complete(Project& project, Candidate& candidate);
  Status join_metadata(Candidate& candidate);
  void check_metadata(const Project& project, Candidate& candidate);
  Result<std::optional<pubgrub::Value>> first_usable(pubgrub::Solver& solver, Project& project,
                                                     const pubgrub::VersionSet& allowed, bool prereleases,
                                                     bool wheels_only);
  enum class Builds : bool { at_once, may_wait };
  Result<bool> is_usable(pubgrub::Solver& solver, Project& project, pubgrub::Value value, Builds builds);
  void rule_out(pubgrub::Solver& solver, const Project& project, pubgrub::Value value, Reason reason);
  Result<bool> has_wheel(Project& project, pubgrub::Value value);
  Result<bool> has_wheel_in(Project& project, const pubgrub::VersionSet& set);
  Result<bool> waits_for_others(Project& project, pubgrub::Value value, const Candidate& candidate);
  Result<bool> is_put_off(Project& project, pubgrub::Value value, const Candidate& candidate);
  Status expect_build(Project& project, pubgrub::Value value, const Candidate& candidate);
  // Whether a URL candidate may be taken: somebody asks for that URL, or still may. Otherwise says so to the solver.
  Result<bool> is_asked_for(pubgrub::Solver& solver, const Project& project, pubgrub::Value value);
  bool finals_first(const Project& project) const;
  Prereleases prerelease_policy(const pep::Name& name) const;

  Status hint_likely(pubgrub::Solver& solver, std::span<const ActiveRequirement> requirements);
  std::optional<pubgrub::Value> likely_value(const Project& project, const pubgrub::VersionSet& domain,
                                             const pubgrub::VersionSet& needed) const;
  static void announce(Candidate& candidate, std::vector<const pep::DistFile*>& files);
  static bool is_plainly_yanked(const Project& project, pubgrub::Value value);
  Status hint_older(Project& project, pubgrub::Value from);

  void tell(pubgrub::Solver& solver, pubgrub::PackageId parent, pubgrub::Value value, pubgrub::PackageId with,
            const ActiveRequirement& requirement);
  std::uint32_t note_of(Note note);

  const Problem& problem_;
  PackageSource& source_;
  UrlBook& book_;
  ForkWorld* world_ = nullptr;
  const Fork* fork_ = nullptr;
  std::unordered_map<pep::Name, std::vector<const Preference*>> preferred_;  // in order
  const pep::Target& target_;
  FileChooser files_;
  std::vector<ActiveRequirement> root_;
  std::map<pep::Name, std::vector<const pep::Requirement*>> overrides_, constraints_, root_by_name_;
  std::vector<pep::Name> excludes_;
  std::deque<Project> projects_;
  std::unordered_map<pep::Name, Project*> by_name_;
  IdVector<pubgrub::PackageId, Package> packages_;
  std::vector<Note> notes_;
  std::map<std::pair<pubgrub::PackageId, Reason>, std::uint32_t> reason_notes_;
  std::unordered_map<std::uint64_t, bool> told_;  // (package, value [of the owner]) whose dependencies are known
  Rounds* rounds_ = nullptr;
  std::optional<Stop> stop_;
  bool puts_off_builds_ = false, has_put_off_ = false;
  std::optional<std::size_t> unreadable_left_;
  std::set<pep::Name> unreadable_;
  std::vector<MarkerSet> parts_;
  std::uint64_t listings_asked_ = 0, metadata_asked_ = 0;
};

}  // namespace pkg::resolver
