#include "ops/bundle/fleet.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include "base/fs.h"
#include "base/tasks.h"
#include "base/text.h"
#include "index/remote/remote_cache.h"
#include "ops/lock/locked_builds.h"
#include "ops/lock/locked_pins.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kTransfers = 8;
constexpr double kLongestPush = 24 * 3600;  // seconds, for what is still being put

// What of a lock goes over the line.
struct Freight {
  std::vector<pep::DistFile> files;     // wheels and archives, each once
  std::vector<pep::DistFile> to_build;  // what has no wheel for the target
  std::optional<venv::Interpreter> builder;
};

template <class T>
Status status_of(const Result<T>& result) {
  return result ? ok_status() : Status(result.error());
}

bool is_plain_file(const pep::DistFile& file) {
  return !file.file_name.empty() && file.sha256() != nullptr && !file.url.starts_with("file:");
}

void add(const pep::DistFile& file, Freight& freight) {
  const auto is_it = [&](const pep::DistFile& known) { return known.sha256()->hex == file.sha256()->hex; };
  if (is_plain_file(file) && std::ranges::none_of(freight.files, is_it)) freight.files.push_back(file);
}

// Every file of every package.
std::vector<lock::Selection> every_file(const lock::LockFile& lock) {
  std::vector<lock::Selection> all;
  for (const auto* packages : {&lock.packages, &lock.tool.build_packages}) {
    for (const auto& package : *packages) {
      for (const auto& wheel : package.wheels) all.push_back({&package, lock::Selection::Kind::wheel, &wheel});
      if (package.sdist) all.push_back({&package, lock::Selection::Kind::sdist, &*package.sdist});
    }
  }
  return all;
}

Result<Freight> freight_of(const FleetOptions& options, const LockSource& source, const OpenedLock& opened,
                           Session& session) {
  Freight freight;
  auto selected = every_file(opened.lock);
  if (!options.all_files) {
    PKG_TRY_ASSIGN(auto targets, bundle_targets({.python = options.python}, session));
    freight.builder = std::move(targets.front().builder);
    PKG_TRY_ASSIGN(selected, select_packages(opened.lock, targets.front().target, options.selection));
  }
  PKG_TRY_ASSIGN(const auto locked, pins_of(selected, place_of(source), session));
  for (const auto& pin : locked.pins) {
    const auto& file = pin.best_file();
    add(file, freight);
    const bool is_folder = file.file_name.empty() && !file.url.starts_with("git+");
    if (file.kind == pep::DistKind::sdist && !options.all_files && !is_folder) freight.to_build.push_back(file);
  }
  return freight;
}

// What one command moves.
class Move {
 public:
  Move(Session& session, index::Index& index, std::string_view what)
      : session_(session), index_(index), remote_(*index.remote_cache()), what_(what) {
    report.remote = remote_.name();
  }

  Status push(const pep::DistFile& file, const fs::Path& folder) {
    const auto there = remote_.has(file.sha256()->hex);
    if (!there) return missing(file);
    if (*there) return kept();
    // On its way from the index it is offered to the remote cache.
    auto path = index_.download(file, folder);
    if (!path) return std::move(path).error();
    std::error_code ignored;
    std::filesystem::remove(*path, ignored);
    return ok_status();
  }

  Status pull(const pep::DistFile& file, const fs::Path& folder) {
    auto got =
        file.kind == pep::DistKind::wheel ? status_of(index_.wheel(file)) : status_of(index_.source_tree(file, folder));
    if (got || got.error().kind == ErrorKind::interrupted) return got;
    return missing(file);
  }

  void tell(const pep::DistFile& file, std::size_t total) {
    const std::lock_guard lock(mutex_);
    session_.reporter().step(std::string(what_), file.file_name, ++done_, total);
  }

