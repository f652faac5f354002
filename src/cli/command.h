#pragma once
// What a command is: a name, a line of help, and a function from its words to an exit code.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/cli.h"

namespace pkg::cli {

// The words after the verb, and how the verb was called ("pkg cache info").
struct Invocation {
  std::string called_as;
  std::vector<std::string> words;
  Start start;
};

struct Command {
  std::string_view name;
  std::string_view summary;
  Result<int> (*run)(const Invocation&);
};

std::span<const Command> commands();  // in the order of `pkg --help`
const Command* find_command(std::string_view name);

// One per verb, each in commands/NAME.cpp. What a verb finds (`pkg check`, `pkg show`) is an exit code and no error.
// Errors: usage (the words, or a number or name in them) · those of CommandContext · those of what it asks of src/ops,
// passed on; not_found and io of files that it reads itself.
Result<int> add_command(const Invocation&);
Result<int> bundle_command(const Invocation&);
Result<int> auth_command(const Invocation&);
Result<int> cache_command(const Invocation&);
Result<int> check_command(const Invocation&);
Result<int> compile_command(const Invocation&);
Result<int> completion_command(const Invocation&);
Result<int> config_command(const Invocation&);
Result<int> debug_command(const Invocation&);
Result<int> download_command(const Invocation&);
Result<int> export_command(const Invocation&);
Result<int> freeze_command(const Invocation&);
Result<int> hash_command(const Invocation&);
Result<int> import_command(const Invocation&);
Result<int> index_command(const Invocation&);
Result<int> init_command(const Invocation&);
Result<int> inspect_command(const Invocation&);
Result<int> install_command(const Invocation&);
Result<int> list_command(const Invocation&);
Result<int> lock_command(const Invocation&);
Result<int> outdated_command(const Invocation&);
Result<int> python_command(const Invocation&);
Result<int> remove_command(const Invocation&);
Result<int> run_command(const Invocation&);
Result<int> self_command(const Invocation&);
Result<int> show_command(const Invocation&);
Result<int> sync_command(const Invocation&);
Result<int> tool_command(const Invocation&);
Result<int> tree_command(const Invocation&);
Result<int> uninstall_command(const Invocation&);
Result<int> upgrade_command(const Invocation&);
Result<int> venv_command(const Invocation&);
Result<int> verify_command(const Invocation&);
Result<int> version_command(const Invocation&);
Result<int> wheel_command(const Invocation&);
Result<int> why_command(const Invocation&);
Result<int> workspace_command(const Invocation&);

}  // namespace pkg::cli
