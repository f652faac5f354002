#pragma once
// `<state>/tx`, the folder of a transaction: the journal as bytes, the trash, and what a rollback put aside. What the
// journal says and how one goes back by it: journal.h.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "venv/ground.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {

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

  // What was moved away lies in `trash/SLOT`. A folder that cannot be renamed is moved file by file; as long as that is
  // not finished, in either direction, there is a `trash/SLOT.part`: what lies at its path then is old, too.
  Status take(std::size_t slot, const Spot& from, const std::string& shown) const;
  Status take_copy(std::size_t slot, const Spot& from, const std::string& shown) const;  // of a file, which stays
  Status give_back(std::size_t slot, const Spot& to, const std::string& shown);
  bool is_in_trash(std::size_t slot) const;  // all of it: what lies at its path is new
  bool is_in_pieces(std::size_t slot) const;
  bool is_file_in_trash(std::size_t slot) const;
  Result<std::string> read_trash(std::size_t slot) const;  // of a file
  Result<fs::Fd> make_folder(const std::string& name) const;
  Status sync() const;     // the file system
  Status discard() const;  // with everything in it

 private:
  TxFolder(const StateFolder& state, fs::Fd fd) : state_(&state), fd_(std::move(fd)), path_(state.path("tx")) {}
  Status open_folders();
  Status begin_pieces(std::size_t slot) const;
  Status end_pieces(std::size_t slot) const;
  const StateFolder* state_;
  fs::Fd fd_, trash_, aside_;
  std::string path_;
  std::size_t put_aside_ = 0;
};

}  // namespace pkg::venv
