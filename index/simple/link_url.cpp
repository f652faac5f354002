#include "index/simple/link_url.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index {
namespace {

// What a path may hold as it is: letters, digits, "-._~/". A table, because each character of a page's URLs is looked
// at.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 'a'; c <= 'z'; ++c)
    plain[static_cast<std::size_t>(c)] = plain[static_cast<std::size_t>(c - 'a' + 'A')] = true;
  for (int c = '0'; c <= '9'; ++c) plain[static_cast<std::size_t>(c)] = true;
  for (const char c : {'-', '.', '_', '~', '/'}) plain[static_cast<unsigned char>(c)] = true;
  return plain;
}();
bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

// The pieces between "%2F" and "@" are decoded and encoded again, so that one file has one spelling whatever the index
// wrote.
std::string clean_path(std::string_view path) {
  std::string out;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    const bool at_end = i == path.size();
    const bool slash = !at_end && path[i] == '%' && equals_ignoring_case(path.substr(i, 3), "%2f");
    if (!at_end && !slash && path[i] != '@') continue;
    append(out, url::percent_encode_path(url::percent_decode(path.substr(start, i - start))));
    if (at_end) break;
    append(out, slash ? std::string_view("%2F") : std::string_view("@"));
    if (slash) i += 2;
    start = i + 1;
  }
  return out;
}

std::size_t path_start(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return 0;
  return std::min(url.find('/', scheme + 3), url.size());
}

bool has_dot_segments(std::string_view path) {
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (dot != 0 && path[dot - 1] != '/') continue;
    auto end = dot + 1;
    if (end < path.size() && path[end] == '.') ++end;
    if (end == path.size() || path[end] == '/') return true;
  }
  return false;
}

}  // namespace

LinkBase::LinkBase(std::string_view page_url)
    : base_(page_url.substr(0, page_url.find_first_of("?#"))), path_at_(path_start(base_)) {
  if (path_at_ == base_.size()) base_.push_back('/');
}

void LinkBase::join(std::string_view reference, std::string& out) const {
  const std::string_view base = base_;
  if (reference.starts_with("https://") || reference.starts_with("http://")) {
    out.assign(reference);
    return;
  }
  if (reference.starts_with('/') && !reference.starts_with("//") && !has_dot_segments(reference)) {
    out.assign(base.substr(0, path_at_));
    out.append(reference);
    return;
  }
  // "../../x": as many folders of the base fall away.
  auto folder = base.substr(0, base.rfind('/') + 1);
  auto rest = reference;
  while (rest.starts_with("../") && folder.size() > path_at_ + 1) {
    folder = folder.substr(0, folder.rfind('/', folder.size() - 2) + 1);
    rest.remove_prefix(3);
  }
  const bool relative =
      !rest.empty() && is_ascii_alnum(rest[0]) && rest.substr(0, rest.find('/')).find(':') == std::string_view::npos;
  if (relative && !has_dot_segments(rest) && !has_dot_segments(folder)) {
    out.assign(folder);
    out.append(rest);
    return;
  }
  out = url::join(base, reference);
}

bool LinkBase::resolve(std::string_view reference, Link& link) const {
  const auto hash_at = reference.find('#');
  if (hash_at != std::string_view::npos) {
    link.fragment.assign(reference.substr(hash_at + 1));
    reference = reference.substr(0, hash_at);
  }
  std::string_view query;
  if (const auto query_at = reference.find('?'); query_at != std::string_view::npos) {
    query = reference.substr(query_at);
    reference = reference.substr(0, query_at);
  }
  join(reference, link.url);
  const auto path_at = path_start(link.url);
  const std::string_view path = std::string_view(link.url).substr(path_at);
  if (!std::all_of(path.begin(), path.end(), is_plain)) {
    auto cleaned = clean_path(path);
    link.url.replace(path_at, std::string::npos, cleaned);
  }
  const auto name_at = link.url.rfind('/') + 1;
  if (name_at <= path_at && path_at != 0) return false;
  const auto name = std::string_view(link.url).substr(name_at);
  if (name.find('%') == std::string_view::npos)
    link.file_name.assign(name);
  else
    link.file_name = url::percent_decode(name);
  link.url.append(query);
  return !link.file_name.empty();
}

void read_fragment_hash(std::string_view fragment, Link::Hashes& hashes) {
  for (const auto piece : split(fragment, '&')) {
    const auto equals = piece.find('=');
    if (equals == std::string_view::npos || !hash::algorithm_from_name(piece.substr(0, equals))) continue;
    std::pair hash(to_ascii_lower(piece.substr(0, equals)), std::string(piece.substr(equals + 1)));
    if (std::ranges::find(hashes, hash) == hashes.end()) hashes.push_back(std::move(hash));
  }
}

}  // namespace pkg::index
