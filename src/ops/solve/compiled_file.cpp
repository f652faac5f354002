#include "ops/solve/compiled_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "lock/lock_resolution.h"
#include "lock/pylock.h"
#include "pep/requirements_txt.h"
#include "pep/specifier_relation.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;
using Line = pep::RequirementLine;

Error not_ours(const stdfs::path& path, std::string why) {
  return make_error(ErrorKind::conflict,
                    cat(quote(path.string()), " is no file that compile writes, and is not written over: ", why),
                    "name another output file, or delete this one");
}

Status refuse_input(const stdfs::path& path, const InputOptions& inputs, const stdfs::path& working_folder) {
  for (const auto* list :
       {&inputs.requirements_files, &inputs.scripts, &inputs.constraints_files, &inputs.override_files}) {
    for (const auto& file : *list) {
      std::error_code failed;
      if (stdfs::equivalent(path, working_folder / file, failed) && !failed)
        return make_error(ErrorKind::usage, cat(quote(file), " is an input, and would be written over"),
                          "write to another file: -o requirements.txt");
    }
  }
  return ok_status();
}

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_ascii_space(c); });
}

// What tools of this kind write at the top of a file, which may hold nothing else.
bool has_header(std::string_view text) {
  const auto head = text.substr(0, 1000);
  return std::ranges::any_of(std::initializer_list<std::string_view>{"pkg compile", "pip-compile", "pip compile"},
                             [&](std::string_view word) { return head.find(word) != std::string_view::npos; });
}

Result<std::vector<resolver::Preference>> pins_of_requirements(const std::string& text, const stdfs::path& path) {
  const auto lines =
      pep::parse_requirements_txt(text, path.string(), [](std::string_view) { return std::optional<std::string>(); });
  if (!lines) return not_ours(path, lines.error().message);
  std::vector<resolver::Preference> pins;
  bool has_any = false;
  for (const auto& line : *lines) {
    if (line.kind == Line::Kind::requirements_file || line.kind == Line::Kind::constraints_file)
      return not_ours(path, cat("line ", line.origin.line, " includes another file"));
    if (line.kind == Line::Kind::editable) has_any = true;
    if (line.kind != Line::Kind::requirement) continue;
    has_any = true;
    const auto requirement = pep::Requirement::parse(line.value);
    const bool is_place = line.value.find('/') != std::string::npos;
    if (!requirement && !is_place) return not_ours(path, requirement.error().message);
    if (!requirement || !requirement->url.empty()) continue;
    auto version = pep::pinned_version(requirement->specifiers);
    if (!version)
      return not_ours(path, cat(quote(line.value), " in line ", line.origin.line, " is not pinned with =="));
    pins.push_back({requirement->name, *std::move(version), requirement->marker});
  }
  if (!has_any && !is_blank(text) && !has_header(text)) return not_ours(path, "it has no requirement");
  return pins;
}

}  // namespace

Result<std::vector<resolver::Preference>> pins_to_keep(const stdfs::path& path, const InputOptions& inputs,
                                                       const stdfs::path& working_folder) {
  std::vector<resolver::Preference> none;
  std::error_code failed;
  if (path.empty() || !stdfs::is_regular_file(path, failed)) return none;
  PKG_TRY(refuse_input(path, inputs, working_folder));
  const auto name = path.filename().string();
  const bool is_lock = lock::is_lock_file_name(name);
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, is_lock ? limits::kLock : limits::kText));
  if (is_blank(text)) return none;
  if (!is_lock) return pins_of_requirements(text, path);
  const auto old = lock::parse_pylock(text, name);
  if (!old) return not_ours(path, old.error().message);
  return lock::preferences_of(*old);
}

}  // namespace pkg::ops
