#include "ops/migrate/from_requirements.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "ops/migrate/import_values.h"
#include "pep/specifier_relation.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kWord = "requirements";
constexpr std::array<std::string_view, 8> kMainNames{"",           "base",    "main",   "prod",
                                                     "production", "default", "common", "core"};
constexpr std::size_t kMostFiles = 1000, kDeepest = 16;

// "requirements-dev", "dev_requirements", "dev": "dev". nullopt: it is no group.
std::optional<std::string> group_of(std::string_view stem, bool needs_word) {
  std::string name(stem);
  const auto at = name.find(kWord);
  if (at == std::string::npos && needs_word) return std::nullopt;
  if (at != std::string::npos) name.erase(at, kWord.size());
  const auto is_separator = [](char c) { return c == '-' || c == '_' || c == '.'; };
  while (!name.empty() && is_separator(name.front())) name.erase(0, 1);
  while (!name.empty() && is_separator(name.back())) name.pop_back();
  if (std::ranges::find(kMainNames, name) != kMainNames.end()) return std::string();
  return pep::is_valid_name(name) ? std::optional(pep::normalize_name(name)) : std::nullopt;
}

void add_files(const stdfs::path& folder, const std::string& below, bool needs_word, std::vector<LayoutFile>& layout) {
  const auto names = fs::list_dir(folder / below);
  if (!names) return;
  std::map<std::string, LayoutFile> by_stem;
  for (const auto& name : *names) {
    const auto path = stdfs::path(name);
    const auto extension = path.extension();
    if (extension != ".in" && extension != ".txt") continue;
    const auto group = group_of(path.stem().string(), needs_word);
    if (!group || by_stem.size() == kMostFiles || fs::is_directory(folder / below / name)) continue;
    auto& file = by_stem[path.stem().string()];
    file.group = *group;
    auto relative = (stdfs::path(below) / name).string();
    // Names are sorted: ".in" comes before ".txt".
    (file.path.empty() ? file.path : file.compiled) = std::move(relative);
  }
  for (auto& [stem, file] : by_stem) layout.push_back(std::move(file));
}

// ---- reading

class Reader {
 public:
  Reader(stdfs::path root, std::vector<LayoutFile> layout, const ImportPlace& place)
      : root_(std::move(root)), layout_(std::move(layout)), place_(place) {
    project_.tool = "requirements files";
    project_.manifest = layout_.front().path;
  }

  Result<ImportedProject> read() {
    for (const auto& file : layout_) {
      ImportedList list{file.group, {}, {}};
      PKG_TRY(read_file(root_ / file.path, file, list, 0));
      if (!file.compiled.empty()) PKG_TRY(read_pins(file.compiled));
      take(std::move(list));
    }
    tell_pins();
    if (!pins_.packages.empty()) {
      project_.pins = std::move(pins_);
      project_.pins_from = join(compiled_, ", ");
    }
    return std::move(project_);
  }

 private:
  std::string shown(const stdfs::path& path) const { return path.lexically_relative(root_).string(); }

  const LayoutFile* file_at(const stdfs::path& path) const {
    const auto name = shown(path);
    const auto found = std::ranges::find_if(
        layout_, [&](const LayoutFile& file) { return file.path == name || file.compiled == name; });
    return found == layout_.end() ? nullptr : &*found;
  }

