#pragma once
// The project itself and the members of its workspace as things to install: in place, unless it is asked otherwise.
// They are in no lock: pyproject.toml says what they are. docs/reference/project.md#the-project-itself And all folders
// that a sync installs: which are built again, and which are as they were.

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/lock/locked_pins.h"
#include "ops/project/local_trees.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "resolver/resolution.h"
#include "venv/site.h"
#include "venv/transaction/plan.h"

namespace pkg::ops {

struct LocalPackageOptions {
  bool no_editable = false;   // folders are built and installed as any other distribution
  bool no_project = false;    // without the project the command was called in
  bool no_workspace = false;  // without any member
  std::set<pep::Name> without;
  std::optional<std::set<pep::Name>> only;  // of the members these; nullopt: all
};

// What of a project is a distribution and is to be installed.
std::vector<const Member*> local_packages(const Project& project, const LocalPackageOptions& options);

// How all local trees of a project look now, as one word: another one means that something may have to be built again.
// Empty: there are none.
std::string looks_of(const Project& project, const LocalPackageOptions& options);

// Folders among the pins of one sync.
class TreePins {
 public:
  // Puts the project's own packages among `pins` (in place of pins of the same name), and makes editables plain where
  // that is asked for.
  TreePins(std::vector<resolver::Pin>& pins, const Project* project, const LocalPackageOptions& options);

  // Gives every folder its version: of what is installed where that was built from the tree as it is, else the one its
  // files or its backend tell. `remembered`: what the environment knows of its trees. `installed`: sorted by name.
  // Errors: of builds.
  Status settle(const TreeLooks& remembered, std::span<const venv::InstalledDist> installed, Session& session);
  // Leaves those that are as they were where they are.
  void keep_unchanged(venv::InstallPlan& plan, std::span<const venv::WantedDist> wanted,
                      std::span<const venv::InstalledDist> installed, const venv::PlanOptions& options) const;
  // For remember_trees, once the plan is carried out.
  TreeLooks looks() const;

 private:
  struct Tree {
    resolver::Pin* pin = nullptr;
    std::string look;
    bool unchanged = false;
  };
  std::vector<Tree> trees_;
};

}  // namespace pkg::ops
