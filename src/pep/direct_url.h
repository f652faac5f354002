#pragma once
// direct_url.json: where a distribution came from when it was not an index (PEP 610).

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct VcsInfo {
  std::string vcs, commit_id, requested_revision;  // requested_revision empty: none
  bool operator==(const VcsInfo&) const = default;
};
struct ArchiveInfo {
  std::vector<std::pair<std::string, std::string>> hashes;  // algorithm, hex
  bool operator==(const ArchiveInfo&) const = default;
};
struct DirInfo {
  bool editable = false;
  bool operator==(const DirInfo&) const = default;
};

struct DirectUrl {
  std::string url;
  std::variant<VcsInfo, ArchiveInfo, DirInfo> info;
  std::string subdirectory;
  // bad_data: not JSON, or not of the form PEP 610 has.
  static Result<DirectUrl> parse(std::string_view json_text);
  std::string to_json()
      const;  // credentials in `url` removed (git over ssh user and ${VAR} forms stay, as the spec allows)
  bool operator==(const DirectUrl&) const = default;
};

// `url` without user and password, except "git" (or the given safe user names) and ${VAR} placeholders.
std::string strip_credentials(std::string_view url, const std::vector<std::string>& safe_users = {"git"});

}  // namespace pkg::pep
