#pragma once
// Wheels that were built and metadata that was prepared, by a key that says everything they depend on
// (docs/internals/cache-layout.md#built).

#include <cstdint>
#include <optional>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/cache.h"
#include "pep/dist_file.h"

namespace pkg::index {

// Threads: any. Processes: any number; of two that keep something under one key the last wins, and readers see one or
// the other.
class BuiltWheels {
 public:
  // now: unix seconds, to note when a wheel was used.
  BuiltWheels(CachePaths paths, std::int64_t now) : paths_(std::move(paths)), now_(now) {}

  // Which key a request came to last (ops/builds/build_key.h). keep_known: io.
  std::optional<std::string> known(const std::string& request) const;
  Status keep_known(const std::string& request, const std::string& key) const;

  // nullopt: not there, or damaged. The wheel's size is looked at, its content is not: whoever reads it knows the
  // sha256.
  std::optional<pep::DistFile> wheel(const std::string& key) const;
  // Moves the file at `wheel` into the cache (copies it from another file system). bad_data: its name is no wheel's.
  Result<pep::DistFile> keep_wheel(const std::string& key, const fs::Path& wheel) const;
  std::optional<std::string> metadata(const std::string& key) const;
  Status keep_metadata(const std::string& key, const std::string& text) const;

 private:
  fs::Path folder(const std::string& key) const { return paths_.built() / key.substr(0, 2) / key; }
  fs::Path note(const std::string& request) const { return paths_.built_for() / request; }
  const CachePaths paths_;
  const std::int64_t now_;
};

}  // namespace pkg::index
