#include "base/folder_glob.h"

#include <algorithm>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

namespace stdfs = std::filesystem;

// `[…]` at glob[at]: where it ends and whether it accepts `c`. npos: no such end.
std::size_t match_set(std::string_view glob, std::size_t at, char c, bool& accepted) {
  std::size_t i = at + 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  accepted = false;
  for (const std::size_t first = i; i < glob.size(); ++i) {
    if (glob[i] == ']' && i > first) {
      accepted = accepted != negated;
      return i + 1;
    }
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      accepted = accepted || (glob[i] <= c && c <= glob[i + 2]);
      i += 2;
    } else {
      accepted = accepted || glob[i] == c;
    }
  }
  return std::string_view::npos;
}

// One character against the part of the glob at `at`; the place after it, or npos.
std::size_t match_one(std::string_view glob, std::size_t at, char c) {
  if (glob[at] == '?') return at + 1;
  if (glob[at] == '[') {
    bool accepted = false;
    const auto end = match_set(glob, at, c, accepted);
    if (end != std::string_view::npos) return accepted ? end : std::string_view::npos;
  }
  return glob[at] == c ? at + 1 : std::string_view::npos;
}

Result<std::vector<stdfs::path>> subfolders(const stdfs::path& folder) {
  std::vector<stdfs::path> found;
  if (!fs::is_directory(folder)) return found;
  PKG_TRY_ASSIGN(const auto names, list_dir(folder));
  for (const auto& name : names) {
    std::error_code ignored;
    const auto path = folder / name;
    if (!name.starts_with('.') && stdfs::symlink_status(path, ignored).type() == stdfs::file_type::directory)
      found.push_back(path);
  }
  return found;
}

// The folder itself and all below it.
Status add_tree(const stdfs::path& top, std::vector<stdfs::path>& found) {
  constexpr std::size_t kMostFolders = 100'000;
  std::size_t next = found.size();
  found.push_back(top);
  for (; next < found.size(); ++next) {
    PKG_TRY_ASSIGN(auto below, subfolders(stdfs::path(found[next])));
    std::ranges::move(below, std::back_inserter(found));
    if (found.size() > kMostFolders)
      return make_error(ErrorKind::bad_data, cat("more than ", kMostFolders, " folders below ", quote(top.string())));
  }
  return ok_status();
}

Result<std::vector<stdfs::path>> step(const std::vector<stdfs::path>& folders, std::string_view part) {
  std::vector<stdfs::path> found;
  for (const auto& folder : folders) {
    if (part == "**") {
      PKG_TRY(add_tree(folder, found));
    } else if (!has_wildcard(part)) {
      found.push_back((folder / part).lexically_normal());
    } else {
      PKG_TRY_ASSIGN(const auto below, subfolders(folder));
      std::ranges::copy_if(below, std::back_inserter(found),
                           [&](const auto& path) { return matches_part(part, path.filename().string()); });
    }
  }
  return found;
}

}  // namespace

bool has_wildcard(std::string_view glob) { return glob.find_first_of("*?[") != std::string_view::npos; }

bool matches_part(std::string_view glob, std::string_view name) {
  std::size_t g = 0, n = 0, star = std::string_view::npos, star_n = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_n = n;
      continue;
    }
    const auto next = g < glob.size() ? match_one(glob, g, name[n]) : std::string_view::npos;
    if (next != std::string_view::npos) {
      g = next;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

Result<std::vector<stdfs::path>> folders_of(const stdfs::path& root, std::string_view glob) {
  std::vector<stdfs::path> folders{root};
  for (const auto part : split(glob, '/')) {
    if (part.empty() || part == ".") continue;
    PKG_TRY_ASSIGN(folders, step(folders, part));
  }
  std::erase_if(folders, [](const auto& folder) { return !fs::is_directory(folder); });
  std::ranges::sort(folders);
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  return folders;
}

}  // namespace pkg::fs
