#pragma once
// What the resolver needs to know about the world, and nothing more. Implemented in src/ops (over the index) and in
// tests (text worlds).

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/version.h"
#include "pep/wheel_systems.h"

namespace pkg::resolver {

// One release of a project, as far as the project's page tells without looking at its files.
struct Release {
  pep::Version version;
  bool has_wheel = false, has_sdist = false;
  bool all_yanked = false;                            // every file of it is yanked
  pep::WheelSystems systems = pep::kAllWheelSystems;  // that its wheels may be for
  bool has_variants = false;                          // wheel variants; which of them fit is looked at with its files
};

// Every release of a project, newest first, without duplicates. `found` false: the indexes do not have the project
// (404), or offline without a copy; `reason` then says so ("was not found in the index `x`").
struct Listing {
  bool found = false;
  std::string reason;
  std::vector<Release> releases;
};

// Metadata of a release, or why it cannot be had: that is an answer, and becomes part of the explanation.
struct MetadataAnswer {
  std::shared_ptr<const pep::Metadata> metadata;  // null: see reason
  std::string reason;                             // "has no wheel, and building is off"
};

// The distribution a URL requirement names, or why it cannot be had.
struct DirectAnswer {
  std::shared_ptr<const pep::DistFile> file;  // project and version filled in; null: see reason
  std::string reason;
};

// Asked from one thread. Answers must not depend on the order of questions. References stay valid for the life of the
// source.
class PackageSource {
 public:
  virtual ~PackageSource() = default;
  // Hints: these will be asked for soon. Return at once; may do nothing; never change an answer.
  // What was asked for and is there now.
  struct Arrivals {
    std::vector<pep::Name> listings;
    std::vector<std::shared_ptr<const pep::Metadata>> metadata;
  };
  // `act` hears what has arrived, on the caller's thread, while listing() and metadata() wait for something else. It
  // may ask for what is there and want more. Empty: nobody listens any more. False: this source never waits, and
  // will not call it.
  virtual bool while_waiting(std::function<void(const Arrivals&)> act) {
    (void)act;
    return false;
  }

  virtual void want_listings(std::span<const pep::Name> names) = 0;
  virtual void want_metadata(std::span<const pep::DistFile* const> files) = 0;

  // Errors of all that follow stop the resolution and are passed on: network · bad_data · io · interrupted. That a
  // project, a release or its metadata is not there is an answer.
  virtual Result<const Listing*> listing(const pep::Name& name) = 0;
  // The files of listing(name).releases[release], any order; of wheel variants those that fit, with their rank.
  // network, bad_data, io.
  virtual Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) = 0;
  // Calls visit(name) for each of these files, where nothing else is asked: to be overridden where that is cheaper.
  // Errors of files(): network, bad_data, io.
  virtual Status each_file_name(const pep::Name& name, std::size_t release,
                                const std::function<void(std::string_view)>& visit) {
    PKG_TRY_ASSIGN(const auto all, files(name, release));
    for (const pep::DistFile& file : all) visit(file.file_name);
    return ok_status();
  }
  // After files() of a release that has wheel variants: why none of them can be used, as a clause ("none fits this
  // machine: cu12 needs …"). Empty: one can.
  virtual std::string variant_misfit(const pep::Name& name, std::size_t release) {
    (void)name;
    (void)release;
    return {};
  }
  // Now and then, when resolving takes many rounds (resolver/rounds.h): for progress.
  virtual void still_resolving(std::uint64_t rounds, std::size_t decided) {
    (void)rounds;
    (void)decided;
  }
  // Metadata of the release that `file` belongs to. network, bad_data, io, interrupted: the resolution ends.
  virtual Result<MetadataAnswer> metadata(const pep::DistFile& file) = 0;
  // metadata() of it will most likely be asked for, and is learnt by building: who builds may do several at once. The
  // file stays where it is as long as those of files() do.
  virtual void expect_build(const pep::DistFile& file) { (void)file; }
  // Further indexes that have the project too, though only the first counts. Asked when there is no solution; an
  // error (network, io …) is no answer, which is fine.
  virtual Result<std::vector<std::string>> also_on(const pep::Name& name) {
    (void)name;
    return std::vector<std::string>();
  }
  // The same source, where projects come from the index of that name alone: for listing(), files() and
  // each_file_name(); it lives as long as this one. Only sources that Problem::index_rules name indexes of.
  virtual PackageSource& from(const std::string& index) {
    (void)index;
    return *this;
  }
  // The distribution behind a URL. network, bad_data, io, and what a build fails with (build).
  virtual Result<DirectAnswer> direct(const pep::Name& name, const std::string& url) = 0;
};

}  // namespace pkg::resolver
