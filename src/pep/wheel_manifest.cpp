#include "pep/wheel_manifest.h"

#include <cstring>

#include "base/binary.h"
#include "base/check.h"
#include "base/inflate.h"

// Layout: magic with the format's version; header strings and flags; scripts; warnings; folders with their files;
// CRC-32 of all before it. Numbers are little-endian, strings and lists begin with a u32 count.

namespace pkg::pep {
namespace {

constexpr std::string_view kMagic = "pkg-whl1";
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kDigestSize = 32;
// The fewest bytes that one element of each list takes: a count that promises more than is there is refused before
// memory is reserved.
constexpr std::size_t kMinScript = 13, kMinWarning = 4, kMinDir = 13, kMinFile = 4 + 8 + 8 + kDigestSize + 1;

enum HeaderFlag : std::uint8_t { kPurelib = 1, kRecordVerified = 2 };
enum FileFlag : std::uint8_t { kExecutable = 1, kPythonShebang = 2 };

void write_file(BinaryWriter& out, const ManifestFile& file) {
  out.text(file.name);
  out.u64(file.size);
  out.i64(file.mtime_ns);
  out.bytes(file.sha256);
  out.u8(static_cast<std::uint8_t>((file.executable ? kExecutable : 0) | (file.python_shebang ? kPythonShebang : 0)));
}

void write_dir(BinaryWriter& out, const ManifestDir& dir) {
  out.u8(static_cast<std::uint8_t>(dir.scheme));
  out.text(dir.path);
  out.text(dir.store_path);
  out.u32(static_cast<std::uint32_t>(dir.files.size()));
  for (const ManifestFile& file : dir.files) write_file(out, file);
}

void write_script(BinaryWriter& out, const Script& script) {
  out.text(script.name);
  out.text(script.module);
  out.text(script.attribute);
  out.u8(static_cast<std::uint8_t>(script.kind));
}

// A list's length, or 0 and failure when so many elements cannot be there.
std::size_t read_count(BinaryReader& in, std::size_t min_element_size) {
  const std::size_t count = in.u32();
  if (count <= in.left() / min_element_size) return count;
  in.fail();
  return 0;
}

template <class Enum>
Enum read_enum(BinaryReader& in, Enum last) {
  const std::uint8_t value = in.u8();
  if (value > static_cast<std::uint8_t>(last)) in.fail();
  return static_cast<Enum>(value <= static_cast<std::uint8_t>(last) ? value : 0);
}

void read_file(BinaryReader& in, ManifestFile& file) {
  file.name = in.text();
  file.size = in.u64();
  file.mtime_ns = in.i64();
  const std::string_view digest = in.bytes(kDigestSize);
  if (digest.size() == kDigestSize) file.sha256 = digest;
  const std::uint8_t flags = in.u8();
  file.executable = (flags & kExecutable) != 0;
  file.python_shebang = (flags & kPythonShebang) != 0;
}

void read_dir(BinaryReader& in, ManifestDir& dir) {
  dir.scheme = read_enum(in, Scheme::data);
  dir.path = in.text();
  dir.store_path = in.text();
  dir.files.resize(read_count(in, kMinFile));
  for (ManifestFile& file : dir.files) read_file(in, file);
}

void read_script(BinaryReader& in, Script& script) {
  script.name = in.text();
  script.module = in.text();
  script.attribute = in.text();
  script.kind = read_enum(in, ScriptKind::gui);
}

Error not_a_manifest(std::string_view why) {
  return make_error(ErrorKind::bad_data, "the wheel's manifest cannot be read: " + std::string(why));
}

// The bytes between magic and checksum.
Result<std::string_view> checked_payload(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + kChecksumSize || !bytes.starts_with(kMagic))
    return not_a_manifest("it begins otherwise");
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumSize);
  std::uint32_t expected = 0;
  std::memcpy(&expected, bytes.data() + covered.size(), kChecksumSize);
  if (crc32(covered) != expected) return not_a_manifest("its checksum is wrong");
  return covered.substr(kMagic.size());
}

}  // namespace

Sha256Digest::Sha256Digest(std::string_view raw_bytes) {
  PKG_CHECK(raw_bytes.size() == bytes_.size());
  std::memcpy(bytes_.data(), raw_bytes.data(), bytes_.size());
}

bool is_written_by_installers(std::string_view name) {
  return name == "RECORD" || name == "INSTALLER" || name == "REQUESTED" || name == "direct_url.json";
}

std::string WheelManifest::encode() const {
  BinaryWriter out;
  out.bytes(kMagic);
  out.text(name.str());
  out.text(name_as_written);
  out.text(version_as_written);
  out.text(dist_info);
  out.u8(static_cast<std::uint8_t>((root_is_purelib ? kPurelib : 0) | (record_verified ? kRecordVerified : 0)));
  out.text(wheel_sha256);
  out.text(version.to_string());
  out.u32(static_cast<std::uint32_t>(scripts.size()));
  for (const Script& script : scripts) write_script(out, script);
  out.u32(static_cast<std::uint32_t>(warnings.size()));
  for (const std::string& warning : warnings) out.text(warning);
  out.u32(static_cast<std::uint32_t>(dirs.size()));
  for (const ManifestDir& dir : dirs) write_dir(out, dir);
  out.u32(crc32(out.str()));
  return out.take();
}

Result<WheelManifest> WheelManifest::decode(std::string_view bytes) {
  PKG_TRY_ASSIGN(const std::string_view payload, checked_payload(bytes));
  BinaryReader in(payload);
  WheelManifest manifest;
  manifest.name = Name::from_normalized(std::string(in.text()));
  manifest.name_as_written = in.text();
  manifest.version_as_written = in.text();
  manifest.dist_info = in.text();
  const std::uint8_t flags = in.u8();
  manifest.root_is_purelib = (flags & kPurelib) != 0;
  manifest.record_verified = (flags & kRecordVerified) != 0;
  manifest.wheel_sha256 = in.text();
  auto version = Version::try_parse(in.text());
  manifest.scripts.resize(read_count(in, kMinScript));
  for (Script& script : manifest.scripts) read_script(in, script);
  manifest.warnings.resize(read_count(in, kMinWarning));
  for (std::string& warning : manifest.warnings) warning = in.text();
  manifest.dirs.resize(read_count(in, kMinDir));
  for (ManifestDir& dir : manifest.dirs) read_dir(in, dir);
  if (!in.ok() || in.left() != 0) return not_a_manifest("a length in it is wrong");
  if (!version || !is_valid_name(manifest.name.str())) return not_a_manifest("its name or version is invalid");
  manifest.version = *std::move(version);
  return manifest;
}

}  // namespace pkg::pep
