#include "ops/self/release_manifest.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;

namespace {

const std::string kHash(64, 'a');

std::string manifest(std::string_view version, std::string_view files) {
  return cat("{\"version\": \"", version, "\", \"files\": [", files, "], \"more\": 1}");
}

std::string file(std::string_view target, std::string_view sha256, std::string_view size) {
  return cat("{\"target\": \"", target, "\", \"url\": \"x.tar.gz\", \"sha256\": \"", sha256, "\", \"size\": ", size,
             "}");
}

std::string fault(std::string_view text) {
  const auto parsed = ops::parse_release_manifest(text);
  return parsed ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("a manifest says which release there is, and where the file of each target is") {
  const auto parsed = ops::parse_release_manifest(
      manifest("1.2.3", file("x86_64-linux-musl", kHash, "7") + "," + file("aarch64-linux-gnu", kHash, "8")));
  REQUIRE_OK(parsed);
  CHECK(parsed->version_text == "1.2.3");
  REQUIRE(parsed->file_for("aarch64-linux-gnu") != nullptr);
  CHECK(parsed->file_for("aarch64-linux-gnu")->size_bytes == 8);
  CHECK(parsed->file_for("aarch64-linux-gnu")->url == "x.tar.gz");
  CHECK(parsed->file_for("s390x-linux-gnu") == nullptr);
}

TEST_CASE("a manifest that cannot be right is refused, and what is wrong is said") {
  CHECK(fault("[]") == "the release manifest is no object");
  CHECK(fault("{}") == "the release manifest has no text `version`");
  CHECK(fault("{\"version\": \"1\"}") == "the release manifest has no list `files`");
  CHECK(fault(manifest("../1", "")) == "the release manifest has the version `../1`, which is none");
  CHECK(!fault(manifest("one", "")).empty());
  CHECK(fault(manifest("1", "3")) == "the release manifest lists a file that is no object");
  CHECK(fault(manifest("1", file("a/b", kHash, "1"))) == "the release manifest has the target `a/b`, which is none");
  CHECK(fault(manifest("1", file("a", "abc", "1"))) == "the release manifest has a sha256 that is none: `abc`");
  CHECK(fault(manifest("1", file("a", kHash, "-1"))) == "the release manifest has a file without a size");
  CHECK(fault(manifest("1", file("a", kHash, "0"))) ==
        "the release manifest has a file of 0 bytes, expected 1 to 536870912");
  CHECK(fault(manifest("1", file("a", kHash, "536870913"))).ends_with("expected 1 to 536870912"));
  CHECK(fault(manifest("1", file("a", kHash, "1") + "," + file("a", kHash, "1"))) ==
        "the release manifest has `a` twice");
  CHECK(fault(std::string(2u << 20, ' ')) == "the release manifest is too long");
}

TEST_CASE("signatures and keys are base64 of so many bytes, with or without padding and a line end") {
  CHECK(ops::parse_signature_file(std::string(86, 'A') + "==\n").value() == std::string(64, '\0'));
  CHECK(ops::parse_signature_file(std::string(86, 'A')).ok());
  CHECK(!ops::parse_signature_file(std::string(85, 'A')).ok());
  CHECK(!ops::parse_signature_file("").ok());
  CHECK(ops::parse_public_key("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=").ok());
  CHECK(ops::parse_public_key("short").error().message == "self-update-key is `short`, expected 32 bytes as base64");
}
