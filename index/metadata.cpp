#include "index/metadata.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/http_calls.h"
#include "index/metadata_text.h"
#include "index/origin_facts.h"
#include "index/remote_zip.h"

// The steps, each falling through to the next:
//
//   cache ─▶ local file ─▶ announced .metadata ─▶ unannounced .metadata ─▶ ranges of the wheel ─▶ the wheel
//
// A Job is one file on this way. The steps run on whatever thread brings the answer of the one before.

namespace pkg::index {
namespace {


struct Job {
  Job(const pep::DistFile& wanted, std::string id) : file(wanted), key(std::move(id)) {}
  const pep::DistFile file;
  const std::string key;
  std::string origin;
  std::optional<RemoteMetadata> remote;
  std::vector<MetadataSource::Done> waiting;
};
using JobPtr = std::shared_ptr<Job>;

std::string origin_of(const std::string& url) {
  const auto parsed = url::Url::parse(url);
  return parsed ? parsed->origin() : std::string();
}

// ".metadata" goes before query and fragment.
std::string metadata_url(const std::string& url) {
  const auto end = std::min(url.find('?'), url.find('#'));
  return end == std::string::npos ? cat(url, ".metadata") : cat(url.substr(0, end), ".metadata", url.substr(end));
}

// What the cache holds for a file that the project's page lists and the server does not have; the time of asking follows.
constexpr std::string_view kGone = "gone ";
constexpr std::uint64_t kGoneFor_s = 600;

constexpr std::string_view kHasToBeBuilt = "is a source distribution, which has to be built";

// An index may announce the metadata of source distributions too; of local ones nobody does.
bool has_to_be_built(const pep::DistFile& file) {
  return file.kind == pep::DistKind::sdist && (!file.has_metadata || file.url.starts_with("file:"));
}

// PEP 643: from version 2.2 on, what is not declared dynamic is the same in every wheel that is built from it.
bool is_static(const pep::Metadata& metadata) {
  const auto dot = metadata.metadata_version.find('.');
  const auto major = parse_u64(metadata.metadata_version.substr(0, dot));
  const auto minor = dot == std::string::npos ? std::nullopt : parse_u64(metadata.metadata_version.substr(dot + 1));
  if (!major || !minor || *major < 2 || (*major == 2 && *minor < 2)) return false;
  return std::none_of(metadata.dynamic.begin(), metadata.dynamic.end(), [](const pep::Name& field) {
    return field.str() == "requires-dist" || field.str() == "requires-python" || field.str() == "provides-extra";
  });
}

// Whether metadata of `file` can be believed without building.
bool is_believed(const MetadataResult& result, const pep::DistFile& file) {
  return !result.metadata || file.kind == pep::DistKind::wheel || is_static(*result.metadata);
}

bool is_absent(int status) { return status == 404 || status == 410 || status == 403 || status == 405 || status == 400; }

}  // namespace

struct MetadataSource::State : std::enable_shared_from_this<MetadataSource::State> {
  State(Client& c, MetadataCache& kept, WheelSource& w, const CancelToken& token, MetadataOptions o)
      : client(c), cache(kept), wheels(w), cancel(token), options(o), facts(kept, o.now) {}

