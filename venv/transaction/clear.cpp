#include "venv/transaction/clear.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/ground.h"
#include "venv/path_boundary.h"
#include "venv/transaction/parallel_remove.h"
#include "venv/transaction/recovery.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {
namespace {

constexpr const char* kConfig = "pyvenv.cfg";
constexpr const char* kFreshFolder = "fresh";  // in tx: on the file system of the environment, and of no lower layer

// pyvenv.cfg first, in both lists: it is never gone, so the environment is found and recovered whenever we die.
Result<Journal> plan_clearing(const Boundary& boundary, const std::string& fresh) {
  const auto& prefix = boundary.prefix();
  const std::string state = join_path(prefix, ".pkg");
  Journal journal{.moved = {join_path(prefix, kConfig)}, .created = {join_path(prefix, kConfig)}, .clears = true};
  PKG_TRY_ASSIGN(const auto old_names, fs::list_dir(prefix));
  for (const auto& name : old_names)
    if (name != kConfig && name != ".pkg") journal.moved.push_back(join_path(prefix, name));
  PKG_TRY_ASSIGN(const auto state_names, fs::list_dir(state));
  for (const auto& name : state_names)
    if (name != "lock" && name != "tx") journal.moved.push_back(join_path(state, name));
  PKG_TRY_ASSIGN(const auto new_names, fs::list_dir(fresh));
  for (const auto& name : new_names)
    if (name != kConfig) journal.created.push_back(join_path(prefix, name));
  return journal;
}

Status move_away(const Journal& journal, Ground& ground, const TxFolder& tx) {
  for (std::size_t i = 0; i < journal.moved.size(); ++i) {
    PKG_TRY_ASSIGN(const auto spot, ground.spot(journal.moved[i]));
    PKG_TRY(i == 0 ? tx.take_copy(i, spot, journal.moved[i]) : tx.take(i, spot, journal.moved[i]));
  }
  ground.forget();
  return ok_status();
}

Status move_in(const Journal& journal, Ground& ground, int fresh) {
  for (std::size_t i = journal.created.size(); i-- > 0;) {  // pyvenv.cfg last
    const auto& path = journal.created[i];
    PKG_TRY_ASSIGN(const auto spot, ground.spot(path));
    if (::renameat(fresh, spot.name.c_str(), spot.at(), spot.name.c_str()) != 0)
      return fs::errno_error("cannot make", path, errno);
  }
  return ok_status();
}

// What lies there that is no state of this user's is not obeyed, and goes with the rest.
Status settle(Ground& ground, const StateFolder& state, const StateKey& key) {
  if (recover_in(ground, state, key).ok()) return ok_status();
  return parallel_remove(state.fd(), "tx", state.path("tx"));
}

Result<Journal> begin(const Boundary& boundary, const TxFolder& tx, const StateKey& key,
                      const std::function<Status(const std::filesystem::path&)>& write) {
  PKG_TRY(write(tx.path(kFreshFolder)));
  PKG_TRY_ASSIGN(auto journal, plan_clearing(boundary, tx.path(kFreshFolder)));
  PKG_TRY(tx.write_journal(journal.encode(boundary, key)));
  PKG_TRY(tx.publish_journal());
  return journal;
}

}  // namespace

Status clear_in_place(const Environment& wanted, const StateKey& key,
                      const std::function<Status(const std::filesystem::path&)>& write) {
  PKG_TRY_ASSIGN(auto ground, Ground::open(wanted));
  PKG_TRY_ASSIGN(const auto state, StateFolder::make(ground));
  PKG_TRY(settle(ground, state, key));
  PKG_TRY_ASSIGN(auto tx, TxFolder::make(state));
  PKG_TRY_ASSIGN(const auto fresh, tx.make_folder(kFreshFolder));
  const auto journal = begin(ground.boundary(), tx, key, write);
  if (!journal.ok()) {
    (void)tx.discard();
    return journal.error();
  }
  Status done = move_away(*journal, ground, tx);
  if (done.ok()) done = move_in(*journal, ground, fresh.get());
  if (!done.ok()) {
    Error error = std::move(done).error();
    if (const auto back = roll_back(*journal, ground, tx); !back.ok()) error.context.push_back(back.error().message);
    return error;
  }
  PKG_TRY(tx.delete_journal());
  (void)tx.discard();  // litter, and the next command's business
  return ok_status();
}

bool is_cleared(const Journal& journal, Ground& ground, const TxFolder& tx) {
  if (!journal.clears || !tx.is_file_in_trash(0)) return false;
  const auto before = tx.read_trash(0);
  const auto now = fs::read_file_at_most(join_path(ground.boundary().prefix(), kConfig), limits::kSmall);
  return before.ok() && now.ok() && *before != *now;
}

}  // namespace pkg::venv
