#include "ops/pythons/python_catalog.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "pep/version.h"

namespace pkg::ops {
namespace {

using json::Json;

constexpr std::size_t kLongestText = 2000;

Error malformed(std::string what) { return make_error(ErrorKind::bad_data, cat("the catalogue of Pythons ", what)); }

// An optional text of an entry; empty: it is not there.
Result<std::string> text_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || found->is_null()) return std::string();
  if (!found->is_string()) return malformed(cat("has a ", quote(key), " that is no text"));
  auto text = found->get<std::string>();
  if (text.size() > kLongestText) return malformed(cat("has a ", quote(key), " that is too long"));
  return text;
}

Result<std::string> needed_text(const Json& entry, const char* key) {
  PKG_TRY_ASSIGN(auto text, text_of(entry, key));
  if (text.empty()) return malformed(cat("has an entry without ", quote(key)));
  return text;
}

Result<venv::PythonKey> key_of(const Json& entry) {
  venv::PythonKey key;
  PKG_TRY_ASSIGN(key.implementation, needed_text(entry, "implementation"));
  PKG_TRY_ASSIGN(key.version, needed_text(entry, "version"));
  PKG_TRY_ASSIGN(const auto variant, text_of(entry, "variant"));
  PKG_TRY_ASSIGN(const auto platform, needed_text(entry, "platform"));
  PKG_TRY_ASSIGN(key.platform.libc, text_of(entry, "libc"));
  if (key.platform.libc.empty()) key.platform.libc = "none";
  const auto dash = platform.find('-');
  key.platform.os = platform.substr(0, dash);
  if (dash != std::string::npos) key.platform.arch = platform.substr(dash + 1);
  // What becomes the name of a folder has to come back from that name.
  if (!venv::parse_variant(variant, key) || !venv::parse_python_key(key.name()))
    return malformed(cat("has an entry that names no build of Python: ", quote(key.name()),
                         variant.empty() ? std::string() : cat(", variant ", quote(variant))));
  return key;
}

// Where an archive is: relative to `base`, or whole.
Result<std::string> address_of(const std::string& url, const std::string& base, std::string_view mirror) {
  const auto whole = url::join(base, url);
  if (!whole.starts_with("https:") && !whole.starts_with("http:") && !whole.starts_with("file:"))
    return malformed(cat("has the address ", quote(url::redact(url)), ", expected https, http or file"));
  if (mirror.empty()) {
    // Files of this machine are named by catalogues that are such files.
    if (whole.starts_with("file:") && !base.starts_with("file:"))
      return malformed(cat("comes from a server and has the address ", quote(url::redact(url))));
    return whole;
  }
  if (!whole.starts_with(base))
    return malformed(cat("has the address ", quote(url::redact(whole)), " outside of its base ",
                         quote(url::redact(base)), ", which --mirror cannot replace"));
  return cat(mirror, whole.substr(base.size()));
}

Result<CatalogEntry> entry_of(const Json& object, const std::string& base, const std::string& mirror) {
  if (!object.is_object()) return malformed("lists something that is no object");
  CatalogEntry entry;
  PKG_TRY_ASSIGN(entry.key, key_of(object));
  PKG_TRY_ASSIGN(const auto url, needed_text(object, "url"));
  PKG_TRY_ASSIGN(auto address, address_of(url, base, mirror));
  entry.url = SecretUrl(std::move(address));
  PKG_TRY_ASSIGN(entry.sha256_hex, needed_text(object, "sha256"));
  const auto digest = hash::from_hex(entry.sha256_hex);
  if (!digest || digest->size() != hash::digest_size(hash::Algorithm::sha256))
    return malformed(cat("has a sha256 that is none: ", quote(entry.sha256_hex)));
  entry.sha256_hex = to_ascii_lower(entry.sha256_hex);
  PKG_TRY_ASSIGN(entry.build, text_of(object, "build"));
  const auto size = object.find("size");
  if (size == object.end() || size->is_null()) return entry;
  if (!size->is_number_unsigned()) return malformed("has a size that is no number");
  entry.size_bytes = size->get<std::uint64_t>();
  if (entry.size_bytes == 0 || entry.size_bytes > kMostPythonBytes)
    return malformed(cat("has an archive of ", entry.size_bytes, " bytes, expected 1 to ", kMostPythonBytes));
  return entry;
}

