#include "index/name_hint.h"

#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "index/cache/cache.h"
#include "index/cache/page_cache.h"
#include "index/http/access.h"

namespace pkg::index {
namespace {

constexpr std::string_view kSuffix = ".page";

std::vector<std::string> names_in(const fs::Path& folder) {
  std::vector<std::string> names;
  const auto files = fs::list_dir(folder);
  if (!files) return names;
  for (const auto& file : *files) {
    if (file.ends_with(kSuffix)) names.push_back(file.substr(0, file.size() - kSuffix.size()));
  }
  return names;
}

}  // namespace

std::optional<std::string> nearest_cached_project(const Settings& settings, const pep::Name& word) {
  const fs::Path pages = CachePaths{settings.cache_dir}.pages();
  const PageCache cache(pages);
  Credentials credentials(settings, nullptr);
  Access access(settings, credentials);
  for (const auto& index : settings.indexes) {
    const auto address = index.url.without_credentials();
    const auto key = PageCache::index_key(address, access.of(address));
    auto names = names_in(pages / key);
    std::erase(names, word.str());
    // The cache remembers names that the index does not have, too: earlier slips of the finger.
    while (auto name = nearest(word.str(), names)) {
      const auto page = pep::is_valid_name(*name) ? cache.load(key, pep::Name::from_normalized(*name)) : nullptr;
      if (page && page->facts().found) return name;
      std::erase(names, *name);
    }
  }
  return std::nullopt;
}

}  // namespace pkg::index
