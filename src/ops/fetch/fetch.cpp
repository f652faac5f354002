#include "ops/fetch/fetch.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "ops/environment/environment_state.h"

namespace pkg::ops {
namespace {

// The index client checked the hashes that were announced, and the resolver took only files whose announced hashes fit.
// What is left is a file of which nothing was announced: its sha256 is known now.
Status check_required(const pep::DistFile& file, const pep::UnpackedWheel& wheel,
                      const std::vector<pep::FileHash>& required) {
  const auto sha256 = hash::to_hex(wheel.manifest.wheel_sha256);
  std::vector<std::string> expected;
  for (const auto& hash : required) {
    if (std::ranges::find(file.hashes, hash) != file.hashes.end()) return ok_status();
    if (hash.algorithm == hash::Algorithm::sha256 && hash.hex == sha256) return ok_status();
    expected.push_back(cat(hash::name(hash.algorithm), " ", hash.hex));
  }
  return make_error(ErrorKind::hash_mismatch, cat(quote(file.file_name), " has none of the required hashes: expected ",
                                                  join(expected, " or "), ", got sha256 ", sha256));
}

}  // namespace

namespace {

// The file of each pin, and for those that are built the wheel it was built to.
struct Files {
  std::vector<const pep::DistFile*> wheels;  // in the order of the pins
  std::vector<pep::DistFile> built;
};

Result<Files> wheel_files(std::span<const resolver::Pin* const> pins, const SourceBuilderWhenNeeded& builds,
                          index::Index& index) {
  Files files;
  std::vector<const pep::DistFile*> ready, sources;
  for (const auto* pin : pins)
    (pin->best_file().kind == pep::DistKind::wheel ? ready : sources).push_back(&pin->best_file());
  index.want_wheels(ready);
  if (!sources.empty()) {
    PKG_TRY_ASSIGN(auto* builder, builds());
    PKG_TRY_ASSIGN(files.built, builder->wheels(sources));
  }
  std::size_t next = 0;
  for (const auto* pin : pins) {
    const bool is_built = pin->best_file().kind != pep::DistKind::wheel;
    files.wheels.push_back(is_built ? &files.built[next++] : &pin->best_file());
  }
  return files;
}

}  // namespace

Result<std::vector<std::shared_ptr<const pep::UnpackedWheel>>> fetch_with(std::span<const resolver::Pin* const> pins,
                                                                          const RequiredHashes& required,
                                                                          const SourceBuilderWhenNeeded& builds,
                                                                          Session& session) {
  std::vector<std::shared_ptr<const pep::UnpackedWheel>> wheels;
  if (pins.empty()) return wheels;
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(const auto files, wheel_files(pins, builds, *index));
  wheels.reserve(pins.size());
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const auto& file = *files.wheels[i];
    PKG_TRY_ASSIGN(auto wheel, index->wheel(file).with([&] { return cat("while fetching ", quote(file.file_name)); }));
    const auto hashes = required.find(pins[i]->name);
    // A source was checked before it was built (hash_mode.h).
    const bool is_wheel = pins[i]->best_file().kind == pep::DistKind::wheel;
    if (is_wheel && hashes != required.end()) PKG_TRY(check_required(pins[i]->best_file(), *wheel, hashes->second));
    wheels.push_back(std::move(wheel));
  }
  return wheels;
}

Result<std::vector<std::shared_ptr<const pep::UnpackedWheel>>> fetch(std::span<const resolver::Pin* const> pins,
                                                                     const RequiredHashes& required, Session& session) {
  return fetch_with(pins, required, session.builds_when_needed(), session);
}

