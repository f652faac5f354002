#pragma once
// Which environments a wheel is for, as far as markers can tell; and the platforms for which every release must have
// files.

#include <compare>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pep/dist_file.h"
#include "pep/wheel_systems.h"
#include "resolver/marker_space.h"
#include "resolver/problem.h"

namespace pkg::resolver {

// A platform that a lock should have files for: one of the usual ones, which markers can tell apart, or one that is
// required.
struct PlatformClass {
  std::string name;
  MarkerSet region;                    // the system and machine
  MarkerSet environments;              // of it: CPython, of the Pythons that exist
  std::vector<std::string> platforms;  // tags a wheel may have; empty: those whose platform meets `region`
  bool required = false;
  pep::WheelSystems systems = pep::kAllWheelSystems;  // that its wheels can be for
  std::size_t number = 0;                             // among all, those of environments() included
};

class WheelCoverage {
 public:
  WheelCoverage(MarkerSpace& space, const Universe& universe);

  // Where a file may be installed: all for an sdist, as the tags say for a wheel. Remembered by the file's address.
  MarkerSet of(const pep::DistFile& file);
  // Seen from the name alone, in a moment; false says nothing.
  static bool is_for_another_system(std::string_view wheel_name, const PlatformClass& platform);
  // A number for the tags in a wheel's name: equal tags have equal numbers.
  std::uint32_t tags_of(std::string_view wheel_name);
  // Where on `platform` wheels with these tags can be installed.
  MarkerSet of(std::uint32_t tags, const PlatformClass& platform);
  // Where on `platform` one of the files can be installed.
  MarkerSet of(std::span<const pep::DistFile* const> files, const PlatformClass& platform);
  const std::deque<PlatformClass>& platforms() const { return platforms_; }  // the required ones first
  // Those of Universe::environments that speak of a platform: nothing is chosen for their sake.
  const std::deque<PlatformClass>& environments() const { return environments_; }
  // The set cut into single minor versions of Python, newest first.
  std::vector<MarkerSet> by_python(MarkerSet set);

 private:
  MarkerSet of_python_tags(std::string_view interpreters, std::string_view abis);
  MarkerSet of_platform_tags(std::string_view platforms);
  MarkerSet text(pep::MarkerVariable variable, std::string_view value);
  void add_platforms_of(const Universe& universe, bool wished);
  void add_usual_platforms();
  void add_environments_of(const Universe& universe);
  void add_platform(std::string name, MarkerSet region, std::vector<std::string> tags, bool required);
  PlatformClass make_platform(std::string name, MarkerSet region);

  MarkerSpace& space_;
  MarkerSet machines_;  // that there are, and that the universe is for
  std::deque<PlatformClass> platforms_, environments_;
  std::unordered_map<std::string, MarkerSet> python_tags_, platform_tags_;
  std::unordered_map<const pep::DistFile*, MarkerSet> files_;
  struct Release {
    const pep::DistFile *first, *last;
    std::size_t count;
    const PlatformClass* platform;
    auto operator<=>(const Release&) const = default;
  };
  std::map<Release, MarkerSet> releases_;
  MarkerSet of_name(std::string_view wheel_name, const PlatformClass& platform);
  bool is_for(std::string_view platform_tags, const PlatformClass& platform);
  struct Tagged {
    std::string wheel_name;  // one with these tags
    std::vector<std::optional<MarkerSet>> of_platforms;
  };
  std::deque<Tagged> tagged_;                                 // by number
  std::unordered_map<std::string_view, std::uint32_t> tags_;  // "-py3-none-any.whl" → its number; keys lie in tagged_
};

}  // namespace pkg::resolver
