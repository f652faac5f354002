#pragma once
// One downloadable file of a project, as an index announces it (PEP 503, 592, 658, 691, 700, 714).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "pep/name.h"
#include "pep/variant.h"
#include "pep/version.h"

namespace pkg::pep {

struct FileHash {
  hash::Algorithm algorithm = hash::Algorithm::sha256;
  std::string hex;  // lower-case
  bool operator==(const FileHash&) const = default;
};

// sdist: everything that has to be built. For files of URL requirements SourceUrl::parse(url) tells archive, folder and
// vcs apart.
enum class DistKind : std::uint8_t { wheel, sdist };

// The scheme of a URL that stands for an installed distribution: a file that is there already, and is never fetched.
inline constexpr std::string_view kInstalledScheme = "installed:";

struct DistFile {
  Name project;
  Version version;
  DistKind kind = DistKind::wheel;
  std::string file_name;
  std::string url;               // absolute; "file:" for find-links folders
  std::vector<FileHash> hashes;  // those with known algorithms; strongest first
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::int64_t> upload_time;  // unix seconds
  std::string requires_python;              // as announced; empty when none
  std::optional<std::string> yanked;        // the reason; "" when none was given; nullopt: not yanked
  bool has_metadata = false;                // PEP 658/714: `url`.metadata exists
  std::optional<FileHash> metadata_hash;
  std::string index;                            // name or redacted URL of the index it came from
  std::string locked_in;                        // what messages call the lock that says its hashes; empty: the index
  bool editable = false;                        // a folder or checkout that is installed in place (PEP 660)
  std::string requested_revision;               // of a vcs source: branch, tag or commit as it was asked for
  std::shared_ptr<const WheelVariant> variant;  // of a wheel variant that fits the machine; null: it is none

  const FileHash* sha256() const {
    for (const auto& h : hashes)
      if (h.algorithm == hash::Algorithm::sha256) return &h;
    return nullptr;
  }
  // Which wheel variant it is; empty: none.
  std::string_view variant_label() const { return variant == nullptr ? std::string_view() : variant->label; }
  bool operator==(const DistFile&) const = default;
};

}  // namespace pkg::pep
