// Looking for interpreters: names on PATH, then pyenv's versions, and those that pkg itself installed. Candidates come
// with what their name says, so that most need no probe.
//
// Where nothing is asked for, the shell's `python3` is the answer, and what pkg installed comes last. Where a version
// is asked for, what pkg installed comes first: somebody wanted it for that, and it is not changed by the system.
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/managed_pythons.h"
#include "venv/interpreter/pyenv.h"
#include "venv/pyvenv_cfg.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

constexpr int kOldestMinor = 7, kNewestMinor = 16;  // names that are tried: python3.7 … python3.16

struct Candidate {
  stdfs::path path;
  std::string implementation;  // as far as the name says; empty: unknown
  std::vector<int> version;
};

// Sees candidates until it answers true.
using Visit = std::function<bool(const Candidate&)>;

class Search {
 public:
  Search() : pyenv_(Pyenv::find()) {
    std::error_code ignored;
    working_folder_ = stdfs::current_path(ignored);
    const char* path = environment_variable("PATH");
    for (const auto folder : split(path == nullptr ? "" : path, ':')) {
      if (!folder.empty() && folder.front() == '/') folders_.emplace_back(folder);
    }
  }

  // Best first: managed ones, the default names, names with a version from new to old, pyenv's, then PyPy's.
  bool each(const InterpreterRequest& request, const Visit& visit) const {
    return (!request.is_any() && managed(request, visit)) ||
           (request.may_be("cpython", {}) && (by_default_name(visit) || by_versioned_name(request, visit))) ||
           by_pyenv(request, visit) || by_pypy_name(request, visit) || (request.is_any() && managed(request, visit));
  }

  bool by_name(const std::string& name, const Candidate& says, const Visit& visit) const {
    for (const auto& folder : folders_) {
      const auto path = program(folder, name);
      if (path && visit({*path, says.implementation, says.version})) return true;
    }
    return false;
  }

 private:
  // <folder>/<name>, or what pyenv would run for it.
  std::optional<stdfs::path> program(const stdfs::path& folder, const std::string& name) const {
    if (pyenv_ && pyenv_->is_shim_folder(folder)) return pyenv_->resolve(name, working_folder_);
    stdfs::path path = folder / name;
    if (::access(path.c_str(), X_OK) != 0 || fs::is_directory(path)) return std::nullopt;
    return path;
  }

  // A request that names a patch release gets its own folder; others the link that moves on with upgrades.
  static bool managed(const InterpreterRequest& request, const Visit& visit) {
    for (const auto& python : managed_pythons(managed_folder())) {
      if (!request.is_any() && !request.accepts(python.key, true)) continue;
      const auto& path = request.names_patch() ? python.python : python.stable_python;
      if (visit({path, python.key.implementation, leading_version(python.key.version)})) return true;
    }
    return false;
  }

  bool by_default_name(const Visit& visit) const {
    return by_name("python3", {}, visit) || by_name("python", {}, visit);
  }

  bool by_versioned_name(const InterpreterRequest& request, const Visit& visit) const {
    for (int minor = kNewestMinor; minor >= kOldestMinor; --minor) {
      const std::vector<int> version{3, minor};
      if (!request.may_be("cpython", version)) continue;
      if (by_name(cat("python3.", minor), {{}, "cpython", version}, visit)) return true;
      if (minor >= 13 && request.gil_disabled.value_or(false) &&
          by_name(cat("python3.", minor, "t"), {{}, "cpython", version}, visit))
        return true;
    }
    return false;
  }

  bool by_pyenv(const InterpreterRequest& request, const Visit& visit) const {
    if (!pyenv_) return false;
    for (const auto& version : pyenv_->versions()) {
      Candidate candidate{version.python, {}, {}};
      if (is_ascii_digit(version.name[0])) {
        candidate.implementation = "cpython";
        candidate.version = leading_version(version.name);
      } else if (version.name.starts_with("pypy")) {
        candidate.implementation = "pypy";
        candidate.version = leading_version(std::string_view(version.name).substr(4));
      }
      if (::access(candidate.path.c_str(), X_OK) == 0 && request.may_be(candidate.implementation, candidate.version) &&
          visit(candidate))
        return true;
    }
    return false;
  }

  bool by_pypy_name(const InterpreterRequest& request, const Visit& visit) const {
    if (!request.may_be("pypy", {})) return false;
    for (int minor = kNewestMinor; minor >= kOldestMinor; --minor) {
      const std::vector<int> version{3, minor};
      if (request.may_be("pypy", version) && by_name(cat("pypy3.", minor), {{}, "pypy", version}, visit)) return true;
    }
    return by_name("pypy3", {{}, "pypy", {3}}, visit) || by_name("pypy", {{}, "pypy", {}}, visit);
  }

  std::optional<Pyenv> pyenv_;
  std::vector<stdfs::path> folders_;
  stdfs::path working_folder_;
};

constexpr const char* kHint = "`pkg python list` shows what there is; --python takes a path too";

Error none_found(std::string_view wanted, const std::vector<std::string>& looked_at) {
  const std::string list = looked_at.empty() ? std::string("the folders of PATH and pyenv's versions, which have none")
                                             : join(looked_at, ", ");
  return make_error(ErrorKind::not_found, cat("found no ", wanted, ": looked at ", list), kHint);
}

