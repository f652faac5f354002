#include "builder/build_process.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/os.h"
#include "base/temporary_folder.h"
#include "base/text.h"
#include "builder/build_log.h"
#include "builder/build_output.h"
#include "builder/build_variables.h"
#include "builder/runner.h"
#include "builder/sandbox.h"
#include "builder/variable_lists.h"

namespace pkg::builder {
namespace {

constexpr std::size_t kLinesShown = 20;
constexpr double kLongestTime_s = 1e8;  // some years

std::string_view suffix_of(Product product) { return product == Product::editable ? "editable" : "wheel"; }

json::Json settings_value(const ConfigSettings& settings) {
  if (settings.empty()) return nullptr;
  json::Json out = json::Json::object();
  for (const auto& [key, values] : settings) {
    if (values.size() == 1)
      out[key] = values.front();
    else
      out[key] = values;
  }
  return out;
}

json::Json question_for(std::string hook, const ConfigSettings& settings) {
  json::Json question;
  question["hook"] = std::move(hook);
  question["folder"] = nullptr;
  question["settings"] = settings_value(settings);
  question["metadata"] = nullptr;
  return question;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

// Of itself, not of what a link names.
bool has_type(const std::filesystem::path& path, mode_t type) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type;
}

std::string signal_text(int signal) {
  const char* name = os::signal_name(signal);
  return cat("signal ", signal, name != nullptr ? cat(" (SIG", name, ")") : std::string());
}

std::string text_in(const json::Json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_in(const json::Json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_number_integer() ? found->get<int>() : -1;
}

Result<std::filesystem::path> temporary_folder(const Variables& environment) {
  const auto asked = std::ranges::find(environment, "TMPDIR", &Variables::value_type::first);
  PKG_TRY_ASSIGN(auto folder, fs::temporary_folder(asked == environment.end() ? nullptr : asked->second.c_str()));
  return std::move(folder.path);
}

void set_variable(Variables& environment, std::string_view name, std::string value) {
  const auto same = [&](const auto& variable) { return variable.first == name; };
  environment.erase(std::remove_if(environment.begin(), environment.end(), same), environment.end());
  environment.emplace_back(name, std::move(value));
}

// The folder that a program's folder "bin" is in has its libraries, too.
std::filesystem::path installation_of(const std::filesystem::path& scripts) {
  return scripts.filename() == "bin" || scripts.filename() == "Scripts" ? scripts.parent_path() : scripts;
}

// What a contained build needs to see, wherever it lies: its tree, its Python, and the folders that variables of tools
// name.
std::vector<std::filesystem::path> readable_folders(const ProcessOptions& options) {
  auto folders = options.readable;
  folders.push_back(options.tree);
  folders.push_back(installation_of(options.python.parent_path()));
  std::error_code failed;
  const auto base = std::filesystem::canonical(options.python, failed);
  if (!failed) folders.push_back(installation_of(base.parent_path()));
  for (const auto& [name, value] : options.environment) {
    if (name == "TMPDIR" || (name != "PATH" && !is_familiar_variable(name))) continue;
    for (const auto& folder : folders_in(value)) folders.push_back(name == "PATH" ? installation_of(folder) : folder);
  }
  return folders;
}

Deadline deadline_after(double seconds) {
  const double bounded = seconds > 0 ? std::min(seconds, kLongestTime_s) : kLongestTime_s;
  const auto span =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(bounded));
  return {std::chrono::steady_clock::now() + span, bounded};
}

// The one dist-info folder there.
Result<std::filesystem::path> dist_info_in(const std::filesystem::path& folder) {
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(folder));
  for (const std::string& name : names)
    if (name.ends_with(".dist-info")) return folder / name;
  return make_error(ErrorKind::internal, cat("no prepared metadata in ", quote(folder.native())));
}

Result<std::filesystem::path> absolute_folder(const std::filesystem::path& folder) {
  PKG_TRY(fs::make_dirs(folder));
  std::error_code failed;
  auto absolute = std::filesystem::absolute(folder, failed);
  if (failed) return fs::errno_error("cannot find", folder, failed.value());
  return absolute;
}

}  // namespace

