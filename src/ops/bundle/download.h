#pragma once
// `pkg download`: what requirements resolve to, as files in a folder, for here or for another Python.
// docs/guides/bundle.md

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/other_target.h"
#include "ops/fetch/file_folder.h"
#include "ops/inputs/inputs.h"
#include "ops/install/report.h"
#include "ops/solve/solve.h"
#include "pep/environment.h"

namespace pkg::ops {

struct DownloadOptions {
  InputOptions inputs;
  ResolveOptions resolve;
  std::string python;  // environment, interpreter or version; empty: as for an install
  OtherTarget other;   // wheels only, unless --no-deps
  std::string folder;  // empty: the working folder
  bool only_dependencies = false;
  bool dry_run = false;      // resolve only
  bool want_report = false;  // DownloadReport::dists
};

struct DownloadedFile {
  std::string name, version, file_name;
  std::string sha256_hex;  // empty with dry_run
  std::uint64_t size_bytes = 0;
  bool kept = false;   // was there already
  bool built = false;  // from a source
};

struct DownloadReport {
  std::filesystem::path folder;
  std::vector<DownloadedFile> files;  // sorted by project
  std::vector<ReportedDist> dists;    // of `files`, where they are wanted
  std::set<pep::Name> requested;
  pep::Environment markers;  // it was resolved for
  std::vector<std::string> warnings;
  double seconds = 0;
};

// Archives and wheels keep their bytes and names; of folders and version control systems there are wheels. usage:
// editables; another target while something might have to be built for it. Other errors: those of an install.
Result<DownloadReport> download(const DownloadOptions& options, Session& session);

// `pkg wheel`: the same, errors too, and every source as a wheel. Editables are allowed and become ordinary wheels.
// usage: another target, as above.
Result<DownloadReport> wheel(const DownloadOptions& options, Session& session);

}  // namespace pkg::ops
