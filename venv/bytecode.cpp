#include "venv/bytecode.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "venv/embedded.h"
#include "venv/link_state.h"

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
    return make_error(
        ErrorKind::io,
        cat("the interpreter ", quote(environment.python.native()), " failed with code ", output.exit_code, " while compiling bytecode"),
        std::string(trim(output.err)));
  return output;
}

Result<std::string> cache_tag(const Environment& environment) {
  PKG_TRY_ASSIGN(const auto output, run_python(environment, "import sys; sys.stdout.write(sys.implementation.cache_tag or '')", {}));
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

// Moves what was made into place. A module that did not compile left nothing.
Result<std::uint64_t> publish(Placement& placement, const std::vector<Job>& jobs) {
  std::uint64_t made = 0;
  for (const auto& job : jobs) {
    const std::string target = placement.path_of(job.dir, job.name);
    if (::rename(job.staged.c_str(), target.c_str()) == 0) {
      placement.wheels[job.wheel].bytecode.emplace_back(job.dir, job.name);
      ++made;
    } else if (errno != ENOENT) {
      return fs::errno_error("cannot create", target, errno);
    }
  }
  for (const auto& job : jobs)
    if (placement.dirs[job.dir].is_new) ::rmdir(placement.dirs[job.dir].path.c_str());  // only where nothing compiled
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
    for (const auto& [stem, wheel] : sources) placement.add_bytecode(cache, cat(stem, '.', tag, ".pyc"), cat(stem, ".py"), wheel);
  }
  return tag;
}

Result<std::uint64_t> compile_bytecode(Placement& placement, const Environment& environment, const std::string& staging,
                                       const CancelToken& cancel) {
  std::vector<Job> jobs;
  for (std::uint32_t d = 0; d < placement.dirs.size(); ++d) {
    for (const auto& file : placement.dirs[d].files) {
      if (!file.is_bytecode()) continue;
      const std::string source = join_path(parent_of(placement.dirs[d].path), placement.bytecode[file.bytecode].source);
      jobs.push_back({d, file.wheel, placement.bytecode[file.bytecode].name, source, cat(staging, '/', jobs.size(), ".pyc")});
    }
  }
  if (jobs.empty()) return std::uint64_t{0};
  if (::mkdir(staging.c_str(), 0700) != 0 && errno != EEXIST) return fs::errno_error("cannot make folder", staging, errno);

  PKG_TRY(compile(jobs, environment, cancel));
  return publish(placement, jobs);
}

Result<std::uint64_t> compile_linked(const Placement& placement, std::span<const WheelToInstall> wheels, const Environment& environment,
                                     std::string_view ending, const CancelToken& cancel) {
  std::vector<Job> jobs;
  for (std::uint32_t w = 0; w < wheels.size(); ++w) {
    const auto& manifest = wheels[w].wheel->manifest;
    for (std::size_t d = 0; d < manifest.dirs.size(); ++d) {
      const PlacedDir& dir = placement.dirs[placement.wheels[w].dirs[d]];
      if (!dir.is_link && !dir.in_link) continue;
      const std::string folder = bytecode_folder(placement.boundary(), dir.path);
      for (const auto& file : manifest.dirs[d].files) {
        if (!file.name.ends_with(".py")) continue;
        const std::string_view stem = std::string_view(file.name).substr(0, file.name.size() - 3);
        jobs.push_back({0, w, {}, join_path(dir.path, file.name), cat(folder, '/', stem, '.', ending, ".pyc")});
      }
    }
  }
  if (!jobs.empty()) PKG_TRY(compile(jobs, environment, cancel));
  std::uint64_t made = 0;
  for (const auto& job : jobs) made += fs::exists(job.staged) ? 1 : 0;
  return made;
}

}  // namespace pkg::venv
