#pragma once
// `<prefix>/.pkg`, held open, and what lies in it. Anybody may have put things there (a checkout, an archive): links,
// things of the wrong kind and of other users are refused, and files that carry no MAC of this user's are not his.

#include <optional>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "venv/environment.h"
#include "venv/ground.h"
#include "venv/state_key.h"

namespace pkg::venv {

enum class StateKind : std::uint8_t { folder, file };

class StateFolder {
 public:
  // nullopt: there is none. unsupported: what is there is no folder of the user's own · io.
  static Result<std::optional<StateFolder>> find(const Ground& ground);
  static Result<StateFolder> make(const Ground& ground);  // the same errors: unsupported, io

  int fd() const { return fd_.get(); }
  std::string path(std::string_view name) const { return join_path(path_, name); }

  // Absent, or of that kind, no link, and the user's own. unsupported: something else, which the error names.
  Status check(const std::string& name, StateKind kind) const { return check_at(fd(), name, path(name), kind); }
  Status check_at(int folder, const std::string& name, const std::string& shown, StateKind kind) const;
  // A folder below this one; not_found: there is none. unsupported as above.
  Result<fs::Fd> open_folder(int folder, const std::string& name, const std::string& shown) const;
  // The content of a file; not_found, unsupported as above; bad_data: more than 64 MiB.
  Result<std::string> read(int folder, const std::string& name, const std::string& shown) const;

 private:
  StateFolder(const Ground& ground, fs::Fd fd, std::string path)
      : ground_(&ground), fd_(std::move(fd)), path_(std::move(path)) {}
  const Ground* ground_;
  fs::Fd fd_;
  std::string path_;
};

// Notes of this user's pkg: "FORMAT MAC\n", then the text that the MAC is of. What is not so, for whatever reason, is
// as if it was not there.
struct SealedNote {
  std::string text;
  fs::FileKey key;
};
std::string sealed(std::string_view format, std::string_view text, const StateKey& key);
std::optional<std::string_view> unsealed(std::string_view format, std::string_view bytes, const StateKey& key);
std::optional<SealedNote> read_note(const Environment& environment, const char* name, std::string_view format,
                                    const StateKey& key);
// Whole or not at all. Failing is no error; nothing is written where the key is not kept, or `.pkg` is none of the
// user's.
void write_note(const Environment& environment, const char* name, std::string_view format, std::string_view text,
                const StateKey& key);
void delete_note(const Environment& environment, const char* name);

}  // namespace pkg::venv
