#pragma once
// The activation scripts of an environment: templates of activate/*.in with three texts filled in, each quoted for its
// shell.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::venv {

struct ActivationScript {
  std::string name;  // in bin/
  std::string content;
};

// Scripts find the environment by their own place; `prefix`, where it is made, is what those fall back on whose shell
// does not tell them (sh and csh without /proc). Empty: nothing of the place is written down, for an environment that
// is to be moved. `prompt`: empty for the folder's name at the time of activation.
std::vector<ActivationScript> activation_scripts(const std::filesystem::path& prefix, const std::string& prompt);

// One word of the shell with exactly this text.
std::string quote_for_sh(std::string_view text);
std::string quote_for_fish(std::string_view text);
std::string quote_for_csh(std::string_view text);
std::string quote_for_powershell(std::string_view text);
std::string quote_for_nu(std::string_view text);
std::string quote_for_python(std::string_view text);  // a literal, of xonsh too
// Inside `set "NAME=…"`, without what cannot stand there: quotation marks, ends of lines.
std::string quote_for_cmd(std::string_view text);

}  // namespace pkg::venv
