#pragma once
// What is installed in an environment: *.dist-info, and legacy *.egg-info and *.egg-link as far as naming them goes
// (PEP 376, 627).

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/direct_url.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/record.h"
#include "pep/version.h"
#include "venv/environment.h"

namespace pkg::venv {

enum class InstalledKind : std::uint8_t { dist_info, egg_info_dir, egg_info_file, egg_link };

struct InstalledDist {
  pep::Name name;
  pep::Version version;
  std::string name_as_written, version_as_written;  // by the folder's name; after read_names as METADATA spells them
  std::filesystem::path info;                       // the .dist-info folder (or .egg-info …)
  InstalledKind kind = InstalledKind::dist_info;
  bool has_record = false;
};

// By folder names alone where they suffice (one readdir per site folder, one access per distribution). Sorted by name,
// then by path. A distribution that is there twice is in the answer twice. Damaged entries become warnings. An
// .egg-info or .egg-link that another distribution's RECORD lists is a file of that one and no distribution. io: a site
// folder that is there cannot be listed.
Result<std::vector<InstalledDist>> installed(const Environment& environment,
                                             std::vector<std::string>* warnings = nullptr);
// The same, errors too (io), for other site folders (Interpreter::site_folders): what an environment inherits from its
// system and pkg never changes.
Result<std::vector<InstalledDist>> installed_in(std::span<const std::filesystem::path> folders,
                                                std::vector<std::string>* warnings = nullptr);

// Name and version as METADATA spells them ("PyYAML"), for display: reads the first kilobyte of each. What cannot be
// read, or is not the name or version that the folder says, stays as it is.
void read_names(std::span<InstalledDist> dists, std::vector<std::string>* warnings = nullptr);

// What METADATA says the distribution is, "foo 1.1", where that is not what the folder's name says; nullopt: they
// agree, or there is nothing to compare.
std::optional<std::string> contradicting_metadata(const InstalledDist& dist);

// Reading more of one distribution, on demand. not_found: no such file · bad_data: malformed, or over its limit · io.
Result<pep::Metadata> read_metadata(const InstalledDist& dist);
Result<std::string> read_metadata_text(const InstalledDist& dist);
Result<std::vector<pep::RecordRow>> read_record(const InstalledDist& dist);  // not_found when it has none
std::optional<pep::DirectUrl> read_direct_url(const InstalledDist& dist);
std::string read_installer(const InstalledDist& dist);  // empty when unknown
bool is_requested(const InstalledDist& dist);
std::optional<std::filesystem::path> editable_location(const InstalledDist& dist);

}  // namespace pkg::venv
