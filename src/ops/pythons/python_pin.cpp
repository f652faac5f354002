#include "ops/pythons/python_pin.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/user_folders.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/python_version_file.h"

namespace pkg::ops {
namespace {

constexpr const char* kPinFile = ".python-version";

std::filesystem::path user_folder() {
  const auto folder = user_config_folder(process_environment());
  return folder.empty() ? folder : folder / "pkg";
}

Result<PythonPin> what_is_pinned(bool global, const Session& session) {
  const auto users = user_folder();
  const auto file = global ? venv::find_python_version_file(users, users, {})
                           : venv::find_python_version_file(session.working_folder(), {}, users);
  if (!file)
    return make_error(ErrorKind::not_found, "no Python is pinned: there is no `.python-version` that counts here",
                      "pkg python pin 3.13");
  return PythonPin{file->file, file->says, file->says, false};
}

// What the file says now, without comments.
std::string said_in(const std::filesystem::path& file) {
  const auto text = fs::read_file_at_most(file, limits::kOneLine);
  return text ? std::string(trim(*text)) : std::string();
}

}  // namespace

Result<PythonPin> pin_python(const std::string& request, bool global, Session& session) {
  if (request.empty()) return what_is_pinned(global, session);
  const auto word = trim(request);
  const bool is_one_word = split_words(word).size() == 1 && word.find('#') == std::string_view::npos;
  const auto parsed = venv::parse_request(word);
  // Paths do not count in that file: it may come with a checkout.
  if (!is_one_word || !parsed || parsed->is_any())
    return make_error(ErrorKind::usage, cat(quote(request), " is no version that can be pinned"),
                      "a version is 3.13, 3.13.5, 3.13t or pypy3.11");
  const auto folder = global ? user_folder() : session.working_folder();
  if (folder.empty()) return make_error(ErrorKind::not_found, "there is no folder for your settings: HOME is not set");
  PythonPin pin{folder / kPinFile, std::string(word), said_in(folder / kPinFile), false};
  pin.is_changed = pin.before != pin.request;
  if (!pin.is_changed) return pin;
  PKG_TRY(fs::make_dirs(folder));
  PKG_TRY(fs::publish(pin.file, cat(pin.request, "\n")));
  return pin;
}

}  // namespace pkg::ops
