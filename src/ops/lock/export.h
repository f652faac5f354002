#pragma once
// `pkg export`: a lock as pinned requirements, as a lock for one target, or as a bill of materials.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/lock/lock_source.h"
#include "ops/session/session.h"

namespace pkg::ops {

enum class ExportFormat { requirements, pylock, cyclonedx };

struct ExportOptions : LockUse {
  ExportFormat format = ExportFormat::requirements;
  SelectionOptions selection;
  std::vector<std::string> leave_out;  // --no-emit-package: these get no line, what they need does
  std::vector<std::string> prune;      // --prune: these go, and what only they need
  bool no_local = false;               // --no-emit-local: without folders and files of this machine
  bool hashes = true, annotate = true;
  bool indexes = false;  // requirements: with lines that name the indexes
  std::string header;    // of requirements: comment lines, without "# "
  // One target instead of all of them; all empty: every environment of the lock.
  std::string python, python_version, python_platform;
  std::string tool_version;  // of this program, for the bill of materials
};

struct ExportReport {
  std::string text;
  std::optional<LockReport> lock;
  std::size_t packages = 0;
  std::vector<std::string> warnings;  // names that are not in the lock
};

// What the project itself and the members of its workspace are is in no export. unsupported: a selection of a universal
// pylock; --only-group and --prune of another tool's lock. Errors besides: of open_lock and select.
Result<ExportReport> export_lock(const ExportOptions& options, Session& session);

}  // namespace pkg::ops
