#include "index/cache/cache_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/dir.h"
#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::string_view kTagName = "CACHEDIR.TAG";
constexpr std::string_view kTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of pkg. See https://bford.info/cachedir/\n";
constexpr const char* kWayOut = "give a folder of your own with --cache-dir (PKG_CACHE_DIR), or do without: --no-cache";

Error refused(const fs::Path& root, std::string_view why, std::string hint = kWayOut) {
  return make_error(ErrorKind::unsupported, cat("the folder ", quote(root.native()), " cannot be the cache: ", why),
                    std::move(hint));
}

bool is_trusted_owner(const struct stat& status) { return status.st_uid == ::geteuid() || status.st_uid == 0; }

// ---- the way there

// A link on the way that another user can point elsewhere.
Status check_way(const fs::Path& root) {
  std::vector<fs::Path> to_come;
  const auto put = [&](const fs::Path& path) {
    const std::vector<fs::Path> parts(path.begin(), path.end());
    to_come.insert(to_come.end(), parts.rbegin(), parts.rend());
  };
  put(root);
  fs::Path way;
  for (int links = 0; !to_come.empty();) {
    const auto part = std::move(to_come.back());
    to_come.pop_back();
    if (part == "..") {
      way = way.parent_path();
      continue;
    }
    if (part.empty() || part == ".") continue;
    const auto next = way / part;  // an absolute part starts over
    struct stat status {};
    if (::lstat(next.c_str(), &status) != 0) return ok_status();  // from here on it is made
    if (!S_ISLNK(status.st_mode)) {
      way = next;
      continue;
    }
    if (!is_trusted_owner(status)) return refused(root, cat(quote(next.native()), " is a link of another user's"));
    std::error_code failed;
    const auto target = std::filesystem::read_symlink(next, failed);
    if (failed || ++links > 40) return refused(root, cat("the link ", quote(next.native()), " leads nowhere"));
    put(target);
  }
  return ok_status();
}

// Folders that are missing are for this user alone (XDG).
Status make_private_dirs(const fs::Path& path) {
  if (path.empty() || ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return ok_status();
  if (errno != ENOENT || path == path.parent_path()) return fs::errno_error("cannot create the folder", path, errno);
  PKG_TRY(make_private_dirs(path.parent_path()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return fs::errno_error("cannot create the folder", path, errno);
  return ok_status();
}

// ---- what is there

// What a listing of the folder's top tells.
struct Top {
  bool is_empty = true, has_tag = false;
  std::string foreign, link;  // names: one that pkg never gave, one of pkg's that is a link
};

bool is_link(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_LNK;
  struct stat status {};
  return ::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

Result<Top> survey(DIR* dir, const fs::Path& root) {
  Top top;
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(dir);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name == "lost+found") continue;
    top.is_empty = false;
    const bool is_ours =
        name == "lock" || name.starts_with(kTagName) || cache_part(name);  // CACHEDIR.TAG.tmp-…: being written
    if (name == kTagName) top.has_tag = true;
    if (!is_ours) top.foreign = name;
    if (is_ours && is_link(::dirfd(dir), *entry)) top.link = name;
  }
  if (errno != 0) return fs::errno_error("cannot list", root, errno);
  return top;
}

bool is_our_tag(int folder) {
  const fs::Fd fd(::openat(folder, kTagName.data(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, kTag.size()> text{};
  return fd && ::read(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         std::string_view(text.data(), text.size()) == kTag;
}

Status check_owner(const struct stat& status, int folder, const fs::Path& root) {
  if (!S_ISDIR(status.st_mode)) return refused(root, "it is no folder");
  if (!is_trusted_owner(status)) return refused(root, cat("it belongs to another user (number ", status.st_uid, ")"));
  if ((status.st_mode & 022) == 0) return ok_status();
  if (status.st_uid != ::geteuid()) return refused(root, "others may write to it");
  if (::fchmod(folder, 0700) != 0) return fs::errno_error("cannot close to others", root, errno);
  return ok_status();
}

Status check_content(const Top& top, int folder, const fs::Path& root) {
  if (!top.link.empty()) return refused(root, cat(quote(top.link), " in it is a link"));
  if (top.has_tag && !is_our_tag(folder)) return refused(root, cat("its CACHEDIR.TAG is not pkg's"));
  if (!top.has_tag && !top.foreign.empty()) {
    return refused(root, cat("it holds ", quote(top.foreign), ", which is not pkg's"),
                   "give an empty folder or a new one with --cache-dir (PKG_CACHE_DIR)");
  }
  return ok_status();
}

Result<fs::Dir> open_folder(const fs::Path& root) {
  fs::Dir dir(::opendir(root.c_str()));
  if (dir == nullptr) return fs::errno_error("cannot list", root, errno);
  return dir;
}

// ---- names

// "pages-v1": the format and its number.
std::optional<std::pair<std::string_view, std::uint64_t>> format_of(std::string_view name) {
  const auto at = name.rfind("-v");
  if (at == std::string_view::npos) return std::nullopt;
  const auto digits = name.substr(at + 2);
  const auto number = parse_u64(digits);
  if (!number || cat(*number) != digits) return std::nullopt;
  return std::pair(name.substr(0, at), *number);
}

// Whatever is made at the top of a cache: by index, by ops, and by venv (interpreters-…).
const std::vector<std::string>& current_names() {
  static const std::vector<std::string> names = [] {
    const CachePaths paths{};
    std::vector<std::string> all{"interpreters-v1"};
    for (const auto& path :
         {paths.pages(), paths.metadata(), paths.wheels(), paths.links(), paths.sdists(), paths.built(),
          paths.repositories(), paths.build_environments(), paths.environments(), paths.tool_runs(), paths.scripts()})
      all.push_back(path.native());
    return all;
  }();
  return names;
}

}  // namespace

std::optional<CachePart> cache_part(std::string_view name) {
  if (name == "tmp") return CachePart::temporary;
  const auto format = format_of(name);
  if (!format) return std::nullopt;
  for (const auto& current_name : current_names()) {
    const auto current = format_of(current_name);
    if (current && current->first == format->first && format->second <= current->second)
      return format->second == current->second ? CachePart::current : CachePart::older;
  }
  return std::nullopt;
}

Status prepare_cache(const fs::Path& root) {
  PKG_TRY(check_way(root));
  auto dir = open_folder(root);
  if (!dir && dir.error().kind == ErrorKind::not_found) {
    PKG_TRY(make_private_dirs(root));
    dir = open_folder(root);
  }
  if (!dir) return std::move(dir).error();
  const int folder = ::dirfd(dir->get());
  struct stat status {};
  if (::fstat(folder, &status) != 0) return fs::errno_error("cannot look at", root, errno);
  PKG_TRY(check_owner(status, folder, root));
  PKG_TRY_ASSIGN(const auto top, survey(dir->get(), root));
  PKG_TRY(check_content(top, folder, root));
  if (top.has_tag || ::faccessat(folder, ".", W_OK, AT_EACCESS) != 0) return ok_status();
  if (top.is_empty && status.st_uid == ::geteuid()) (void)!::fchmod(folder, 0700);
  return fs::publish(root / kTagName, kTag);
}

Status check_is_cache(const fs::Path& root) {
  PKG_TRY_ASSIGN(const auto dir, open_folder(root));
  if (is_our_tag(::dirfd(dir.get()))) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat("nothing is removed from ", quote(root.native()), ": it has no CACHEDIR.TAG of pkg's"),
                    "is this the cache? see `pkg cache dir`");
}

}  // namespace pkg::index