  std::optional<MetadataResult> find(const pep::DistFile& file) {
    auto key = MetadataCache::key(file);
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(key); known != answers.end()) return known->second;
      if (jobs.contains(key)) return std::nullopt;
    }
    auto quick = without_network(file, key);
    if (!quick || !quick->ok()) return std::nullopt;
    const std::lock_guard lock(mutex);
    return answers.try_emplace(std::move(key), std::move(*quick).value()).first->second;
  }

  // The answer at once, or nullopt after `done` was put in line.
  std::optional<Result<MetadataResult>> find_or_start(const pep::DistFile& file, const Done& done) {
    auto key = MetadataCache::key(file);
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(key); known != answers.end()) return known->second;
      if (const auto job = jobs.find(key); job != jobs.end()) {
        job->second->waiting.push_back(done);
        return std::nullopt;
      }
    }
    if (auto quick = without_network(file, key)) {
      if (!quick->ok()) return quick;  // the next who asks tries again
      const std::lock_guard lock(mutex);
      return answers.try_emplace(std::move(key), std::move(*quick).value()).first->second;
    }
    JobPtr job;
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(key); known != answers.end()) return known->second;
      auto& known = jobs[key];
      const bool is_started = known != nullptr;
      if (!is_started) known = std::make_shared<Job>(file, key);
      known->waiting.push_back(done);
      if (is_started) return std::nullopt;
      job = known;
      ++running;
    }
    first_request(job);
    return std::nullopt;
  }

  std::optional<Result<MetadataResult>> without_network(const pep::DistFile& file, const std::string& key) {
    if (has_to_be_built(file)) return reason(std::string(kHasToBeBuilt));
    if (auto text = options.refresh.applies_to(file) ? std::nullopt : cache.find(file.project, key)) {
      if (text->starts_with(kGone)) {
        const auto since = parse_u64(std::string_view(*text).substr(kGone.size()));
        const auto now = static_cast<std::uint64_t>(options.now);
        if (since && (options.offline || (now >= *since && now - *since < kGoneFor_s))) return reason(gone_text(file));
      }
      auto result = check_essential_text(*text, file, &requirements);
      if (result.metadata && is_believed(result, file)) return result;
    }
    if (file.url.starts_with("file:")) return local(file, key);
    if (options.offline && file.kind == pep::DistKind::sdist) return reason(std::string(kHasToBeBuilt));  // perhaps it was built before
    if (options.offline)
      return make_error(ErrorKind::not_found, cat("the metadata of ", quote(file.file_name), " is not in the cache"),
                        "it can be fetched without --offline");
    return std::nullopt;
  }

  Result<MetadataResult> local(const pep::DistFile& file, const std::string& key) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file.url));
    const auto text = read_local_metadata(path);
    if (text) return keep(file, key, check_text(*text, file));
    if (text.error().kind == ErrorKind::io || text.error().kind == ErrorKind::not_found) return text.error();
    return reason(text.error().message);
  }

  static std::string gone_text(const pep::DistFile& file) {
    return cat("has files that the server does not have (", quote(file.file_name), ")");
  }

  static MetadataResult reason(std::string why) { return MetadataResult{nullptr, std::move(why)}; }

  CheckedMetadata check_text(std::string_view text, const pep::DistFile& file) { return check_metadata_text(text, file, &requirements); }

  MetadataResult keep(const Job& job, CheckedMetadata checked) { return keep(job.file, job.key, std::move(checked)); }
  MetadataResult keep(const pep::DistFile& file, const std::string& key, CheckedMetadata checked) {
    // Local files may change under the same name, and are quick to read.
    const bool lasting = file.sha256() != nullptr || !file.url.starts_with("file:");
    if (checked.result.metadata && lasting) (void)cache.add(file.project, key, checked.essential);  // only saves requests next time
    return std::move(checked.result);
  }

  void first_request(const JobPtr& job) {
    job->origin = origin_of(job->file.url);
    if (job->file.has_metadata) {
      facts.saw_announcement(job->file.index);
      return announced(job);
    }
    if (facts.announces(job->file.index)) return ranges(job);
    sibling(job);
  }

  void announced(const JobPtr& job) {
    get_whole(client, metadata_url(job->file.url), limits::kMetadata, [self = shared_from_this(), job](Result<HttpAnswer> answer) {
      if (!answer) return self->settle(job, std::move(answer).error());
      if (is_absent(answer->status)) return self->ranges(job);
      if (answer->status != 200) return self->settle(job, unexpected(*answer, metadata_url(job->file.url)));
      self->announced_text(job, answer->body);
    });
  }

  void announced_text(const JobPtr& job, const std::string& text) {
    const auto& expected = job->file.metadata_hash;
    const bool is_checked = expected && options.verify_hashes && hash::is_strong(expected->algorithm);
    if (is_checked) {
      const auto got = hash::to_hex(hash::digest(expected->algorithm, text));
      if (got != expected->hex)
        return settle(job, make_error(ErrorKind::hash_mismatch,
                                      cat(quote(url::redact(metadata_url(job->file.url))), " is not the announced file: expected ",
                                          hash::name(expected->algorithm), " ", expected->hex, ", got ", got)));
    }
    auto checked = check_text(text, job->file);
    if (!is_believed(checked.result, job->file)) checked = {reason(std::string(kHasToBeBuilt)), {}};
    if (!checked.result.metadata && !is_checked) return ranges(job);  // perhaps a page that says "not found" with status 200
    settle(job, keep(*job, std::move(checked)));
  }

  void sibling(const JobPtr& job) {
    bool waits = false;
    const auto known = facts.siblings(job->origin, waits, [self = shared_from_this(), job] { self->sibling(job); });
    if (waits) return;
    if (known == Known::no) return ranges(job);
    get_whole(client, metadata_url(job->file.url), limits::kMetadata,
              [self = shared_from_this(), job, is_probe = known == Known::unknown](const Result<HttpAnswer>& answer) {
                CheckedMetadata checked;
                if (answer && answer->status == 200) checked = self->check_text(answer->body, job->file);
                const bool is_there = checked.result.metadata != nullptr;
                if (is_probe)
                  self->facts.learned_siblings(job->origin, is_there, answer ? OriginFacts::Lasting::yes : OriginFacts::Lasting::no);
                if (!answer) return self->settle(job, answer.error());
                if (!is_there) return self->ranges(job);
                self->settle(job, self->keep(*job, std::move(checked)));
              });
  }

  void ranges(const JobPtr& job) {
    if (job->file.kind == pep::DistKind::sdist) return settle(job, reason(std::string(kHasToBeBuilt)));
    if (facts.has_no_ranges(job->origin)) return whole_wheel(job);
    job->remote.emplace(job->file.size_bytes);
    next_range(job);
  }

  void next_range(const JobPtr& job) {
    get_range(client, job->file.url, job->remote->next(), [self = shared_from_this(), job](Result<RangeAnswer> answer) {
      if (!answer) return self->settle(job, std::move(answer).error());
      if (!answer->is_partial) {
        if (answer->status == 200) self->facts.learned_no_ranges(job->origin);
        if (answer->status == 404 || answer->status == 410) return self->settle(job, self->gone(*job));
        return self->whole_wheel(job);
      }
      auto text = job->remote->add(answer->range.first, answer->range.total, std::move(answer->body));
      if (!text) return self->whole_wheel(job);  // which tells what is wrong with it
      if (!*text) return self->next_range(job);
      auto checked = self->check_text(**text, job->file);
      self->settle(job, self->keep(*job, std::move(checked)));
    });
  }

  MetadataResult gone(const Job& job) {
    (void)cache.add(job.file.project, job.key, cat(kGone, options.now));  // only saves requests next time
    return reason(gone_text(job.file));
  }

  void whole_wheel(const JobPtr& job) {
    wheels.start(job->file, [self = shared_from_this(), job](const Result<WheelStore::Wheel>& wheel) {
      if (wheel) return self->settle(job, self->from_wheel(*job, **wheel));
      const auto kind = wheel.error().kind;
      const bool is_gone =
          kind == ErrorKind::not_found && !self->options.offline;  // the index lists a file that is not there: another release may do
      if (is_gone) return self->settle(job, self->gone(*job));
      if (kind == ErrorKind::bad_data || kind == ErrorKind::unsupported) return self->settle(job, reason(wheel.error().message));
      self->settle(job, wheel.error());
    });
  }

  Result<MetadataResult> from_wheel(const Job& job, const pep::UnpackedWheel& wheel) {
    PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(fs::Path(wheel.path) / wheel.manifest.dist_info / "METADATA", limits::kMetadata));
    return keep(job, check_text(text, job.file));
  }

  static Error unexpected(const HttpAnswer& answer, const std::string& url) {
    return make_error(ErrorKind::network, cat("the server answered ", quote(url::redact(url)), " with status ", answer.status));
  }

  void settle(const JobPtr& job, Result<MetadataResult> result) {
    std::vector<Done> waiting;
    {
      const std::lock_guard lock(mutex);
      waiting.swap(job->waiting);
      if (result) answers.try_emplace(job->key, *result);
      jobs.erase(job->key);  // after an error the next who asks tries again
    }
    for (auto& done : waiting) done(result);
    const std::lock_guard lock(mutex);
    if (--running == 0) idle.notify_all();
  }

  Client& client;
  MetadataCache& cache;
  WheelSource& wheels;
  const CancelToken& cancel;
  const MetadataOptions options;
  OriginFacts facts;
  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;
  std::unordered_map<std::string, JobPtr> jobs;  // that wait for the network
  std::unordered_map<std::string, MetadataResult> answers;
  pep::RequirementPool requirements;
};

