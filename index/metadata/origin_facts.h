#pragma once
// What servers were found to have: unannounced .metadata files, range requests. Remembered for a day, in the metadata
// cache.

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/metadata/metadata_cache.h"

namespace pkg::index {

enum class Known : std::uint8_t { unknown, yes, no };

// Threads: any. `origin` is url::Url::origin() of the file's URL.
class OriginFacts {
 public:
  OriginFacts(MetadataCache& cache, std::int64_t now);

  // An index that announces .metadata for some files has none for the others.
  void saw_announcement(const std::string& index);
  bool announces(const std::string& index);

  // Whether `origin` has unannounced .metadata. The first who asks while nothing is known gets Known::unknown, and must
  // call learned_siblings(); those who ask until then get Known::unknown too, with `waits` true: `then` is called once
  // it is known.
  Known siblings(const std::string& origin, bool& waits, std::function<void()> then);
  enum class Lasting : std::uint8_t { yes, no };  // no: for this command only
  void learned_siblings(const std::string& origin, bool has_them, Lasting lasting);

  bool has_no_ranges(const std::string& origin);
  void learned_no_ranges(const std::string& origin);

 private:
  struct Facts {
    bool loaded = false, probing = false, no_ranges = false;
    Known siblings = Known::unknown;
    std::vector<std::function<void()>> waiting;
  };
  Facts& facts(const std::string& origin);
  void save(const std::string& origin, const Facts& facts);

  MetadataCache& cache_;
  const std::int64_t now_;
  std::mutex mutex_;
  std::set<std::string> announcing_;
  std::unordered_map<std::string, Facts> origins_;
};

}  // namespace pkg::index
