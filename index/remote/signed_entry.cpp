#include "index/remote/signed_entry.h"

#include "base/binary.h"
#include "base/hash.h"
#include "base/text.h"

namespace pkg::index {
namespace {

constexpr std::string_view kMagic = "pkgfleet";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kDigest = 32, kKeyId = 8, kLongestSignature = 64;

std::string digest_of(const EntryName& name) { return hash::sha256(cat(static_cast<int>(name.kind), ' ', name.text)); }

Error malformed(std::string_view what) {
  return make_error(ErrorKind::bad_data, cat("an entry of the remote cache ", what));
}

}  // namespace

std::string EntryName::address() const { return hash::to_hex(digest_of(*this)); }

std::string write_entry(const EntryName& name, const SignedEntry& entry, const EntryKey& key) {
  BinaryWriter out;
  out.bytes(kMagic);
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(name.kind));
  out.bytes(digest_of(name));
  out.i64(entry.made_at);
  out.text(entry.payload);
  out.u8(static_cast<std::uint8_t>(key.kind));
  out.bytes(key.id());
  const auto signature = sign_with(key, out.str());
  if (signature.empty()) return {};
  out.bytes(signature);
  return out.take();
}

Status check_arriving(std::string_view bytes, const EntryName& name) {
  constexpr std::size_t kHead = kMagic.size() + 2 + kDigest + sizeof(std::int64_t) + sizeof(std::uint32_t);
  constexpr std::size_t kTail = 1 + kKeyId + kLongestSignature;
  const auto magic = bytes.substr(0, kMagic.size());
  if (magic != kMagic.substr(0, magic.size())) return malformed("is none");
  if (bytes.size() < kHead) return ok_status();
  BinaryReader in(bytes.substr(0, kHead));
  (void)in.bytes(kMagic.size() + 2);
  if (in.bytes(kDigest) != digest_of(name)) return malformed("is about something else than what was asked for");
  (void)in.i64();
  if (bytes.size() - kHead > in.u32() + kTail) return malformed("is longer than it says");
  return ok_status();
}

Result<SignedEntry> read_entry(std::string_view bytes, const EntryName& name, std::span<const EntryKey> trusted) {
  BinaryReader in(bytes);
  if (in.bytes(kMagic.size()) != kMagic) return malformed("is none");
  if (const auto format = in.u8(); format != kFormat) return malformed(cat("has format ", static_cast<int>(format)));
  const auto kind = in.u8();
  const auto about = in.bytes(kDigest);
  SignedEntry entry;
  entry.made_at = in.i64();
  const auto payload = in.text();
  const auto key_kind = in.u8();
  const auto key_id = in.bytes(kKeyId);
  const auto end = in.at();
  const auto signature = in.bytes(in.left());
  if (!in.ok() || signature.empty() || signature.size() > kLongestSignature) return malformed("is damaged");
  if (kind != static_cast<std::uint8_t>(name.kind) || about != digest_of(name))
    return malformed("is about something else than what was asked for");
  for (const auto& key : trusted) {
    if (static_cast<std::uint8_t>(key.kind) != key_kind || key.id() != key_id) continue;
    if (!is_signed_by(key, bytes.substr(0, end), signature))
      return make_error(ErrorKind::unsupported, "an entry of the remote cache has a wrong signature");
    entry.payload = payload;
    return entry;
  }
  return make_error(ErrorKind::unsupported, "an entry of the remote cache is signed by a key that is not trusted");
}

}  // namespace pkg::index
