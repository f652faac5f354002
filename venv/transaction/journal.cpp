#include "venv/transaction/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "base/beneath.h"
#include "base/binary.h"
#include "base/fs_tree.h"
#include "base/text.h"
#include "venv/transaction/parallel_remove.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kFormat = "pkg journal 2";

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
    const bool is_absolute = text.starts_with('/');
    if (!in.ok() || !is_plain_relative(is_absolute ? text.substr(1) : text)) return false;
    if (is_absolute && (boundary.is_closed() || is_below(text, boundary.prefix()))) return false;
    paths.push_back(boundary.absolute(text));
    if (boundary.is_transaction_state(paths.back())) continue;
    if (!boundary.contains(paths.back()) || boundary.is_environments_own(paths.back())) return false;
  }
  return true;
}

std::string slot_name(std::size_t slot) { return std::to_string(slot); }

Status bring_back(TxFolder& tx, std::size_t slot, const std::string& to, Ground& ground) {
  for (int attempt = 0;; ++attempt) {
    const auto spot = ground.spot(to);
    if (spot.ok() && ::renameat(tx.trash(), slot_name(slot).c_str(), spot->at(), spot->name.c_str()) == 0)
      return ok_status();
    const int error = spot.ok() ? errno : 0;
    if (attempt == 3) return spot.ok() ? fs::errno_error("cannot bring back", to, error) : spot.error();
    if (!spot.ok() || (error == ENOENT && tx.is_in_trash(slot))) {
      ground.forget();
      PKG_TRY(ground.made_folder(parent_of(to)));
    } else if (error == ENOTEMPTY || error == EEXIST || error == EISDIR || error == ENOTDIR) {
      PKG_TRY(tx.put_aside(*spot, to));
    } else {
      return fs::errno_error("cannot bring back", to, error);
    }
  }
}

// Gone, or where no folder is any more: then there is nothing to put aside.
Status put_created_aside(const std::string& path, Ground& ground, TxFolder& tx) {
  const auto spot = ground.spot(path);
  if (!spot.ok()) return spot.error().kind == ErrorKind::not_found ? ok_status() : Status(spot.error());
  return fs::exists_at(spot->at(), spot->name) ? tx.put_aside(*spot, path) : ok_status();
}

}  // namespace

std::string Journal::encode(const Boundary& boundary, const StateKey& key) const {
  BinaryWriter out;
  put_paths(out, moved, boundary);
  put_paths(out, created, boundary);
  return sealed(kFormat, out.str(), key);
}

Result<Journal> Journal::decode(std::string_view bytes, const Boundary& boundary, const StateKey& key) {
  const auto body = unsealed(kFormat, bytes, key);
  if (!body)
    return make_error(
        ErrorKind::unsupported,
        "the journal of an interrupted change was not written by this user's pkg on this machine, or is damaged");
  BinaryReader in(*body);
  Journal journal;
  if (!get_paths(in, boundary, journal.moved) || !get_paths(in, boundary, journal.created) || !in.ok() ||
      in.left() != 0)
    return make_error(ErrorKind::bad_data, "the journal of an interrupted change names paths outside the environment");
  return journal;
}

Result<std::optional<TxFolder>> TxFolder::find(const StateFolder& state) {
  auto fd = state.open_folder(state.fd(), "tx", state.path("tx"));
  if (!fd.ok() && fd.error().kind == ErrorKind::not_found) return std::optional<TxFolder>();
  if (!fd.ok()) return std::move(fd).error();
  TxFolder tx(state, *std::move(fd));
  PKG_TRY(tx.open_folders());
  return std::optional<TxFolder>(std::move(tx));
}

Result<TxFolder> TxFolder::make(const StateFolder& state) {
  if (::mkdirat(state.fd(), "tx", 0777) != 0 && errno != EEXIST)
    return fs::errno_error("cannot make folder", state.path("tx"), errno);
  PKG_TRY_ASSIGN(auto fd, state.open_folder(state.fd(), "tx", state.path("tx")));
  TxFolder tx(state, std::move(fd));
  PKG_TRY_ASSIGN(tx.trash_, tx.make_folder("trash"));
  return tx;
}

