#pragma once
// Essential metadata on disk: one append-only bundle per project, equal bodies stored once
// (docs/internals/cache-layout.md#metadata).
//
// A bundle is read whole, once per process, by one read. A record says key, checksum and body, or where an equal body
// is. What is damaged is a miss, and is left out when the next record is added. Nothing here is worth failing a command
// for: callers may ignore the Status of add().

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/fs.h"
#include "base/result.h"
#include "pep/name.h"

namespace pkg::index {

class MetadataBundle;

// Threads: any. Processes: any number; writers take turns by a lock on the bundle.
class MetadataCache {
 public:
  explicit MetadataCache(fs::Path folder);  // CachePaths::metadata(); made on the first add()
  ~MetadataCache();

  // What add() was given last for this key (32 raw bytes), by whatever process; nullopt: not there, or damaged.
  std::optional<std::string> find(const pep::Name& project, std::string_view key);
  // io; internal: an error of the caller, a key or text of the wrong size.
  Status add(const pep::Name& project, std::string_view key, std::string_view text);

 private:
  std::shared_ptr<MetadataBundle> bundle(const std::string& project);
  fs::Path folder_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<MetadataBundle>> bundles_;
};

}  // namespace pkg::index