struct BuildProcess::State {
  ProcessOptions options;
  const CancelToken* cancel;
  Deadline deadline;
  BuildOutput output;
  fs::TempDir scratch;  // TMPDIR of the build
  std::optional<Sandbox> sandbox;
  std::optional<Runner> runner;
  // What the hook asked for may be installed by now: the next one sees it only in a new process.
  bool is_stale = false;

  State(ProcessOptions given, const CancelToken& token, BuildOutput log, fs::TempDir folder)
      : options(std::move(given)), cancel(&token), output(std::move(log)), scratch(std::move(folder)) {}

  Status start() {
    PKG_TRY_ASSIGN(auto started,
                   Runner::start(options, deadline, *cancel, output, sandbox ? sandbox->confinement : std::string()));
    runner.reset();
    runner.emplace(std::move(started));
    is_stale = false;
    return ok_status();
  }

  // The answer "value" or "missing"; everything else is an error.
  Result<json::Json> ask(const json::Json& question) {
    if (is_stale) PKG_TRY(start());
    const std::string hook = question["hook"].get<std::string>();
    auto answer = runner->ask(question);
    if (!answer) {
      Error error = std::move(answer).error();
      if (!hook.empty())
        error = std::move(error).with(cat("in ", quote(hook), " of the build backend ", quote(options.backend.object)));
      return error.kind == ErrorKind::build ? told(std::move(error)) : error;
    }
    const std::string is = text_in(*answer, "is");
    if (is == "value" || is == "missing") return answer;
    return told(make_error(ErrorKind::build, what_failed(is, *answer, hook)));
  }

  std::string what_failed(std::string_view is, const json::Json& answer, std::string_view hook) const {
    const std::string backend = cat("the build backend ", quote(options.backend.object));
    constexpr std::size_t kMostOfMessage = 200;  // the log has the rest
    std::string what = text_in(answer, "what");
    if (what.size() > kMostOfMessage) what = cat(what.substr(0, what.find(' ', kMostOfMessage - 40)), " …");
    if (is == "unavailable") return cat(backend, " cannot be imported: ", what);
    const std::string place = hook.empty() ? std::string() : cat(" in ", quote(hook));
    if (is == "raised") return cat(backend, " failed", place, ": ", what);
    if (is == "exited") return cat(backend, " ended", place, " with sys.exit(", what, ")");
    if (is == "wrong") return cat(backend, " returned", place, ' ', what);
    if (const int signal = number_in(answer, "signal"); signal > 0)
      return cat(backend, " was killed", place, " by ", signal_text(signal));
    return cat(backend, " ended its process", place, " with exit code ", number_in(answer, "code"), " and no answer");
  }

  Error lie(std::string_view hook, std::string_view name, std::string_view why) const {
    return told(make_error(ErrorKind::build, cat("the build backend ", quote(options.backend.object), " returned ",
                                                 quote(name), " in ", quote(hook), ", ", why)));
  }

  // With what the log has to say.
  Error told(Error error) const {
    const std::string log = output.tail();
    for (std::string& line : telling_lines(log, kLinesShown)) error.context.push_back(std::move(line));
    error.context.push_back(cat("the whole log is in ", quote(output.file().native())));
    if (error.hint.empty()) error.hint = hint_for(log);
    return error;
  }

  Error no_hook(std::string_view hook, Product product) const {
    return make_error(ErrorKind::unsupported,
                      cat("the build backend ", quote(options.backend.object), " has no hook ", quote(hook)),
                      product == Product::editable
                          ? "this project cannot be installed as an editable: leave out -e, or use a newer backend"
                          : std::string());
  }
};

BuildProcess::BuildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
BuildProcess::BuildProcess(BuildProcess&&) noexcept = default;
BuildProcess& BuildProcess::operator=(BuildProcess&&) noexcept = default;
BuildProcess::~BuildProcess() = default;

