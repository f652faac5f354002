#pragma once
// Looking at an environment: list, show, check, inspect, verify. Errors: those of choose_environment (not_found: there
// is none) and of its interpreter, where markers are evaluated · io: a site folder cannot be listed.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/environment/moved_environment.h"
#include "ops/session/session.h"
#include "pep/direct_url.h"
#include "pep/metadata.h"
#include "venv/consistency.h"
#include "venv/site.h"
#include "venv/verify.h"

namespace pkg::ops {

struct ListOptions {
  EnvironmentOptions environment;
  std::vector<std::string> paths;  // --path: these site folders instead of the environment's
  bool editable_only = false, exclude_editable = false;
  bool not_required = false;  // only what nothing else needs
  std::vector<std::string> exclude;
};

struct ListedDist {
  std::string name, version;      // as METADATA writes them
  std::string editable_location;  // empty: not editable
  std::string installer;          // filled in by --verbose
  std::string location;
  pep::Name normalized;
};

struct Listing {
  std::vector<ListedDist> dists;  // sorted by normalised name
};
Result<Listing> list(const ListOptions& options, bool verbose, Session& session);

// What is installed in the environment, or in the folders of `paths`, with names as METADATA spells them; warnings are
// reported.
Result<std::vector<venv::InstalledDist>> installed_dists(const ListOptions& options, Session& session);
// False for what `options` leave out by name or as editable.
bool is_listed(const ListOptions& options, const venv::InstalledDist& dist);

struct ShownDist {
  pep::RawMetadata metadata;
  std::string name, version, location, installer, editable_location;
  std::vector<std::string> requires_, required_by;  // names
  std::vector<std::string> files;                   // relative to location
  std::vector<std::string> entry_points;            // lines of entry_points.txt
  bool has_record = true;
};
struct ShowReport {
  std::vector<ShownDist> dists;
  std::vector<std::string> not_found;
};
// A name that is not installed is an answer. not_found, bad_data, io: METADATA of one that is.
Result<ShowReport> show(const std::vector<std::string>& names, const EnvironmentOptions& environment, bool files,
                        Session& session);

struct CheckReport {
  std::vector<std::string> problems;  // one line each
  std::size_t checked = 0;
};
Result<CheckReport> check(const EnvironmentOptions& environment, Session& session);

// pip inspect's report, as data.
struct InspectedDist {
  pep::RawMetadata metadata;
  std::string metadata_location, installer;
  bool requested = false;
  std::optional<pep::DirectUrl> direct_url;
};
struct InspectReport {
  std::vector<InspectedDist> dists;
  pep::Environment environment;
};
// not_found, bad_data, io: METADATA of any.
Result<InspectReport> inspect(const EnvironmentOptions& environment, Session& session);

struct VerifyReport {
  std::filesystem::path moved_from;  // where the environment was made, when it lies elsewhere now; else empty
  std::vector<venv::FileProblem> problems;
  std::size_t checked = 0;
};
// What is damaged is an answer. not_found: a name that is not installed · what mend_if_moved() gives.
Result<VerifyReport> verify(const std::vector<std::string>& names, const EnvironmentOptions& environment, Mend mend,
                            Session& session);

}  // namespace pkg::ops
