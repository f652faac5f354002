#include "ops/builds/build_jobs.h"

#include <utility>

#include "base/text.h"

namespace pkg::ops {

struct BuildJobs::Job {
  std::string label;
  const Job* waits_for = nullptr;  // the job that is run or waited for inside this one; guarded by mutex_
  std::optional<Result<BuildAnswer>> answer;
};

BuildJobs::BuildJobs() = default;
BuildJobs::~BuildJobs() = default;

// Every job waits for one other at most: following them from `asked` ends, or comes to `asking`.
std::optional<std::string> BuildJobs::circle(const Job* asked, const Job* asking) const {
  std::string text = asking == nullptr ? std::string() : quote(asking->label);
  for (const Job* at = asked; at != nullptr && asking != nullptr; at = at->waits_for) {
    append(text, " needs ", quote(at->label));
    if (at == asking) return text;
  }
  return std::nullopt;
}

Result<BuildAnswer> BuildJobs::ask(const std::string& key, const std::string& label, Job* asking, const Work& work) {
  std::unique_lock lock(mutex_);
  auto& slot = jobs_[key];
  const bool is_first = slot == nullptr;
  if (is_first) slot = std::make_unique<Job>();
  Job* job = slot.get();
  if (is_first) job->label = label;
  if (job->answer) return *job->answer;
  if (const auto path = circle(job, asking))
    return BuildAnswer{nullptr, std::nullopt, cat("needs itself to be built: ", *path), {}};
  if (asking != nullptr) asking->waits_for = job;
  if (is_first) {
    lock.unlock();
    auto answer = work(*job);
    lock.lock();
    job->answer = std::move(answer);
    done_.notify_all();
  } else {
    done_.wait(lock, [&] { return job->answer.has_value(); });
  }
  if (asking != nullptr) asking->waits_for = nullptr;
  return *job->answer;
}

}  // namespace pkg::ops
