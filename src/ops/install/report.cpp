#include "ops/install/report.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/install/planned_change.h"

namespace pkg::ops {
namespace {

// What resolving needed to know, as header fields.
pep::RawMetadata seen_metadata(const resolver::Pin& pin) {
  pep::RawMetadata raw;
  const auto* metadata = pin.metadata.get();
  if (metadata == nullptr) {
    raw.fields = {{"name", pin.name.str()}, {"version", pin.version.to_string()}};
    return raw;
  }
  raw.fields = {{"metadata-version", metadata->metadata_version},
                {"name", metadata->name_text},
                {"version", metadata->version_text}};
  if (metadata->has_requires_python) raw.fields.emplace_back("requires-python", metadata->requires_python_text);
  for (const auto& requirement : metadata->requires_dist)
    raw.fields.emplace_back("requires-dist", requirement.to_string());
  for (const auto& extra : metadata->provides_extra) raw.fields.emplace_back("provides-extra", extra.str());
  return raw;
}

struct Found {
  std::string metadata;  // METADATA's text
  std::string sha256;    // of the wheel, hex; empty: unknown
};

Result<Found> in_store(const pep::DistFile& wheel, Session& session) {
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(const auto unpacked, index->wheel(wheel));
  const auto& manifest = unpacked->manifest;
  for (const auto& dir : manifest.dirs) {
    if (dir.path != manifest.dist_info) continue;
    const auto path = std::filesystem::path(unpacked->path) / dir.store_path / "METADATA";
    if (!fs::exists(path)) continue;
    PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(path, limits::kMetadata));
    return Found{std::move(text), hash::to_hex(manifest.wheel_sha256)};
  }
  return make_error(ErrorKind::not_found, cat(quote(wheel.file_name), " has no METADATA"));
}

Result<Found> announced(const pep::DistFile& wheel, Session& session) {
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(auto text, index->text(cat(wheel.url, ".metadata")));
  const auto& hash = wheel.metadata_hash;
  if (hash && hash::is_strong(hash->algorithm) && hash::to_hex(hash::digest(hash->algorithm, text)) != hash->hex)
    return make_error(ErrorKind::hash_mismatch,
                      cat("the metadata of ", quote(wheel.file_name), " is not what was announced"));
  return Found{std::move(text), {}};
}

Result<Found> look_up(const resolver::Pin& pin, bool dry_run, Session& session) {
  const auto& file = pin.best_file();
  if (file.kind == pep::DistKind::wheel)
    return dry_run && file.has_metadata ? announced(file, session) : in_store(file, session);
  if (dry_run) return make_error(ErrorKind::unsupported, "it would have to be built");
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  PKG_TRY_ASSIGN(const auto wheel, builds->wheel(file));
  PKG_TRY_ASSIGN(auto found, in_store(wheel, session));
  found.sha256.clear();  // of what was built, not of its source
  return found;
}

pep::DirectUrl source_of(const resolver::Pin& pin, const std::string& sha256) {
  const auto& file = pin.best_file();
  auto source = direct_url_of(pin).value_or(pep::DirectUrl{file.url, pep::ArchiveInfo{}, {}});
  auto* archive = std::get_if<pep::ArchiveInfo>(&source.info);
  if (archive == nullptr) return source;
  archive->hashes.clear();
  for (const auto& hash : file.hashes) archive->hashes.emplace_back(hash::name(hash.algorithm), hash.hex);
  if (archive->hashes.empty() && !sha256.empty()) archive->hashes.emplace_back("sha256", sha256);
  return source;
}

}  // namespace

Result<std::vector<ReportedDist>> report_dists(const ReportScope& scope, Session& session) {
  std::vector<ReportedDist> dists;
  for (const auto& pin : scope.resolution->pins) {
    if (pin.files.empty() || !scope.names.contains(pin.name.str())) continue;
    auto found = look_up(pin, scope.dry_run, session);
    if (!found && found.error().kind == ErrorKind::interrupted) return std::move(found).error();
    auto raw = found ? pep::parse_raw_metadata(found->metadata) : Result<pep::RawMetadata>(seen_metadata(pin));
    ReportedDist dist;
    dist.source = source_of(pin, found ? found->sha256 : std::string());
    dist.is_direct = pin.direct;
    dist.is_yanked = pin.best_file().yanked.has_value();
    dist.requested = scope.requested.contains(pin.name);
    dist.metadata = raw ? std::move(raw).value() : seen_metadata(pin);
    if (dist.requested) {
      for (const auto& extra : pin.extras) dist.requested_extras.push_back(extra.str());
    }
    dists.push_back(std::move(dist));
  }
  return dists;
}

}  // namespace pkg::ops
