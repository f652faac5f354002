#pragma once
// A small world of packages as a PackageSource: built by hand, from text (worlds/*.txt), or by the conformance runner.
// It counts what it is asked.
//
// The text form, one line per release, then what to install and what comes out:
//   a 1:   b, c>=2 ; extra == "x"   requirements separated by ", " (a comma without a space is part of a specifier)
//   b 2 {yanked, python >=3.9}:     attributes: yanked [reason] · python SPEC · wheel TAGS · sdist · uploaded DATE ·
//                                   no-metadata REASON · extras X Y · size N · broken LINE · wheel TAGS +b +c;MARKER
//                                   (what this wheel alone requires besides)
//   a@cpu 3:                        the release is on the index "cpu" (Problem::index_rules), not on the usual one
//   install a, b==2  => a 1, b 2    options before the requirements: run_world in tests/resolver/worlds_test.cpp

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "pep/target.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"

namespace pkg::test {

// What is known of one release; everything has a default that makes it an ordinary pure wheel.
struct WorldRelease {
  std::vector<std::string> requires_dist;
  std::string requires_python;
  std::vector<std::string> provides_extra;
  std::optional<std::string> yanked;
  std::vector<std::string> file_names;  // empty: one wheel for all platforms
  std::optional<std::int64_t> upload_time;
  std::string no_metadata;  // not empty: metadata cannot be had, and this is why
  std::vector<std::string> broken_requirements;
  std::map<std::string, std::vector<std::string>> requires_of;  // beyond requires_dist, by file name
};

class World final : public resolver::PackageSource {
 public:
  // Precondition: nothing was asked about `name` yet.
  void add(const std::string& name, const std::string& version, WorldRelease release);
  // What a URL requirement gets.
  void add_direct(const std::string& url, const std::string& name, const std::string& version, WorldRelease release);

  void want_listings(std::span<const pep::Name> names) override;
  void want_metadata(std::span<const pep::DistFile* const> files) override;
  Result<const resolver::Listing*> listing(const pep::Name& name) override;
  Result<std::span<const pep::DistFile>> files(const pep::Name& name, std::size_t release) override;
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile& file) override;
  Result<resolver::DirectAnswer> direct(const pep::Name& name, const std::string& url) override;
  World& from(const std::string& index) override;

  // Questions so far. Files and metadata that were asked for more than once count each time.
  struct Counts {
    std::uint64_t listings = 0, files = 0, metadata = 0, wanted_listings = 0, wanted_metadata = 0,
                  unannounced_metadata = 0;
  };
  const Counts& counts() const { return counts_; }
  std::vector<std::string> log;  // "listing a", "metadata a 1", "want metadata a 1, b 2": in order, when `keep_log`
  bool keep_log = false;

 private:
  struct Release {
    pep::Version version;
    WorldRelease given;
    std::vector<pep::DistFile> files;
    std::shared_ptr<const pep::Metadata> metadata;
    bool announced = false;
    std::map<std::string, std::shared_ptr<const pep::Metadata>> metadata_of = {};  // with `given.requires_of`
  };
  struct Project {
    pep::Name name;
    std::vector<Release> releases;  // newest first once asked for
    std::optional<resolver::Listing> listing;
  };
  struct Direct {
    pep::Name name;
    Release release;
  };
  Release* find(const pep::DistFile& file);
  void make_files(const pep::Name& name, Release& release) const;
  static std::shared_ptr<const pep::Metadata> make_metadata(const pep::Name& name, const Release& release,
                                                            const std::string& file_name);

  std::unordered_map<pep::Name, Project> projects_;
  std::string index_;
  std::map<std::string, std::unique_ptr<World>> indexes_;
  std::map<std::string, Direct> direct_;
  resolver::Listing missing_{.found = false, .reason = "was not found in the index", .releases = {}};
  Counts counts_;
};

// CPython on x86-64 Linux with glibc 2.35.
pep::Target linux_target(const std::string& python_full_version);

// The releases of a text world go into `world`; returns the other lines (those with "=>"), joined with their indented
// continuation lines.
Result<std::vector<std::string>> load_world(std::string_view text, World& world);

}  // namespace pkg::test
