#pragma once
// `pkg tool install` and `pkg tool upgrade`: a tool in an environment of its own, its programs among the user's.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/install/install.h"
#include "ops/session/session.h"
#include "ops/tools/tool_receipt.h"
#include "pep/name.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

struct InstallToolOptions {
  std::string word;       // as tool_word() takes it, a path or a URL
  bool editable = false;  // -e: `word` is a folder
  std::vector<std::string> with;
  std::vector<std::string> executables_from;  // requirements, whose programs are linked too
  std::optional<std::string> python;          // nullopt: as the tool has it, else any
  bool force = false;                         // make it again, and replace what lies in the way of links
  bool keeps_indexes = false;                 // the command line says where to look: so will upgrades
  ResolveOptions resolve;                     // upgrade: newest versions, else those that the tool has are preferred
  venv::ApplyOptions apply;
};

enum class ToolOutcome : std::uint8_t { installed, changed, unchanged };

struct ToolReport {
  ToolOutcome outcome = ToolOutcome::unchanged;
  ToolReceipt receipt;
  std::filesystem::path environment;  // by the tool's own link, which stays when the tool changes
  std::string old_version;            // where it is another one
  std::vector<ChangedDist> changes;   // of packages
  std::vector<std::string> warnings;
  bool is_on_path = true;  // the folder of the user's programs is
};

// not_found: the tool has no program · conflict: something is in the way of a link; what the resolution says · others:
// those of settled_word(), tool_interpreter(), resolve_tool(), venv::create() and sync_lock(). The tool is changed as a
// whole or not at all.
Result<ToolReport> install_tool(const InstallToolOptions& options, Session& session);

struct UpgradeToolsOptions {
  std::vector<pep::Name> names;       // empty: all
  std::optional<std::string> python;  // makes environments again, of this Python
  ResolveOptions resolve;
  venv::ApplyOptions apply;
};
struct UpgradedTool {
  pep::Name name;
  Result<ToolReport> report;
};
// Each within what it was installed with. One that fails stays as it is, and the others go on. Errors of the whole:
// busy, io, interrupted.
Result<std::vector<UpgradedTool>> upgrade_tools(const UpgradeToolsOptions& options, Session& session);

}  // namespace pkg::ops