Status TxFolder::open_folders() {
  for (auto [name, into] : {std::pair("trash", &trash_), std::pair("aside", &aside_)}) {
    auto folder = state_->open_folder(fd(), name, path(name));
    if (folder.ok())
      *into = *std::move(folder);
    else if (folder.error().kind != ErrorKind::not_found)
      return std::move(folder).error();
  }
  PKG_TRY(state_->check_at(fd(), "compiled", path("compiled"), StateKind::folder));
  return state_->check_at(fd(), "journal", path("journal"), StateKind::file);
}

Result<fs::Fd> TxFolder::make_folder(const std::string& name) const {
  if (::mkdirat(fd(), name.c_str(), 0700) != 0 && errno != EEXIST)
    return fs::errno_error("cannot make folder", path(name), errno);
  return state_->open_folder(fd(), name, path(name));
}

Result<std::optional<std::string>> TxFolder::read_journal() const {
  auto bytes = state_->read(fd(), "journal", path("journal"));
  if (bytes.ok()) return std::optional<std::string>(*std::move(bytes));
  if (bytes.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return std::move(bytes).error();
}

Status TxFolder::write_journal(std::string_view bytes) const {
  const std::string shown = path("journal.new");
  fs::Fd out(::openat(fd(), "journal.new", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) return fs::errno_error("cannot create", shown, errno);
  PKG_TRY(fs::write_all(out.get(), bytes, shown));
  return out.close(shown);
}

Status TxFolder::publish_journal() const {
  if (::renameat(fd(), "journal.new", fd(), "journal") != 0)
    return fs::errno_error("cannot create", path("journal"), errno);
  return ok_status();
}

Status TxFolder::delete_journal() const {
  if (::unlinkat(fd(), "journal", 0) != 0 && errno != ENOENT)
    return fs::errno_error("cannot delete", path("journal"), errno);
  return ok_status();
}

Status TxFolder::put_aside(const Spot& from, const std::string& shown) {
  if (!aside_) {
    auto made = make_folder("aside");
    if (!made.ok()) return fs::remove_tree_at(from.at(), from.name, shown);
    aside_ = *std::move(made);
  }
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::string target = slot_name(put_aside_++);
    if (fs::exists_at(aside_.get(), target)) continue;
    if (::renameat(from.at(), from.name.c_str(), aside_.get(), target.c_str()) == 0 || errno == ENOENT)
      return ok_status();
    break;
  }
  return fs::remove_tree_at(from.at(), from.name, shown);
}

bool TxFolder::is_in_trash(std::size_t slot) const { return trash_ && fs::exists_at(trash_.get(), slot_name(slot)); }

Status TxFolder::sync() const {
  if (::syncfs(fd()) != 0) return fs::errno_error("cannot sync", path(), errno);
  return ok_status();
}

Status TxFolder::discard() const { return venv::parallel_remove(state_->fd(), "tx", path()); }

Status undo(const Journal& journal, Ground& ground, TxFolder& tx) {
  ground.forget();
  std::unordered_map<std::string_view, std::size_t> slot_of;
  for (std::size_t i = 0; i < journal.moved.size(); ++i) slot_of.emplace(journal.moved[i], i);
  for (const auto& path : journal.created) {
    // Where something old had this name, what is there now is new only while the old one lies in the trash.
    if (const auto slot = slot_of.find(path); slot != slot_of.end() && !tx.is_in_trash(slot->second)) continue;
    PKG_TRY(put_created_aside(path, ground, tx));
  }
  ground.forget();
  for (std::size_t i = 0; i < journal.moved.size(); ++i)
    if (tx.is_in_trash(i)) PKG_TRY(bring_back(tx, i, journal.moved[i], ground));
  return ok_status();
}

}  // namespace pkg::venv
