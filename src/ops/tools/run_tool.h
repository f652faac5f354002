#pragma once
// `pkg tool run`: a program of a package, in an environment that is made for it and kept below the cache folder. A tool
// that is installed is taken where it is what is asked for.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/foreground.h"
#include "base/result.h"
#include "ops/install/install.h"
#include "ops/session/session.h"
#include "pep/name.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

// A tool that never ran here, before it is fetched.
struct ToolOrigin {
  pep::Name name;
  std::string version;       // empty: it has to be built to know it
  std::string from;          // an index, or the URL of a source; printable, without credentials
  std::size_t packages = 0;  // that would be installed; 0: that is not known before it is built
};

struct RunToolOptions {
  std::vector<std::string> command;  // NAME, NAME@VERSION, NAME@latest, a path or a URL; and arguments
  std::string from;                  // --from: what has the program; empty: the package of its name
  std::vector<std::string> with;
  std::string python;
  bool isolated = false;  // not the installed tool
  bool renew = false;     // resolve, whatever former runs came to (--refresh, --upgrade …)
  ResolveOptions resolve;
  venv::ApplyOptions apply;
  // Asked before an unknown tool is fetched, and before it is built. false: it is not wanted. Empty: nobody is asked.
  std::function<Result<bool>(const ToolOrigin&)> approve;
};

struct ToolRun {
  process::ForegroundCommand command;
  std::optional<Error> no_program;       // there is no such program, and what there is: nothing can be run
  std::optional<InstallReport> install;  // when something was installed
  std::vector<std::string> warnings;
};

// usage: no command · interrupted: it is not wanted (approve) · what settled_word(), tool_interpreter(), resolve_tool()
// and sync_lock() give.
Result<ToolRun> plan_tool_run(const RunToolOptions& options, Session& session);

}  // namespace pkg::ops
