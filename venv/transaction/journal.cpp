#include "venv/transaction/journal.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <unordered_map>

#include "base/binary.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kJournalFormat = "pkg journal 2";
constexpr std::string_view kClearingFormat = "pkg clearing 1";

void put_paths(BinaryWriter& out, const std::vector<std::string>& paths, const Boundary& boundary) {
  out.u32(static_cast<std::uint32_t>(paths.size()));
  for (const auto& path : paths) out.text(boundary.relative(path));
}

// Whether a journal of a change may name it; of one that clears: everything but the transaction itself.
bool may_be_named(const std::string& path, const Boundary& boundary, bool clears) {
  if (boundary.is_transaction_state(path)) return true;
  if (!clears) return boundary.contains(path) && !boundary.is_environments_own(path);
  const std::string state = join_path(boundary.prefix(), ".pkg");
  const std::string tx = join_path(state, "tx");
  return is_below(path, boundary.prefix()) && path != state && path != join_path(state, "lock") && path != tx &&
         !is_below(path, tx);
}

bool get_paths(BinaryReader& in, const Boundary& boundary, bool clears, std::vector<std::string>& paths) {
  const std::uint32_t count = in.u32();
  if (count > in.left() / sizeof(std::uint32_t)) return false;
  paths.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view text = in.text();
    const bool is_absolute = text.starts_with('/');
    if (!in.ok() || !is_plain_relative(is_absolute ? text.substr(1) : text)) return false;
    if (is_absolute && (boundary.is_closed() || is_below(text, boundary.prefix()))) return false;
    paths.push_back(boundary.absolute(text));
    if (!may_be_named(paths.back(), boundary, clears)) return false;
  }
  return true;
}

Status bring_back(TxFolder& tx, std::size_t slot, const std::string& to, Ground& ground) {
  for (int attempt = 0;; ++attempt) {
    const auto spot = ground.spot(to);
    auto done = spot.ok() ? tx.give_back(slot, *spot, to) : Status(spot.error());
    if (done.ok() || attempt == 3 || done.error().kind != ErrorKind::not_found) return done;
    ground.forget();
    PKG_TRY(ground.made_folder(parent_of(to)));
  }
}

// Gone, or where no folder is any more: then there is nothing to put aside. Nor where a file comes back to a file: that
// is one step, at no moment of which the name is free.
Status put_created_aside(const std::string& path, bool file_returns, Ground& ground, TxFolder& tx) {
  const auto spot = ground.spot(path);
  if (!spot.ok()) return spot.error().kind == ErrorKind::not_found ? ok_status() : Status(spot.error());
  struct stat info;
  if (::fstatat(spot->at(), spot->name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return ok_status();
  return file_returns && !S_ISDIR(info.st_mode) ? ok_status() : tx.put_aside(*spot, path);
}

}  // namespace

std::string Journal::encode(const Boundary& boundary, const StateKey& key) const {
  BinaryWriter out;
  put_paths(out, moved, boundary);
  put_paths(out, created, boundary);
  return sealed(clears ? kClearingFormat : kJournalFormat, out.str(), key);
}

Result<Journal> Journal::decode(std::string_view bytes, const Boundary& boundary, const StateKey& key) {
  Journal journal;
  journal.clears = bytes.starts_with(kClearingFormat);
  const auto body = unsealed(journal.clears ? kClearingFormat : kJournalFormat, bytes, key);
  if (!body)
    return make_error(
        ErrorKind::unsupported,
        "the journal of an interrupted change was not written by this user's pkg on this machine, or is damaged");
  BinaryReader in(*body);
  if (!get_paths(in, boundary, journal.clears, journal.moved) ||
      !get_paths(in, boundary, journal.clears, journal.created) || !in.ok() || in.left() != 0)
    return make_error(ErrorKind::bad_data, "the journal of an interrupted change names paths outside the environment");
  return journal;
}

Status undo(const Journal& journal, Ground& ground, TxFolder& tx) {
  ground.forget();
  std::unordered_map<std::string_view, std::size_t> slot_of;
  for (std::size_t i = 0; i < journal.moved.size(); ++i) slot_of.emplace(journal.moved[i], i);
  for (const auto& path : journal.created) {
    // Where something old had this name, what is there now is new only while the old one lies in the trash.
    const auto slot = slot_of.find(path);
    if (slot != slot_of.end() && !tx.is_in_trash(slot->second)) continue;
    const bool file_returns = slot != slot_of.end() && tx.is_file_in_trash(slot->second);
    PKG_TRY(put_created_aside(path, file_returns, ground, tx));
  }
  ground.forget();
  for (std::size_t i = 0; i < journal.moved.size(); ++i)
    if (tx.is_in_trash(i) || tx.is_in_pieces(i)) PKG_TRY(bring_back(tx, i, journal.moved[i], ground));
  return ok_status();
}

Status roll_back(const Journal& journal, Ground& ground, TxFolder& tx) {
  PKG_TRY(undo(journal, ground, tx));
  PKG_TRY(tx.delete_journal());
  return tx.discard();
}

}  // namespace pkg::venv