Result<BuildProcess> BuildProcess::start(ProcessOptions options, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto output, BuildOutput::create(options.log_file, options.output_limit_bytes));
  PKG_TRY_ASSIGN(const auto folder, temporary_folder(options.environment));
  PKG_TRY_ASSIGN(auto scratch, fs::TempDir::create(folder, "pkg-build-"));
  set_variable(options.environment, "TMPDIR", scratch.path().native());
  auto state = std::make_unique<State>(std::move(options), cancel, std::move(output), std::move(scratch));
  state->deadline = deadline_after(state->options.timeout_s);
  if (state->options.sandbox) {
    set_variable(state->options.environment, "CCACHE_DISABLE", "1");  // its cache is not the build's own: it would fail
    SandboxFolders folders{state->options.writable, readable_folders(state->options)};
    folders.writable.push_back(state->scratch.path());
    PKG_TRY_ASSIGN(state->sandbox, prepare_sandbox(folders));
  }
  PKG_TRY(state->start());
  return BuildProcess(std::move(state));
}

Result<std::vector<std::string>> BuildProcess::requirements(Product product, const ConfigSettings& settings) {
  PKG_TRY_ASSIGN(const auto answer,
                 state_->ask(question_for(cat("get_requires_for_build_", suffix_of(product)), settings)));
  std::vector<std::string> out;
  const auto value = answer.find("value");
  if (value != answer.end() && value->is_array()) {
    for (const json::Json& item : *value)
      if (item.is_string()) out.push_back(item.get<std::string>());
  }
  state_->is_stale = !out.empty();
  return out;
}

Result<std::optional<std::string>> BuildProcess::prepare_metadata(Product product, const ConfigSettings& settings,
                                                                  const std::filesystem::path& into) {
  const std::string hook = cat("prepare_metadata_for_build_", suffix_of(product));
  PKG_TRY_ASSIGN(const auto folder, absolute_folder(into));
  auto question = question_for(hook, settings);
  question["folder"] = hash::to_hex(folder.native());
  PKG_TRY_ASSIGN(const auto answer, state_->ask(question));
  if (text_in(answer, "is") == "missing") return std::optional<std::string>();
  const std::string name = text_in(answer, "value");
  if (!is_plain_name(name) || !name.ends_with(".dist-info"))
    return state_->lie(hook, name, "expected the name of a .dist-info folder");
  if (!has_type(folder / name, S_IFDIR)) return state_->lie(hook, name, "but made no such folder");
  const auto file = folder / name / "METADATA";
  if (!has_type(file, S_IFREG)) return state_->lie(hook, name, "but that folder has no METADATA");
  PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(file, limits::kMetadata));
  return std::optional<std::string>(std::move(text));
}

Result<std::filesystem::path> BuildProcess::build(Product product, const ConfigSettings& settings,
                                                  const std::filesystem::path& into,
                                                  const std::filesystem::path& metadata) {
  const std::string hook = cat("build_", suffix_of(product));
  PKG_TRY_ASSIGN(const auto folder, absolute_folder(into));
  auto question = question_for(hook, settings);
  question["folder"] = hash::to_hex(folder.native());
  if (!metadata.empty()) {
    PKG_TRY_ASSIGN(const auto prepared, absolute_folder(metadata));
    PKG_TRY_ASSIGN(const auto dist_info, dist_info_in(prepared));
    question["metadata"] = hash::to_hex(dist_info.native());
  }
  PKG_TRY_ASSIGN(const auto answer, state_->ask(question));
  if (text_in(answer, "is") == "missing") return state_->no_hook(hook, product);
  const std::string name = text_in(answer, "value");
  if (!is_plain_name(name) || !name.ends_with(".whl"))
    return state_->lie(hook, name, "expected the name of a .whl file");
  if (!has_type(folder / name, S_IFREG)) return state_->lie(hook, name, "but made no such file");
  return folder / name;
}

std::string_view BuildProcess::sandbox_gap() const {
  if (!state_->sandbox || state_->sandbox->means == SandboxMeans::namespaces) return {};
  return "user namespaces are closed on this system: the build's sandbox is Landlock alone, by which a build still "
         "sees other processes, "
         "can change modes and times of its user's files, and can write to `/dev/shm`; on Linux before 6.12 it can end "
         "processes, too";
}

}  // namespace pkg::builder
