#include "cli/command.h"

#include <algorithm>
#include <array>

namespace pkg::cli {
namespace {

constexpr std::array kCommands{
    Command{"install", "Resolve and install into an environment", install_command},
    Command{"uninstall", "Remove distributions from an environment", uninstall_command},
    Command{"list", "List what is installed", list_command},
    Command{"freeze", "Print what is installed as requirements", freeze_command},
    Command{"show", "Show one or more installed distributions", show_command},
    Command{"check", "Check that installed distributions have what they need", check_command},
    Command{"inspect", "Describe an environment as JSON", inspect_command},
    Command{"verify", "Compare the files of an environment with their RECORD", verify_command},
    Command{"venv", "Make an environment", venv_command},
    Command{"python", "List or find interpreters on this machine", python_command},
    Command{"init", "Start a project", init_command},
    Command{"import", "Turn a project of another tool into pyproject.toml and a lock with the same pins",
            import_command},
    Command{"add", "Add requirements to the project", add_command},
    Command{"remove", "Remove requirements from the project", remove_command},
    Command{"lock", "Resolve the project for every platform into pylock.toml", lock_command},
    Command{"compile", "Pin requirements", compile_command},
    Command{"sync", "Make an environment exactly what a lock or pinned requirements say", sync_command},
    Command{"export", "Write the lock as requirements, for one target, or as a bill of materials", export_command},
    Command{"run", "Run a command in the project's environment", run_command},
    Command{"tool", "Run programs of packages, install them for your account", tool_command},
    Command{"upgrade", "Take newer versions, in a project or an environment", upgrade_command},
    Command{"version", "Say the project's version, or raise it", version_command},
    Command{"workspace", "List the members of a workspace, or find one", workspace_command},
    Command{"tree", "Show what needs what", tree_command},
    Command{"why", "Show by which requirements a package is there", why_command},
    Command{"outdated", "Show what has a newer release, and what holds it back", outdated_command},
    Command{"download", "Download what requirements resolve to into a folder", download_command},
    Command{"wheel", "Make wheels of what requirements resolve to", wheel_command},
    Command{"bundle", "Put everything that is needed into a folder or archive, for several targets", bundle_command},
    Command{"auth", "Keep or forget logins for indexes", auth_command},
    Command{"cache", "Look at, clean or verify the cache", cache_command},
    Command{"index", "Ask the index for versions", index_command},
    Command{"hash", "Print the hash of files", hash_command},
    Command{"config", "Show or change settings", config_command},
    Command{"debug", "Show what pkg knows of the interpreter, its tags and the settings", debug_command},
    Command{"self", "Say which pkg this is, or update it", self_command},
    Command{"completion", "Print a completion script for a shell", completion_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : &*found;
}

}  // namespace pkg::cli
