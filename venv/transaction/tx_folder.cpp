#include "venv/transaction/tx_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/beneath.h"
#include "base/fs_tree.h"
#include "base/move_tree.h"
#include "base/text.h"
#include "venv/transaction/parallel_remove.h"

namespace pkg::venv {
namespace {

std::string slot_name(std::size_t slot) { return std::to_string(slot); }
std::string pieces_name(std::size_t slot) { return cat(slot, ".part"); }

}  // namespace

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

bool TxFolder::is_in_pieces(std::size_t slot) const { return trash_ && fs::exists_at(trash_.get(), pieces_name(slot)); }

bool TxFolder::is_in_trash(std::size_t slot) const {
  return trash_ && fs::exists_at(trash_.get(), slot_name(slot)) && !is_in_pieces(slot);
}

bool TxFolder::is_file_in_trash(std::size_t slot) const {
  struct stat info;
  return trash_ && ::fstatat(trash_.get(), slot_name(slot).c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         !S_ISDIR(info.st_mode);
}

Result<std::string> TxFolder::read_trash(std::size_t slot) const {
  return state_->read(trash(), slot_name(slot), path(cat("trash/", slot)));
}

Status TxFolder::begin_pieces(std::size_t slot) const {
  const fs::Fd made(::openat(trash(), pieces_name(slot).c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  return made ? ok_status() : fs::errno_error("cannot create", path(cat("trash/", slot, ".part")), errno);
}

Status TxFolder::end_pieces(std::size_t slot) const {
  if (::unlinkat(trash(), pieces_name(slot).c_str(), 0) == 0 || errno == ENOENT) return ok_status();
  return fs::errno_error("cannot delete", path(cat("trash/", slot, ".part")), errno);
}

Status TxFolder::take(std::size_t slot, const Spot& from, const std::string& shown) const {
  const std::string name = slot_name(slot);
  if (::renameat(from.at(), from.name.c_str(), trash(), name.c_str()) == 0 || errno == ENOENT) return ok_status();
  if (errno != EXDEV) return fs::errno_error("cannot move", shown, errno);
  PKG_TRY(begin_pieces(slot));
  PKG_TRY(fs::move_tree(from.at(), from.name, trash(), name, fd(), shown));
  return end_pieces(slot);
}

Status TxFolder::take_copy(std::size_t slot, const Spot& from, const std::string& shown) const {
  const std::string name = slot_name(slot);
  if (::linkat(from.at(), from.name.c_str(), trash(), name.c_str(), 0) == 0 || errno == ENOENT) return ok_status();
  return fs::copy_file(from.at(), from.name, trash(), name, fd(), shown);
}

Status TxFolder::give_back(std::size_t slot, const Spot& to, const std::string& shown) {
  const std::string name = slot_name(slot);
  for (int attempt = 0; !is_in_pieces(slot); ++attempt) {
    if (::renameat(trash(), name.c_str(), to.at(), to.name.c_str()) == 0) return ok_status();
    const int error = errno;
    const bool is_occupied = error == ENOTEMPTY || error == EEXIST || error == EISDIR || error == ENOTDIR;
    if (attempt == 3 || (!is_occupied && error != EXDEV)) return fs::errno_error("cannot bring back", shown, error);
    PKG_TRY(put_aside(to, shown));
    if (error == EXDEV) PKG_TRY(begin_pieces(slot));
  }
  PKG_TRY(fs::move_tree(trash(), name, to.at(), to.name, -1, shown));
  return end_pieces(slot);
}

Status TxFolder::sync() const {
  if (::syncfs(fd()) != 0) return fs::errno_error("cannot sync", path(), errno);
  return ok_status();
}

Status TxFolder::discard() const { return venv::parallel_remove(state_->fd(), "tx", path()); }

}  // namespace pkg::venv
