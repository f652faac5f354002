#include "index/metadata/metadata.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/awaited.h"
#include "index/http/client.h"
#include "index/http_calls.h"
#include "index/metadata/metadata_keys.h"
#include "index/metadata/metadata_text.h"
#include "index/metadata/origin_facts.h"
#include "index/metadata/remote_zip.h"
#include "index/remote/remote_cache.h"

// The steps, each falling through to the next:
//
//   cache ─▶ local file ─▶ remote cache ─▶ announced .metadata ─▶ unannounced .metadata ─▶ ranges of the wheel ─▶ the
//   wheel
//
// A Job is one file on this way. The steps run on whatever thread brings the answer of the one before.

namespace pkg::index {
namespace {

struct Job {
  Job(const pep::DistFile& wanted, MetadataKeys names) : file(wanted), keys(std::move(names)) {}
  const pep::DistFile file;
  const MetadataKeys keys;
  std::string origin;  // of its URL, and how it is reached
  std::optional<RemoteMetadata> remote;
  std::vector<MetadataSource::Done> waiting;
};
using JobPtr = std::shared_ptr<Job>;

// What the resolver has heard, and whether it is known to be what the wheel holds.
struct Told {
  MetadataResult result;
  bool is_proven = false;
};

std::string origin_of(const std::string& url) {
  const auto parsed = url::Url::parse(url);
  return parsed ? parsed->origin() : std::string();
}

// ".metadata" goes before query and fragment.
std::string metadata_url(const std::string& url) {
  const auto end = std::min(url.find('?'), url.find('#'));
  return end == std::string::npos ? cat(url, ".metadata") : cat(url.substr(0, end), ".metadata", url.substr(end));
}

// What the cache holds for a file that the server does not have, although the page lists it: where another file of the
// release tells what it needs, this one is not asked for every time. The time of asking follows.
constexpr std::string_view kMissing = "missing ";
constexpr std::uint64_t kMissingFor_s = 600;

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

// As the wheel's sha256 vouches for it; nullopt: it was altered in the store, which whoever links it notices and heals.
std::optional<std::string> stored_metadata(const pep::UnpackedWheel& wheel) {
  const auto& manifest = wheel.manifest;
  auto text = fs::read_file_at_most(fs::Path(wheel.path) / manifest.dist_info / "METADATA", limits::kMetadata);
  if (!text) return std::nullopt;
  const auto digest = hash::sha256(*text);
  for (const auto& folder : manifest.dirs) {
    const auto is_it = [&](const pep::ManifestFile& file) {
      return file.name == "METADATA" && std::string_view(file.sha256) == digest;
    };
    if (folder.store_path == manifest.dist_info && std::ranges::any_of(folder.files, is_it))
      return std::move(text).value();
  }
  return std::nullopt;
}

// The lines that decide what is installed with it, in one order and one spelling.
std::set<std::string> deciding_lines(const pep::Metadata& metadata) {
  std::set<std::string> lines;
  for (const auto& requirement : metadata.requires_dist) lines.insert(cat("Requires-Dist: ", requirement.to_string()));
  for (const auto& broken : metadata.broken_requirements) lines.insert(broken);
  for (const auto& extra : metadata.provides_extra) lines.insert(cat("Provides-Extra: ", extra.str()));
  if (!metadata.requires_python_text.empty())
    lines.insert(cat("Requires-Python: ", metadata.requires_python.to_string()));
  return lines;
}

std::string only_in(const std::set<std::string>& these, const std::set<std::string>& others) {
  constexpr std::size_t kMostShown = 5;
  std::vector<std::string> lines;
  std::ranges::set_difference(these, others, std::back_inserter(lines));
  const auto more = lines.size() > kMostShown ? lines.size() - kMostShown : 0;
  lines.resize(lines.size() - more);
  for (auto& line : lines) line = quote(line);
  return join(lines, ", ") + (more == 0 ? "" : cat(" and ", more, " more"));
}

std::string differences(const std::set<std::string>& said, const std::set<std::string>& held) {
  const auto announced = only_in(said, held), in_wheel = only_in(held, said);
  if (announced.empty()) return cat("only in the wheel are ", in_wheel);
  return cat("only announced are ", announced, in_wheel.empty() ? "" : cat(", only in the wheel are ", in_wheel));
}

bool is_absent(int status) { return status == 404 || status == 410 || status == 403 || status == 405 || status == 400; }

}  // namespace

struct MetadataSource::State : std::enable_shared_from_this<MetadataSource::State> {
  State(Client& c, MetadataCache& kept, WheelSource& w, const CancelToken& token, MetadataOptions o,
        RemoteCache* distant)
      : client(c), cache(kept), wheels(w), cancel(token), options(o), remote(distant), facts(kept, o.now) {}

