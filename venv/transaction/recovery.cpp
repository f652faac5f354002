#include "venv/transaction/recovery.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "venv/path_boundary.h"
#include "venv/transaction/clear.h"
#include "venv/transaction/journal.h"

namespace pkg::venv {
namespace {

Error with_way_out(Error error, const Boundary& boundary, const TxFolder& tx) {
  return std::move(error)
      .with(cat("while recovering ", quote(boundary.prefix()), " by ", quote(tx.path("journal"))))
      .with_hint(cat("recreate the environment, or delete ", quote(tx.path()),
                     " when you know that it may stay as it is: what was replaced is in ", quote(tx.path("trash"))));
}

}  // namespace

Result<bool> recover_in(Ground& ground, const StateFolder& state, const StateKey& key) {
  const auto& boundary = ground.boundary();
  PKG_TRY_ASSIGN(auto tx, TxFolder::find(state));
  if (!tx) return false;
  PKG_TRY_ASSIGN(const auto bytes, tx->read_journal());
  if (!bytes) {
    PKG_TRY(tx->discard());
    return true;
  }
  auto journal = Journal::decode(*bytes, boundary, key);
  if (!journal.ok()) return with_way_out(std::move(journal).error(), boundary, *tx);
  if (is_cleared(*journal, ground, *tx)) {
    PKG_TRY(tx->delete_journal());
    PKG_TRY(tx->discard());
    return true;
  }
  PKG_TRY(roll_back(*journal, ground, *tx));
  return true;
}

}  // namespace pkg::venv
