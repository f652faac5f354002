#pragma once
// The activation scripts of an environment: templates of activate/*.in with three texts filled in, each quoted for its
// shell.

#include <filesystem>
#include <string>
#include <vector>

namespace pkg::venv {

struct ActivationScript {
  std::string name;  // in bin/
  std::string content;
};

// `prefix`: the environment's final place; scripts find their own place where the shell lets them, and fall back on it
// (plain sh, csh). `prompt`: empty for the folder's name at the time of activation.
std::vector<ActivationScript> activation_scripts(const std::filesystem::path& prefix, const std::string& prompt);

// One word of the shell with exactly this text.
std::string quote_for_sh(std::string_view text);
std::string quote_for_fish(std::string_view text);
std::string quote_for_csh(std::string_view text);
std::string quote_for_powershell(std::string_view text);
std::string quote_for_nu(std::string_view text);

}  // namespace pkg::venv
