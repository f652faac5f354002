#include "index/wheels/linked_wheels.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs_refusal.h"
#include "base/limits.h"
#include "base/move_tree.h"
#include "base/text.h"
#include "pep/wheel_manifest.h"

namespace pkg::index {
namespace {

constexpr const char* kUsers =
    "users";  // METADATA files of wheels that this one replaced, as long as environments hold them

fs::Path environments_list(const fs::Path& entry) { return entry / pep::kLinkingEnvironments; }

std::vector<fs::Path> metadata_files(const fs::Path& entry) {
  std::vector<fs::Path> found;
  if (const auto names = fs::list_dir(entry / "files"))
    for (const auto& name : *names)
      if (name.ends_with(".dist-info")) found.push_back(entry / "files" / name / "METADATA");
  if (const auto names = fs::list_dir(entry / kUsers))
    for (const auto& name : *names) found.push_back(entry / kUsers / name);
  return found;
}

bool has_other_links(const fs::Path& file) {
  struct stat st {};
  return ::lstat(file.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 1;
}

// Has the environment `prefix` links into `entry`? Its list says so (venv/link/folder_links.h).
bool links_to(std::string_view prefix, const fs::Path& entry) {
  const auto list = fs::read_file_at_most(cat(prefix, "/.pkg/links"), limits::kState);
  return list && list->find(cat('\0', entry.native(), "/files/")) != std::string::npos;
}

bool is_listed(const fs::Path& entry) {
  const auto list = fs::read_file_at_most(environments_list(entry), limits::kState);
  if (!list) return false;
  for (const auto prefix : split(*list, '\0'))
    if (prefix.starts_with('/') && links_to(prefix, entry)) return true;
  return false;
}

Status link_or_skip(const fs::Path& from, const fs::Path& to) {
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST || errno == ENOENT) return ok_status();
  if (fs::is_refusal(errno) || errno == EMLINK) return fs::copy_file(AT_FDCWD, from, AT_FDCWD, to, -1, to);
  return fs::errno_error("cannot create", to, errno);
}

}  // namespace

bool is_in_use(const fs::Path& entry) {
  for (const auto& file : metadata_files(entry))
    if (has_other_links(file)) return true;
  return is_listed(entry);
}

bool is_linked_to(const fs::Path& entry) { return fs::exists(environments_list(entry)) && is_in_use(entry); }

Status take_over_users(const fs::Path& old, const fs::Path& entry) {
  if (!fs::exists(environments_list(old))) return ok_status();
  PKG_TRY(link_or_skip(environments_list(old), environments_list(entry)));
  for (const auto& file : metadata_files(old)) {
    struct stat st {};
    if (::lstat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink < 2) continue;
    PKG_TRY(fs::make_dirs(entry / kUsers));
    PKG_TRY(link_or_skip(file, entry / kUsers / cat(st.st_ino)));
  }
  return ok_status();
}

}  // namespace pkg::index
