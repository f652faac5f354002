#include "cli/config/config_file.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/fs.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"

extern char** environ;

namespace pkg::cli {
namespace {

bool is_of(ConfigScope scope, const ConfigFile& file) {
  switch (scope) {
    case ConfigScope::any:
      return file.kind != "pkg.toml" && file.kind != "project";
    case ConfigScope::global:
      return file.kind == "global";
    case ConfigScope::user:
      return file.kind == "user";
    case ConfigScope::site:
      return file.kind == "site";
  }
  return false;
}

}  // namespace

Result<std::filesystem::path> editable_file(ConfigScope scope,
                                            const std::function<const char*(const char*)>& environment,
                                            const std::filesystem::path& system_file) {
  const char* venv = environment("VIRTUAL_ENV");
  const auto site = venv == nullptr || *venv != '/' ? fs::Path() : fs::Path(venv) / "pip.conf";
  if (scope == ConfigScope::site && site.empty())
    return make_error(ErrorKind::usage, "--site needs an active environment, and VIRTUAL_ENV is not set");
  if (scope == ConfigScope::site || (scope == ConfigScope::any && !site.empty() && fs::exists(site))) return site;
  return scope == ConfigScope::global ? system_file : user_pip_file(environment);
}

Result<std::vector<FileSetting>> settings_in_files(const Config& config, ConfigScope scope) {
  std::vector<FileSetting> settings;
  for (const auto& file : config.files()) {
    if (!file.exists || !is_of(scope, file)) continue;
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(file.path, limits::kSettings));
    PKG_TRY_ASSIGN(const auto entries, parse_ini(text, file.path.string()));
    for (const auto& entry : entries) settings.push_back({entry.section, entry.key, entry.value, file.path});
  }
  return settings;
}

Result<int> run_editor(const std::string& editor, const std::filesystem::path& file) {
  std::vector<std::string> words;
  for (const auto word : split_words(editor)) words.emplace_back(word);
  words.push_back(file.string());
  const auto program = process::find_program(words[0]);
  if (!program)
    return make_error(ErrorKind::not_found, cat("cannot start ", quote(words[0]), ": no such program in PATH"));
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (const int failed = ::posix_spawn(&child, program->c_str(), nullptr, nullptr, argv.data(), environ); failed != 0) {
    return fs::errno_error("cannot start", words[0], failed);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fs::errno_error("cannot wait for", words[0], errno);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace pkg::cli
