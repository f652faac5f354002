#include "venv/transaction/bytecode.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/beneath.h"
#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "venv/embedded.h"
#include "venv/link/link_state.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kFilesPerRun = 400;  // some seconds of work: cancellation is looked for between runs
constexpr double kRunTimeout_s = 600;

struct Job {
  std::uint32_t dir = 0, wheel = 0;  // of the bytecode
  std::string name, source, staged;
};

Result<process::Output> run_python(const Environment& environment, std::string_view program, std::string input) {
  process::Command command;
  command.argv = {environment.python.native(), "-I", "-S", "-W", "ignore", "-c", std::string(program)};
  command.input = std::move(input);
  command.timeout_s = kRunTimeout_s;
  PKG_TRY_ASSIGN(auto output, process::run(command));
  if (output.exit_code != 0)
    return make_error(ErrorKind::io,
                      cat("the interpreter ", quote(environment.python.native()), " failed with code ",
                          output.exit_code, " while compiling bytecode"),
                      std::string(trim(output.err)));
  return output;
}

Result<std::string> cache_tag(const Environment& environment) {
  PKG_TRY_ASSIGN(const auto output,
                 run_python(environment, "import sys; sys.stdout.write(sys.implementation.cache_tag or '')", {}));
  const std::string tag(trim(output.out));
  if (!tag.empty() && (!is_plain_relative(tag) || tag.find('/') != std::string::npos))
    return make_error(ErrorKind::bad_data, cat("the interpreter names its bytecode ", quote(tag)));
  return tag;
}

// On all cores, in runs of some hundred modules.
Status compile(const std::vector<Job>& jobs, const Environment& environment, const CancelToken& cancel) {
  const std::size_t per_run = std::clamp<std::size_t>(jobs.size() / core_count() + 1, 1, kFilesPerRun);
  const std::size_t runs = (jobs.size() + per_run - 1) / per_run;
  std::mutex mutex;
  std::optional<Error> error;
  parallel_for(runs, core_count(), [&](std::size_t r) {
    std::string input;
    for (std::size_t i = r * per_run; i < std::min(jobs.size(), (r + 1) * per_run); ++i)
      append(input, jobs[i].source, '\0', jobs[i].staged, '\0');
    auto done = cancel.is_cancelled() ? Result<process::Output>(make_error(ErrorKind::interrupted, "interrupted"))
                                      : run_python(environment, embedded::compile_bytecode_py, std::move(input));
    if (done.ok()) return;
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(done).error();
  });
  if (error) return *std::move(error);
  return ok_status();
}

// The folder the interpreter writes to. It is named by our descriptor, so that nobody can lead it elsewhere; by its
// path where there is no /proc.
class Staging {
 public:
  static Result<Staging> make(const TxFolder& tx, const char* name) {
    PKG_TRY_ASSIGN(auto fd, tx.make_folder(name));
    std::string path = cat("/proc/", ::getpid(), "/fd/", fd.get());
    if (!fs::is_directory(path)) path = tx.path(name);
    return Staging(std::move(fd), std::move(path));
  }
  int fd() const { return fd_.get(); }
  std::string path(std::size_t job) const { return cat(path_, '/', name(job)); }
  static std::string name(std::size_t job) { return cat(job, ".pyc"); }

 private:
  Staging(fs::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  fs::Fd fd_;
  std::string path_;
};

// Moves what was made into place. A module that did not compile left nothing.
Result<std::uint64_t> publish(Placement& placement, Ground& ground, const Staging& staging,
                              const std::vector<Job>& jobs) {
  std::uint64_t made = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& dir = placement.dirs[jobs[i].dir];
    PKG_TRY_ASSIGN(const auto folder, ground.folder(dir.path));
    if (::renameat(staging.fd(), Staging::name(i).c_str(), folder->get(), jobs[i].name.c_str()) == 0) {
      placement.wheels[jobs[i].wheel].bytecode.emplace_back(jobs[i].dir, jobs[i].name);
      ++made;
    } else if (errno != ENOENT) {
      return fs::errno_error("cannot create", join_path(dir.path, jobs[i].name), errno);
    }
  }
  for (const auto& job : jobs) {
    const auto& dir = placement.dirs[job.dir];
    if (!dir.is_new) continue;
    const auto spot = ground.spot(dir.path);
    if (spot.ok()) (void)::unlinkat(spot->at(), spot->name.c_str(), AT_REMOVEDIR);  // only where nothing compiled
  }
  return made;
}

}  // namespace

