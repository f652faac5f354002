#include "ops/lock/lock_hashes.h"

#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hash_file.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/hash_strength.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// Folders and revisions have no bytes to hash.
bool is_tree(const pep::DistFile& file) {
  if (file.kind == pep::DistKind::wheel) return false;
  const auto source = pep::SourceUrl::parse(file.url);
  return source && (source->kind == pep::SourceUrl::Kind::folder || source->kind == pep::SourceUrl::Kind::vcs);
}

void add_sha256(pep::DistFile& file, std::string hex) {
  file.hashes.insert(file.hashes.begin(), pep::FileHash{hash::Algorithm::sha256, std::move(hex)});
}

}  // namespace

Status complete_hashes(resolver::Resolution& resolution, Session& session) {
  std::vector<pep::DistFile*> bare;
  std::vector<const pep::DistFile*> wheels;
  for (auto& pin : resolution.pins) {
    for (auto& file : pin.files) {
      if (pep::has_strong_hash(file.hashes) || is_tree(file)) continue;
      bare.push_back(&file);
      if (file.kind == pep::DistKind::wheel) wheels.push_back(&file);
    }
  }
  if (bare.empty()) return ok_status();
  PKG_TRY_ASSIGN(auto* index, session.index());
  index->want_wheels(wheels);
  for (auto* file : bare) {
    if (file->kind == pep::DistKind::wheel) {
      PKG_TRY_ASSIGN(const auto wheel, index->wheel(*file).with([&] {
        return cat("while finding out the hash of ", quote(file->file_name));
      }));
      add_sha256(*file, hash::to_hex(wheel->manifest.wheel_sha256));
    } else if (file->url.starts_with("file:")) {
      PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file->url.substr(0, file->url.find('#'))));
      PKG_TRY_ASSIGN(const auto hex, hash::hex_of_file(path));
      add_sha256(*file, hex);
    }
  }
  return ok_status();
}

}  // namespace pkg::ops
