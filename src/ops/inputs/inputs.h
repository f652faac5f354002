#pragma once
// What the user named — words, files, groups — read into requirements with their origins.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "builder/build_process.h"
#include "index/settings.h"
#include "ops/session/session.h"
#include "pep/dist_file.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "resolver/policy.h"
#include "resolver/problem.h"

namespace pkg::ops {

struct InputOptions {
  std::vector<std::string> words;               // requirements, paths and URLs of distributions
  std::vector<std::string> requirements_files;  // requirements.txt, pyproject.toml, setup.py, setup.cfg, a script with
                                                // a metadata block, or "-" (standard input, given in stdin_text)
  std::vector<std::string> scripts;             // with a metadata block, whatever their names end in
  std::vector<std::string> constraints_files;
  std::vector<std::string> override_files;
  std::vector<std::string> editables;
  std::vector<std::string> groups;  // "name" or "path/pyproject.toml:name"
  std::vector<std::string> extras;  // of a pyproject.toml among requirements_files
  bool all_extras = false;
  std::vector<std::string> excludes;
  std::string stdin_text;
  bool for_all_pythons = false;    // what a group says of Python becomes its requirements' marker
  bool require_hashes = false;     // as if a file said --require-hashes
  bool no_require_hashes = false;  // hashes are checked where they are given, and asked for nowhere

  bool names_files() const { return !requirements_files.empty() || !scripts.empty() || !groups.empty(); }
  bool names_something() const { return names_files() || !words.empty() || !editables.empty(); }
};

// --all-releases and --only-final, as far as something was said.
struct ReleaseControl {
  std::optional<bool> all;  // whether pre-releases are taken of what is not among these:
  std::map<pep::Name, resolver::Prereleases> of;
};
// ":all:", ":none:" and names, as --all-releases (allow) and --only-final (disallow) take them. bad_data: no name.
Status add_release_control(std::string_view value, resolver::Prereleases wanted, ReleaseControl& control);

// What a script or a group says of Python.
struct RequiredPython {
  std::string who;  // as messages call it
  pep::SpecifierSet specifiers;
};

// A path or URL that was given without a name: its source has to be looked at to learn it.
struct UnnamedInput {
  std::string url;  // absolute, as pep::SourceUrl takes it
  std::vector<pep::Name> extras;
  pep::Marker marker;
  bool editable = false;
  bool only_dependencies = false;  // a project whose requirements are meant (setup.py, setup.cfg, what is dynamic)
  bool all_extras = false;         // then: besides `extras`
  std::vector<pep::FileHash> hashes;
  builder::ConfigSettings config_settings;
  Origin origin;
};

// A --only-binary or --no-binary; the order counts.
struct FormatOption {
  std::string value;
  bool only_binary = false;
};

// Hashes that files must have (--hash, --require-hashes), by project; a project that is not there may have any.
using RequiredHashes = std::map<pep::Name, std::vector<pep::FileHash>>;

struct Inputs {
  std::vector<pep::Requirement> requirements;
  std::vector<pep::Requirement> constraints;
  std::vector<pep::Requirement> overrides;
  std::vector<pep::Name> excludes;
  std::vector<resolver::ParentRule> parent_rules;
  std::vector<resolver::IndexRule> index_rules;
  std::vector<resolver::OwnProject> own;  // of a pyproject.toml that is among the inputs
  RequiredHashes hashes;                  // of --hash options and, in hash mode, of URLs. Empty with --no-verify-hashes
  bool require_hashes = false;            // hash mode: hash_mode.h
  std::map<pep::Name, std::optional<std::int64_t>> exclude_newer_of;  // as in resolver::Policy; of a project's settings
  // Options that requirements files carry, and what a project's settings say of the same.
  ReleaseControl releases;
  bool prefer_binary = false;
  std::vector<FormatOption> format;
  std::vector<RequiredPython> pythons;
  // Sources.
  std::vector<UnnamedInput> unnamed;
  std::set<std::string> relative_urls;                           // that were written as paths from somewhere
  std::set<std::string> editable_urls;                           // URLs of requirements that are installed in place
  std::map<pep::Name, builder::ConfigSettings> config_settings;  // of lines of requirements files
  std::set<pep::Name> hashed_by_marker;                          // of `hashes`, those with a line that has a marker
  // The session's, with the index options of the files (-i, -f …) and the URLs that are named. Absent: nothing differs.
  std::optional<index::Settings> settings;
};

// bad_data with file:line. In hash mode everything that cannot be checked is refused here, before anything is fetched
// or built. conflict, hash_mismatch, unsupported: see add_hashes and pin_archives. Others: those of load_input_files
// (network …), input_from_word and pyproject_inputs.h.
Result<Inputs> read_inputs(const InputOptions& options, const Session& session);

// What the command goes on with once its inputs are read: their index options and config settings count for all of it.
Session& session_for(const Inputs& inputs, Session& session);

// Gives every unnamed input its name: after that `unnamed` is empty and `requirements` has them all; of projects whose
// requirements are meant it has those. not_found: an extra that such a project does not have. Sources whose
// files do not say their name are built as far as metadata needs it. Errors, with the origin of the input: those of
// SourceBuilder::source; conflict, too, where hashes exclude each other.
Status resolve_unnamed(Inputs& inputs, SourceBuilder& builds);

// bad_data: it has extras. A constraint says which release, and asks for nothing (as in pip).
Status check_constraint(const pep::Requirement& constraint);

// ":all:", ":none:" and names, as --only-binary and --no-binary take them. bad_data: no name.
Status add_format_control(std::string_view value, bool only_binary, resolver::FormatControl& control);

}  // namespace pkg::ops
