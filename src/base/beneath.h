#pragma once
// Paths beneath a folder that is held open. The way down follows no link and never leaves the folder, whatever others
// do to it meanwhile: the kernel promises it (openat2), and where it cannot (before Linux 5.6, or in a sandbox that
// hides the call) each component is opened by itself. Paths are plain relative ones (check_relative_path in
// base/extract.h); empty: the folder itself.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::fs {

enum class Lookup : std::uint8_t { by_kernel, by_component };

// A descriptor, or -1 and errno. `flags` as for open(2). What is asked for is not followed either when it is a link:
// ELOOP or ENOTDIR.
int open_beneath(int folder, std::string_view below, int flags, mode_t mode = 0, Lookup lookup = Lookup::by_kernel);

// What lies at `name` in `folder`, itself: links are not followed.
bool exists_at(int folder, const std::string& name);

// Closed when the last user lets go of it.
using HeldFolder = std::shared_ptr<const Fd>;

// A folder that is held open, and descriptors of the folders beneath it. Any thread.
class Beneath {
 public:
  // Follows the links in `folder` itself: it is what the user named. not_found · io.
  static Result<Beneath> open(const Path& folder, Lookup lookup = Lookup::by_kernel);
  Beneath(Beneath&&) noexcept;
  Beneath& operator=(Beneath&&) noexcept;
  ~Beneath();

  int fd() const;
  const std::string& path() const;  // without links

  // A descriptor to work in the folder `below` (O_PATH). unsupported: a link or a file is in the way · not_found · io.
  Result<Fd> open_folder(std::string_view below) const;
  // The same, kept for the next one who asks. Errors: those of open_folder().
  Result<HeldFolder> folder(std::string_view below);
  // Made where it is missing, as mkdir -p would. unsupported, io: as open_folder().
  Result<HeldFolder> made_folder(std::string_view below);
  // What was kept may be elsewhere by now: paths are looked up again.
  void forget();

 private:
  struct State;
  explicit Beneath(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg::fs
