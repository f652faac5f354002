#include "ops/environment/python_wish.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/user_folders.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/pythons/pythons.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/python_version_file.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

stdfs::path user_folder() {
  const auto folder = user_config_folder(process_environment());
  return folder.empty() ? folder : folder / "pkg";
}

// `request` and `required` as one: "3.12" and ">=3.12.4" → ">=3.12.4,==3.12.*". Empty: they cannot be said together.
std::string combined(const std::string& request, const pep::SpecifierSet& required) {
  const auto parsed = venv::parse_request(request);
  if (!parsed || parsed->gil_disabled || parsed->debug || !parsed->platform.os.empty() || parsed->version.size() > 2)
    return {};
  std::string text = cat(parsed->implementation, required.to_string());
  if (parsed->specifiers) append(text, ",", parsed->specifiers->to_string());
  if (parsed->version.empty()) return text;
  std::string prefix;
  for (const int number : parsed->version) append(prefix, prefix.empty() ? "" : ".", number);
  return cat(text, ",==", prefix, ".*");
}

bool fits(const venv::Interpreter& interpreter, const pep::SpecifierSet& requires_python) {
  return requires_python.empty() || requires_python.contains(interpreter.target.python);
}

const std::string& full_version(const venv::Interpreter& interpreter) {
  return interpreter.target.environment.python_full_version;
}

Error outside(const venv::Interpreter& found, const PythonWish& wish, const pep::SpecifierSet& requires_python) {
  return make_error(ErrorKind::conflict,
                    cat(wish.said_by, " asks for ", quote(wish.request), ", which is Python ", full_version(found),
                        ", and requires-python is ", quote(requires_python.to_string())),
                    "ask for another with --python, or change one of the two");
}

// Is `own` the interpreter that was asked for by path or name, or one of the version that was asked for?
Result<bool> is_wished(const venv::Interpreter& own, const PythonWish& wish, Session& session) {
  const auto parsed = venv::parse_request(wish.request);
  if (parsed && !fs::exists(wish.request)) {
    if (!parsed->implementation.empty() && parsed->implementation != own.facts.implementation) return false;
    if (parsed->gil_disabled.value_or(false) != own.facts.gil_disabled) return false;
    if (parsed->debug.value_or(own.facts.debug) != own.facts.debug) return false;
    if (parsed->specifiers && !parsed->specifiers->contains(own.target.python)) return false;
    const auto have = venv::leading_version(full_version(own));
    return parsed->version.size() <= have.size() &&
           std::equal(parsed->version.begin(), parsed->version.end(), have.begin());
  }
  PKG_TRY_ASSIGN(const auto wished,
                 venv::find_interpreter(wish.request, session.cache_dir(), leave_with_warning(session)));
  return wished.real_executable == own.real_executable;
}

}  // namespace

Result<PythonWish> python_wish(const std::string& python, const stdfs::path& start, const stdfs::path& root,
                               Session& session) {
  if (!python.empty()) {
    const bool is_path = python.find('/') != std::string::npos;
    return PythonWish{is_path ? (session.working_folder() / python).lexically_normal().native() : python, "--python"};
  }
  const auto file = venv::find_python_version_file(start, root, user_folder());
  if (!file) return PythonWish{};
  if (file->request.empty()) {
    return make_error(ErrorKind::bad_data,
                      cat(quote(file->file.native()), " asks for ", quote(file->says), ", which names no Python"),
                      "a version stands there, such as 3.12; --python is asked first");
  }
  return PythonWish{file->request, quote(file->file.native()), true, file->is_users};
}

Result<venv::Interpreter> interpreter_for_new(const PythonWish& wish, const pep::SpecifierSet& requires_python,
                                              Session& session, bool may_install) {
  const auto find = [&](const std::string& request) {
    return find_or_install_python(request, leave_with_warning(session), session, may_install);
  };
  if (!wish.request.empty()) {
    // Nothing is installed out of habit where the project says what it needs.
    const bool insists = !wish.is_habit || requires_python.empty();
    auto found = insists ? find(wish.request)
                         : venv::find_interpreter(wish.request, session.cache_dir(), leave_with_warning(session));
    if (!found && wish.is_of_file)
      found = std::move(found).error().with(cat("while looking for the Python that ", wish.said_by, " asks for"));
    if (found && fits(*found, requires_python)) return found;
    if (found && !requires_python.empty()) {
      if (const auto both = combined(wish.request, requires_python); !both.empty()) {
        if (auto other = find(both)) return other;
      }
      if (!wish.is_habit) return outside(*found, wish, requires_python);
    }
    if (!found && !wish.is_habit) return found;
  }
  if (requires_python.empty()) return find({});
  return find(requires_python.to_string()).with("while looking for a Python that requires-python accepts");
}

Result<std::string> why_unfit(const venv::Environment& environment, const PythonWish& wish,
                              const pep::SpecifierSet& requires_python, Session& session) {
  if (wish.request.empty() && requires_python.empty()) return std::string();
  auto own = interpreter_to_use(environment, session);
  if (!own && own.error().kind == ErrorKind::not_found) return std::string("has lost its interpreter");
  if (!own && own.error().kind == ErrorKind::bad_data)
    return std::string("has another interpreter than it was made with");
  if (!own) return std::move(own).error();
  if (!fits(*own, requires_python))
    return cat("has Python ", full_version(*own), ", and requires-python is ", quote(requires_python.to_string()));
  if (wish.request.empty() || wish.is_habit) return std::string();
  PKG_TRY_ASSIGN(const bool wished, is_wished(*own, wish, session));
  if (wished) return std::string();
  return cat("has Python ", full_version(*own), ", and ", wish.said_by, " asks for ", quote(wish.request));
}

}  // namespace pkg::ops
