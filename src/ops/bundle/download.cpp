#include "ops/bundle/download.h"

#include <chrono>
#include <utility>

#include "base/text.h"
#include "ops/environment/target.h"
#include "ops/solve/resolve_for_target.h"

namespace pkg::ops {
namespace {

// What becomes of sources.
enum class Sources { as_they_are, built };

// pip's rule: what is built is for this machine, and a source's metadata may be, too.
Status check_other(const DownloadOptions& options, const Inputs& inputs) {
  if (!options.other.is_set() || options.resolve.policy.no_deps) return ok_status();
  resolver::FormatControl format = options.resolve.policy.format;
  for (const auto& option : inputs.format) PKG_TRY(add_format_control(option.value, option.only_binary, format));
  if (format.only_binary_all && format.no_binary.empty()) return ok_status();
  return make_error(
      ErrorKind::usage,
      "for another target nothing can be built: --platform, --python-version, --implementation and --abi need "
      "--only-binary=:all: or --no-deps",
      "add --only-binary=:all:");
}

// The file of each pin that goes into the folder; built where necessary. Parallel to `pins`.
Result<std::vector<pep::DistFile>> files_of(const std::vector<const resolver::Pin*>& pins, Sources sources,
                                            Session& session) {
  std::vector<pep::DistFile> files;
  std::vector<std::size_t> places;
  for (const auto* pin : pins) {
    const auto& file = pin->best_file();
    const auto plain =
        file.kind == pep::DistKind::wheel || sources == Sources::as_they_are ? plain_file(file) : std::nullopt;
    if (!plain) places.push_back(files.size());
    files.push_back(plain.value_or(file));
    files.back().editable = false;
  }
  std::vector<const pep::DistFile*> to_build;
  for (const auto place : places) to_build.push_back(&files[place]);
  if (to_build.empty()) return files;
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  PKG_TRY_ASSIGN(auto wheels, builds->wheels(to_build));
  for (std::size_t i = 0; i < wheels.size(); ++i) files[places[i]] = std::move(wheels[i]);
  return files;
}

bool is_built(const resolver::Pin& pin, const pep::DistFile& file) { return file.kind != pin.best_file().kind; }

// Hashes that were asked for are those of the sources, not of what is built from them.
RequiredHashes hashes_for(const std::vector<const resolver::Pin*>& pins, const std::vector<pep::DistFile>& files,
                          RequiredHashes hashes) {
  for (std::size_t i = 0; i < pins.size(); ++i)
    if (is_built(*pins[i], files[i])) hashes.erase(pins[i]->name);
  return hashes;
}

Result<DownloadReport> run(const DownloadOptions& options, Sources sources, Session& given) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(auto inputs, read_inputs(options.inputs, given));
  auto& session = session_for(inputs, given);
  PKG_TRY(check_other(options, inputs));
  const bool is_described = !options.other.python_version.empty() && !options.other.platforms.empty();
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_or_absent(options.python, is_described, session));
  PKG_TRY_ASSIGN(const auto target, target_of(options.other, interpreter));
  PKG_TRY(prepare_sources(inputs, interpreter, session));
  PKG_TRY_ASSIGN(auto gathered, resolve_for_target(inputs, options.resolve, target, session));
  DownloadReport report;
  report.folder = (session.working_folder() / options.folder).lexically_normal();
  report.warnings = gathered.warnings;
  report.requested = gathered.requested;
  report.markers = target.environment;
  const auto pins = pins_with_files(gathered, options.only_dependencies);
  if (options.dry_run) {
    for (const auto* pin : pins)
      report.files.push_back(
          {pin->name.str(), pin->version.to_string(), pin->best_file().file_name, {}, 0, false, false});
  } else {
    PKG_TRY_ASSIGN(const auto files, files_of(pins, sources, session));
    std::vector<const pep::DistFile*> pointers;
    for (const auto& file : files) pointers.push_back(&file);
    PKG_TRY_ASSIGN(const auto there,
                   put_files(pointers, hashes_for(pins, files, gathered.hashes), report.folder, {}, session));
    for (std::size_t i = 0; i < pins.size(); ++i) {
      const bool built = is_built(*pins[i], files[i]);
      report.files.push_back({pins[i]->name.str(), pins[i]->version.to_string(), files[i].file_name,
                              there[i].sha256_hex, there[i].size_bytes, there[i].kept, built});
    }
  }
  if (options.want_report) {
    ReportScope scope{&gathered.resolution, report.requested, {}, true};  // the files are no part of the cache
    for (const auto& file : report.files) scope.names.insert(file.name);
    PKG_TRY_ASSIGN(report.dists, report_dists(scope, session));
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace

Result<DownloadReport> download(const DownloadOptions& options, Session& session) {
  if (!options.inputs.editables.empty())
    return make_error(ErrorKind::usage, "an editable is installed in place and cannot be downloaded",
                      cat("pkg wheel ", options.inputs.editables.front(), " makes a wheel of it"));
  return run(options, Sources::as_they_are, session);
}

Result<DownloadReport> wheel(const DownloadOptions& options, Session& session) {
  return run(options, Sources::built, session);
}

}  // namespace pkg::ops