  MetadataKeys keys_of(const pep::DistFile& file) {
    // What was compared with an announced hash is the same from wherever it comes.
    const bool is_checked = file.sha256() != nullptr && has_checked_metadata(file, options.verify_hashes);
    return metadata_keys(file, is_checked ? std::string() : client.access(file.url), options.verify_hashes);
  }

  std::optional<MetadataResult> find(const pep::DistFile& file) {
    const auto keys = keys_of(file);
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(keys.said); known != answers.end()) return known->second.result;
      if (jobs.contains(keys.said)) return std::nullopt;
    }
    auto quick = without_network(file, keys);
    if (!quick || !quick->ok()) return std::nullopt;
    const std::lock_guard lock(mutex);
    return answers.try_emplace(keys.said, std::move(*quick).value()).first->second.result;
  }

  // The answer at once, or nullopt after `done` was put in line.
  std::optional<Result<MetadataResult>> find_or_start(const pep::DistFile& file, const Done& done) {
    auto keys = keys_of(file);
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(keys.said); known != answers.end()) return known->second.result;
      if (const auto job = jobs.find(keys.said); job != jobs.end()) {
        job->second->waiting.push_back(done);
        return std::nullopt;
      }
    }
    if (auto quick = without_network(file, keys)) {
      if (!quick->ok()) return std::move(*quick).error();  // the next who asks tries again
      const std::lock_guard lock(mutex);
      return answers.try_emplace(keys.said, std::move(*quick).value()).first->second.result;
    }
    JobPtr job;
    {
      const std::lock_guard lock(mutex);
      if (const auto known = answers.find(keys.said); known != answers.end()) return known->second.result;
      auto& known = jobs[keys.said];
      const bool is_started = known != nullptr;
      if (!is_started) known = std::make_shared<Job>(file, std::move(keys));
      known->waiting.push_back(done);
      if (is_started) return std::nullopt;
      job = known;
      ++running;
    }
    first_request(job);
    return std::nullopt;
  }

  std::optional<Result<Told>> without_network(const pep::DistFile& file, const MetadataKeys& keys) {
    if (has_to_be_built(file)) return told(std::string(kHasToBeBuilt));
    if (!options.refresh.applies_to(file)) {
      if (auto known = from_cache(file, keys)) return *std::move(known);
      if (is_known_missing(file)) return missing(file, 404);
    }
    if (file.url.starts_with("file:")) return local(file, keys);
    if (options.offline && file.kind == pep::DistKind::sdist)
      return told(std::string(kHasToBeBuilt));  // perhaps it was built before
    if (options.offline)
      return make_error(ErrorKind::not_found, cat("the metadata of ", quote(file.file_name), " is not in the cache"),
                        "it can be fetched without --offline");
    return std::nullopt;
  }

  std::optional<Told> from_cache(const pep::DistFile& file, const MetadataKeys& keys) {
    if (const auto text = cache.find(file.project, keys.proven)) {
      auto result = check_essential_text(*text, file, &requirements);
      if (result.metadata && is_believed(result, file)) return Told{std::move(result), true};
    }
    const auto text = cache.find(file.project, keys.unproven());
    if (!text) return std::nullopt;
    auto result = check_essential_text(*text, file, &requirements);
    if (!result.metadata || !is_believed(result, file)) return std::nullopt;
    return Told{std::move(result), false};
  }

  // That a file is not there is said of its address, whatever it is.
  std::string missing_key(const pep::DistFile& file) {
    return hash::sha256(cat("missing ", announced_file(file, client.access(file.url))));
  }
  bool is_known_missing(const pep::DistFile& file) {
    const auto text = cache.find(file.project, missing_key(file));
    if (!text || !text->starts_with(kMissing)) return false;
    const auto since = parse_u64(std::string_view(*text).substr(kMissing.size()));
    const auto now = static_cast<std::uint64_t>(options.now);
    return since && (options.offline || (now >= *since && now - *since < kMissingFor_s));
  }
  void remember_missing(const pep::DistFile& file) {
    if (!options.offline && !is_known_missing(file))
      (void)cache.add(file.project, missing_key(file), cat(kMissing, options.now));
  }

  // What is kept for those who know no hash of the metadata: as it came from this address.
  std::string said_of(const pep::DistFile& file) {
    return MetadataKeys{.proven = {}, .said = announced_file(file, client.access(file.url))}.unproven();
  }

  Result<Told> local(const pep::DistFile& file, const MetadataKeys& keys) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file.url));
    const auto text = read_local_metadata(path);
    if (text) {
      auto known = keep(file, keys, check_text(*text, file));
      known.is_proven = file.sha256() == nullptr;  // nobody announced anything: this is what the file holds
      return known;
    }
    if (text.error().kind == ErrorKind::io || text.error().kind == ErrorKind::not_found) return text.error();
    return unreadable(file, quote(path), text.error());
  }

  // A release of an index has perhaps another that can be used; what was named by its place has none.
  static Result<Told> unreadable(const pep::DistFile& file, std::string_view shown, const Error& error) {
    if (!file.index.empty()) return told(cat("cannot be read: ", error.message));
    return make_error(error.kind, cat(shown, " cannot be read as a wheel: ", error.message),
                      error.hint.empty() ? "download or build it again" : error.hint);
  }

  static MetadataResult reason(std::string why) { return MetadataResult{nullptr, std::move(why)}; }

  CheckedMetadata check_text(std::string_view text, const pep::DistFile& file) {
    return check_metadata_text(text, file, &requirements);
  }

  static Told told(std::string why) { return {reason(std::move(why)), false}; }

  // What an index or server said.
  Told keep(const Job& job, CheckedMetadata checked) { return keep(job.file, job.keys, std::move(checked)); }
  Told keep(const pep::DistFile& file, const MetadataKeys& keys, CheckedMetadata checked) {
    // Local files may change under the same name, and are quick to read.
    const bool lasting = file.sha256() != nullptr || !file.url.starts_with("file:");
    if (checked.result.metadata && lasting) {
      (void)cache.add(file.project, keys.unproven(), checked.essential);  // only saves requests
      // A lock names the file and its address, and not what the index announced of the metadata.
      if (has_checked_metadata(file, options.verify_hashes))
        (void)cache.add(file.project, said_of(file), checked.essential);
    }
    return {std::move(checked.result), false};
  }

  // What the wheel holds: known from now on, and compared with earlier answers. A wheel that was stored is looked
  // at only when an earlier answer about it is not proven.
  Status confirm(const pep::DistFile& file, const pep::UnpackedWheel& wheel, bool is_fresh) {
    const auto keys = keys_of(file);
    std::optional<Told> before;
    {
      const std::lock_guard lock(mutex);
      if (const auto lie = disproved.find(keys.said); lie != disproved.end()) return lie->second;
      if (const auto known = answers.find(keys.said); known != answers.end()) before = known->second;
    }
    const bool was_told = before && !before->is_proven && before->result.metadata != nullptr;
    if (!is_fresh && !was_told) return ok_status();
    const auto text = stored_metadata(wheel);
    if (!text) return ok_status();
    auto checked = check_text(*text, file);
    if (!checked.result.metadata) return ok_status();  // no earlier answer can be compared: its reason is
    keep_proven(file, keys, wheel, checked.essential);
    auto same = was_told ? compare(file, *before->result.metadata, *checked.result.metadata) : ok_status();
    const std::lock_guard lock(mutex);
    answers[keys.said] = {checked.result, true};
    if (!same)
      disproved.emplace(keys.said,
                        same.error());  // the answer went into this command's resolution, whoever asks for the wheel
    return same;
  }

  void keep_proven(const pep::DistFile& file, const MetadataKeys& keys, const pep::UnpackedWheel& wheel,
                   const std::string& text) {
    const bool is_lasting = file.sha256() != nullptr || !file.url.starts_with("file:");
    (void)cache.add(file.project, wheel.manifest.wheel_sha256, text);  // only saves requests next time
    if (file.sha256() == nullptr && is_lasting) (void)cache.add(file.project, keys.proven, text);
  }

  static Status compare(const pep::DistFile& file, const pep::Metadata& said, const pep::Metadata& held) {
    const auto expected = deciding_lines(said), found = deciding_lines(held);
    if (expected == found) return ok_status();
    const auto who =
        file.index.empty() ? cat("the server of ", quote(url::redact(file.url))) : cat("the index ", quote(file.index));
    return make_error(ErrorKind::hash_mismatch,
                      cat(who, " announced other metadata of ", quote(file.file_name),
                          " than the wheel holds: ", differences(expected, found)),
                      "what was announced is forgotten; the next command goes by the wheel");
  }

  void first_request(const JobPtr& job) {
    job->origin = cat(origin_of(job->file.url), '\0', client.access(job->file.url));
    if (job->file.has_metadata) facts.saw_announcement(job->file.index);
    if (remote != nullptr && remote->answers() && !options.refresh.applies_to(job->file)) return ask_remote(job);
    ask_server(job);
  }

  // What was announced by its hash proves itself; what a server was asked for, or a wheel was found to hold, is
  // believed when it is signed, as if the server had said it.
  void ask_remote(const JobPtr& job) {
    if (const auto sha256 = announced_sha256(job->file); !sha256.empty())
      return remote->small_content(sha256, limits::kMetadata,
                                   [self = shared_from_this(), job](std::optional<std::string> text) {
                                     if (!text) return self->ask_server(job);
                                     self->announced_text(job, *text);
                                   });
    if (!is_shared(job->file)) return ask_server(job);
    remote->entry(name_of_entry(job->keys), limits::kMetadata,
                  [self = shared_from_this(), job](std::optional<SignedEntry> entry) {
                    if (!entry) return self->ask_server(job);
                    const auto result = check_essential_text(entry->payload, job->file, &self->requirements);
                    if (!result.metadata || !is_believed(result, job->file)) return self->ask_server(job);
                    self->settle(job, self->keep(*job, {result, entry->payload}));
                  });
  }

  // Lower-case hex; empty: nothing that is compared was announced, or by another algorithm.
  std::string announced_sha256(const pep::DistFile& file) const {
    const bool is_checked = has_checked_metadata(file, options.verify_hashes);
    return is_checked && file.metadata_hash->algorithm == hash::Algorithm::sha256 ? file.metadata_hash->hex
                                                                                  : std::string();
  }

  // Without a login, from a server. What is said of a local file is nobody else's.
  bool is_shared(const pep::DistFile& file) {
    return remote != nullptr && !file.url.starts_with("file:") && !client.has_login(file.url);
  }

  static EntryName name_of_entry(const MetadataKeys& keys) {
    return {EntryKind::metadata, hash::to_hex(keys.unproven())};
  }

  void offer_entry(const pep::DistFile& file, const MetadataKeys& keys, const std::string& essential) {
    if (announced_sha256(file).empty() && is_shared(file) && remote->takes_entries())
      remote->offer(name_of_entry(keys), essential);
  }

  void ask_server(const JobPtr& job) {
    if (job->file.has_metadata) return announced(job);
    if (facts.announces(job->file.index)) return ranges(job);
    sibling(job);
  }

  void announced(const JobPtr& job) {
    get_whole(client, metadata_url(job->file.url), limits::kMetadata,
              [self = shared_from_this(), job](Result<HttpAnswer> answer) {
                if (!answer) return self->settle(job, std::move(answer).error());
                if (is_absent(answer->status)) return self->ranges(job);
                if (answer->status != 200) return self->settle(job, unexpected(*answer, metadata_url(job->file.url)));
                self->offer_announced(job->file, answer->body);
                self->announced_text(job, answer->body);
              });
  }

  void offer_announced(const pep::DistFile& file, const std::string& text) {
    if (remote == nullptr || !remote->takes()) return;
    const auto sha256 = announced_sha256(file);
    if (sha256.empty() || hash::to_hex(hash::sha256(text)) != sha256) return;
    auto owner = std::make_shared<const std::string>(text);
    const std::string_view bytes = *owner;
    (void)remote->offer(sha256, bytes, std::move(owner));
  }

  void announced_text(const JobPtr& job, const std::string& text) {
    const auto& expected = job->file.metadata_hash;
    const bool is_checked = has_checked_metadata(job->file, options.verify_hashes);
    if (is_checked) {
      const auto got = hash::to_hex(hash::digest(expected->algorithm, text));
      if (got != expected->hex)
        return settle(job, make_error(ErrorKind::hash_mismatch,
                                      cat(quote(url::redact(metadata_url(job->file.url))),
                                          " is not the announced file: expected ", hash::name(expected->algorithm), " ",
                                          expected->hex, ", got ", got)));
    }
    auto checked = check_text(text, job->file);
    if (!is_believed(checked.result, job->file)) checked = {reason(std::string(kHasToBeBuilt)), {}};
    if (!checked.result.metadata && !is_checked)
      return ranges(job);  // perhaps a page that says "not found" with status 200
    if (checked.result.metadata) offer_entry(job->file, job->keys, checked.essential);
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
                  self->facts.learned_siblings(job->origin, is_there,
                                               answer ? OriginFacts::Lasting::yes : OriginFacts::Lasting::no);
                if (!answer) return self->settle(job, answer.error());
                if (!is_there) return self->ranges(job);
                self->offer_entry(job->file, job->keys, checked.essential);
                self->settle(job, self->keep(*job, std::move(checked)));
              });
  }

  void ranges(const JobPtr& job) {
    if (job->file.kind == pep::DistKind::sdist) return settle(job, told(std::string(kHasToBeBuilt)));
    if (facts.has_no_ranges(job->origin)) return whole_wheel(job);
    job->remote.emplace(job->file.size_bytes);
    next_range(job);
  }

  void next_range(const JobPtr& job) {
    get_range(client, job->file.url, job->remote->next(), [self = shared_from_this(), job](Result<RangeAnswer> answer) {
      if (!answer) return self->settle(job, std::move(answer).error());
      if (!answer->is_partial) {
        if (answer->status == 200) self->facts.learned_no_ranges(job->origin);
        if (answer->status == 404 || answer->status == 410)
          return self->settle(job, missing(job->file, answer->status));
        return self->whole_wheel(job);
      }
      auto text = job->remote->add(answer->range.first, answer->range.total, std::move(answer->body));
      if (!text) return self->whole_wheel(job);  // which tells what is wrong with it
      if (!*text) return self->next_range(job);
      auto checked = self->check_text(**text, job->file);
      if (checked.result.metadata) self->offer_entry(job->file, job->keys, checked.essential);
      self->settle(job, self->keep(*job, std::move(checked)));
    });
  }

  // Not taken for a release that is not there: what is installed would depend on what a server lost for a while.
  static Error missing(const pep::DistFile& file, int status) {
    const bool is_listed = !file.index.empty();
    return make_error(ErrorKind::not_found,
                      cat("could not fetch ", quote(url::redact(file.url)),
                          is_listed ? cat(", a file that the index ", quote(file.index), " lists") : std::string(),
                          ": the server answered with status ", status),
                      is_listed ? cat("as long as it is missing, other releases can be asked for: ", file.project.str(),
                                      "!=", file.version.to_string())
                                : std::string());
  }

  void whole_wheel(const JobPtr& job) {
    wheels.start(job->file, [self = shared_from_this(), job](const Result<WheelStore::Wheel>& wheel) {
      if (wheel) return self->settle(job, self->from_wheel(*job, **wheel));
      const auto kind = wheel.error().kind;
      if (kind == ErrorKind::bad_data || kind == ErrorKind::unsupported)
        return self->settle(job, unreadable(job->file, quote(url::redact(job->file.url)), wheel.error()));
      self->settle(job, wheel.error());
    });
  }

  Result<Told> from_wheel(const Job& job, const pep::UnpackedWheel& wheel) {
    const auto text = stored_metadata(wheel);
    if (!text)
      return make_error(ErrorKind::io, cat("the stored METADATA of ", quote(job.file.file_name), " was altered"),
                        "pkg cache verify --remove takes such wheels out of the cache");
    auto checked = check_text(*text, job.file);
    if (checked.result.metadata) {
      keep_proven(job.file, job.keys, wheel, checked.essential);
      offer_entry(job.file, job.keys, checked.essential);
    }
    return Told{std::move(checked.result), true};
  }

  static Error unexpected(const HttpAnswer& answer, const std::string& url) {
    return make_error(ErrorKind::network,
                      cat("the server answered ", quote(url::redact(url)), " with status ", answer.status));
  }

  void settle(const JobPtr& job, Result<Told> result) {
    std::vector<Done> waiting;
    {
      const std::lock_guard lock(mutex);
      waiting.swap(job->waiting);
      if (result) answers.try_emplace(job->keys.said, *result);
      jobs.erase(job->keys.said);  // after an error the next who asks tries again
    }
    const Result<MetadataResult> answer =
        result ? Result<MetadataResult>(result->result) : Result<MetadataResult>(result.error());
    for (auto& done : waiting) done(answer);
    const std::lock_guard lock(mutex);
    if (--running == 0) idle.notify_all();
  }

  Client& client;
  MetadataCache& cache;
  WheelSource& wheels;
  const CancelToken& cancel;
  const MetadataOptions options;
  RemoteCache* const remote;  // null: there is none
  OriginFacts facts;
  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;
  std::unordered_map<std::string, JobPtr> jobs;  // that wait for the network; by MetadataKeys::said
  std::unordered_map<std::string, Told> answers;
  std::unordered_map<std::string, Error> disproved;
  pep::RequirementPool requirements;
};

MetadataSource::MetadataSource(Client& client, MetadataCache& cache, WheelSource& wheels, Reporter&,
                               const CancelToken& cancel, MetadataOptions options, RemoteCache* remote)
    : state_(std::make_shared<State>(client, cache, wheels, cancel, options, remote)) {
  wheels.confirm_with([state = state_](const pep::DistFile& file, const pep::UnpackedWheel& wheel, bool is_fresh) {
    return state->confirm(file, wheel, is_fresh);
  });
}

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

void MetadataSource::remember_missing(const pep::DistFile& file) { state_->remember_missing(file); }

std::optional<MetadataResult> MetadataSource::kept(const pep::DistFile& file) { return state_->find(file); }

Result<MetadataResult> MetadataSource::get(const pep::DistFile& file) {
  const Awaited<Result<MetadataResult>> answer;
  auto quick = state_->find_or_start(file, [answer](const Result<MetadataResult>& result) { answer.put(result); });
  return quick ? *std::move(quick) : answer.take();
}

}  // namespace pkg::index
