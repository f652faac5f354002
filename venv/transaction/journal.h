#pragma once
// The undo journal of a transaction: which paths are moved away, which are created. See docs/transaction.md#journal.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "venv/path_boundary.h"
#include "venv/state_key.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {

struct Journal {
  std::vector<std::string> moved;    // moved[i] lies in trash/i while the transaction runs
  std::vector<std::string> created;  // topmost new paths: what is below a new folder is not listed
  bool operator==(const Journal&) const = default;

  // Paths below the prefix are stored relative to it: a copied environment recovers itself, not its original.
  std::string encode(const Boundary& boundary, const StateKey& key) const;
  // unsupported: written by somebody else, or by a pkg that had another key. bad_data: a path leaves the environment or
  // belongs to it; one that lies outside the prefix, when all of the environment lies in it.
  static Result<Journal> decode(std::string_view bytes, const Boundary& boundary, const StateKey& key);
};

// The folder of a transaction, `<state>/tx`, held open. It exists only while a transaction runs or an interrupted one
// waits for recovery.
class TxFolder {
 public:
  // nullopt: there is none. unsupported: it, or what is in it, is none of the user's own.
  static Result<std::optional<TxFolder>> find(const StateFolder& state);
  static Result<TxFolder> make(const StateFolder& state);  // with an empty trash; what was there is used

  int fd() const { return fd_.get(); }
  int trash() const { return trash_.get(); }
  std::string path(std::string_view name = {}) const { return join_path(path_, name); }

  Result<std::optional<std::string>> read_journal() const;  // nullopt: there is none
  Status write_journal(std::string_view bytes) const;       // under another name
  Status publish_journal() const;                           // from now on it says how to go back
  Status delete_journal() const;
  // `from` is taken out of the environment: by a rename, or by deleting it where even that fails (a full disk).
  Status put_aside(const Spot& from, const std::string& shown);
  bool is_in_trash(std::size_t slot) const;
  Result<fs::Fd> make_folder(const std::string& name) const;
  Status sync() const;     // the file system
  Status discard() const;  // with everything in it

 private:
  TxFolder(const StateFolder& state, fs::Fd fd) : state_(&state), fd_(std::move(fd)), path_(state.path("tx")) {}
  Status open_folders();
  const StateFolder* state_;
  fs::Fd fd_, trash_, aside_;
  std::string path_;
  std::size_t put_aside_ = 0;
};

// Brings back what was before: created paths go aside, moved ones return. May be interrupted and repeated at any point.
// Does not delete the journal.
Status undo(const Journal& journal, Ground& ground, TxFolder& tx);

}  // namespace pkg::venv
