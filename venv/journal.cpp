#include "venv/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>

#include "base/binary.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kMagic = "pkg journal 1\n";
constexpr std::size_t kDigestSize = 32;

void put_paths(BinaryWriter& out, const std::vector<std::string>& paths, const Boundary& boundary) {
  out.u32(static_cast<std::uint32_t>(paths.size()));
  for (const auto& path : paths) out.text(boundary.relative(path));
}

bool get_paths(BinaryReader& in, const Boundary& boundary, std::vector<std::string>& paths) {
  const std::uint32_t count = in.u32();
  if (count > in.left() / sizeof(std::uint32_t)) return false;
  paths.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view text = in.text();
    if (!in.ok() || !is_plain_relative(text.starts_with('/') ? text.substr(1) : text)) return false;
    paths.push_back(boundary.absolute(text));
    if (boundary.is_link_state(paths.back())) continue;
    if (!boundary.contains(paths.back()) || boundary.is_environments_own(paths.back())) return false;
  }
  return true;
}

bool exists(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

// Takes `path` out of the environment: by a rename, or by deleting it where even that fails (a full disk).
Status put_aside(const std::string& path, const JournalPaths& paths, std::size_t& counter) {
  if (::mkdir(paths.aside.c_str(), 0700) != 0 && errno != EEXIST) return fs::remove_tree(path);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::string target = cat(paths.aside, '/', counter++);
    if (exists(target)) continue;
    if (::rename(path.c_str(), target.c_str()) == 0 || errno == ENOENT) return ok_status();
    break;
  }
  return fs::remove_tree(path);
}

Status bring_back(const std::string& from, const std::string& to, const JournalPaths& paths, std::size_t& counter) {
  for (int attempt = 0;; ++attempt) {
    if (::rename(from.c_str(), to.c_str()) == 0) return ok_status();
    const int error = errno;
    if (attempt == 3) return fs::errno_error("cannot bring back", to, error);
    if (error == ENOENT && exists(from)) {
      PKG_TRY(fs::make_dirs(std::string(parent_of(to))));
    } else if (error == ENOTEMPTY || error == EEXIST || error == EISDIR || error == ENOTDIR) {
      PKG_TRY(put_aside(to, paths, counter));
    } else {
      return fs::errno_error("cannot bring back", to, error);
    }
  }
}

}  // namespace

std::string Journal::encode(const Boundary& boundary) const {
  BinaryWriter out;
  out.bytes(kMagic);
  put_paths(out, moved, boundary);
  put_paths(out, created, boundary);
  out.bytes(hash::sha256(out.str()));
  return out.take();
}

Result<Journal> Journal::decode(std::string_view bytes, const Boundary& boundary) {
  const auto damaged = [] { return make_error(ErrorKind::bad_data, "the journal of an interrupted change is damaged"); };
  if (bytes.size() < kMagic.size() + kDigestSize || !bytes.starts_with(kMagic)) return damaged();
  const auto body = bytes.substr(0, bytes.size() - kDigestSize);
  if (hash::sha256(body) != bytes.substr(body.size())) return damaged();
  BinaryReader in(body.substr(kMagic.size()));
  Journal journal;
  if (!get_paths(in, boundary, journal.moved) || !get_paths(in, boundary, journal.created) || !in.ok() || in.left() != 0) return damaged();
  return journal;
}

JournalPaths::JournalPaths(const std::string& state_dir)
    : folder(join_path(state_dir, "tx")),
      journal(join_path(folder, "journal")),
      journal_new(join_path(folder, "journal.new")),
      trash(join_path(folder, "trash")),
      aside(join_path(folder, "aside")),
      compiled(join_path(folder, "compiled")) {}

Status undo(const Journal& journal, const JournalPaths& paths) {
  std::unordered_map<std::string_view, std::size_t> slot_of;
  for (std::size_t i = 0; i < journal.moved.size(); ++i) slot_of.emplace(journal.moved[i], i);
  const auto in_trash = [&](std::size_t slot) { return cat(paths.trash, '/', slot); };

  std::size_t counter = 0;
  for (const auto& path : journal.created) {
    // Where something old had this name, what is there now is new only while the old one lies in the trash.
    if (const auto slot = slot_of.find(path); slot != slot_of.end() && !exists(in_trash(slot->second))) continue;
    if (exists(path)) PKG_TRY(put_aside(path, paths, counter));
  }
  for (std::size_t i = 0; i < journal.moved.size(); ++i)
    if (exists(in_trash(i))) PKG_TRY(bring_back(in_trash(i), journal.moved[i], paths, counter));
  return ok_status();
}

}  // namespace pkg::venv
