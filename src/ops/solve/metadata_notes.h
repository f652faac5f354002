#pragma once
// What there is to tell of the metadata that a resolution read: lines of it that were mended, and releases that cannot
// be used because nobody understands theirs.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/version.h"
#include "resolver/package_source.h"
#include "resolver/resolution.h"

namespace pkg::ops {

class MetadataNotes {
 public:
  // The answer for a file of an index. Each fork asks again: what was noted once stays one note.
  void add(const pep::DistFile& file, const resolver::MetadataAnswer& answer);
  void clear();

  // For -v, one line for each project and each line of its metadata.
  std::vector<std::string> mended() const;
  // One line for each project with releases that are not understood and newer than what was chosen of it, or than all
  // that was (nothing was chosen): how many, and why the newest of them is not.
  std::vector<std::string> ignored(const resolver::Resolution& resolution) const;

 private:
  struct Mended {
    std::string after;
    std::set<pep::Version> releases;
  };
  std::map<pep::Name, std::map<std::string, Mended>> mended_;            // by the line as written
  std::map<pep::Name, std::map<pep::Version, std::string>> unreadable_;  // why: "whose metadata …"
};

}  // namespace pkg::ops
