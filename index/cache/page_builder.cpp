#include "index/cache/page_builder.h"

#include <algorithm>
#include <string_view>

#include "base/hash.h"
#include "base/inflate.h"
#include "index/cache/packed_format.h"
#include "pep/filename.h"

namespace pkg::index {

using namespace packed_format;

namespace {

// No file system takes longer ones; the format has two bytes for a version's length.
constexpr std::size_t kMaxFileName = 4096;

// "https://host/first-folder/": what most URLs of one page begin with.
std::string common_prefix(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  const auto path = url.find('/', scheme + 3);
  if (path == std::string::npos) return {};
  const auto folder = url.find('/', path + 1);
  return url.substr(0, (folder == std::string::npos ? path : folder) + 1);
}

void write_hashes(BinaryWriter& out, const Link::Hashes& hashes) {
  const auto is_known = [](const auto& hash) {
    return hash::algorithm_from_name(hash.first).has_value() && hash.second.size() <= 255;
  };
  const auto count = std::min<std::ptrdiff_t>(std::count_if(hashes.begin(), hashes.end(), is_known), 8);
  out.u8(static_cast<std::uint8_t>(count));
  auto left = count;
  for (const auto& hash : hashes) {
    if (left == 0) break;
    if (!is_known(hash)) continue;
    --left;
    const auto algorithm = *hash::algorithm_from_name(hash.first);
    const auto raw = hash::from_hex(hash.second);
    const bool is_digest = raw && raw->size() == hash::digest_size(algorithm);
    // What is no digest of its algorithm is kept: no file has that hash, and that is to be noticed.
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(algorithm) | (is_digest ? 0U : kTextHash)));
    const std::string& bytes = is_digest ? *raw : hash.second;
    out.u8(static_cast<std::uint8_t>(bytes.size()));
    out.bytes(bytes);
  }
}

}  // namespace

std::optional<PageBuilder::Parsed> PageBuilder::parse(const std::string& file_name) const {
  if (file_name.ends_with(".whl")) {
    auto wheel = pep::WheelName::parse(file_name);
    if (!wheel || wheel->name != project_) return std::nullopt;
    return Parsed{wheel->label.empty() ? Kind::wheel : Kind::variant_wheel, std::move(wheel->version),
                  pep::wheel_systems(wheel->platforms)};
  }
  if (file_name.ends_with(".json")) {
    auto variants = pep::VariantsJsonName::parse(file_name);
    if (!variants || variants->name != project_) return std::nullopt;
    return Parsed{Kind::variants_json, std::move(variants->version), 0};
  }
  if (!file_name.ends_with(".tar.gz") && !file_name.ends_with(".zip")) return std::nullopt;
  auto sdist = pep::SdistName::parse(file_name, &project_);
  if (!sdist || sdist->name != project_) return std::nullopt;
  return Parsed{Kind::sdist, std::move(sdist->version), 0};
}

PageBuilder::Group& PageBuilder::group(const pep::Version& version) {
  const auto [found, is_new] = by_version_.try_emplace(version, groups_.size());
  if (is_new) {
    groups_.emplace_back();
    groups_.back().version = version;
    groups_.back().text = version.to_string();
  }
  return groups_[found->second];
}

void PageBuilder::add(const Link& link) {
  const std::string* file_name = &link.file_name;
  auto parsed = parse(*file_name);
  if (!parsed && !link.announced_name.empty() && link.announced_name != link.file_name) {
    file_name = &link.announced_name;
    parsed = parse(*file_name);
  }
  if (!parsed) {
    ++skipped_;
    return;
  }
  if (file_name->size() > kMaxFileName) {  // the version is a part of it
    ++oversized_;
    ++skipped_;
    return;
  }
  auto& into = group(parsed->version);
  const bool is_variant = parsed->kind == Kind::variant_wheel, is_json = parsed->kind == Kind::variants_json;
  write_file(link, *file_name, parsed->kind == Kind::wheel || is_variant,
             is_variant || is_json ? into.variants : into.files);
  if (is_json) return;  // it is no file of the release
  has_dist_ = true;
  into.has_variant = into.has_variant || is_variant;
  (parsed->kind == Kind::sdist ? into.has_sdist : into.has_wheel) = true;
  into.all_yanked = into.all_yanked && link.yanked.has_value();
  into.systems |= parsed->systems;
}

