#pragma once
// (installed, wanted) → what to remove, install, keep. Pure.

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pep/direct_url.h"
#include "pep/name.h"
#include "pep/version.h"
#include "venv/site.h"
#include "venv/transaction/origins.h"
#include "venv/wholeness.h"

namespace pkg::venv {

struct WantedDist {
  pep::Name name;
  pep::Version version;
  bool requested = false;                    // named by the user: gets a REQUESTED file
  std::optional<pep::DirectUrl> direct_url;  // from a URL: written as direct_url.json; compared with what is installed
  std::vector<std::string> sha256 = {};      // hex, of the files that will do; empty: all of the version
};

enum class Reinstall : std::uint8_t { none, all, listed };
// What a distribution of the wanted version must be besides. version: nothing. source: from an index, where the wanted
// one is, and not from a URL, a folder or a revision.
enum class Same : std::uint8_t { version, source };
enum class Extraneous : std::uint8_t { keep, remove };  // sync removes what is not wanted

struct PlanOptions {
  Reinstall reinstall = Reinstall::none;
  std::set<pep::Name> reinstall_names;
  Extraneous extraneous = Extraneous::keep;
  Same same = Same::version;
  const Origins* origins = nullptr;  // of the environment; null: nothing is known
  Incomplete incomplete = {};        // of what is installed: never what is wanted
};

struct InstallPlan {
  std::vector<std::size_t> install;         // indices into wanted, in order
  std::vector<std::size_t> remove;          // indices into installed: replaced or unwanted
  std::vector<std::size_t> keep;            // indices into installed
  std::vector<std::size_t> mark_requested;  // indices into installed: kept, but now asked for by name
  std::set<pep::Name> asked_again;          // of `install`: reinstalled because the options say so
  bool empty() const { return install.empty() && remove.empty() && mark_requested.empty(); }
};

// Whether `have` is what is wanted, as far as its folder and the options say: whole, of that version, and from where
// and what file the options and `want` ask for. A folder never is: its builder knows (ops/install).
bool is_what_is_wanted(const InstalledDist& have, const WantedDist& want, const PlanOptions& options);

InstallPlan plan(std::span<const WantedDist> wanted, std::span<const InstalledDist> installed,
                 const PlanOptions& options);

}  // namespace pkg::venv
