#include "index/wheels/wheel_source.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "index/awaited.h"

namespace pkg::index {
namespace {

// Wheels on their way and waiting to be unpacked. More would not be there sooner: unpacking takes longer than most
// transfers. A few may always be: large ones need no memory (artifact.h), and one connection does not fill every line.
constexpr std::uint64_t kMostUnderWay = 8u << 20;
constexpr std::size_t kAlwaysUnderWay = 4;
constexpr std::uint64_t kUsualWheel = 1u << 20;  // when the size is not known
constexpr std::uint64_t kLargestWheel = std::uint64_t{1} << 40;

}  // namespace

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
    return cat(sha256 != nullptr ? sha256->hex : file.url, '\0', file.file_name);
  }

  // Null: it is not stored.
  Result<WheelStore::Wheel> stored(const pep::DistFile& file) {
    if (const auto* sha256 = file.sha256()) return store.get(sha256->hex, check, file);
    if (refresh.applies_to(file)) return nullptr;
    const auto raw = store.linked(file, downloader.access(file.url));
    return raw ? store.get(hash::to_hex(*raw), check, file) : nullptr;
  }

  Result<WheelStore::Wheel> confirmed(const pep::DistFile& file, WheelStore::Wheel wheel, bool is_fresh) const {
    if (confirm) PKG_TRY(confirm(file, *wheel, is_fresh));
    return wheel;
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
    auto wheel = stored(file);
    if (wheel && *wheel) wheel = confirmed(file, *std::move(wheel), false);
    if (wheel && *wheel) {
      if (auto& reporter = downloader.reporter(); reporter.wants_details())
        reporter.detail(cat(quote(file.file_name), " is in the cache: ", quote((*wheel)->path)));
      settle(id, mine, *wheel);
      return *wheel;
    }
    lock.lock();
    mine->waiting.push_back(std::move(done));
    lock.unlock();
    if (wheel)
      transfer(id, mine);
    else
      settle(id, mine, std::move(wheel).error());
    return nullptr;
  }

  void transfer(const std::string& id, const std::shared_ptr<Job>& job) {
    if (job->file.kind != pep::DistKind::wheel)
      return settle(id, job, make_error(ErrorKind::unsupported, cat(quote(job->file.file_name), " is not a wheel")));
    if (offline && !job->file.url.starts_with("file:")) return settle(id, job, not_cached(job->file));
    {
      const std::lock_guard lock(mutex);
      ++running;
      if (!queue.empty() || !has_room_for(*job)) return queue.push_back({id, job});
      take_room_for(*job);
    }
    download(id, job);
  }

  static std::uint64_t size_of(const Job& job) {
    return std::min(job.file.size_bytes.value_or(kUsualWheel), kLargestWheel);
  }
  bool has_room_for(const Job& job) const {
    return under_way < kAlwaysUnderWay || bytes_under_way + size_of(job) <= kMostUnderWay;
  }
  void take_room_for(const Job& job) {
    ++under_way;
    bytes_under_way += size_of(job);
  }

  void download(const std::string& id, const std::shared_ptr<Job>& job) {
    downloader.start(job->file, [self = shared_from_this(), id, job](Result<Artifact> artifact) {
      if (!artifact) {
        self->settle(id, job, std::move(artifact).error());
        return self->end(*job);
      }
      self->store.workers().submit(
          [self, id, job, got = std::move(artifact).value()]() mutable {
            self->unpack(id, job, std::move(got));
            self->end(*job);
          },
          [self, id, job](Error error) {
            self->settle(id, job, std::move(error));
            self->end(*job);
          });
    });
  }

  static Error not_cached(const pep::DistFile& file) {
    return make_error(ErrorKind::not_found, cat("the wheel ", quote(file.file_name), " is not in the cache"),
                      "it can be fetched without --offline");
  }

  void unpack(const std::string& id, const std::shared_ptr<Job>& job, Artifact artifact) {
    auto wheel = store.put(job->file.file_name, artifact.bytes(), artifact.sha256(), check,
                           [&](std::string_view part) { artifact.let_go(part); });
    if (!wheel)
      return settle(id, job, std::move(wheel).error().with(cat("while fetching ", quote(url::redact(job->file.url)))));
    if (job->file.sha256() == nullptr) (void)store.link(job->file, downloader.access(job->file.url), artifact.sha256());
    settle(id, job, confirmed(job->file, *std::move(wheel), true));
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

  // After the wheel was unpacked, or will not be.
  void end(const Job& job) {
    std::unique_lock lock(mutex);
    --under_way;
    bytes_under_way -= size_of(job);
    start_waiting(lock);
    if (--running == 0) idle.notify_all();
  }

  // As many as there is room for. A loop, not a recursion, though downloads may end before they begin: one call at a
  // time is at it.
  void start_waiting(std::unique_lock<std::mutex>& lock) {
    if (std::exchange(is_starting, true)) return;
    while (!queue.empty() && has_room_for(*queue.front().job)) {
      const auto next = std::move(queue.front());
      queue.pop_front();
      take_room_for(*next.job);
      lock.unlock();
      download(next.id, next.job);
      lock.lock();
    }
    is_starting = false;
  }

  WheelStore& store;
  Downloader& downloader;
  const RecordCheck check;
  const bool offline;
  const Refresh refresh;
  Confirm confirm;
  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;  // waiting ones, too
  struct Waiting {
    std::string id;
    std::shared_ptr<Job> job;
  };
  std::deque<Waiting> queue;  // in the order they were asked for
  std::size_t under_way = 0;
  std::uint64_t bytes_under_way = 0;
  bool is_starting = false;
  std::unordered_map<std::string, std::shared_ptr<Job>> jobs;
};

WheelSource::WheelSource(WheelStore& store, Downloader& downloader, RecordCheck check, bool offline, Refresh refresh)
    : state_(std::make_shared<State>(store, downloader, check, offline, std::move(refresh))) {}

void WheelSource::confirm_with(Confirm confirm) { state_->confirm = std::move(confirm); }

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
  const Awaited<Result<WheelStore::Wheel>> answer;
  auto wheel =
      state_->find_or_start(file, [answer](Result<WheelStore::Wheel> result) { answer.put(std::move(result)); });
  return wheel ? std::move(wheel) : answer.take();
}

Result<WheelStore::Wheel> WheelSource::heal(const pep::DistFile& file) {
  PKG_TRY_ASSIGN(auto wheel, get(file));
  PKG_TRY_ASSIGN(const auto damaged, state_->store.damaged_files(*wheel));
  if (damaged.empty()) return wheel;
  const auto hex = hash::to_hex(wheel->manifest.wheel_sha256);
  PKG_TRY_ASSIGN(const auto aside,
                 state_->store.set_aside(hex));  // environments may link to it: it stays as long as there is no other
  {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.erase(State::identity(file));
  }
  auto fresh = get(file).with(
      [&] { return cat("while replacing the stored wheel, whose file ", quote(damaged.front()), " was altered"); });
  if (fresh)
    PKG_TRY(state_->store.take_over(aside, hex));
  else
    state_->store.bring_back(aside, hex);
  return fresh;
}

}  // namespace pkg::index
