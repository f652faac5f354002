#pragma once
// Writes a project's page in the form in which it is kept (index/cache/packed_page.h), from the links that an index
// listed.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/binary.h"
#include "index/cache/packed_page.h"
#include "index/simple/page.h"
#include "pep/dist_file.h"
#include "pep/name.h"
#include "pep/version.h"
#include "pep/wheel_systems.h"

namespace pkg::index {

// Takes the links of one project's page.
class PageBuilder {
 public:
  explicit PageBuilder(pep::Name project) : project_(std::move(project)) {}
  void add(const Link& link);
  std::uint32_t oversized() const { return oversized_; }  // links skipped because their name or version is too long
  bool empty() const { return !has_dist_; }
  std::string finish(PageFacts facts);

 private:
  struct Group {
    pep::Version version;
    std::string text;
    BinaryWriter files, variants;
    bool has_wheel = false, has_sdist = false, has_variant = false, all_yanked = true;
    pep::WheelSystems systems = 0;
  };
  enum class Kind : std::uint8_t { wheel, sdist, variant_wheel, variants_json };
  struct Parsed {
    Kind kind;
    pep::Version version;
    pep::WheelSystems systems = 0;  // of a wheel
  };
  std::optional<Parsed> parse(const std::string& file_name) const;
  Group& group(const pep::Version& version);
  void write_file(const Link& link, const std::string& file_name, bool is_wheel, BinaryWriter& out);

  const pep::Name project_;
  std::string url_prefix_;
  std::vector<Group> groups_;
  std::unordered_map<pep::Version, std::size_t> by_version_;
  std::uint32_t skipped_ = 0, oversized_ = 0;
  bool has_dist_ = false;
};

}  // namespace pkg::index