void PageBuilder::write_file(const Link& link, const std::string& file_name, bool is_wheel, BinaryWriter& out) {
  if (url_prefix_.empty()) url_prefix_ = common_prefix(link.url);
  std::string_view url = link.url;
  const bool has_prefix = !url_prefix_.empty() && url.starts_with(url_prefix_);
  if (has_prefix) url.remove_prefix(url_prefix_.size());
  const bool ends_with_name = url.ends_with(file_name);
  if (ends_with_name) url.remove_suffix(file_name.size());
  out.u8(static_cast<std::uint8_t>((is_wheel ? kWheel : 0) | (link.yanked ? kYanked : 0) |
                                   (link.has_metadata ? kMetadata : 0) | (link.size_bytes ? kSize : 0) |
                                   (link.upload_time ? kUploadTime : 0) | (ends_with_name ? kEndsWithName : 0) |
                                   (has_prefix ? kHasPrefix : 0)));
  out.text(file_name);
  out.text(url);
  write_hashes(out, link.hashes);
  out.text(link.requires_python);
  if (link.yanked) out.text(*link.yanked);
  if (link.has_metadata) write_hashes(out, link.metadata_hashes);
  if (link.size_bytes) out.u64(*link.size_bytes);
  if (link.upload_time) out.i64(*link.upload_time);
}

std::string PageBuilder::finish(PageFacts facts) {
  std::vector<std::size_t> order;
  order.reserve(groups_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    auto& group = groups_[i];
    if (!group.has_wheel && !group.has_sdist) continue;  // only said what the variants were, of which there is none
    order.push_back(i);
    if (!group.has_variant) continue;
    BinaryWriter both;
    both.u32(static_cast<std::uint32_t>(group.files.size()));
    both.bytes(group.files.str());
    both.bytes(group.variants.str());
    group.files = std::move(both);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return groups_[a].version > groups_[b].version; });
  BinaryWriter out;
  out.bytes(kMagic);
  out.u32(0);
  out.u32(0);
  out.i64(facts.fetched_at);
  out.i64(facts.max_age_s);
  out.u64(0);
  out.u64(0);
  out.u8(facts.found ? 1 : 0);
  for (const auto* text : {&facts.body_digest, &facts.etag, &facts.last_modified, &facts.url, &facts.index,
                           &facts.status, &facts.status_reason, &url_prefix_})
    out.text(*text);
  out.u32(skipped_);
  out.u32(static_cast<std::uint32_t>(order.size()));
  std::uint32_t offset = 0;
  for (const auto i : order) {
    const auto& group = groups_[i];
    out.u16(static_cast<std::uint16_t>((group.has_wheel ? kHasWheel : 0) | (group.has_sdist ? kHasSdist : 0) |
                                       (group.all_yanked ? kAllYanked : 0) | (group.has_variant ? kHasVariants : 0) |
                                       group.systems << kSystemsShift));
    out.u16(static_cast<std::uint16_t>(group.text.size()));
    out.bytes(group.text);
    out.u32(offset);
    out.u32(static_cast<std::uint32_t>(group.files.size()));
    out.u32(crc32(group.files.str()));
    offset += static_cast<std::uint32_t>(group.files.size());
  }
  const auto table_end = static_cast<std::uint32_t>(out.size());
  out.patch_u32(8, table_end);
  out.patch_u32(12, crc32(std::string_view(out.str()).substr(kBodyAt)));
  out.patch_u32(kSizeAt, table_end + offset);
  for (const auto i : order) out.bytes(groups_[i].files.str());
  return out.take();
}

}  // namespace pkg::index
