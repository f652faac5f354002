#include "ops/self/release_manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/ed25519.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kLongestText = 2000;

Error malformed(std::string what) { return make_error(ErrorKind::bad_data, cat("the release manifest ", what)); }

Result<std::string> text_of(const json::Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return malformed(cat("has no text ", quote(key)));
  auto text = found->get<std::string>();
  if (text.empty() || text.size() > kLongestText) return malformed(cat(quote(key), " is empty or too long"));
  return text;
}

// What becomes part of a path in an archive: letters, digits and "._+-".
bool is_plain_word(std::string_view text) {
  return !text.starts_with('.') && std::ranges::all_of(text, [](char c) {
    return is_ascii_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-';
  });
}

Result<ReleaseFile> file_of(const json::Json& object) {
  if (!object.is_object()) return malformed("lists a file that is no object");
  ReleaseFile file;
  PKG_TRY_ASSIGN(file.target, text_of(object, "target"));
  PKG_TRY_ASSIGN(file.url, text_of(object, "url"));
  PKG_TRY_ASSIGN(file.sha256_hex, text_of(object, "sha256"));
  if (!is_plain_word(file.target)) return malformed(cat("has the target ", quote(file.target), ", which is none"));
  const auto digest = hash::from_hex(file.sha256_hex);
  if (!digest || digest->size() != hash::digest_size(hash::Algorithm::sha256))
    return malformed(cat("has a sha256 that is none: ", quote(file.sha256_hex)));
  file.sha256_hex = to_ascii_lower(file.sha256_hex);
  const auto size = object.find("size");
  if (size == object.end() || !size->is_number_unsigned()) return malformed("has a file without a size");
  file.size_bytes = size->get<std::uint64_t>();
  if (file.size_bytes == 0 || file.size_bytes > kMostReleaseBytes)
    return malformed(cat("has a file of ", file.size_bytes, " bytes, expected 1 to ", kMostReleaseBytes));
  return file;
}

// Base64 with or without padding (RFC 4648), of exactly so many bytes.
std::optional<std::string> bytes_of(std::string_view text, std::size_t size) {
  auto letters = std::string(trim(text));
  while (letters.ends_with('=')) letters.pop_back();
  std::ranges::replace(letters, '+', '-');
  std::ranges::replace(letters, '/', '_');
  auto bytes = hash::from_base64url(letters);
  return bytes && bytes->size() == size ? bytes : std::nullopt;
}

}  // namespace

const ReleaseFile* ReleaseManifest::file_for(std::string_view target) const {
  const auto found = std::ranges::find(files, target, &ReleaseFile::target);
  return found == files.end() ? nullptr : &*found;
}

Result<ReleaseManifest> parse_release_manifest(std::string_view text) {
  if (text.size() > kMostManifestBytes) return malformed("is too long");
  PKG_TRY_ASSIGN(const auto root, json::parse(text).with([] { return "in manifest.json"; }));
  if (!root.is_object()) return malformed("is no object");
  ReleaseManifest manifest;
  PKG_TRY_ASSIGN(manifest.version_text, text_of(root, "version"));
  if (!is_plain_word(manifest.version_text))
    return malformed(cat("has the version ", quote(manifest.version_text), ", which is none"));
  PKG_TRY_ASSIGN(manifest.version, pep::Version::parse(manifest.version_text));
  const auto files = root.find("files");
  if (files == root.end() || !files->is_array()) return malformed("has no list `files`");
  for (const auto& object : *files) {
    PKG_TRY_ASSIGN(auto file, file_of(object));
    if (manifest.file_for(file.target) != nullptr) return malformed(cat("has ", quote(file.target), " twice"));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

Result<std::string> parse_signature_file(std::string_view text) {
  if (auto bytes = bytes_of(text, ed25519::kSignatureSize)) return *std::move(bytes);
  return make_error(ErrorKind::bad_data, "manifest.json.sig is no signature, expected 64 bytes as base64");
}

Result<std::string> parse_public_key(std::string_view text) {
  if (auto bytes = bytes_of(text, ed25519::kPublicSize)) return *std::move(bytes);
  return make_error(ErrorKind::bad_data, cat("self-update-key is ", quote(text), ", expected 32 bytes as base64"));
}

}  // namespace pkg::ops