  Status for_each(std::span<const pep::DistFile> files,
                  const std::function<Status(const pep::DistFile&, const fs::Path&)>& step) {
    PKG_TRY(fs::make_dirs(session_.cache_dir() / "tmp"));
    PKG_TRY_ASSIGN(const auto folder, fs::TempDir::create(session_.cache_dir() / "tmp", "fleet-"));
    std::vector<Status> ended(files.size(), ok_status());
    parallel_for(files.size(), std::min(files.size(), kTransfers), [&](std::size_t i) {
      if (session_.cancel().is_cancelled()) {
        ended[i] = make_error(ErrorKind::interrupted, "interrupted");
        return;
      }
      const auto own = folder.path() / cat(i);
      ended[i] = fs::make_dirs(own);
      if (ended[i]) ended[i] = step(files[i], own);
      tell(files[i], files.size());
    });
    for (auto& one : ended) PKG_TRY(std::move(one));
    return ok_status();
  }

  FleetReport report;

 private:
  Status missing(const pep::DistFile& file) {
    const std::lock_guard lock(mutex_);
    report.missing.push_back(file.file_name);
    return ok_status();
  }
  Status kept() {
    const std::lock_guard lock(mutex_);
    ++report.kept;
    return ok_status();
  }

  Session& session_;
  index::Index& index_;
  index::RemoteCache& remote_;
  const std::string_view what_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

Error no_remote(const Session& session) {
  const auto& remote = session.settings().remote;
  if (remote.url.empty())
    return make_error(ErrorKind::usage, "there is no remote cache", "PKG_REMOTE_CACHE names one: docs/guides/fleet.md");
  return make_error(ErrorKind::usage, cat("the remote cache ", quote(remote.url), " is not used: ",
                                          session.settings().offline ? "--offline" : "`remote-cache-mode` is `off`"));
}

// The session that moves files as `remote` says, and builds as the lock says.
Result<Session*> moving_session(const FleetOptions& options, const LockSource& source, const OpenedLock& opened,
                                bool is_pull, Session& given) {
  auto settings = given.settings();
  settings.remote.alone = is_pull;
  settings.remote.pushes = !is_pull;
  auto build_options = given.build_options();
  build_options.no_build = build_options.no_build || is_pull;
  auto& session =
      session_building(opened.lock, place_of(source), when_unlocked(options), given.with(settings, build_options));
  PKG_TRY_ASSIGN(auto* index, session.index());
  if (index->remote_cache() == nullptr) return no_remote(given);
  return &session;
}

Result<FleetReport> move_lock(const FleetOptions& options, bool is_pull, Session& given) {
  const auto begun = std::chrono::steady_clock::now();
  if (!is_pull && given.settings().remote.mode == index::RemoteMode::read_only)
    return make_error(ErrorKind::usage, "the remote cache may only be read: `remote-cache-mode` is `read-only`");
  PKG_TRY_ASSIGN(const auto source, find_lock(options, given));
  PKG_TRY_ASSIGN(const auto opened, open_lock(options, source, given));
  PKG_TRY_ASSIGN(auto* session, moving_session(options, source, opened, is_pull, given));
  PKG_TRY_ASSIGN(const auto freight, freight_of(options, source, opened, *session));
  PKG_TRY_ASSIGN(auto* index, session->index());
  Move move(*session, *index, is_pull ? "Pulling" : "Pushing");
  move.report.files = freight.files.size();
  PKG_TRY(move.for_each(freight.files, [&](const pep::DistFile& file, const fs::Path& folder) {
    return is_pull ? move.pull(file, folder) : move.push(file, folder);
  }));
  if (freight.builder && !freight.to_build.empty()) {
    session->make_builds(*freight.builder, nullptr);
    PKG_TRY_ASSIGN(auto* builder, session->need_builds());
    for (const auto& file : freight.to_build) {
      const auto wheel = builder->wheel(file);
      if (!wheel && !is_pull) return wheel.error();
      move.report.built += wheel.ok() ? 1 : 0;
    }
  }
  auto& remote = *index->remote_cache();
  remote.end(kLongestPush);
  const auto counts = remote.counts();
  auto& report = move.report;
  report.moved = is_pull ? report.files - report.missing.size() : counts.put;
  report.bytes = counts.put_bytes;
  report.trouble = remote.trouble();
  std::ranges::sort(report.missing);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return std::move(report);
}

}  // namespace

Result<FleetReport> push_lock(const FleetOptions& options, Session& session) {
  return move_lock(options, false, session);
}

Result<FleetReport> pull_lock(const FleetOptions& options, Session& session) {
  return move_lock(options, true, session);
}

}  // namespace pkg::ops
