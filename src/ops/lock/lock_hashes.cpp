#include "ops/lock/lock_hashes.h"

#include <algorithm>
#include <utility>
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

Result<std::string> sha256_of_sdist(const pep::DistFile& file, Session& session) {
  if (file.url.starts_with("file:")) {
    PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(file.url.substr(0, file.url.find('#'))));
    return hash::hex_of_file(path);
  }
  PKG_TRY_ASSIGN(auto* index, session.index());
  PKG_TRY_ASSIGN(const auto folder, fs::TempDir::create(session.cache_dir() / "tmp", "hashes-"));
  PKG_TRY_ASSIGN(const auto path, index->download(file, folder.path()));
  return hash::hex_of_file(path);
}

// Where an index announces no hash of it: once per release.
Status complete_sdists(resolver::Pin& pin, WhichHashes which, Session& session) {
  for (auto& file : pin.files) {
    if (pep::has_strong_hash(file.hashes) || is_tree(file) || file.kind == pep::DistKind::wheel) continue;
    if (which == WhichHashes::needed && !file.url.starts_with("file:") && has_hashed_file(pin)) continue;
    PKG_TRY_ASSIGN(auto hex, sha256_of_sdist(file, session).with([&] {
      return cat("while finding out the hash of ", quote(file.file_name));
    }));
    add_sha256(file, std::move(hex));
  }
  return ok_status();
}

}  // namespace

bool has_hashed_file(const resolver::Pin& pin) {
  return std::ranges::any_of(pin.files, [](const pep::DistFile& file) { return pep::has_strong_hash(file.hashes); });
}

Status complete_hashes(resolver::Resolution& resolution, WhichHashes which, Session& session) {
  std::vector<pep::DistFile*> bare;
  for (auto& pin : resolution.pins) {
    for (auto& file : pin.files) {
      if (pep::has_strong_hash(file.hashes) || file.kind != pep::DistKind::wheel) continue;
      bare.push_back(&file);
    }
  }
  if (!bare.empty()) {
    PKG_TRY_ASSIGN(auto* index, session.index());
    index->want_wheels(bare);
    for (auto* file : bare) {
      PKG_TRY_ASSIGN(const auto wheel, index->wheel(*file).with([&] {
        return cat("while finding out the hash of ", quote(file->file_name));
      }));
      add_sha256(*file, hash::to_hex(wheel->manifest.wheel_sha256));
    }
  }
  for (auto& pin : resolution.pins) PKG_TRY(complete_sdists(pin, which, session));
  return ok_status();
}

}  // namespace pkg::ops
