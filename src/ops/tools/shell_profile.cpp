#include "ops/tools/shell_profile.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/user_programs.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// What double quotes of a POSIX shell, and fish's, leave as it is, with what they do not, escaped.
std::string in_double_quotes(std::string_view text) {
  std::string quoted;
  for (const char c : text) append(quoted, c == '"' || c == '\\' || c == '$' || c == '`' ? "\\" : "", c);
  return quoted;
}

// Whether a name can stand on one line, and in PATH.
bool can_be_written(const stdfs::path& folder) {
  return folder.native().find(':') == std::string::npos && printable(folder.native()) == folder.native();
}

stdfs::path without_links(const stdfs::path& file) {
  std::error_code failed;
  auto real = stdfs::weakly_canonical(file, failed);
  return failed ? file : real;
}

int mode_of(const stdfs::path& file) {
  struct stat st {};
  return ::stat(file.c_str(), &st) == 0 ? static_cast<int>(st.st_mode & 07777) : 0644;
}

bool is_below(const stdfs::path& path, const stdfs::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

}  // namespace

Result<ShellProfile> shell_profile(const Getenv& environment) {
  const auto home = home_folder(environment);
  if (home.empty()) return make_error(ErrorKind::not_found, "there is no home folder with a profile in it", "set HOME");
  const char* value = environment("SHELL");
  const auto shell = value == nullptr ? std::string("sh") : stdfs::path(value).filename().string();
  if (shell == "bash") return ShellProfile{shell, home / ".bashrc"};
  if (shell == "zsh") {
    const char* folder = environment("ZDOTDIR");
    return ShellProfile{shell, (folder != nullptr && *folder == '/' ? stdfs::path(folder) : home) / ".zshenv"};
  }
  if (shell == "fish") return ShellProfile{shell, user_config_folder(environment) / "fish/conf.d/pkg.fish", true};
  return ShellProfile{shell.empty() ? "sh" : shell, home / ".profile"};
}

std::string profile_line(const stdfs::path& folder, const stdfs::path& home, bool is_fish) {
  const auto text = is_below(folder, home) ? cat("$HOME/", in_double_quotes(folder.lexically_relative(home).native()))
                                           : in_double_quotes(folder.native());
  return is_fish ? cat("fish_add_path --global \"", text, "\"  ", kProfileMark)
                 : cat("export PATH=\"", text, ":$PATH\"  ", kProfileMark);
}

std::string with_profile_line(const std::string& text, const std::string& line) {
  std::string out;
  bool is_there = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto old = std::string_view(text).substr(at, end - at);
    if (!old.ends_with(kProfileMark))
      append(out, old, end < text.size() ? "\n" : "");
    else if (!is_there)
      append(out, line, "\n");
    is_there = is_there || old.ends_with(kProfileMark);
    at = end + 1;
  }
  if (!is_there) append(out, out.empty() || out.ends_with('\n') ? "" : "\n", line, "\n");
  return out;
}

Result<PathReport> ensure_path(bool dry_run, const Getenv& environment) {
  PathReport report;
  PKG_TRY_ASSIGN(report.folder, user_programs::folder(environment));
  report.is_on_path = user_programs::is_on_path(report.folder, environment);
  if (report.is_on_path) return report;
  if (!can_be_written(report.folder))
    return make_error(ErrorKind::bad_data, cat(quote(report.folder.native()), " cannot stand in PATH"),
                      "name another folder with PKG_BIN_DIR");
  PKG_TRY_ASSIGN(const auto profile, shell_profile(environment));
  report.file = profile.file;
  report.line = profile_line(report.folder, home_folder(environment), profile.is_fish);
  const auto file = without_links(profile.file);
  std::string text;
  if (fs::exists(file)) {
    PKG_TRY_ASSIGN(text, fs::read_file_at_most(file, limits::kText));
  }
  const auto wanted = with_profile_line(text, report.line);
  report.has_line = wanted == text;
  report.changed = !report.has_line;
  if (dry_run || !report.changed) return report;
  PKG_TRY(fs::make_dirs(file.parent_path()));
  PKG_TRY(fs::publish(file, wanted, fs::Durability::untorn, mode_of(file)));
  return report;
}

}  // namespace pkg::ops
