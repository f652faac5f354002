#include "pep/version_bump.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace pep = pkg::pep;

namespace {

// "error: …" where there is none.
std::string bumped(const char* version, const char* words) {
  std::vector<pep::VersionBump> bumps;
  for (const auto word : pkg::split_words(words)) {
    const auto bump = pep::parse_bump(word);
    if (!bump) return "error: " + bump.error().message + " | " + bump.error().hint;
    bumps.push_back(*bump);
  }
  const auto parsed = pep::Version::parse(version);
  REQUIRE_OK(parsed);
  const auto result = pep::bumped(*parsed, bumps);
  return result ? result->to_string() : "error: " + result.error().message + " | " + result.error().hint;
}

}  // namespace

TEST_CASE("a part of a version is raised, and what is behind it ends") {
  struct Row {
    const char* version;
    const char* words;
    const char* result;
  };
  for (const Row& row : {Row{"1.2.3", "major", "2.0.0"},
                         Row{"1.2.3", "minor", "1.3.0"},
                         Row{"1.2.3", "patch", "1.2.4"},
                         Row{"1", "major", "2"},
                         Row{"1", "minor", "1.1"},
                         Row{"1", "patch", "1.0.1"},
                         Row{"1.2.3.4", "minor", "1.3.0.0"},
                         Row{"1!1.2", "minor", "1!1.3"},
                         Row{"1.2.3rc1.post2.dev3", "patch", "1.2.4"},
                         Row{"1.2.3+local.1", "patch", "1.2.4"},
                         Row{"1.3.1b2", "stable", "1.3.1"},
                         Row{"1.3.1.dev4", "stable", "1.3.1"},
                         Row{"1.3.0b1", "beta", "1.3.0b2"},
                         Row{"1.3.0b1", "rc", "1.3.0rc1"},
                         Row{"1.3.0a1.dev2", "alpha", "1.3.0a2"},
                         Row{"1.3.0a1.post2", "alpha", "1.3.0a2"},
                         Row{"1.3.0", "patch beta", "1.3.1b1"},
                         Row{"1.3.0", "beta patch", "1.3.1b1"},
                         Row{"1.3.0", "major alpha", "2.0.0a1"},
                         Row{"1.3.0", "minor rc dev", "1.4.0rc1.dev1"},
                         Row{"1.3.0", "post", "1.3.0.post1"},
                         Row{"1.3.0.post1", "post", "1.3.0.post2"},
                         Row{"1.3.0", "post dev", "1.3.0.post1.dev1"},
                         Row{"1.3.0.dev3", "dev", "1.3.0.dev4"},
                         Row{"1.3.0", "patch dev", "1.3.1.dev1"},
                         Row{"1.2.3", "patch=10", "1.2.10"},
                         Row{"1.2.3", "major=2026 minor",
                             "error: a version is not bumped by `major` "
                             "and `minor` at once | one of major, minor, "
                             "patch and stable; one of alpha, beta and rc; "
                             "post; dev"},
                         Row{"1.2.3", "patch dev=20261201", "1.2.4.dev20261201"},
                         Row{"1.0.0", "stable post", "1.0.0.post1"}}) {
    CAPTURE(row.version);
    CAPTURE(row.words);
    CHECK(bumped(row.version, row.words) == row.result);
  }
}

TEST_CASE("a version never goes back") {
  CHECK(bumped("1.2.3", "beta") ==
        "error: `1.2.3b1` is no newer version than `1.2.3` | raise the release, too: `--bump patch --bump beta`");
  CHECK(bumped("1.2.3", "dev").starts_with("error: `1.2.3.dev1` is no newer version than `1.2.3`"));
  CHECK(bumped("1.2.3rc1", "alpha").starts_with("error: `1.2.3a1` is no newer version"));
  CHECK(bumped("1.2.3", "patch=2").starts_with("error: `1.2.2` is no newer version"));
  CHECK(bumped("1.2.3", "stable") == "error: `1.2.3` is a stable version already | ");
  CHECK(bumped("18446744073709551616.1", "minor")
            .starts_with("error: a number of `18446744073709551616.1` is too large"));
}

TEST_CASE("a bump is a known word") {
  CHECK(bumped("1.2.3", "minro") == "error: `minro` is no part of a version to bump | did you mean `minor`?");
  CHECK(bumped("1.2.3", "everything").find("one of major, minor, patch, stable, alpha, beta, rc, post, dev") !=
        std::string::npos);
  for (const auto* word : {"patch=", "patch=x", "patch=-1", "patch=99999999999999999999", "stable=1"}) {
    CAPTURE(word);
    CHECK(bumped("1.2.3", word).find("sets no part of a version") != std::string::npos);
  }
}
