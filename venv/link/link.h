#pragma once
// Put one file of the store into a folder: by hard link, clone or copy, after a look whether it is still what the
// manifest says.

#include <atomic>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pep/wheel_manifest.h"
#include "venv/link/source.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// Remembers what the file systems at hand cannot do. One for a transaction, used by all its threads.
class Linker {
 public:
  explicit Linker(LinkMode mode)
      : mode_(mode == LinkMode::symlink ? LinkMode::hardlink : mode),  // single files are not symlinked
        rules_(SourceRules::of_process()) {}

  // Makes `file` of the folder `from` appear in the folder `to`, under the same name, which must be free.
  // One whose owner or mode is not what this command would give it is replaced by a fresh copy in the store first.
  //   errors   hash_mismatch (the store's file was edited: size or mtime differ, and then the hash) · io
  Status place(int from, std::string_view from_path, int to, std::string_view to_path, const pep::ManifestFile& file);

  // Makes the regular file `name` of the folder `from` appear in `to` as `to_name`, which must be free: a file of the
  // environment, which has two places from now on. io.
  Status share(int from, const std::string& name, int to, std::string_view to_path, const std::string& to_name);

  bool copies() const { return mode_.load(std::memory_order_relaxed) != LinkMode::hardlink; }

 private:
  Status copy(int from, std::string_view from_path, int to, std::string_view to_path, const pep::ManifestFile& file,
              bool clone);
  std::atomic<LinkMode> mode_;
  const SourceRules rules_;
};

}  // namespace pkg::venv
