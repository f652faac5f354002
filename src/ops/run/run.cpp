#include "ops/run/run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/temporary_folder.h"
#include "base/text.h"
#include "ops/project/script_project.h"
#include "ops/run/env_files.h"
#include "ops/run/given_script.h"
#include "ops/run/run_environment.h"
#include "ops/run/task_steps.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kUsualPath = "/usr/local/bin:/usr/bin:/bin";

bool is_executable(const stdfs::path& path) {
  return fs::is_directory(path) ? false : ::access(path.c_str(), X_OK) == 0;
}

// What a step sees of a variable that pkg changes itself.
std::string path_variable(const RunVariables& variables) {
  for (auto one = variables.rbegin(); one != variables.rend(); ++one)
    if (one->first == "PATH") return one->second.value_or(std::string(kUsualPath));
  const char* value = std::getenv("PATH");
  return value == nullptr ? std::string(kUsualPath) : value;
}

// The folders the command is looked for in, first ones first.
struct SearchPath {
  std::string text;
  stdfs::path folder;  // where the step works

  // A program, or where there is none the first file of that name: it cannot be executed.
  std::optional<stdfs::path> find(const std::string& name) const {
    if (name.find('/') != std::string::npos) {
      const auto path = folder / name;
      return fs::exists(path) ? std::optional(path) : std::nullopt;
    }
    std::optional<stdfs::path> refused;
    for (const auto part : split(text, ':')) {
      if (!part.starts_with('/')) continue;  // of the folder one happens to be in
      auto path = stdfs::path(part) / name;
      if (is_executable(path)) return path;
      if (!refused && fs::exists(path) && !fs::is_directory(path)) refused = std::move(path);
    }
    return refused;
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

RunStep::Kind kind_of(const RunOptions& options) {
  using enum RunStep::Kind;
  if (options.module) return module;
  if (options.input) return input;
  const auto& word = options.command.front();
  return options.script || (word.ends_with(".py") && fs::exists(word)) ? file : program;
}

Error no_such_program(const std::string& word, const RunEnvironments& environments) {
  return make_error(
      ErrorKind::not_found,
      cat("there is no program ", quote(word), " in the environment ",
          quote(environments.front().layout.prefix.string()), " or in PATH"),
      word.ends_with(".py") ? "there is no file of that name here either" : "a module is run with `pkg run -m NAME`");
}

Error not_executable(const stdfs::path& path) {
  return make_error(ErrorKind::unsupported, cat(quote(path.string()), " cannot be executed"),
                    fs::is_directory(path) ? "it is a folder" : "make it executable: chmod +x");
}

Status find_program(const RunStep& step, const RunEnvironments& environments, const SearchPath& search,
                    process::ForegroundCommand& command) {
  const auto& python = environments.front().python;
  const auto& word = step.words.front();
  const auto found = is_own_python(word, environments.front()) ? std::optional<stdfs::path>(python) : search.find(word);
  if (!found) return no_such_program(word, environments);
  if (!is_executable(*found)) return not_executable(*found);
  const bool hand_over = environments.all.size() > 1 && is_script_of(*found, environments.all.back());
  command.program = hand_over ? python : *found;
  if (hand_over) {
    command.argv.front() = found->string();
    command.argv.insert(command.argv.begin(), python.string());
  }
  return ok_status();
}

// A file that only its descriptor names: nothing of it is left, however the program ends.
Result<fs::Fd> nameless_file(const std::string& text) {
  PKG_TRY_ASSIGN(const auto parent, fs::temporary_folder(environment_variable("TMPDIR")));
  auto pattern = (parent.path / "pkg-input-XXXXXX").string();
  fs::Fd file(::mkstemp(pattern.data()));
  if (!file) return fs::errno_error("cannot create", pattern, errno);
  ::unlink(pattern.c_str());
  PKG_TRY(fs::write_all(file.get(), text, pattern));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return fs::errno_error("cannot read", pattern, errno);
  return file;
}

// The variables of a step: what files and its task say, then the environments, and where it works.
RunVariables variables_of(const RunPlan& plan, const RunStep& step) {
  auto variables = plan.variables;
  variables.insert(variables.end(), step.variables.begin(), step.variables.end());
  std::string path;
  for (const auto& environment : plan.environments.all) append(path, environment.layout.scripts.native(), ":");
  path += path_variable(variables);
  variables.emplace_back("PATH", std::move(path));
  variables.emplace_back("PYTHONHOME", std::nullopt);
  const auto& front = plan.environments.front();
  if (front.kind == venv::EnvironmentKind::venv) variables.emplace_back("VIRTUAL_ENV", front.layout.prefix.string());
  if (!step.folder.empty()) variables.emplace_back("PWD", step.folder.string());
  return variables;
}

// Requirements, files and folders of --with and its kin.
bool has_with(const RunOptions& options) {
  return !options.with.empty() || !options.with_editable.empty() || !options.with_files.empty();
}

Status check_options(const RunOptions& options) {
  if (options.command.empty())
    return make_error(ErrorKind::usage, "no command was named", "pkg run python -V; tasks: pkg run --list");
  if (options.isolated && options.no_sync)
    return make_error(ErrorKind::usage, "--isolated and --no-sync exclude each other",
                      "an environment of its own has to be filled");
  if (options.no_project && options.sync.members.is_set())
    return make_error(ErrorKind::usage, "--package and --all-packages choose members of a project",
                      "leave --no-project out");
  return ok_status();
}

// Where the block of a script is: in its file, or for standard input in one that is kept for it. Empty: there is none.
Result<stdfs::path> block_file(const RunOptions& options, RunStep::Kind kind, Session& session) {
  if (kind == RunStep::Kind::input) return keep_block(*options.input, session);
  if (kind != RunStep::Kind::file) return stdfs::path();
  const auto file = options.script_file.empty() ? stdfs::path(options.command.front()) : options.script_file;
  return has_script_block(file) ? file : stdfs::path();
}

Status add_environments(const RunOptions& options, const stdfs::path& block, RunPlan& plan, Session& session) {
  auto& environments = plan.environments;
  if (!block.empty()) {
    auto of_script = options;
    of_script.script_file = block;
    PKG_TRY(add_script_environment(of_script, environments, plan, session));
  } else if (options.isolated) {
    PKG_TRY(add_isolated_environment(options, environments, plan, session));
  } else {
    PKG_TRY(add_project_environment(options, environments, plan, session));
  }
  if (has_with(options)) PKG_TRY(add_with_environment(options, environments, plan, session));
  return ok_status();
}

}  // namespace

Result<RunPlan> plan_run(const RunOptions& options, Session& session) {
  PKG_TRY(check_options(options));
  RunPlan plan;
  PKG_TRY_ASSIGN(plan.variables, read_env_files(options.env_files, session.working_folder(), process_environment()));
  const auto kind = kind_of(options);
  if (kind == RunStep::Kind::program) {
    PKG_TRY_ASSIGN(plan.steps, task_steps(options, session));
  }
  PKG_TRY_ASSIGN(const auto block, block_file(options, kind, session));
  if (plan.steps.empty()) plan.steps.push_back({kind, options.command});
  if (options.input) plan.input = *options.input;
  PKG_TRY(add_environments(options, block, plan, session));
  return plan;
}

Result<process::ForegroundCommand> command_of(const RunPlan& plan, const RunStep& step) {
  using enum RunStep::Kind;
  const auto& environments = plan.environments;
  const auto& python = environments.front().python;
  process::ForegroundCommand command;
  command.argv = step.words;
  command.folder = step.folder;
  command.variables = variables_of(plan, step);
  if (step.kind == program) {
    const SearchPath search{path_variable(command.variables), step.folder};
    PKG_TRY(find_program(step, environments, search, command));
    return command;
  }
  if (step.kind == file && !fs::exists(step.folder / step.words.front()))
    return make_error(ErrorKind::not_found, cat("no such file: ", quote(step.words.front())));
  if (step.kind == input) {
    PKG_TRY_ASSIGN(command.input, nameless_file(plan.input));
  }
  command.program = python;
  if (step.kind == module) command.argv.insert(command.argv.begin(), "-m");
  command.argv.insert(command.argv.begin(), python.string());
  return command;
}

}  // namespace pkg::ops
