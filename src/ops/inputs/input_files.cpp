#include "ops/inputs/input_files.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "base/url.h"
#include "index/html_answer.h"
#include "index/index.h"
#include "ops/inputs/index_options.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;
using pep::RequirementsRole;

std::optional<std::string> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool is_remote(const std::string& name) { return url::is_url(name) && !name.starts_with("file:"); }

// By the user: what a file names is no pipe, and need not be the user's.
bool is_named(const std::string& name, const InputFileNames& names) {
  const auto has = [&](const auto& list) { return std::ranges::find(list, name) != list.end(); };
  return has(names.requirements) || has(names.constraints) || has(names.overrides);
}

// A file of nearly that name that lies where the missing one was looked for.
Error with_near_file(Error error, const stdfs::path& path) {
  std::vector<std::string> names;
  std::error_code failed;
  for (stdfs::directory_iterator at(path.parent_path(), failed), end; !failed && at != end; at.increment(failed))
    names.push_back(at->path().filename().string());
  std::ranges::sort(names);
  if (const auto near = nearest(path.filename().string(), names))
    return std::move(error).with_hint(cat("did you mean ", quote((path.parent_path() / *near).string()), "?"));
  return path.has_extension()
             ? error
             : std::move(error).with_hint("expected a file of requirements, or - for those on standard input");
}

struct OtherFormat {
  std::string_view file_name, what, advice;
};

constexpr std::string_view kImportLock = "`pkg import` in its project takes its versions over";
constexpr auto kOtherFormats = std::to_array<OtherFormat>({
    {"Pipfile", "a file of Pipenv", "`pkg import` makes a project of it"},
    {"Pipfile.lock", "a lock of Pipenv", kImportLock},
    {"environment.yaml", "a file of conda", "`pkg import` makes a project of it"},
    {"environment.yml", "a file of conda", "`pkg import` makes a project of it"},
    {"pdm.lock", "a lock of PDM", kImportLock},
    {"poetry.lock", "a lock of Poetry", kImportLock},
    {"uv.lock", "a lock of uv", "`pkg lock` in its project takes its versions over"},
});

// Files that are well known for something else, and pages where a file was to be: their lines are no requirements, and
// the first one that is none would tell nobody why.
Status check_format(const std::string& name, std::string_view text) {
  const auto found = std::ranges::find(kOtherFormats, url::file_name(name), &OtherFormat::file_name);
  if (found != kOtherFormats.end())
    return make_error(ErrorKind::bad_data,
                      cat(quote(url::redact(name)), " is ", found->what, ", no file of requirements"),
                      std::string(found->advice));
  if (!index::begins_like_html(text)) return ok_status();
  return make_error(ErrorKind::bad_data, cat(quote(url::redact(name)), " is an HTML page, no file of requirements"),
                    "take the address of the file itself, not of a page about it");
}

class FileLoader {
 public:
  FileLoader(const InputFileNames& names, const Session& session) : names_(names), session_(session) {}

  Result<InputFiles> load() {
    PKG_TRY_ASSIGN(auto local, load_all());
    local.settings = settings_with(local);
    if (!found_remote_) return local;
    PKG_TRY_ASSIGN(client_, session_.open_index(std::move(local.settings)));
    PKG_TRY_ASSIGN(auto files, load_all());
    files.settings = settings_with(files);  // all options again, in the order of the files
    return files;
  }

 private:
  Result<InputFiles> load_all() {
    InputFiles files;
    PKG_TRY_ASSIGN(files.requirements, load_list(names_.requirements, RequirementsRole::requirements));
    PKG_TRY_ASSIGN(files.constraints, load_list(names_.constraints, RequirementsRole::constraints));
    PKG_TRY_ASSIGN(files.overrides, load_list(names_.overrides, RequirementsRole::requirements));
    return files;
  }

  Result<std::vector<pep::RequirementsFile>> load_list(const std::vector<std::string>& names, RequirementsRole role) {
    std::vector<pep::RequirementsFile> files;
    const auto read = [this](const std::string& name) { return text_of(name); };
    for (const auto& name : names) {
      auto loaded = pep::load_requirements(name, role, read, environment_variable);
      if (!loaded && loaded.error().kind == ErrorKind::bad_data)
        return told_of_file(loaded.error(), Origin{.file = last_, .what = {}}, names_, session_);
      PKG_TRY_ASSIGN(auto file, std::move(loaded));
      files.push_back(std::move(file));
    }
    return files;
  }

  // Remote files are empty until there is a client.
  Result<std::string> text_of(const std::string& name) {
    last_ = name;
    if (name == "-") return names_.stdin_text;
    if (const auto known = texts_.find(name); known != texts_.end()) return known->second;
    if (is_remote(name)) {
      found_remote_ = true;
      if (!client_) return std::string();
      return keep(name, client_->text(name));
    }
    stdfs::path path = name;
    if (name.starts_with("file:")) {
      PKG_TRY_ASSIGN(path, url::file_url_to_path(name));
    }
    path = session_.working_folder() / path;
    auto text = is_named(name, names_) ? fs::read_named_at_most(path, limits::kText)
                                       : fs::read_file_at_most(path, limits::kText);
    if (!text && text.error().kind == ErrorKind::not_found) return with_near_file(std::move(text).error(), path);
    return keep(name, std::move(text));
  }

  Result<std::string> keep(const std::string& name, Result<std::string> text) {
    if (!text) return text;
    PKG_TRY(check_format(name, *text));
    texts_.emplace(name, *text);
    return text;
  }

  index::Settings settings_with(const InputFiles& files) const {
    auto settings = session_.settings();
    for (const auto* list : {&files.requirements, &files.constraints, &files.overrides}) {
      for (const auto& file : *list) {
        for (const auto& line : file.options) apply_index_option(line, folder_of(line, session_), session_, settings);
      }
    }
    return settings;
  }

  const InputFileNames& names_;
  const Session& session_;
  std::map<std::string, std::string> texts_;
  std::unique_ptr<index::Index> client_;
  std::string last_;  // the file that was read last: it is parsed before the next
  bool found_remote_ = false;
};

}  // namespace

Result<InputFiles> load_input_files(const InputFileNames& names, const Session& session) {
  return FileLoader(names, session).load();
}

Error told_of_file(const Error& error, const Origin& origin, const InputFileNames& names, const Session& session) {
  const auto& file = origin.file;
  if (file.empty() || file == "-" || is_named(file, names) || is_remote(file)) return error;
  const auto path = file.starts_with("file:") ? url::file_url_to_path(file)
                                              : Result<std::string>((session.working_folder() / file).string());
  return path && is_own_file(*path, session.working_folder())
             ? error
             : without_text(Error(error).with(origin.to_string()), file);
}

std::filesystem::path folder_of(const pep::RequirementLine& line, const Session& session) {
  const auto& file = line.origin.file;
  if (file.empty() || file == "-" || is_remote(file)) return {};
  if (file.starts_with("file:")) {
    const auto path = url::file_url_to_path(file);
    return path ? stdfs::path(*path).parent_path() : stdfs::path();
  }
  return (session.working_folder() / file).parent_path();
}

}  // namespace pkg::ops