// Follows an environment's interpreter to the one it was made from, so that requests are compared once for each real
// interpreter.
std::optional<Interpreter> try_probe(const Candidate& candidate, const InterpreterRequest& request,
                                     const stdfs::path& cache_dir, const Leave& leave,
                                     std::vector<std::string>& looked_at) {
  if (!request.may_be(candidate.implementation, candidate.version)) return std::nullopt;
  if (!environment_folder_of(candidate.path)) {
    const auto facts = facts_of(candidate.path, cache_dir);
    if (!facts) {
      looked_at.push_back(cat(quote(candidate.path.native()), " (", facts.error().message, ")"));
      return std::nullopt;
    }
    if (request.accepts(*facts)) return interpreter_from(*facts, candidate.path);
    looked_at.push_back(cat(quote(candidate.path.native()), " (", facts->environment.platform_python_implementation,
                            " ", facts->environment.python_full_version, ")"));
    return std::nullopt;
  }
  auto interpreter = probe(candidate.path, cache_dir, leave);
  if (!interpreter) {
    looked_at.push_back(cat(quote(candidate.path.native()), " (", interpreter.error().message, ")"));
    return std::nullopt;
  }
  ProbedFacts facts;  // what a request looks at
  facts.environment = interpreter->target.environment;
  facts.gil_disabled = interpreter->facts.gil_disabled;
  const auto numbers = leading_version(facts.environment.python_full_version);
  std::copy_n(numbers.begin(), std::min<std::size_t>(numbers.size(), 3), facts.version);
  if (request.accepts(facts)) return std::move(*interpreter);
  looked_at.push_back(cat(quote(candidate.path.native()), " (", facts.environment.python_full_version, ")"));
  return std::nullopt;
}

Result<Interpreter> find_by_request(const InterpreterRequest& request, const stdfs::path& cache_dir,
                                    const Leave& leave) {
  std::optional<Interpreter> found;
  std::vector<std::string> looked_at;
  std::set<stdfs::path> seen;
  Search().each(request, [&](const Candidate& candidate) {
    if (!seen.insert(candidate.path).second) return false;
    found = try_probe(candidate, request, cache_dir, leave, looked_at);
    return found.has_value();
  });
  if (found) return std::move(*found);
  return none_found(request.is_any() ? std::string("Python interpreter") : cat("interpreter for ", quote(request.text)),
                    looked_at);
}

Result<Interpreter> find_by_path(const stdfs::path& path, const stdfs::path& cache_dir, const Leave& leave) {
  if (!fs::is_directory(path)) return probe(path, cache_dir, leave);
  PKG_TRY_ASSIGN(const auto environment, open_environment(path, cache_dir));
  return interpreter_of(environment, cache_dir, leave);
}

Result<Interpreter> find_by_name(const std::string& name, const stdfs::path& cache_dir, const Leave& leave) {
  std::optional<stdfs::path> path;
  Search().by_name(name, {}, [&](const Candidate& candidate) {
    path = candidate.path;
    return true;
  });
  if (!path)
    return make_error(ErrorKind::not_found,
                      cat("found no interpreter called ", quote(name), ": looked in the folders of PATH"), kHint);
  return probe(*path, cache_dir, leave);
}

// "python3.12" and the like: the program of that name comes before any other interpreter of that version.
bool is_program_name(std::string_view text) {
  return text.starts_with("python") || text.starts_with("pypy") || text.starts_with("graalpy");
}

}  // namespace

Result<Interpreter> find_interpreter(const std::string& request, const stdfs::path& cache_dir, const Leave& leave) {
  if (request.empty()) return find_by_request({}, cache_dir, leave);
  if (request.find('/') != std::string::npos) return find_by_path(request, cache_dir, leave);
  const auto parsed = parse_request(request);
  if (is_program_name(request) || !parsed) {
    auto named = find_by_name(request, cache_dir, leave);
    if (named || !parsed) {
      if (!named && fs::exists(request)) return find_by_path(request, cache_dir, leave);
      return named;
    }
  }
  return find_by_request(*parsed, cache_dir, leave);
}

Result<std::vector<Interpreter>> list_interpreters(const stdfs::path& cache_dir) {
  std::vector<Interpreter> found;
  std::set<stdfs::path> seen;
  Search().each({}, [&](const Candidate& candidate) {
    if (!candidate.version.empty() && candidate.version[0] < 3) return false;
    std::error_code failed;
    const auto real = stdfs::canonical(candidate.path, failed);
    if (failed || !seen.insert(real).second || environment_folder_of(candidate.path)) return false;
    const auto facts = facts_of(candidate.path, cache_dir);
    if (facts && seen.insert(cat("base:", facts->base_executable)).second)
      found.push_back(interpreter_from(*facts, candidate.path));
    return false;
  });
  std::stable_sort(found.begin(), found.end(), [](const Interpreter& a, const Interpreter& b) {
    const bool a_cpython = a.facts.implementation == "cpython", b_cpython = b.facts.implementation == "cpython";
    return a_cpython != b_cpython ? a_cpython : a.target.python > b.target.python;
  });
  return found;
}

}  // namespace pkg::venv