std::string with_slash(std::string text) {
  if (!text.empty() && !text.ends_with('/')) text += '/';
  return text;
}

// Whether `b` is taken rather than `a`.
bool is_better(const CatalogEntry& b, const CatalogEntry& a) {
  if (b.key.version != a.key.version) return venv::is_older(a.key, b.key);
  return std::tie(a.build) < std::tie(b.build);
}

template <class Accepts>
const CatalogEntry* best_where(const std::vector<CatalogEntry>& entries, const Accepts& accepts) {
  const CatalogEntry* best = nullptr;
  for (const auto& entry : entries)
    if (accepts(entry.key) && (best == nullptr || is_better(entry, *best))) best = &entry;
  return best;
}

bool is_prerelease(const venv::PythonKey& key) {
  const auto version = pep::Version::try_parse(key.version);
  return version && version->is_prerelease();
}

}  // namespace

const CatalogEntry* PythonCatalog::best(const venv::InterpreterRequest& request,
                                        const venv::PythonPlatform& host) const {
  auto wanted = request;
  if (wanted.platform.os.empty()) wanted.platform.os = host.os;
  if (wanted.platform.arch.empty()) wanted.platform.arch = host.arch;
  if (wanted.platform.libc.empty() && wanted.platform.os == host.os) wanted.platform.libc = host.libc;
  const auto* final = best_where(entries, [&](const auto& key) { return wanted.accepts(key, false); });
  if (final != nullptr || request.is_any()) return final;
  return best_where(entries, [&](const auto& key) { return wanted.accepts(key, true); });
}

const CatalogEntry* PythonCatalog::best_like(const venv::PythonKey& like) const {
  const auto minor = like.minor_name();
  const bool takes_prereleases = is_prerelease(like);
  return best_where(entries, [&](const auto& key) {
    return key.minor_name() == minor && (takes_prereleases || !is_prerelease(key));
  });
}

std::vector<const CatalogEntry*> PythonCatalog::newest(const venv::PythonPlatform& host) const {
  std::map<std::string, const CatalogEntry*> best;
  for (const auto& entry : entries) {
    if (entry.key.platform != host || is_prerelease(entry.key)) continue;
    const auto [known, is_new] = best.try_emplace(entry.key.minor_name(), &entry);
    if (!is_new && is_better(entry, *known->second)) known->second = &entry;
  }
  std::vector<const CatalogEntry*> found;
  for (const auto& [name, entry] : best) found.push_back(entry);
  std::ranges::stable_sort(found, [](const auto* a, const auto* b) { return venv::is_older(b->key, a->key); });
  return found;
}

Result<PythonCatalog> parse_python_catalog(std::string_view text, std::string_view address, std::string_view mirror) {
  PKG_TRY_ASSIGN(const auto root, json::parse(text).with([] { return "in the catalogue of Pythons"; }));
  if (!root.is_object()) return malformed("is no object");
  const auto schema = root.find("schema");
  if (schema == root.end() || !schema->is_number_unsigned()) return malformed("has no `schema`");
  if (*schema != 1) return malformed(cat("has the schema ", schema->dump().substr(0, 20), ", and this pkg reads 1"));
  PKG_TRY_ASSIGN(auto base, text_of(root, "base"));
  // Without one, the addresses are relative to the catalogue's own folder.
  base = with_slash(base.empty() ? url::join(address, ".") : url::join(address, base));
  const auto list = root.find("pythons");
  if (list == root.end() || !list->is_array()) return malformed("has no list `pythons`");
  if (list->size() > kMostCatalogEntries) return malformed(cat("lists more than ", kMostCatalogEntries, " builds"));
  const auto front = with_slash(std::string(mirror));
  PythonCatalog catalog;
  catalog.entries.reserve(list->size());
  for (const auto& object : *list) {
    PKG_TRY_ASSIGN(auto entry, entry_of(object, base, front));
    catalog.entries.push_back(std::move(entry));
  }
  return catalog;
}

}  // namespace pkg::ops
