#include "venv/link/link_state.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "venv/embedded.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kModule = "_pkg_links";  // kModule.py and kModule.pth

std::string state_dir(const Boundary& boundary) { return join_path(boundary.prefix(), ".pkg"); }
std::string bytecode_root(const Boundary& boundary) { return join_path(state_dir(boundary), "bytecode"); }

std::string hook_text(const Boundary& boundary) {
  return replace_all(embedded::linked_bytecode_py, "@site@", boundary.relative(boundary.root(pep::Scheme::purelib)));
}

constexpr std::string_view kLine = "import _pkg_links\n";

// A file with exactly these bytes: no link, no pipe.
bool holds(const std::string& path, std::string_view content) {
  const fs::Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<std::size_t>(info.st_size) != content.size())
    return false;
  std::string bytes(content.size(), '\0');
  const auto got = fs::read_at(fd.get(), 0, bytes, path);
  return got.ok() && bytes == content;
}

Status write_where_different(Placement& placement, std::uint32_t dir, std::string name, std::string content) {
  if (holds(placement.path_of(dir, name), content)) return ok_status();
  return placement.write(dir, {std::move(name), std::move(content), false}, kNone);
}

void move_away(Removal& removal, std::string path) {
  if (removal.moved_set.insert(path).second) removal.moved.push_back(std::move(path));
}

// Bytecode of the hook; the whole __pycache__ of site-packages, when nothing else stays in it.
void remove_hook_bytecode(const std::string& site, Removal& removal) {
  const std::string folder = join_path(site, "__pycache__");
  if (removal.moved_set.contains(folder)) return;
  const auto names = fs::list_dir(folder);
  if (!names.ok()) return;
  const auto goes = [&](const std::string& name) {
    return name.starts_with(cat(kModule, '.')) || removal.moved_set.contains(join_path(folder, name));
  };
  if (std::all_of(names->begin(), names->end(), goes)) {
    std::erase_if(removal.moved, [&](const std::string& path) { return parent_of(path) == folder; });
    return move_away(removal, folder);
  }
  for (const auto& name : *names)
    if (name.starts_with(cat(kModule, '.'))) move_away(removal, join_path(folder, name));
}

void remove_hook(const Boundary& boundary, Removal& removal) {
  const std::string& site = boundary.root(pep::Scheme::purelib);
  const auto remove = [&](const char* ending, std::string_view content) {
    std::string path = join_path(site, cat(kModule, ending));
    if (holds(path, content))
      move_away(removal, std::move(path));
    else if (fs::exists(path))
      removal.warnings.push_back(cat(shown(boundary, path), " is not as pkg wrote it: left alone"));
  };
  remove(".py", hook_text(boundary));
  remove(".pth", kLine);
  remove_hook_bytecode(site, removal);
}

Status write_hook(Placement& placement) {
  const auto site = placement.dir(placement.boundary().root(pep::Scheme::purelib));
  PKG_TRY(write_where_different(placement, site, cat(kModule, ".py"), hook_text(placement.boundary())));
  return write_where_different(placement, site, cat(kModule, ".pth"), std::string(kLine));
}

// The topmost folder at or above `path` that is missing, not above `root`; empty when all are there.
std::string topmost_missing(const std::string& path, const std::string& root) {
  std::string missing;
  for (std::string at = path; !fs::exists(at); at = parent_of(at)) {
    missing = at;
    if (at == root) break;
  }
  return missing;
}

}  // namespace

std::string bytecode_folder(const Boundary& boundary, std::string_view path) {
  for (const auto scheme : {pep::Scheme::purelib, pep::Scheme::platlib})
    if (const auto& site = boundary.root(scheme); is_below(path, site))
      return join_path(bytecode_root(boundary), path.substr(site.size() + 1));
  return {};
}

Result<LinkState> plan_link_state(FolderLinks before, Placement& placement, Removal& removal) {
  LinkState state;
  for (const auto& [path, target] : before.targets) {
    const bool goes = removal.moved_set.contains(path) ||
                      std::find(removal.links.begin(), removal.links.end(), path) != removal.links.end();
    if (!goes && before.is_ours(path)) state.after.targets.emplace(path, target);
  }
  for (const auto& dir : placement.dirs)
    if (dir.is_link) state.after.targets.insert_or_assign(dir.path, dir.link_target);
  state.before = std::move(before);
  if (!state.after.targets.empty()) {
    PKG_TRY(write_hook(placement));
  } else if (!state.before.targets.empty()) {
    remove_hook(placement.boundary(), removal);
  }
  return state;
}

Status add_to_journal(const LinkState& state, const Placement& placement, bool compiles, Journal& journal) {
  const Boundary& boundary = placement.boundary();
  const std::string root = bytecode_root(boundary);
  const auto move_if_there = [&](std::string path) {
    if (fs::exists(path)) journal.moved.push_back(std::move(path));
  };
  if (state.is_changed()) {
    std::string list = join_path(state_dir(boundary), kFolderLinksName);
    move_if_there(list);
    if (!state.after.targets.empty()) journal.created.push_back(std::move(list));
  }
  if (state.after.targets.empty()) {
    if (!state.before.targets.empty()) move_if_there(root);
    return ok_status();
  }
  for (const auto& [path, target] : state.before.targets)
    if (const auto now = state.after.targets.find(path); now == state.after.targets.end() || now->second != target)
      move_if_there(bytecode_folder(boundary, path));
  if (!compiles) return ok_status();
  for (const auto& dir : placement.dirs) {
    if (!dir.is_link || dir.link_wheel == kNone) continue;
    const std::string folder = bytecode_folder(boundary, dir.path);
    std::string made = topmost_missing(folder, root);
    if (made.empty()) made = folder;  // moved away above
    if (std::find(journal.created.begin(), journal.created.end(), made) == journal.created.end())
      journal.created.push_back(std::move(made));
  }
  return ok_status();
}

Status write_link_state(const LinkState& state, const StateFolder& folder, const Boundary& boundary,
                        const StateKey& key) {
  if (!state.is_changed() || state.after.targets.empty()) return ok_status();
  const std::string path = folder.path(kFolderLinksName);
  fs::Fd out(::openat(folder.fd(), kFolderLinksName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!out) return fs::errno_error("cannot create", path, errno);
  PKG_TRY(fs::write_all(out.get(), state.after.sealed_text(boundary, key), path));
  return out.close(path);
}

}  // namespace pkg::venv
