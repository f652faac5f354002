#include "venv/pyvenv_cfg.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

// "3.12.1.final.0" → "3.12.1"
std::string short_version(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && ++dots == 3) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

std::string_view unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.front() == text.back();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

Result<PyvenvCfg> parse_pyvenv_cfg(std::string_view text) {
  PyvenvCfg cfg;
  std::string version_info;
  for (const std::string_view line : split_lines(text)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string key = to_ascii_lower(trim(line.substr(0, equals)));
    const std::string_view value = trim(line.substr(equals + 1));
    if (key == "home")
      cfg.home = value;
    else if (key == "version")
      cfg.version = short_version(value);
    else if (key == "version_info")
      version_info = short_version(value);
    else if (key == "implementation")
      cfg.implementation = value;
    else if (key == "executable" || key == "base-executable")
      cfg.executable = value;
    else if (key == "prompt")
      cfg.prompt = unquote(value);
    else if (key == "relocatable")
      cfg.relocatable = equals_ignoring_case(value, "true");
    else if (key == "location")
      cfg.location = value;
    else if (key == "include-system-site-packages")
      cfg.include_system_site_packages = equals_ignoring_case(value, "true");
  }
  if (cfg.version.empty()) cfg.version = version_info;
  if (cfg.home.empty()) return make_error(ErrorKind::bad_data, "`pyvenv.cfg` names no `home`");
  return cfg;
}

Result<PyvenvCfg> read_pyvenv_cfg(const std::filesystem::path& prefix) {
  const auto opening = [&] { return cat("while opening the environment ", quote(prefix.native())); };
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(prefix / "pyvenv.cfg", limits::kSmall).with(opening));
  return parse_pyvenv_cfg(text).with(opening);
}

bool can_be_a_setting(std::string_view value) {
  return value.find_first_of("\r\n") == std::string_view::npos && trim(value) == value && is_valid_utf8(value);
}

std::optional<std::filesystem::path> environment_folder_of(const std::filesystem::path& python) {
  const auto folder = python.parent_path();
  for (const auto& place : {folder.parent_path(), folder}) {
    if (fs::exists(place / "pyvenv.cfg")) return place;
  }
  return std::nullopt;
}

}  // namespace pkg::venv
