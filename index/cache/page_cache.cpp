#include "index/cache/page_cache.h"

#include <unistd.h>

#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index {

std::string PageCache::index_key(const std::string& index_url, std::string_view access) {
  const auto parsed = url::Url::parse(index_url);
  auto text = parsed ? parsed->request_target() : index_url;
  while (text.ends_with('/')) text.pop_back();
  if (!access.empty()) append(text, '\0', access);
  return hash::to_hex(hash::sha256(text).substr(0, 10));
}

fs::Path PageCache::path(const std::string& key, const pep::Name& project) const {
  return folder_ / key / cat(project.str(), ".page");
}

std::shared_ptr<const PackedPage> PageCache::load(const std::string& key, const pep::Name& project) const {
  return PackedPage::from_file(project, path(key, project));
}

std::string PageCache::bytes(const std::string& key, const pep::Name& project) const {
  auto bytes = fs::read_file_at_most(path(key, project), limits::kCached);
  return bytes ? std::move(bytes).value() : std::string();
}

void PageCache::store(const std::string& key, const pep::Name& project, const PackedPage& page) const {
  const auto to = path(key, project);
  auto stored = fs::publish(to, page.bytes());
  if (!stored && fs::make_dirs(to.parent_path())) stored = fs::publish(to, page.bytes());
  if (stored) page.read_from(to);
}

Status PageCache::confirm(const std::string& key, const pep::Name& project, std::int64_t fetched_at,
                          std::int64_t max_age_s) const {
  return PackedPage::confirm(path(key, project), fetched_at, max_age_s);
}

}  // namespace pkg::index
