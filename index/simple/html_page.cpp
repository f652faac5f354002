#include "index/simple/html_page.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "index/simple/html_tags.h"
#include "index/simple/link_url.h"

namespace pkg::index {
namespace {

using Tag = HtmlTags::Tag;

bool has_base_tag(std::string_view text) {
  constexpr std::string_view kBase = "<base";
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1))
    if (equals_ignoring_case(text.substr(at, kBase.size()), kBase)) return true;
  return false;
}

// <base> may come after links it counts for; pages that have one are read twice.
std::string base_of(std::string_view body, const std::string& page_url) {
  if (!has_base_tag(body)) return page_url;
  HtmlTags tags(body);
  while (const Tag* tag = tags.next()) {
    if (tag->name != "base") continue;
    if (const auto* href = tag->find("href")) return url::join(page_url, trim(href->value));
  }
  return page_url;
}

void read_meta(const Tag& tag, PageHead& head) {
  const auto* name = tag.find("name");
  const auto* content = tag.find("content");
  if (name == nullptr || content == nullptr) return;
  if (name->value == "pypi:repository-version") {
    head.api_version = trim(content->value);
    head.is_listing = true;
  }
  if (name->value == "pypi:project-status") head.status = trim(content->value);
  if (name->value == "pypi:project-status-reason") head.status_reason = trim(content->value);
}

void read_metadata_attribute(const Tag& tag, Link& link) {
  const auto* attribute = tag.find("data-core-metadata");
  if (attribute == nullptr) attribute = tag.find("data-dist-info-metadata");
  if (attribute == nullptr) return;
  link.has_metadata = true;
  const std::string_view value = attribute->value;
  const auto equals = value.find('=');
  if (equals == std::string::npos) return;
  link.metadata_hashes.emplace_back(to_ascii_lower(trim(value.substr(0, equals))),
                                    std::string(trim(value.substr(equals + 1))));
}

bool read_anchor(const Tag& tag, const LinkBase& base, Link& link) {
  const auto* href = tag.find("href");
  if (href == nullptr) return false;
  link.clear();
  if (!base.resolve(trim(href->value), link)) return false;
  read_fragment_hash(link.fragment, link.hashes);
  if (const auto* python = tag.find("data-requires-python")) link.requires_python = python->value;
  if (const auto* yanked = tag.find("data-yanked")) link.yanked = yanked->value;
  if (const auto* uploaded = tag.find("data-upload-time")) link.upload_time = time::parse_rfc3339(uploaded->value);
  read_metadata_attribute(tag, link);
  return true;
}

// The text of the first element of that name, on one line and no longer than a line; tags within it are part of it.
std::string first_text(std::string_view body, std::string_view element) {
  constexpr std::size_t kMostShown = 80;
  for (auto at = body.find('<'); at != std::string_view::npos; at = body.find('<', at + 1)) {
    auto rest = body.substr(at + 1);
    if (!equals_ignoring_case(rest.substr(0, element.size()), element)) continue;
    rest.remove_prefix(element.size());
    if (rest.empty() || (rest.front() != '>' && !is_ascii_space(rest.front()))) continue;
    rest.remove_prefix(std::min(rest.find('>'), rest.size() - 1) + 1);
    const auto text = trim(rest.substr(0, std::min(rest.find("</"), 4 * kMostShown)));
    return decode_references(text.substr(0, std::min(text.find_first_of("\r\n"), kMostShown)));
  }
  return {};
}

// How indexes, and servers that show a folder, begin the titles of their lists.
bool is_title_of_list(std::string_view title) {
  constexpr std::array<std::string_view, 4> kBeginnings = {"links for", "index of", "directory listing for",
                                                           "simple index"};
  return std::ranges::any_of(kBeginnings, [&](std::string_view beginning) {
    return equals_ignoring_case(title.substr(0, beginning.size()), beginning);
  });
}

}  // namespace

void read_html_title(std::string_view body, PageHead& head) {
  head.title = first_text(body, "title");
  const auto heading = first_text(body, "h1");
  head.is_listing = head.is_listing || is_title_of_list(head.title) || is_title_of_list(heading);
  if (head.title.empty()) head.title = heading;
}

Result<PageHead> parse_html_page(std::string_view body, const std::string& url, const LinkSink& sink) {
  const LinkBase base(base_of(body, url));
  PageHead head;
  Link link;
  HtmlTags tags(body);
  while (const Tag* tag = tags.next()) {
    if (tag->name == "meta") read_meta(*tag, head);
    if (tag->name == "a" && read_anchor(*tag, base, link)) sink(link);
  }
  return head;
}

}  // namespace pkg::index
