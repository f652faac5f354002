#pragma once
// The cheapest way to a file's metadata: metadata cache → announced .metadata (PEP 658, 714; hash checked) →
// unannounced .metadata, where an index was found to have them → two or three range requests into the wheel → the wheel
// itself, which stays in the store. Of a source distribution: an announced .metadata whose fields are static (PEP 643),
// else a reason.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/index.h"
#include "index/metadata/metadata_cache.h"
#include "index/refresh.h"
#include "index/wheels/wheel_source.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"

namespace pkg::index {

class Client;
class RemoteCache;

struct MetadataOptions {
  bool verify_hashes = true;
  bool offline = false;
  std::int64_t now = 0;  // unix seconds: how long to believe what an origin was found to have
  Refresh refresh;
};

// What an index or server says is compared with the wheel once that is here, its sha256 checked: WheelSource gives out
// none whose requirements, extras or Requires-Python differ from what was answered here (hash_mismatch); from then on
// the wheel's METADATA counts, for whoever announces that sha256.
//
// Threads: any. Equal questions at the same time share one answer; answers are remembered for the life of the object.
// Errors: network · hash_mismatch (announced metadata hash) · io · not_found (offline) · interrupted. What is wrong
// with the file itself is a reason.
class MetadataSource {
 public:
  using Done = std::function<void(const Result<MetadataResult>&)>;
  // `remote`: asked before a server is; may be null.
  MetadataSource(Client& client, MetadataCache& cache, WheelSource& wheels, Reporter& reporter,
                 const CancelToken& cancel, MetadataOptions options, RemoteCache* remote = nullptr);
  ~MetadataSource();  // waits for what was started: destroy the client before, so that this ends at once

  // `done` is called once: before start() returns when the answer is in memory or on disk, else on a thread of the
  // client.
  void start(const pep::DistFile& file, Done done);
  // The answer where no request is needed; else nullopt, and `done` is called once it is there, on a thread of the
  // client.
  std::optional<Result<MetadataResult>> begin(const pep::DistFile& file, Done done);
  // The answer where no request is needed; none is begun.
  std::optional<MetadataResult> kept(const pep::DistFile& file);
  // That the server does not have this file: for ten minutes metadata() says so without asking.
  void remember_missing(const pep::DistFile& file);
  Result<MetadataResult> get(
      const pep::DistFile& file);  // waits; never touches the client when the cache has the answer

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
