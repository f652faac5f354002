#include "pep/direct_url.h"

#include "support/printers.h"

namespace pkg::pep {
namespace {

std::string error_of(std::string_view text) {
  const auto direct = DirectUrl::parse(text);
  return direct.ok() ? "parsed" : direct.error().message;
}

}  // namespace

TEST_CASE("each kind is written and read again") {
  const std::vector<DirectUrl> all = {
      {"https://example.com/r.git", VcsInfo{"git", "abc", "main"}, "sub/dir"},
      {"https://example.com/a.whl", ArchiveInfo{{{"sha256", "00"}, {"sha512", "11"}}}, ""},
      {"file:///home/me/project", DirInfo{true}, ""},
      {"file:///home/me/project", DirInfo{false}, ""},
  };
  for (const DirectUrl& direct : all) {
    const auto again = DirectUrl::parse(direct.to_json());
    REQUIRE_OK(again);
    CHECK(*again == direct);
  }
  CHECK(
      all[0].to_json() ==
      R"({"url":"https://example.com/r.git","vcs_info":{"vcs":"git","commit_id":"abc","requested_revision":"main"},"subdirectory":"sub/dir"})");
}

TEST_CASE("the older hash field is read") {
  CHECK(DirectUrl::parse(R"({"url": "https://e.com/a", "archive_info": {"hash": "sha256=00"}})").value() ==
        DirectUrl{"https://e.com/a", ArchiveInfo{{{"sha256", "00"}}}, ""});
  CHECK(error_of(R"({"url": "https://e.com/a", "archive_info": {"hash": "sha256=00", "hashes": {"sha256": "11"}}})") ==
        "direct_url.json is malformed: the hash `sha256=00` is not among the hashes");
}

TEST_CASE("what is malformed is refused, and the message says why") {
  CHECK(error_of("[]") == "direct_url.json is malformed: it is not an object");
  CHECK(error_of("{}") == "direct_url.json is malformed: `url` is missing");
  CHECK(error_of(R"({"url": "x"})") ==
        "direct_url.json is malformed: expected exactly one of `vcs_info`, `archive_info` and `dir_info`");
  CHECK(error_of(R"({"url": "x", "vcs_info": []})") == "direct_url.json is malformed: `vcs_info` is not an object");
  CHECK(error_of(R"({"url": "http://x/", "dir_info": {}})") ==
        "direct_url.json is malformed: the URL `http://x/` of a folder does not begin with `file:`");
  CHECK_FALSE(DirectUrl::parse("{").ok());
}

TEST_CASE("credentials never reach the file") {
  CHECK(strip_credentials("https://user:pass@example.com/a?b#c") == "https://example.com/a?b#c");
  CHECK(strip_credentials("https://a@b@example.com/") == "https://example.com/");
  CHECK(strip_credentials("ssh://git@example.com/r") == "ssh://git@example.com/r");
  CHECK(strip_credentials("ssh://git:secret@example.com/r") == "ssh://example.com/r");
  CHECK(strip_credentials("https://${TOKEN}@example.com/") == "https://${TOKEN}@example.com/");
  CHECK(strip_credentials("https://${USER}:secret@example.com/") == "https://example.com/");
  CHECK(strip_credentials("https://example.com/a@b") == "https://example.com/a@b");
  CHECK(strip_credentials("FILE:/a") == "file:///a");
  CHECK(strip_credentials("file:/a?signature=s3cret&b=1") == strip_credentials("file:///a?signature=s3cret&b=1"));
  CHECK(strip_credentials("odd:a?signature=s3cret").find("s3cret") == std::string::npos);
  CHECK(DirectUrl{"https://u:p@e.com/a", ArchiveInfo{}, ""}.to_json() ==
        R"({"url":"https://e.com/a","archive_info":{}})");
}

}  // namespace pkg::pep
