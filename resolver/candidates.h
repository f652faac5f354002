#pragma once
// The releases of one project as candidates: which are usable for the target and the policy, from which files, and why
// the others are not.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/filename.h"
#include "pep/metadata.h"
#include "pep/target.h"
#include "resolver/chosen_files.h"
#include "resolver/fork.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"
#include "resolver/pubgrub/version_set.h"

namespace pkg::resolver {

struct Candidate {
  std::vector<const pep::DistFile*> files;  // usable ones, best first; empty: see reason
  bool has_wheel = false;                   // files.front() is a wheel
  bool metadata_differs = false;            // see ChosenFiles; false too once `metadata` is that of all its wheels
  bool announced = false;                   // the source knows that its metadata will be asked for
  bool complete = false;                    // metadata was asked for
  std::shared_ptr<const pep::Metadata> metadata;
  std::optional<Reason> reason;
  std::vector<std::shared_ptr<const pep::DistFile>> owned;  // keeps files of URL requirements alive
};

// What a Python must satisfy, as the files and the metadata say it. Remembers answers.
class PythonCheck {
 public:
  PythonCheck(const pep::Version& python, const Policy& policy);
  // Of a fork: some of its Pythons must do; all of them with fewest_versions.
  PythonCheck(ForkWorld& world, const Fork& fork, const Policy& policy);
  bool accepts(const std::string& requires_python);  // texts that are no specifiers accept everything
  bool accepts(const pep::SpecifierSet& requires_python) const;

 private:
  bool accepts_set(MarkerSet pythons) const;
  pep::Version python_;
  bool strict_ = false, ignore_ = false;  // strict_: of a single target; forks have the world's
  ForkWorld* world_ = nullptr;
  const Fork* fork_ = nullptr;
  std::unordered_map<std::string, bool> known_;
};

// Where files come from: a release of a listing, one that may be taken though it was yanked, or a URL that was asked
// for, which nobody yanks or uploads.
enum class FileOrigin : std::uint8_t { release, release_even_if_yanked, url };

// Chooses among the files of one release.
class FileChooser {
 public:
  // `world`: of a universal resolution, where wheels count that some environment of its universe accepts; else null.
  FileChooser(const pep::Target& target, const Policy& policy, PythonCheck python, ForkWorld* world)
      : target_(target), policy_(policy), python_(std::move(python)), world_(world) {}

  // Fills in files and has_wheel, or the reason.
  void choose(const pep::Name& name, std::span<const pep::DistFile> files, FileOrigin origin, Candidate& out);
  PythonCheck& python() { return python_; }

 private:
  struct Ranked;
  struct Rules;
  Rules rules_for(const pep::Name& name, FileOrigin origin) const;
  // Why the file cannot be used; nullopt: it can, and `out` is filled in.
  std::optional<Unusable> objection(const Rules& rules, const pep::DistFile& file, Ranked& out);
  static std::string detail_of(Unusable kind, const pep::DistFile& file);
  Reason reason_against_all(const Rules& rules, std::span<const pep::DistFile> files);
  void choose_anew(const pep::Name& name, std::span<const pep::DistFile> files, FileOrigin origin, ChosenFiles& out);
  void choose_in_fork(const ChosenFiles& chosen, Candidate& out);

  const pep::Target& target_;
  const Policy& policy_;
  PythonCheck python_;
  ForkWorld* world_;
  std::deque<pep::BuildTag> builds_;  // of the files that are being ranked
};

}  // namespace pkg::resolver
