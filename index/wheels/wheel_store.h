#pragma once
// Unpacked wheels by the sha256 of the wheel file, each beside its binary manifest: complete or not there
// (docs/internals/cache-layout.md#wheels).
//
// get() only decodes the manifest. Whoever links the files (venv::apply) looks at each anyway, compares size and mtime
// with the manifest, and reports a difference as ErrorKind::hash_mismatch naming the store's path; ops then calls
// Index::heal_wheel, which comes here, and tries once more.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/cache/cache.h"
#include "index/wheels/wheel_layout.h"
#include "index/wheels/wheel_unpack.h"
#include "pep/dist_file.h"
#include "pep/wheel_manifest.h"

namespace pkg::index {

// Threads: any. Processes: any number; two that unpack the same wheel both do the work, the first to finish wins.
class WheelStore {
 public:
  using Wheel = std::shared_ptr<const pep::UnpackedWheel>;
  // threads: that unpack, of all wheels together; 0: number of cores. now: unix seconds, to note when a wheel was used.
  WheelStore(CachePaths paths, std::size_t threads, std::int64_t now);
  ~WheelStore();

  // The stored wheel; null when it is not there, unreadable, or (strict) was stored without a RECORD check.
  Wheel get(std::string_view sha256_hex, RecordCheck check);
  // The same for whoever wants the wheel `file`. hash_mismatch: the stored wheel with this sha256 is another project's
  // or version's.
  Result<Wheel> get(std::string_view sha256_hex, RecordCheck check, const pep::DistFile& file);

  // Unpacks and checks `archive`, the content of the wheel `file_name` with this digest (raw), and keeps it.
  // Errors: bad_data (the archive, its RECORD, its names; the message names the wheel) · unsupported · io.
  Result<Wheel> put(const std::string& file_name, std::string_view archive, std::string_view sha256_raw,
                    RecordCheck check, const ReadForGood& read_for_good = {});

  // Paths (below the wheel's folder) of stored files that are not what the manifest says: gone, another size, or
  // another hash; and what lies there that the wheel did not bring. Those that are the same but carry another mtime get
  // their old one back.
  Result<std::vector<std::string>> damaged_files(const pep::UnpackedWheel& wheel);
  // Replacing a damaged wheel: it is set aside; then either the one that was put in its place takes over who uses it,
  // or it comes back.
  Result<fs::TempDir> set_aside(std::string_view sha256_hex);
  Status take_over(const fs::TempDir& aside, std::string_view sha256_hex);
  void bring_back(const fs::TempDir& aside, std::string_view sha256_hex);
  TaskPool& workers();  // on which wheels are unpacked: work for put() may wait in the same queue

  // Which content a file had whose index announces no sha256: a raw sha256 or nullopt. `access`: Client::access() of
  // its URL.
  std::optional<std::string> linked(const pep::DistFile& file, std::string_view access) const;
  Status link(const pep::DistFile& file, std::string_view access, std::string_view sha256_raw) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pkg::index