MetadataSource::MetadataSource(Client& client, MetadataCache& cache, WheelSource& wheels, Reporter&, const CancelToken& cancel,
                               MetadataOptions options)
    : state_(std::make_shared<State>(client, cache, wheels, cancel, options)) {}

MetadataSource::~MetadataSource() {
  std::unique_lock lock(state_->mutex);
  state_->idle.wait(lock, [this] { return state_->running == 0; });
}

void MetadataSource::start(const pep::DistFile& file, Done done) {
  if (const auto answer = state_->find_or_start(file, done)) done(*answer);
}

std::optional<Result<MetadataResult>> MetadataSource::begin(const pep::DistFile& file, Done done) {
  return state_->find_or_start(file, done);
}

std::optional<MetadataResult> MetadataSource::kept(const pep::DistFile& file) { return state_->find(file); }

Result<MetadataResult> MetadataSource::get(const pep::DistFile& file) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<Result<MetadataResult>> result;
  };
  const auto answer = std::make_shared<Answer>();
  if (auto quick = state_->find_or_start(file, [answer](const Result<MetadataResult>& result) {
        const std::lock_guard lock(answer->mutex);
        answer->result.emplace(result);
        answer->there.notify_all();
      }))
    return *std::move(quick);
  std::unique_lock lock(answer->mutex);
  answer->there.wait(lock, [&] { return answer->result.has_value(); });
  return *std::move(answer->result);
}

}  // namespace pkg::index
