#include "venv/activate.h"

#include "base/text.h"
#include "venv/embedded.h"

namespace pkg::venv {
namespace {

using Quote = std::string (*)(std::string_view);

std::string fill(std::string_view text, const std::filesystem::path& prefix, const std::string& prompt,
                 Quote quote_text) {
  // One pass: a folder may be called "@PROMPT@".
  constexpr std::string_view kPrefix = "@PREFIX@", kPrompt = "@PROMPT@";
  std::string out;
  out.reserve(text.size() + 256);
  for (std::size_t at = 0;;) {
    const std::size_t mark = text.find('@', at);
    out += text.substr(at, mark - at);
    if (mark == std::string_view::npos) return out;
    const std::string_view rest = text.substr(mark);
    at = mark + kPrefix.size();
    if (rest.starts_with(kPrefix))
      out += quote_text(prefix.native());
    else if (rest.starts_with(kPrompt))
      out += quote_text(prompt);
    else {
      out += '@';
      at = mark + 1;
    }
  }
}

// In single quotes; what cannot be in them is put between two quoted parts.
std::string single_quoted(std::string_view text, std::string_view quote_mark, std::string_view backslash,
                          std::string_view bang, std::string_view newline) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += quote_mark;
    else if (c == '\\')
      out += backslash;
    else if (c == '!')
      out += bang;
    else if (c == '\n')
      out += newline;
    else
      out += c;
  }
  out += '\'';
  return out;
}

}  // namespace

std::string quote_for_sh(std::string_view text) { return single_quoted(text, "'\\''", "\\", "!", "\n"); }
std::string quote_for_fish(std::string_view text) { return single_quoted(text, "\\'", "\\\\", "!", "\n"); }
std::string quote_for_csh(std::string_view text) { return single_quoted(text, "'\\''", "\\", "\\!", "\\\n"); }
std::string quote_for_powershell(std::string_view text) { return single_quoted(text, "''", "\\", "!", "\n"); }

std::string quote_for_nu(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
  return out;
}

std::string quote_for_python(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else
      out += c;
  }
  out += '\'';
  return out;
}

std::string quote_for_cmd(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\n' || c == '\r') continue;
    if (c == '%') out += '%';
    out += c;
  }
  return out;
}

std::vector<ActivationScript> activation_scripts(const std::filesystem::path& prefix, const std::string& prompt) {
  return {{"activate", fill(embedded::activate_sh_in, prefix, prompt, quote_for_sh)},
          {"activate.fish", fill(embedded::activate_fish_in, prefix, prompt, quote_for_fish)},
          {"activate.csh", fill(embedded::activate_csh_in, prefix, prompt, quote_for_csh)},
          {"activate.nu", fill(embedded::activate_nu_in, prefix, prompt, quote_for_nu)},
          {"activate.xsh", fill(embedded::activate_xsh_in, prefix, prompt, quote_for_python)},
          {"activate_this.py", fill(embedded::activate_this_py_in, prefix, prompt, quote_for_python)},
          {"activate.bat", fill(embedded::activate_bat_in, prefix, prompt, quote_for_cmd)},
          {"deactivate.bat", fill(embedded::deactivate_bat_in, prefix, prompt, quote_for_cmd)},
          {"Activate.ps1", fill(embedded::activate_ps1_in, prefix, prompt, quote_for_powershell)}};
}

}  // namespace pkg::venv
