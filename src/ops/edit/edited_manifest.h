#pragma once
// A pyproject.toml or script whose requirements are being edited: the text in memory, the file on disk, and the way
// back.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/lock/lock_subject.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "pep/pyproject_edit.h"

namespace pkg::ops {

// `path`, its links resolved where it is there.
std::filesystem::path without_links(const std::filesystem::path& path);

// Writes a manifest, and keeps the file's mode. conflict: what is there is not `old` any more (absent: nothing is
// there) · io. `name`: for messages.
Status write_edited(const std::filesystem::path& path, const std::string& name, const std::optional<std::string>& old,
                    std::string_view text);

// Puts files back as they were, absent ones too, unless keep() is called.
class Undo {
 public:
  Undo() = default;
  ~Undo();
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  // Before it is written. bad_data, io: what is there cannot be kept.
  Status remember(const std::filesystem::path& path);
  void keep() { files_.clear(); }

 private:
  struct File {
    std::filesystem::path path;
    std::optional<std::string> content;
    int mode = 0644;
  };
  std::vector<File> files_;
};

class EditedManifest {
 public:
  // `script` empty: the pyproject.toml of the project the session works in, or of `package`, a member of its workspace.
  // A script without a block gets one. Errors: those of open_project, need_member (no such member); of a script
  // not_found, bad_data (its block, its size), io.
  static Result<EditedManifest> open(const std::string& script, const std::string& package, Session& session);
  // That of the member project.members[index].
  static EditedManifest of_member(Project project, std::size_t index);

  const std::filesystem::path& path() const { return path_; }         // links resolved
  const std::string& display_name() const { return name_; }           // for messages
  const std::optional<Project>& project() const { return project_; }  // absent for scripts
  bool is_changed() const { return toml_ != old_toml_; }
  bool lacks_block() const {
    return lacks_block_;
  }  // a script that has no block on disk: written before it can be locked

  // Errors of the edits: unsupported (pep/pyproject_edit.h, edit_sources.h) · bad_data · not_found (there is no
  // [project] table) · internal (no such `index`).
  Result<std::vector<std::optional<pep::Requirement>>> listed(const pep::DependencyList& list) const;
  Status insert(const pep::DependencyList& list, const pep::Requirement& requirement);
  Status replace(const pep::DependencyList& list, std::size_t index, const pep::Requirement& requirement);
  // Written as given.
  Status replace_text(const pep::DependencyList& list, std::size_t index, std::string_view requirement);
  Status erase(const pep::DependencyList& list, std::size_t index);
  Result<std::vector<std::string>> listed_texts(const pep::DependencyList& list) const;
  // [project] version. not_found, unsupported.
  Status set_version(std::string_view version);

  // The source of this name in [tool.pkg.sources] (edit_sources.h). unsupported, bad_data.
  Status set_source(const pep::Name& name, const Source& source);
  Status drop_source(const pep::Name& name);
  // An index of this name and address stands in the file from now on. conflict: the name has another address there.
  Status need_index(const std::string& name, const std::string& url);
  bool has_new_source(const pep::Name& name) const { return new_sources_.contains(name); }
  // The same, and it is a place: an index leaves versions to choose.
  bool has_new_place(const pep::Name& name) const {
    const auto found = new_sources_.find(name);
    return found != new_sources_.end() && found->second;
  }

  // What is locked: the project with the text in memory in place of what is on disk. Errors: those of
  // read_lock_subject, and bad_data where the text in memory breaks the rules of a pyproject.toml.
  Result<LockSubject> subject(const LockOptions& options, const Session& session) const;
  // Puts the text in memory into a project that was read; settle() is the caller's. bad_data: as above.
  Status put_into(LockSubject& subject) const;

  Status write();  // keeps the file's mode; conflict: the file was changed meanwhile

 private:
  std::map<pep::Name, bool> new_sources_;  // whether it is a place rather than an index
  std::filesystem::path path_;
  std::string name_, file_text_, toml_, old_toml_;  // of a script, `toml_` is its block
  bool is_script_ = false, lacks_block_ = false;
  std::optional<Project> project_;
};

}  // namespace pkg::ops
