#include "ops/run/run.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/project/script_project.h"
#include "ops/run/run_environment.h"

extern "C" char** environ;

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool is_executable(const stdfs::path& path) {
  return fs::is_directory(path) ? false : ::access(path.c_str(), X_OK) == 0;
}

std::string path_variable() {
  const char* value = std::getenv("PATH");
  return value == nullptr ? "/usr/local/bin:/usr/bin:/bin" : value;
}

// The folders the command is looked for in, first ones first.
struct SearchPath {
  std::vector<stdfs::path> own;  // of the environments
  std::string text() const {
    std::string text;
    for (const auto& folder : own) append(text, folder.native(), ":");
    return text + path_variable();
  }
  std::optional<stdfs::path> find(const std::string& name) const {
    if (name.find('/') != std::string::npos)
      return is_executable(name) ? std::optional<stdfs::path>(name) : std::nullopt;
    const auto whole = text();
    for (const auto folder : split(whole, ':')) {
      if (!folder.starts_with('/')) continue;  // of the folder one happens to be in
      if (auto path = stdfs::path(folder) / name; is_executable(path)) return path;
    }
    return std::nullopt;
  }
};

// A script of the project's environment starts the project's Python, which does not see what --with adds: it is given
// to the other Python.
bool is_script_of(const stdfs::path& program, const venv::Environment& environment) {
  if (program.parent_path() != environment.layout.scripts) return false;
  std::error_code failed;
  if (stdfs::is_symlink(program, failed)) return false;
  const auto text = fs::read_file_at_most(program, limits::kSmall);
  return text.ok() && text->starts_with("#!") && text->substr(0, text->find('\n')).find("python") != std::string::npos;
}

// An interpreter that nothing was made from may be known by another name there, and "python" in PATH be another one.
bool is_own_python(const std::string& word, const venv::Environment& environment) {
  return environment.kind == venv::EnvironmentKind::system && (word == "python" || word == "python3");
}

enum class Kind { program, file, module };

Kind kind_of(const RunOptions& options) {
  if (options.module) return Kind::module;
  const auto& word = options.command.front();
  const bool is_file = options.script || (word.ends_with(".py") && fs::exists(word));
  return is_file ? Kind::file : Kind::program;
}

Status choose_program(const RunOptions& options, const RunEnvironments& environments, RunPlan& plan) {
  const auto& python = environments.front().python;
  SearchPath search;
  for (const auto& environment : environments.all) search.own.push_back(environment.layout.scripts);
  plan.variables = {{"PATH", search.text()}, {"PYTHONHOME", std::nullopt}};
  const bool is_venv = environments.front().kind == venv::EnvironmentKind::venv;
  if (is_venv) plan.variables.emplace_back("VIRTUAL_ENV", environments.front().layout.prefix.string());
  plan.argv = options.command;
  const auto kind = kind_of(options);
  if (kind == Kind::program) {
    const auto found = is_own_python(options.command.front(), environments.front())
                           ? std::optional<stdfs::path>(python)
                           : search.find(options.command.front());
    if (!found) {
      return make_error(ErrorKind::not_found,
                        cat("there is no program ", quote(options.command.front()), " in the environment ",
                            quote(environments.front().layout.prefix.string()), " or in PATH"),
                        options.command.front().ends_with(".py") ? "there is no file of that name here either"
                                                                 : "a module is run with `pkg run -m NAME`");
    }
    const bool hand_over = environments.all.size() > 1 && is_script_of(*found, environments.all.back());
    plan.program = hand_over ? python : *found;
    if (hand_over) {
      plan.argv.front() = found->string();
      plan.argv.insert(plan.argv.begin(), python.string());
    }
    return ok_status();
  }
  if (kind == Kind::file && !fs::exists(options.command.front()))
    return make_error(ErrorKind::not_found, cat("no such file: ", quote(options.command.front())));
  plan.program = python;
  if (kind == Kind::module) plan.argv.insert(plan.argv.begin(), "-m");
  plan.argv.insert(plan.argv.begin(), python.string());
  return ok_status();
}

}  // namespace

Result<RunPlan> plan_run(const RunOptions& options, Session& session) {
  if (options.command.empty()) return make_error(ErrorKind::usage, "no command was named", "pkg run python -V");
  RunPlan plan;
  const bool own_environment = kind_of(options) == Kind::file && has_script_block(options.command.front());
  RunEnvironments environments;
  if (own_environment) {
    PKG_TRY(add_script_environment(options, environments, plan, session));
  } else {
    PKG_TRY(add_project_environment(options, environments, plan, session));
  }
  if (!options.with.empty() || !options.with_files.empty())
    PKG_TRY(add_with_environment(options, environments, plan, session));
  PKG_TRY(choose_program(options, environments, plan));
  return plan;
}

Error become(const RunPlan& plan) {
  for (const auto& [name, value] : plan.variables) {
    if (value)
      ::setenv(name.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name.c_str());
  }
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal_number, SIG_DFL);
  std::vector<char*> argv;
  for (const auto& word : plan.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execve(plan.program.c_str(), argv.data(), environ);
  return fs::errno_error("cannot execute", plan.program, errno);
}

}  // namespace pkg::ops
