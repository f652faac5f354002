#include "index/sdist_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/hash_strength.h"

namespace pkg::index {
namespace {

constexpr std::size_t kChunk = 1u << 20;

// Links are kept by project; a URL that was given alone has none yet.
pep::DistFile with_project(const pep::DistFile& file) {
  auto named = file;
  if (named.project.empty()) named.project = pep::Name::from_normalized(".sources");
  return named;
}

}  // namespace

// The stored bytes are what their name says, and have the other hashes that were announced.
bool SdistStore::is_intact(const std::string& hex, const pep::DistFile& file) const {
  const auto path = place(hex);
  const auto fd = fs::open_regular(path);
  if (!fd) return false;
  std::vector<std::pair<std::string, hash::Hasher>> checks;
  checks.emplace_back(hex, hash::Hasher(hash::Algorithm::sha256));
  if (verify_)
    for (const auto& announced : pep::hashes_that_count(file.hashes))
      checks.emplace_back(announced.hex, hash::Hasher(announced.algorithm));
  std::vector<char> chunk(kChunk);
  for (std::uint64_t at = 0;;) {
    const auto got = fs::read_at(fd->get(), at, chunk, path);
    if (!got) return false;
    if (*got == 0) break;
    for (auto& check : checks) check.second.update({chunk.data(), *got});
    at += *got;
  }
  for (auto& [expected, hasher] : checks)
    if (hash::to_hex(hasher.finish()) != expected) return false;
  (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // the time of its last use
  return true;
}

Result<StoredArchive> SdistStore::download(const pep::DistFile& file, const fs::Path& spare) {
  PKG_TRY_ASSIGN(const auto artifact, downloader_.get(file));
  const auto hex = hash::to_hex(artifact.sha256());
  const auto path = place(hex);
  if (fs::make_dirs(path.parent_path()) && fs::publish(path, artifact.bytes())) {
    if (!file.project.empty())
      (void)fs::publish(cat(path.native(), ".project"), file.project.str());  // for `cache clean NAME`
    const bool is_linked = file.sha256() == nullptr;
    if (is_linked)
      (void)links_.link(with_project(file), downloader_.access(file.url),
                        artifact.sha256());  // only saves a transfer next time
    return StoredArchive{path, hex};
  }
  PKG_TRY(fs::publish(spare, artifact.bytes()));
  return StoredArchive{spare, hex};
}

Result<StoredArchive> SdistStore::get(const pep::DistFile& file, const fs::Path& spare) {
  std::string known;
  if (const auto* sha256 = file.sha256())
    known = sha256->hex;
  else if (!refresh_.applies_to(file))
    if (const auto raw = links_.linked(with_project(file), downloader_.access(file.url))) known = hash::to_hex(*raw);
  if (known.size() == 64 && is_intact(known, file)) return StoredArchive{place(known), known};
  if (offline_ && !file.url.starts_with("file:"))
    return make_error(ErrorKind::not_found, cat("the archive ", quote(url::redact(file.url)), " is not in the cache"),
                      "it can be fetched without --offline");
  return download(file, spare);
}

}  // namespace pkg::index
