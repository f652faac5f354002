#pragma once
// The tools that are installed: looking at them, taking them away, and bringing what a killed command left in order.

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/events.h"
#include "base/fs.h"
#include "base/result.h"
#include "ops/session/session.h"
#include "ops/tools/tool_places.h"
#include "ops/tools/tool_receipt.h"
#include "pep/name.h"

namespace pkg::ops {

// The folder of the tool's environment, links resolved as far as the tool's own; nullopt: there is no such tool.
std::optional<std::filesystem::path> tool_environment(const ToolPlaces& places, const pep::Name& name);

struct InstalledTool {
  pep::Name name;
  std::filesystem::path environment;  // by the tool's own link, which stays when the tool changes
  Result<ToolReceipt> receipt;
  bool has_python = true;  // false: its interpreter is gone
};
// Sorted by name. Nothing is changed. io: the folder cannot be listed.
Result<std::vector<InstalledTool>> installed_tools(const ToolPlaces& places);

// The right to change tools. While it lives nobody else has it.
class ToolChange {
 public:
  // Waits for another command; then finishes or undoes what a killed one left. busy: the other takes too long · io.
  static Result<ToolChange> begin(ToolPlaces places, Session& session);
  const ToolPlaces& places() const { return places_; }

  // A new folder for the environment of `name`, not there yet.
  std::filesystem::path new_environment(const pep::Name& name) const;
  // From now on the tool is the one in `environment`, which holds receipt, lock and everything: one rename. Then the
  // links among the user's programs; where these cannot be made, the tool is what it was before. What the tool was
  // before is removed, with links that it has no more. `force`: also over what is somebody else's. conflict: that is
  // there and not `force` · io.
  Status take(const ToolReceipt& receipt, const std::filesystem::path& environment, bool force) const;
  // The tool is no more. false: it was not there. io: also when something of it is left, for the next command.
  Result<bool> remove(const pep::Name& name) const;

  // Whether links can be made: conflict names what is in the way, and whose it is.
  Status check_links(const ToolReceipt& receipt) const;

 private:
  ToolChange(ToolPlaces places, fs::FileLock lock, Reporter& reporter)
      : places_(std::move(places)), lock_(std::move(lock)), reporter_(&reporter) {}
  Status point(const pep::Name& name, const std::filesystem::path& environment) const;
  Status finish_links(const pep::Name& name, const std::filesystem::path& environment) const;
  Status clear(const std::filesystem::path& environment) const;
  Status settle() const;
  void settle_or_warn() const;

  ToolPlaces places_;
  fs::FileLock lock_;
  Reporter* reporter_;
};

struct UninstallToolsReport {
  std::vector<pep::Name> removed;
  std::vector<Error> errors;  // of those that were not removed
};
// `names` empty: all. Those that are there are removed, whatever becomes of the others. busy, io: nothing could begin.
Result<UninstallToolsReport> uninstall_tools(const std::vector<pep::Name>& names, Session& session);

// not_found, with the nearest name.
Error no_such_tool(const pep::Name& name, const ToolPlaces& places);

}  // namespace pkg::ops