Result<std::string> plan_bytecode(Placement& placement, const Environment& environment) {
  PKG_TRY_ASSIGN(const auto tag, cache_tag(environment));
  if (tag.empty()) return tag;
  const std::size_t count = placement.dirs.size();
  for (std::uint32_t d = 0; d < count; ++d) {
    if (placement.dirs[d].is_link || placement.dirs[d].in_link) continue;
    if (!placement.boundary().in_site(join_path(placement.dirs[d].path, "x"))) continue;
    std::vector<std::pair<std::string, std::uint32_t>> sources;
    for (const auto& file : placement.dirs[d].files)
      if (file.linked != nullptr && file.wheel != kNone && file.name.ends_with(".py"))
        sources.emplace_back(file.name.substr(0, file.name.size() - 3), file.wheel);
    if (sources.empty()) continue;
    const auto cache = placement.dir(join_path(placement.dirs[d].path, "__pycache__"));
    for (const auto& [stem, wheel] : sources)
      placement.add_bytecode(cache, cat(stem, '.', tag, ".pyc"), cat(stem, ".py"), wheel);
  }
  return tag;
}

Result<std::uint64_t> compile_bytecode(Placement& placement, Ground& ground, const TxFolder& tx,
                                       const Environment& environment, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(const auto staging, Staging::make(tx, "compiled"));
  std::vector<Job> jobs;
  for (std::uint32_t d = 0; d < placement.dirs.size(); ++d) {
    for (const auto& file : placement.dirs[d].files) {
      if (!file.is_bytecode()) continue;
      const std::string source = join_path(parent_of(placement.dirs[d].path), placement.bytecode[file.bytecode].source);
      jobs.push_back({d, file.wheel, placement.bytecode[file.bytecode].name, source, staging.path(jobs.size())});
    }
  }
  if (jobs.empty()) return std::uint64_t{0};
  PKG_TRY(compile(jobs, environment, cancel));
  return publish(placement, ground, staging, jobs);
}

Result<std::uint64_t> compile_linked(const Placement& placement, Ground& ground, const TxFolder& tx,
                                     std::span<const WheelToInstall> wheels, const Environment& environment,
                                     std::string_view ending, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(const auto staging, Staging::make(tx, "compiled-linked"));
  std::vector<Job> jobs;
  std::vector<std::string> folders;  // parallel to jobs
  for (std::uint32_t w = 0; w < wheels.size(); ++w) {
    const auto& manifest = wheels[w].wheel->manifest;
    for (std::size_t d = 0; d < manifest.dirs.size(); ++d) {
      const PlacedDir& dir = placement.dirs[placement.wheels[w].dirs[d]];
      if (!dir.is_link && !dir.in_link) continue;
      for (const auto& file : manifest.dirs[d].files) {
        if (!file.name.ends_with(".py")) continue;
        const std::string_view stem = std::string_view(file.name).substr(0, file.name.size() - 3);
        jobs.push_back(
            {0, w, cat(stem, '.', ending, ".pyc"), join_path(dir.path, file.name), staging.path(jobs.size())});
        folders.push_back(bytecode_folder(placement.boundary(), dir.path));
      }
    }
  }
  if (!jobs.empty()) PKG_TRY(compile(jobs, environment, cancel));
  std::uint64_t made = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!fs::exists_at(staging.fd(), Staging::name(i))) continue;
    PKG_TRY_ASSIGN(const auto folder, ground.made_folder(folders[i]));
    if (::renameat(staging.fd(), Staging::name(i).c_str(), folder->get(), jobs[i].name.c_str()) != 0)
      return fs::errno_error("cannot create", join_path(folders[i], jobs[i].name), errno);
    ++made;
  }
  return made;
}

}  // namespace pkg::venv
