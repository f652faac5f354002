#include "pep/wheel_manifest.h"

#include "base/hash.h"
#include "base/inflate.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

WheelManifest example() {
  WheelManifest manifest;
  manifest.name = Name::from_normalized("foo-bar");
  manifest.version = Version::parse("1.0.post1").value();
  manifest.name_as_written = "Foo.Bar";
  manifest.version_as_written = "1.0-1";
  manifest.dist_info = "foo_bar-1.0.post1.dist-info";
  manifest.root_is_purelib = false;
  manifest.record_verified = true;
  manifest.wheel_sha256 = hash::sha256("wheel");
  manifest.scripts = {{"foo", "foo.cli", "main", ScriptKind::gui}};
  manifest.warnings = {"odd"};
  const ManifestFile module = {"__init__.py", 12, 1'700'000'000'123'456'789, hash::sha256("a"), false, false};
  const ManifestFile script = {"tool", 1u << 31, -1, hash::sha256("b"), true, true};
  manifest.dirs = {{Scheme::platlib, "foo", "foo", {module}},
                   {Scheme::scripts, "", "foo_bar-1.0.post1.data/scripts", {script}},
                   {Scheme::data, "", "", {}}};
  return manifest;
}

// With a checksum that is right again.
std::string resealed(std::string bytes) {
  const std::uint32_t sum = crc32(std::string_view(bytes).substr(0, bytes.size() - 4));
  for (int i = 0; i < 4; ++i) bytes[bytes.size() - 4 + static_cast<std::size_t>(i)] = static_cast<char>(sum >> 8 * i);
  return bytes;
}

}  // namespace

TEST_CASE("a manifest is encoded and decoded again") {
  const WheelManifest manifest = example();
  const auto again = WheelManifest::decode(manifest.encode());
  REQUIRE_OK(again);
  CHECK(*again == manifest);
}

TEST_CASE("every cut and every changed byte of a manifest is noticed") {
  const std::string bytes = example().encode();
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(WheelManifest::decode(bytes.substr(0, length)).ok());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    CHECK_FALSE(WheelManifest::decode(changed).ok());
  }
  CHECK_FALSE(WheelManifest::decode(bytes + "x").ok());
}

TEST_CASE("a wrong length is noticed even under a right checksum, before memory is reserved for it") {
  const std::string bytes = example().encode();
  for (std::size_t i = 8; i + 8 < bytes.size(); ++i) {
    std::string changed = bytes;
    for (std::size_t k = 0; k < 4; ++k) changed[i + k] = '\xff';
    static_cast<void>(WheelManifest::decode(resealed(changed)));  // error or not: it ends, without a wild read
  }
  std::string longer = bytes;
  longer.insert(longer.size() - 4, "surplus");
  CHECK(WheelManifest::decode(resealed(longer)).error().message ==
        "the wheel's manifest cannot be read: a length in it is wrong");
}

}  // namespace pkg::pep
