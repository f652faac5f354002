#include "base/text.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "cli/output/output.h"

namespace pkg::cli {
namespace {

// Options are asked from `pkg VERB --help`, so that the scripts stay true when options change.
constexpr std::string_view kBash = R"sh(_pkg() {
  local current="${COMP_WORDS[COMP_CWORD]}" verb="${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "@VERBS@ --help --version" -- "$current"))
  elif [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$(pkg "$verb" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _pkg pkg
)sh";

constexpr std::string_view kZsh = R"sh(#compdef pkg
_pkg() {
  local -a verbs options
  verbs=(@DESCRIBED@)
  if (( CURRENT == 2 )); then
    _describe 'verb' verbs
  elif [[ "${words[CURRENT]}" == -* ]]; then
    options=(${(f)"$(pkg "${words[2]}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u)"})
    compadd -a options
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_pkg" ]; then _pkg "$@"; else compdef _pkg pkg; fi
)sh";

constexpr std::string_view kFish = R"sh(function __pkg_options
    set -l words (commandline -opc)
    pkg $words[2] --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]*' | sort -u
end
@FISH@complete -c pkg -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f -a '(__pkg_options)'
)sh";

std::string verbs_for(std::string_view shell) {
  std::string text;
  for (const auto& command : commands()) {
    if (shell == "bash") append(text, text.empty() ? "" : " ", command.name);
    if (shell == "zsh") append(text, "'", command.name, ":", replace_all(command.summary, "'", "'\\''"), "' ");
    if (shell == "fish")
      append(text, "complete -c pkg -n __fish_use_subcommand -f -a ", command.name, " -d '",
             replace_all(command.summary, "'", "\\'"), "'\n");
  }
  return text;
}

}  // namespace

Result<int> completion_command(const Invocation& invocation) {
  GlobalOptions global;
  std::string shell;
  OptionParser parser(invocation, "Print a completion script.", "pkg completion bash > /etc/bash_completion.d/pkg");
  parser.positional("bash|zsh|fish", shell, "For which shell", true);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (shell == "bash")
    out_file(replace_all(kBash, "@VERBS@", verbs_for(shell)));
  else if (shell == "zsh")
    out_file(replace_all(kZsh, "@DESCRIBED@", verbs_for(shell)));
  else if (shell == "fish")
    out_file(replace_all(kFish, "@FISH@", verbs_for(shell)));
  else
    return make_error(ErrorKind::usage, cat("no completion for ", quote(shell)), "bash, zsh or fish");
  return 0;
}

}  // namespace pkg::cli
