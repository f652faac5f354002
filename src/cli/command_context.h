#pragma once
// CommandContext: what a command works with once its words are parsed: reporter, settings, session. And the cancel
// token that SIGINT and SIGTERM set.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/tasks.h"
#include "cli/config/config.h"
#include "cli/options/options.h"
#include "cli/output/progress.h"
#include "ops/session/session.h"

namespace pkg::cli {

const CancelToken& interruption();
// Where this process has no working folder any more, an error that may come from that says so first.
Error with_working_folder(Error error);
void catch_signals();

std::int64_t now_unix_seconds();  // the one place that reads the clock

class CommandContext {
 public:
  // Settings come before flags: load(), give them to the option groups, then parse. not_found: the working folder is
  // gone. Others: those of Config::load.
  static Result<Config> load_config(const Invocation& invocation);
  // bad_data: a name in the options is none · unsupported: a cache folder that is not pkg's · not_found: --project, or
  // the working folder · io: a folder for --no-cache cannot be made.
  static Result<CommandContext> make(const Invocation& invocation, const GlobalOptions& global,
                                     const IndexOptions& index, const Config& config);
  CommandContext(CommandContext&&) noexcept;
  ~CommandContext();

  ops::Session& session() { return *session_; }
  const GlobalOptions& global() const { return global_; }
  bool says(int level) const { return global_.verbose - global_.quiet >= level; }  // 0: normal, 1: -v, -1: with -q too

 private:
  CommandContext();
  GlobalOptions global_;
  std::unique_ptr<std::ofstream> log_;  // --log; outlives the reporter
  std::unique_ptr<TerminalReporter> reporter_;
  std::unique_ptr<ops::Session> session_;
  std::filesystem::path throw_away_cache_;
};

}  // namespace pkg::cli
