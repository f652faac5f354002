#include "index/metadata/metadata_keys.h"

#include "base/hash.h"
#include "base/text.h"

namespace pkg::index {

bool has_checked_metadata(const pep::DistFile& file, bool verify_hashes) {
  return verify_hashes && file.has_metadata && file.metadata_hash && hash::is_strong(file.metadata_hash->algorithm);
}

std::string announced_file(const pep::DistFile& file, std::string_view access) {
  std::string text =
      cat(file.file_name, '\0', file.size_bytes ? cat(*file.size_bytes) : std::string(), '\0', file.url, '\0', access);
  for (const auto& hash : file.hashes) append(text, '\0', hash::name(hash.algorithm), ':', hash.hex);
  return text;
}

std::string MetadataKeys::unproven() const { return hash::sha256(cat("said ", said)); }

MetadataKeys metadata_keys(const pep::DistFile& file, std::string_view access, bool verify_hashes) {
  MetadataKeys keys;
  const auto* sha256 = file.sha256();
  if (sha256 != nullptr) keys.proven = hash::from_hex(sha256->hex).value_or(std::string());
  const bool is_known = keys.proven.size() == hash::digest_size(hash::Algorithm::sha256);
  const bool is_checked = is_known && has_checked_metadata(file, verify_hashes);
  keys.said = is_checked ? cat(keys.proven, hash::name(file.metadata_hash->algorithm), ':', file.metadata_hash->hex)
                         : announced_file(file, access);
  if (!is_known) keys.proven = hash::sha256(cat("held ", keys.said));
  return keys;
}

}  // namespace pkg::index
