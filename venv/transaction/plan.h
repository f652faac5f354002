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

namespace pkg::venv {

struct WantedDist {
  pep::Name name;
  pep::Version version;
  bool requested = false;                    // named by the user: gets a REQUESTED file
  std::optional<pep::DirectUrl> direct_url;  // from a URL: written as direct_url.json; compared with what is installed
};

enum class Reinstall : std::uint8_t { none, all, listed };
enum class Extraneous : std::uint8_t { keep, remove };  // sync removes what is not wanted

struct PlanOptions {
  Reinstall reinstall = Reinstall::none;
  std::set<pep::Name> reinstall_names;
  Extraneous extraneous = Extraneous::keep;
};

struct InstallPlan {
  std::vector<std::size_t> install;         // indices into wanted, in order
  std::vector<std::size_t> remove;          // indices into installed: replaced or unwanted
  std::vector<std::size_t> keep;            // indices into installed
  std::vector<std::size_t> mark_requested;  // indices into installed: kept, but now asked for by name
  bool empty() const { return install.empty() && remove.empty() && mark_requested.empty(); }
};

InstallPlan plan(std::span<const WantedDist> wanted, std::span<const InstalledDist> installed,
                 const PlanOptions& options);

}  // namespace pkg::venv
