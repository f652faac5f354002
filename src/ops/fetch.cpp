#include "ops/fetch.h"

#include <utility>

#include "base/hash.h"
#include "base/text.h"

namespace pkg::ops {

Result<std::vector<std::shared_ptr<const pep::UnpackedWheel>>> fetch(std::span<const resolver::Pin* const> pins, Session& session) {
  std::vector<std::shared_ptr<const pep::UnpackedWheel>> wheels;
  if (pins.empty()) return wheels;
  PKG_TRY_ASSIGN(auto* index, session.index());
  std::vector<const pep::DistFile*> files;
  for (const auto* pin : pins) {
    if (pin->best_file().kind != pep::DistKind::wheel) {
      return make_error(ErrorKind::unsupported, cat(quote(pin->name.str()), " ", pin->version.to_string(),
                                                    " has no wheel for this environment, and this version of pkg installs wheels only"));
    }
    files.push_back(&pin->best_file());
  }
  index->want_wheels(files);
  wheels.reserve(files.size());
  for (const auto* file : files) {
    PKG_TRY_ASSIGN(auto wheel, index->wheel(*file).with([&] { return cat("while fetching ", quote(file->file_name)); }));
    wheels.push_back(std::move(wheel));
  }
  return wheels;
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

}  // namespace

Result<venv::ChangeReport> carry_out(const venv::InstallPlan& plan, std::span<const venv::WantedDist> wanted,
                                     std::span<const resolver::Pin* const> pins, std::span<const venv::InstalledDist> installed,
                                     const venv::Environment& environment, const venv::ApplyOptions& options, Session& session) {
  std::vector<const resolver::Pin*> needed;
  for (const auto i : plan.install) needed.push_back(pins[i]);
  for (int attempt = 0;; ++attempt) {
    PKG_TRY_ASSIGN(const auto wheels, fetch(needed, session));
    venv::Change change;
    for (const auto i : plan.remove) change.remove.push_back(installed[i]);
    for (const auto i : plan.mark_requested) change.mark_requested.push_back(installed[i]);
    for (std::size_t i = 0; i < wheels.size(); ++i) {
      const auto& want = wanted[plan.install[i]];
      change.install.push_back({wheels[i], want.requested, with_hash(want.direct_url, *wheels[i])});
    }
    auto report = venv::apply(change, environment, options, session.reporter(), session.cancel());
    const bool damaged = !report && report.error().kind == ErrorKind::hash_mismatch && attempt == 0;
    if (!damaged) return report;
    session.reporter().warning(cat(report.error().message, ": fetching it again"));
    PKG_TRY_ASSIGN(auto* index, session.index());
    for (const auto* pin : needed) PKG_TRY(index->heal_wheel(pin->best_file()));
  }
}

}  // namespace pkg::ops
