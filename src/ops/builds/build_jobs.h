#pragma once
// Builds under way and done: equal questions share one job, and jobs that wait for each other in a circle are found
// out.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"

namespace pkg::ops {

// What a job found. Neither metadata nor wheel: see reason.
struct BuildAnswer {
  std::shared_ptr<const pep::Metadata> metadata;
  std::optional<pep::DistFile> wheel;
  std::string reason;
  std::string sha256_hex;  // of the source, when it is an archive
};

// Threads: any.
class BuildJobs {
 public:
  struct Job;
  BuildJobs();
  ~BuildJobs();  // precondition: nothing is under way
  using Work = std::function<Result<BuildAnswer>(Job& self)>;

  // The answer for `key`: `work`'s, which runs once in the first asker's thread while others wait. `asking`: the job
  // that needs it, or null. When that job is itself what this one waits for, the reason tells the circle: "needs itself
  // to be built: `a` needs `b` needs `a`". Errors: those of `work`, for everybody who asks.
  Result<BuildAnswer> ask(const std::string& key, const std::string& label, Job* asking, const Work& work);

 private:
  std::optional<std::string> circle(const Job* asked, const Job* asking) const;

  std::mutex mutex_;
  std::condition_variable done_;
  std::map<std::string, std::unique_ptr<Job>> jobs_;
};

}  // namespace pkg::ops
