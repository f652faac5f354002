#pragma once
// A file of an index, streamed to memory or to the cache's tmp/, its size and every strong announced hash checked on
// the way; resumed after a cut.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/events.h"
#include "base/fs.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/artifact.h"
#include "index/cache/cache.h"
#include "pep/dist_file.h"

namespace pkg::index {

class Client;
class RemoteCache;

struct DownloadOptions {
  bool verify_hashes = true;  // false: a wrong hash is a warning
  std::uint64_t memory_budget_bytes =
      8u << 20;               // of all running downloads together; what does not fit goes to unnamed files
  int resumes = 3;            // of one file, after a cut
  bool remote_alone = false;  // the index is not asked for what the remote cache lacks: not_found
};

// Threads: any. Errors: network · hash_mismatch (also: longer or shorter than announced) · not_found · io ·
// interrupted.
class Downloader {
 public:
  using Done = std::function<void(Result<Artifact>)>;
  // `remote`: asked before the index for what has an announced sha256, and given what it lacks; may be null.
  Downloader(Client& client, const Cache& cache, Reporter& reporter, const CancelToken& cancel,
             DownloadOptions options = {}, RemoteCache* remote = nullptr);
  ~Downloader();  // precondition: every start() has called its `done`

  // `done` is called once: on the transport's thread (it must return soon), or before start() returns ("file:" URLs).
  void start(const pep::DistFile& file, Done done);
  Result<Artifact> get(const pep::DistFile& file);  // waits
  std::string access(const std::string& url);       // Client::access()
  Reporter& reporter() const;                       // whom it tells

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