namespace {

// direct_url.json wants the hash of the archive, known only once it is here.
std::optional<pep::DirectUrl> with_hash(std::optional<pep::DirectUrl> direct, const pep::UnpackedWheel& wheel) {
  if (!direct) return direct;
  if (auto* archive = std::get_if<pep::ArchiveInfo>(&direct->info); archive != nullptr && archive->hashes.empty()) {
    archive->hashes.emplace_back("sha256", hash::to_hex(wheel.manifest.wheel_sha256));
  }
  return direct;
}

// What the environment remembers of where a wheel came from: of what is built here the source, as far as it is a file.
std::string origin_of(const resolver::Pin& pin, const pep::UnpackedWheel& wheel) {
  const auto& file = pin.best_file();
  if (file.kind == pep::DistKind::wheel) return hash::to_hex(wheel.manifest.wheel_sha256);
  return file.sha256() == nullptr ? std::string() : file.sha256()->hex;
}

// What goes, by name, and does not say which files it has.
std::map<pep::Name, const venv::InstalledDist*> unrecorded_dists(const venv::InstallPlan& plan,
                                                                 std::span<const venv::InstalledDist> installed) {
  std::map<pep::Name, const venv::InstalledDist*> found;
  for (const auto i : plan.remove) {
    if (installed[i].kind == venv::InstalledKind::dist_info && !installed[i].has_record)
      found.emplace(installed[i].name, &installed[i]);
  }
  return found;
}

// The files of a distribution without RECORD are known where it came from the very file that comes again, and written
// over where that was asked for: then some may stay, which the answer tells.
std::vector<std::string> write_over(const std::map<pep::Name, const venv::InstalledDist*>& unrecorded,
                                    const venv::InstallPlan& plan, const venv::Origins& origins, venv::Change& change) {
  std::vector<std::string> warnings;
  for (auto& arriving : change.install) {
    const auto found = unrecorded.find(arriving.wheel->manifest.name);
    if (found == unrecorded.end()) continue;
    const auto& [name, dist] = *found;
    const auto from = origins.sha256_of(*dist);
    const bool is_same_file = !from.empty() && from == arriving.origin_sha256;
    arriving.over_unknown_files = is_same_file || plan.asked_again.contains(name);
    if (arriving.over_unknown_files && !is_same_file)
      warnings.push_back(cat(quote(name.str()), " ", dist->version.to_string(),
                             " had no RECORD: files of it that were not written over are still there"));
  }
  return warnings;
}

}  // namespace

Result<venv::ChangeReport> carry_out(const venv::InstallPlan& plan, std::span<const venv::WantedDist> wanted,
                                     std::span<const resolver::Pin* const> pins,
                                     std::span<const venv::InstalledDist> installed,
                                     const venv::Environment& environment, const venv::ApplyOptions& options,
                                     const RequiredHashes& required, Session& session) {
  forget(environment);
  const auto unrecorded = unrecorded_dists(plan, installed);
  const auto origins = unrecorded.empty() ? venv::Origins() : venv::Origins::read(environment, session.state_key());
  std::vector<const resolver::Pin*> needed;
  for (const auto i : plan.install) needed.push_back(pins[i]);
  for (int attempt = 0;; ++attempt) {
    PKG_TRY_ASSIGN(const auto wheels, fetch(needed, required, session));
    venv::Change change;
    for (const auto i : plan.remove) change.remove.push_back(installed[i]);
    for (const auto i : plan.mark_requested) change.mark_requested.push_back(installed[i]);
    for (std::size_t i = 0; i < wheels.size(); ++i) {
      const auto& want = wanted[plan.install[i]];
      change.install.push_back(
          {wheels[i], want.requested, with_hash(want.direct_url, *wheels[i]), origin_of(*needed[i], *wheels[i])});
    }
    const auto unknown = write_over(unrecorded, plan, origins, change);
    auto report = venv::apply(change, environment, options, session.state_key(), session.reporter(), session.cancel());
    const bool damaged = !report && report.error().kind == ErrorKind::hash_mismatch && attempt == 0;
    if (report) report->warnings.insert(report->warnings.end(), unknown.begin(), unknown.end());
    if (!damaged) return report;
    session.reporter().warning(cat(report.error().message, ": fetching it again"));
    PKG_TRY_ASSIGN(auto* index, session.index());
    for (const auto* pin : needed) {
      if (pin->best_file().kind == pep::DistKind::wheel) PKG_TRY(index->heal_wheel(pin->best_file()));
    }
  }
}

}  // namespace pkg::ops
