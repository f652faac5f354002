#include "index/remote/shared_builds.h"

#include <utility>

#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/artifact.h"
#include "index/awaited.h"
#include "index/wheels/built_wheel_note.h"

namespace pkg::index {
namespace {

constexpr std::uint64_t kLargestWheel = std::uint64_t{2} << 30;
constexpr std::uint64_t kInMemory = 8u << 20;

EntryName name_of(EntryKind kind, const std::string& key, const std::string& fleet) {
  return {kind, cat(key, '\0', fleet)};
}

}  // namespace

std::optional<std::string> SharedBuilds::ask(const EntryName& name) const {
  const Awaited<std::optional<SignedEntry>> answer;
  remote_->entry(name, kLongestBuiltWheelNote * 2,
                 [answer](std::optional<SignedEntry> entry) { answer.put(std::move(entry)); });
  auto entry = answer.take();
  if (!entry) return std::nullopt;
  return std::move(entry->payload);
}

std::optional<std::string> SharedBuilds::known(const std::string& request, const std::string& fleet) const {
  auto key = built_.known(request);
  if (key && pushes_) keep_known(request, *key, fleet);
  if (key || remote_ == nullptr || fleet.empty()) return key;
  key = ask(name_of(EntryKind::build, request, fleet));
  if (!key || !hex::is_lower(*key, 64)) return std::nullopt;
  (void)built_.keep_known(request, *key);  // only saves the question next time
  return key;
}

void SharedBuilds::keep_known(const std::string& request, const std::string& key, const std::string& fleet) const {
  (void)built_.keep_known(request, key);  // only saves work next time
  if (remote_ != nullptr && !fleet.empty()) remote_->offer(name_of(EntryKind::build, request, fleet), key);
}

std::optional<pep::DistFile> SharedBuilds::wheel(const std::string& key, const std::string& fleet) const {
  auto known = built_.wheel(key);
  if (known && pushes_) offer_wheel(key, *known, fleet);
  if (known || remote_ == nullptr || fleet.empty()) return known;
  const auto note = ask(name_of(EntryKind::wheel, key, fleet));
  if (!note) return std::nullopt;
  auto fetched = fetch(key, *note);
  if (!fetched) return std::nullopt;  // it is built, then
  return std::move(fetched).value();
}

Result<pep::DistFile> SharedBuilds::fetch(const std::string& key, const std::string& text) const {
  PKG_TRY_ASSIGN(const auto note, parse_built_wheel_note(text));
  if (note.size_bytes > kLargestWheel) return make_error(ErrorKind::bad_data, "the built wheel is too large");
  pep::DistFile file;
  file.file_name = note.file_name;
  file.size_bytes = note.size_bytes;
  file.hashes = {{hash::Algorithm::sha256, note.sha256_hex}};
  ArtifactWriter writer(file, true, std::make_shared<MemoryBudget>(kInMemory), paths_.tmp());
  const Awaited<bool> answer;
  remote_->content(
      note.sha256_hex, note.size_bytes, [&writer](std::string_view bytes) { return writer.append(bytes); },
      [answer](bool is_there) { answer.put(is_there); });
  if (!answer.take()) return make_error(ErrorKind::not_found, "the built wheel is not in the remote cache");
  auto artifact = writer.finish();
  if (!artifact) {
    remote_->was_spoilt(note.sha256_hex);
    return std::move(artifact).error();
  }
  PKG_TRY(fs::make_dirs(paths_.tmp()));
  PKG_TRY_ASSIGN(const auto folder, fs::TempDir::create(paths_.tmp(), "built-"));
  const auto path = folder.path() / note.file_name;
  PKG_TRY(fs::publish(path, artifact->bytes()));
  return built_.keep_wheel(key, path);
}

Result<pep::DistFile> SharedBuilds::keep_wheel(const std::string& key, const fs::Path& wheel,
                                               const std::string& fleet) const {
  PKG_TRY_ASSIGN(auto kept, built_.keep_wheel(key, wheel));
  offer_wheel(key, kept, fleet);
  return kept;
}

void SharedBuilds::offer_wheel(const std::string& key, const pep::DistFile& wheel, const std::string& fleet) const {
  if (remote_ == nullptr || fleet.empty() || !remote_->takes_entries() || wheel.sha256() == nullptr) return;
  const auto path = url::file_url_to_path(wheel.url);
  if (!path) return;
  auto bytes = fs::read_file_at_most(*path, limits::kCached);
  if (!bytes) return;
  const auto owner = std::make_shared<const std::string>(std::move(bytes).value());
  const auto& sha256 = wheel.sha256()->hex;
  if (!remote_->offer(sha256, *owner, owner)) return;
  remote_->offer(name_of(EntryKind::wheel, key, fleet), BuiltWheelNote{sha256, wheel.file_name, owner->size()}.text());
}

}  // namespace pkg::index
