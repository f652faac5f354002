#include "ops/edit/edited_manifest.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/toml.h"
#include "ops/edit/edit_sources.h"
#include "ops/project/foreign_tables.h"
#include "ops/project/members.h"
#include "pep/script_block.h"
#include "pep/toml_value_edit.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

int mode_of(const stdfs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 07777) : 0644;
}

}  // namespace

stdfs::path without_links(const stdfs::path& path) {
  std::error_code failed;
  auto real = stdfs::canonical(path, failed);
  return failed ? path : real;
}

Status write_edited(const stdfs::path& path, const std::string& name, const std::optional<std::string>& old,
                    std::string_view text) {
  if (old) {
    PKG_TRY_ASSIGN(const auto now, fs::read_file_at_most(path, limits::kText));
    if (now != *old)
      return make_error(ErrorKind::conflict, cat(quote(name), " was changed by somebody else meanwhile"),
                        "run the command again");
  }
  return fs::publish(path, text, fs::Durability::untorn, old ? mode_of(path) : 0644);
}

Undo::~Undo() {
  for (const auto& file : files_) {
    const auto now = fs::read_file_at_most(file.path, limits::kLock);
    std::error_code ignored;
    if (!file.content)
      stdfs::remove(file.path, ignored);
    else if (!now || *now != *file.content)
      (void)fs::publish(file.path, *file.content, fs::Durability::none, file.mode);
  }
}

Status Undo::remember(const stdfs::path& path) {
  File file{path, std::nullopt, mode_of(path)};
  if (fs::exists(path)) {
    PKG_TRY_ASSIGN(file.content, fs::read_file_at_most(path, limits::kLock));
  }
  files_.push_back(std::move(file));
  return ok_status();
}

EditedManifest EditedManifest::of_member(Project project, std::size_t index) {
  EditedManifest manifest;
  project.current = index;
  const auto& member = project.member();
  manifest.path_ = without_links(member.folder / "pyproject.toml");
  manifest.name_ = member.file_name;
  manifest.toml_ = manifest.file_text_ = manifest.old_toml_ = member.text;
  manifest.project_ = std::move(project);
  return manifest;
}

Result<EditedManifest> EditedManifest::open(const std::string& script, const std::string& package, Session& session) {
  if (script.empty()) {
    PKG_TRY_ASSIGN(auto project, open_project(session.working_folder(), session.reporter()));
    auto index = project.current;
    if (!package.empty()) {
      PKG_TRY_ASSIGN(index, need_member(project, package));
    }
    return of_member(std::move(project), index);
  }
  EditedManifest manifest;
  manifest.is_script_ = true;
  manifest.path_ = without_links((session.working_folder() / script).lexically_normal());
  manifest.name_ = manifest.path_.filename().string();
  PKG_TRY_ASSIGN(manifest.file_text_, fs::read_file_at_most(manifest.path_, limits::kText));
  PKG_TRY_ASSIGN(const auto block, pep::script_block(manifest.file_text_).with([&] {
    return cat("while reading ", quote(manifest.name_));
  }));
  if (block) {
    PKG_TRY(pep::parse_block(*block, manifest.name_));  // errors name the script's lines
    manifest.toml_ = block->toml;
  }
  manifest.lacks_block_ = !block;
  manifest.old_toml_ = manifest.toml_;
  return manifest;
}

Result<std::vector<std::optional<pep::Requirement>>> EditedManifest::listed(const pep::DependencyList& list) const {
  return pep::listed_requirements(toml_, list, name_);
}

Status EditedManifest::insert(const pep::DependencyList& list, const pep::Requirement& requirement) {
  PKG_TRY_ASSIGN(toml_, pep::insert_requirement(toml_, list, requirement, name_));
  return ok_status();
}

Status EditedManifest::replace(const pep::DependencyList& list, std::size_t index,
                               const pep::Requirement& requirement) {
  PKG_TRY_ASSIGN(toml_, pep::replace_requirement(toml_, list, index, requirement, name_));
  return ok_status();
}

Status EditedManifest::replace_text(const pep::DependencyList& list, std::size_t index, std::string_view requirement) {
  PKG_TRY_ASSIGN(toml_, pep::replace_text(toml_, list, index, requirement, name_));
  return ok_status();
}

Result<std::vector<std::string>> EditedManifest::listed_texts(const pep::DependencyList& list) const {
  return pep::listed_texts(toml_, list, name_);
}

Status EditedManifest::set_version(std::string_view version) {
  PKG_TRY_ASSIGN(toml_, pep::with_string_value(toml_, {"project", "version"}, version, name_));
  return ok_status();
}

Status EditedManifest::erase(const pep::DependencyList& list, std::size_t index) {
  PKG_TRY_ASSIGN(toml_, pep::erase_requirement(toml_, list, index, name_));
  return ok_status();
}

Status EditedManifest::set_source(const pep::Name& name, const Source& source) {
  PKG_TRY_ASSIGN(toml_, with_source(toml_, name, source, name_));
  new_sources_[name] = source.index.empty();
  return ok_status();
}

Status EditedManifest::drop_source(const pep::Name& name) {
  PKG_TRY_ASSIGN(toml_, without_source(toml_, name, name_));
  return ok_status();
}

Status EditedManifest::need_index(const std::string& name, const std::string& url) {
  PKG_TRY_ASSIGN(toml_, with_index(toml_, name, url, name_));
  return ok_status();
}

Status EditedManifest::put_into(LockSubject& subject) const {
  const auto current = is_script_ ? 0 : project_->current;
  auto& member = subject.project.members[current];
  member.text = toml_;
  if (is_script_) {
    PKG_TRY_ASSIGN(member.pyproject.root, toml::parse(toml_, name_));
    adopt_foreign_tables(member.pyproject.root, name_);  // what is refused was, when the script was opened
    PKG_TRY_ASSIGN(const auto items, listed({pep::DependencyList::Kind::script, {}}));
    auto& dependencies = member.pyproject.project->dependencies;
    dependencies.clear();
    for (const auto& item : items) dependencies.push_back(*item);
    return ok_status();
  }
  PKG_TRY_ASSIGN(auto file, parse_project_file(toml_, name_));
  member.pyproject = std::move(file.pyproject);
  member.own_sources = file.settings.sources;
  member.group_pythons = file.settings.group_pythons;
  if (current == 0) subject.project.settings = std::move(file.settings);
  return ok_status();
}

Result<LockSubject> EditedManifest::subject(const LockOptions& options, const Session& session) const {
  PKG_TRY_ASSIGN(auto subject, read_lock_subject(options, session));
  PKG_TRY(put_into(subject));
  settle(subject);
  return subject;
}

Status EditedManifest::write() {
  auto text = toml_;
  if (is_script_) {
    PKG_TRY_ASSIGN(text, pep::with_script_block(file_text_, toml_));
  }
  PKG_TRY(write_edited(path_, name_, file_text_, text));
  file_text_ = std::move(text);
  return ok_status();
}

}  // namespace pkg::ops