  Result<std::vector<pep::RequirementLine>> lines_of(const stdfs::path& path) {
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kText));
    project_.files.push_back(shown(path));
    if (project_.files.size() > kMostFiles)
      return make_error(ErrorKind::bad_data, cat("more than ", kMostFiles, " requirements files"));
    return pep::parse_requirements_txt(text, shown(path), [](auto) { return std::optional<std::string>(); });
  }

  // A checkout may name any file of the user: those below its folder are read.
  bool may_read(const std::string& value, const stdfs::path& path, const Origin& origin) {
    const auto name = shown(path);
    const bool is_inside = !url::is_url(value) && !name.starts_with("..") && is_own_file(path, root_);
    if (!is_inside)
      project_.note(cat(quote(url::redact(value)), " is not read: it lies outside of ", quote(root_.string())), origin);
    return is_inside;
  }

  Status read_file(const stdfs::path& path, const LayoutFile& owner, ImportedList& list, std::size_t depth) {
    if (depth == kDeepest)
      return make_error(ErrorKind::bad_data,
                        cat(quote(shown(path)), ": requirements files include each other deeper than ", kDeepest));
    if (!is_own_file(path, root_))
      return make_error(ErrorKind::unsupported, cat(quote(shown(path)), " is a link that leads out of its folder"));
    PKG_TRY_ASSIGN(const auto lines, lines_of(path));
    for (const auto& line : lines) {
      if (line.kind == pep::RequirementLine::Kind::requirements_file) {
        PKG_TRY(include(line, path.parent_path(), owner, list, depth));
      } else if (line.kind == pep::RequirementLine::Kind::constraints_file) {
        PKG_TRY(constrain(line, path.parent_path()));
      } else {
        take_requirements_line(line, path.parent_path(), place_, project_, list.requirements);
      }
    }
    return ok_status();
  }

  Status include(const pep::RequirementLine& line, const stdfs::path& folder, const LayoutFile& owner,
                 ImportedList& list, std::size_t depth) {
    const auto path = (folder / line.value).lexically_normal();
    if (!may_read(line.value, path, line.origin)) return ok_status();
    const auto* other = file_at(path);
    if (other != nullptr && !owner.group.empty()) {
      if (other->group.empty()) return ok_status();  // the project's dependencies are there with any group
      if (other->group == owner.group) return ok_status();
      if (std::ranges::find(list.includes, other->group) == list.includes.end()) list.includes.push_back(other->group);
      return ok_status();
    }
    if (other != nullptr && other->group.empty()) return ok_status();
    return read_file(path, owner, list, depth + 1);
  }

  Status constrain(const pep::RequirementLine& line, const stdfs::path& folder) {
    const auto path = (folder / line.value).lexically_normal();
    if (!may_read(line.value, path, line.origin) || file_at(path) != nullptr) return ok_status();
    if (!constraints_.insert(path).second) return ok_status();
    PKG_TRY_ASSIGN(const auto lines, lines_of(path));
    for (const auto& one : lines) {
      if (one.kind != pep::RequirementLine::Kind::requirement) continue;
      const auto requirement = pep::Requirement::parse(one.value);
      if (!requirement || !requirement->url.empty())
        project_.note(cat("the constraint ", quote(one.value), " is not carried"), one.origin);
      else
        project_.list_settings["constraint-dependencies"].push_back(pep::to_string(*requirement));
    }
    return ok_status();
  }

  Status read_pins(const std::string& name) {
    const auto path = root_ / name;
    if (!is_own_file(path, root_)) return ok_status();
    PKG_TRY_ASSIGN(const auto lines, lines_of(path));
    compiled_.push_back(name);
    for (const auto& line : lines) {
      if (line.kind != pep::RequirementLine::Kind::requirement) continue;
      const auto requirement = pep::Requirement::parse(line.value);
      if (!requirement) continue;
      lock::LockedPackage package;
      package.name = requirement->name;
      package.version = pep::pinned_version(requirement->specifiers);
      package.marker = requirement->marker;
      const bool is_new = package.version && pinned_.emplace(package.name, *package.version).second;
      if (is_new && pins_.packages.size() < kMostImported) pins_.packages.push_back(std::move(package));
    }
    return ok_status();
  }

  void take(ImportedList list) {
    auto* into = &project_.dependencies;
    if (!list.name.empty()) {
      auto found = std::ranges::find(project_.groups, list.name, &ImportedList::name);
      if (found == project_.groups.end()) found = project_.groups.insert(found, {list.name, {}, {}});
      for (auto& name : list.includes) found->includes.push_back(std::move(name));
      into = &found->requirements;
    }
    for (auto& requirement : list.requirements)
      if (std::ranges::find(*into, requirement) == into->end()) into->push_back(std::move(requirement));
  }

  // Pins that people may not have meant as requirements.
  void tell_pins() {
    for (const auto& file : layout_) {
      if (!file.compiled.empty() || !file.path.ends_with(".txt")) continue;
      const auto& list = file.group.empty() ? project_.dependencies : group_named(file.group).requirements;
      const auto pinned = std::ranges::count_if(
          list, [](const pep::Requirement& requirement) { return pep::is_pin(requirement.specifiers); });
      if (pinned == 0) continue;
      const auto source = stdfs::path(file.path).replace_extension(".in").string();
      project_.note(cat("there is no ", quote(source), ": ", pinned, " pins of ", quote(file.path),
                        " are written as the requirements that they are; keep those that the project itself needs"));
    }
  }

  const ImportedList& group_named(const std::string& name) const {
    return *std::ranges::find(project_.groups, name, &ImportedList::name);
  }

  stdfs::path root_;
  std::vector<LayoutFile> layout_;
  const ImportPlace& place_;
  ImportedProject project_;
  std::set<stdfs::path> constraints_;
  lock::LockFile pins_;
  std::set<std::pair<pep::Name, pep::Version>> pinned_;
  std::vector<std::string> compiled_;
};

void set_setting(ImportedProject& project, std::string_view key, std::string value) {
  std::erase_if(project.settings, [&](const auto& entry) { return entry.first == key; });
  project.settings.emplace_back(key, std::move(value));
}

