#include "index/wheel_source.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index {

// One file asked for: who waits for it, and then the wheel. Failures are not kept.
struct WheelSource::State : std::enable_shared_from_this<WheelSource::State> {
  State(WheelStore& wheels, Downloader& down, RecordCheck record, bool is_offline, Refresh again)
      : store(wheels), downloader(down), check(record), offline(is_offline), refresh(std::move(again)) {}

  struct Job {
    explicit Job(pep::DistFile wanted) : file(std::move(wanted)) {}
    const pep::DistFile file;
    std::vector<Done> waiting;
    WheelStore::Wheel wheel;
  };

  static std::string identity(const pep::DistFile& file) {
    const auto* sha256 = file.sha256();
    return sha256 != nullptr ? sha256->hex : cat(file.url, '\0', file.file_name);
  }

  WheelStore::Wheel stored(const pep::DistFile& file) {
    if (const auto* sha256 = file.sha256()) return store.get(sha256->hex, check);
    if (refresh.applies_to(file)) return nullptr;
    const auto raw = store.linked(file);
    return raw ? store.get(hash::to_hex(*raw), check) : nullptr;
  }

  // The wheel at once, or nullptr after `done` was put in line behind a transfer (or called with an error).
  WheelStore::Wheel find_or_start(const pep::DistFile& file, Done done) {
    const auto id = identity(file);
    std::unique_lock lock(mutex);
    auto& job = jobs[id];
    if (job) {
      if (!job->wheel) job->waiting.push_back(std::move(done));
      return job->wheel;
    }
    const auto mine = job = std::make_shared<Job>(file);
    lock.unlock();
    if (auto wheel = stored(file)) {
      settle(id, mine, wheel);
      return wheel;
    }
    lock.lock();
    mine->waiting.push_back(std::move(done));
    lock.unlock();
    transfer(id, mine);
    return nullptr;
  }

  void transfer(const std::string& id, const std::shared_ptr<Job>& job) {
    if (job->file.kind != pep::DistKind::wheel)
      return settle(id, job, make_error(ErrorKind::unsupported, cat(quote(job->file.file_name), " is not a wheel")));
    if (offline && !job->file.url.starts_with("file:")) return settle(id, job, not_cached(job->file));
    begin();
    downloader.start(job->file, [self = shared_from_this(), id, job](Result<Artifact> artifact) {
      if (!artifact) {
        self->settle(id, job, std::move(artifact).error());
        return self->end();
      }
      self->store.workers().submit([self, id, job, got = std::move(artifact).value()]() mutable {
        self->unpack(id, job, std::move(got));
        self->end();
      });
    });
  }

  static Error not_cached(const pep::DistFile& file) {
    return make_error(ErrorKind::not_found, cat("the wheel ", quote(file.file_name), " is not in the cache"),
                      "it can be fetched without --offline");
  }

  void unpack(const std::string& id, const std::shared_ptr<Job>& job, Artifact artifact) {
    auto wheel = store.put(job->file.file_name, artifact.bytes(), artifact.sha256(), check);
    if (!wheel) return settle(id, job, std::move(wheel).error().with(cat("while fetching ", quote(url::redact(job->file.url)))));
    if (job->file.sha256() == nullptr) (void)store.link(job->file, artifact.sha256());  // only saves a transfer next time
    settle(id, job, std::move(wheel));
  }

  void settle(const std::string& id, const std::shared_ptr<Job>& job, Result<WheelStore::Wheel> result) {
    std::vector<Done> waiting;
    {
      const std::lock_guard lock(mutex);
      waiting.swap(job->waiting);
      if (result)
        job->wheel = *result;
      else if (const auto it = jobs.find(id); it != jobs.end() && it->second == job)
        jobs.erase(it);
    }
    for (auto& done : waiting) done(result);
  }

  void begin() {
    const std::lock_guard lock(mutex);
    ++running;
  }
  void end() {
    const std::lock_guard lock(mutex);
    if (--running == 0) idle.notify_all();
  }

  WheelStore& store;
  Downloader& downloader;
  const RecordCheck check;
  const bool offline;
  const Refresh refresh;
  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;
  std::unordered_map<std::string, std::shared_ptr<Job>> jobs;
};

WheelSource::WheelSource(WheelStore& store, Downloader& downloader, RecordCheck check, bool offline, Refresh refresh)
    : state_(std::make_shared<State>(store, downloader, check, offline, std::move(refresh))) {}

WheelSource::~WheelSource() {
  std::unique_lock lock(state_->mutex);
  state_->idle.wait(lock, [this] { return state_->running == 0; });
}

void WheelSource::start(const pep::DistFile& file, Done done) {
  // `done` is called by whoever settles the job; or here, when the wheel was there already.
  if (auto wheel = state_->find_or_start(file, done)) done(std::move(wheel));
}

void WheelSource::want(std::span<const pep::DistFile* const> files) {
  std::vector<const pep::DistFile*> by_size(files.begin(), files.end());
  const auto size = [](const pep::DistFile* file) { return file->size_bytes.value_or(0); };
  std::stable_sort(by_size.begin(), by_size.end(), [&](const auto* a, const auto* b) { return size(a) > size(b); });
  for (const auto* file : by_size) start(*file, [](const Result<WheelStore::Wheel>&) {});
}

Result<WheelStore::Wheel> WheelSource::get(const pep::DistFile& file) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<Result<WheelStore::Wheel>> result;
  };
  const auto answer = std::make_shared<Answer>();
  auto wheel = state_->find_or_start(file, [answer](Result<WheelStore::Wheel> result) {
    const std::lock_guard lock(answer->mutex);
    answer->result.emplace(std::move(result));
    answer->there.notify_all();
  });
  if (wheel) return wheel;
  std::unique_lock lock(answer->mutex);
  answer->there.wait(lock, [&] { return answer->result.has_value(); });
  return *std::move(answer->result);
}

Result<WheelStore::Wheel> WheelSource::heal(const pep::DistFile& file) {
  PKG_TRY_ASSIGN(auto wheel, get(file));
  PKG_TRY_ASSIGN(const auto damaged, state_->store.damaged_files(*wheel));
  if (damaged.empty()) return wheel;
  PKG_TRY(state_->store.remove(hash::to_hex(wheel->manifest.wheel_sha256)));
  {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.erase(State::identity(file));
  }
  return get(file).with([&] { return cat("while replacing the stored wheel, whose file ", quote(damaged.front()), " was altered"); });
}

}  // namespace pkg::index