void take_index(const pep::RequirementLine& line, const ImportPlace& place, ImportedProject& project) {
  if (line.option == "--index-url" && is_default_index(line.value, place)) return;
  const auto url = url::Url::parse(line.value);
  if (!url || line.value.find("${") != std::string::npos) {
    project.note(cat('`', line.option, "` is not carried: its address is no URL, or names a variable"), line.origin);
    return;
  }
  const auto address = url->without_credentials();
  if (url->has_user || url->has_password)
    project.note(cat("the login of ", quote(address), " is not carried: `pkg auth login` keeps one"), line.origin);
  if (line.option == "--index-url")
    set_setting(project, "index-url", toml::quote_string(address));
  else
    project.list_settings["extra-index-url"].push_back(address);
}

void take_names(const pep::RequirementLine& line, std::string_view key, ImportedProject& project) {
  for (const auto piece : split(line.value, ','))
    if (!trim(piece).empty()) project.list_settings[std::string(key)].emplace_back(trim(piece));
}

void take_prereleases(const pep::RequirementLine& line, std::string_view value, ImportedProject& project) {
  for (const auto piece : split(line.value, ',')) {
    const auto name = pep::Name::parse(trim(piece));
    if (name)
      project.prereleases.emplace_back(*name, value);
    else if (trim(piece) == ":all:")
      set_setting(project, "prerelease", toml::quote_string(value));
  }
}

void take_option(const pep::RequirementLine& line, const stdfs::path& folder, const ImportPlace& place,
                 ImportedProject& project) {
  const auto& option = line.option;
  if (option == "--index-url" || option == "--extra-index-url") {
    take_index(line, place, project);
  } else if (option == "--find-links") {
    project.list_settings["find-links"].push_back(url::is_url(line.value) ? SecretUrl(line.value).without_credentials()
                                                                          : moved_path(line.value, folder, place));
  } else if (option == "--no-index" || option == "--prefer-binary") {
    set_setting(project, option.substr(2), "true");
  } else if (option == "--pre") {
    set_setting(project, "prerelease", "\"allow\"");
  } else if (option == "--only-binary" || option == "--no-binary") {
    take_names(line, option.substr(2), project);
  } else if (option == "--all-releases") {
    take_prereleases(line, "allow", project);
  } else if (option == "--only-final") {
    take_prereleases(line, "disallow", project);
  } else if (option == "--trusted-host") {
    project.note("`--trusted-host` is not carried: whom to trust is the user's to say", line.origin);
  } else if (option != "--require-hashes") {  // a lock has them anyhow
    project.note(cat('`', option, "` is not carried"), line.origin);
  }
}

}  // namespace

std::vector<LayoutFile> requirements_layout(const stdfs::path& folder) {
  std::vector<LayoutFile> layout;
  add_files(folder, "", true, layout);
  add_files(folder, std::string(kWord), false, layout);
  std::ranges::stable_sort(layout, {},
                           [](const LayoutFile& file) { return std::pair(!file.group.empty(), file.path); });
  return layout;
}

Result<ImportedProject> import_requirements(const stdfs::path& file, const ImportPlace& place) {
  auto root = file.parent_path();
  if (root.filename() == kWord) root = root.parent_path();
  auto layout = requirements_layout(root);
  const auto name = file.lexically_relative(root).string();
  const bool belongs =
      std::ranges::any_of(layout, [&](const LayoutFile& one) { return one.path == name || one.compiled == name; });
  if (!belongs) {
    root = file.parent_path();
    layout = {{file.filename().string(), {}, {}}};
  }
  return Reader(root, std::move(layout), place).read();
}

void take_requirements_line(const pep::RequirementLine& line, const stdfs::path& folder, const ImportPlace& place,
                            ImportedProject& project, std::vector<pep::Requirement>& list) {
  using Kind = pep::RequirementLine::Kind;
  if (line.kind == Kind::option) return take_option(line, folder, place, project);
  if (line.kind == Kind::requirements_file || line.kind == Kind::constraints_file) {
    project.note(cat(line.kind == Kind::requirements_file ? "`-r " : "`-c ", printable(url::redact(line.value)),
                     "` is not carried"),
                 line.origin);
    return;
  }
  if (list.size() == kMostImported) {
    const ImportNote note{cat("only ", kMostImported, " requirements of a list are carried"), {}};
    if (std::ranges::find(project.notes, note) == project.notes.end()) project.notes.push_back(note);
    return;
  }
  auto imported = import_line(line.value, line.kind == Kind::editable, line.origin, folder, place, project);
  if (!imported) return;
  if (!line.config_settings.empty()) project.note("`--config-settings` is not carried", line.origin);
  if (imported->source) add_source(project, imported->requirement.name, std::move(*imported->source));
  list.push_back(std::move(imported->requirement));
}

}  // namespace pkg::ops
