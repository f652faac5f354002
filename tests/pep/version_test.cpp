#include "pep/version.h"

#include <algorithm>
#include <string>
#include <thread>

#include "support/printers.h"

namespace pkg::pep {

namespace {

Version v(std::string_view text) {
  const auto version = Version::parse(text);
  REQUIRE_OK(version);
  return *version;
}

// One order for packed versions and for those that need a body: they mix in one list.
const std::vector<std::string> kSorted = {"0.dev0",
                                          "0",
                                          "0.0.0.1",
                                          "0.1",
                                          "1.dev20240131",
                                          "1.dev99999999999999999999",
                                          "1a0.dev3",
                                          "1a0",
                                          "1a0.post1.dev2",
                                          "1a0.post1",
                                          "1a1",
                                          "1a99999999",
                                          "1b1",
                                          "1rc1.dev500",
                                          "1rc1",
                                          "1",
                                          "1+abc",
                                          "1+abc.5",
                                          "1+5",
                                          "1+5.0",
                                          "1.post0.dev1",
                                          "1.post0",
                                          "1.post1.dev126",
                                          "1.post1.dev127",
                                          "1.post1",
                                          "1.0.0.0.0.0.0.0.1",
                                          "1.0.0.1",
                                          "1.0.1",
                                          "1.26.4",
                                          "1.1048575",
                                          "1.1048576",
                                          "2.31.0.20240406",
                                          "2024.5.1",
                                          "20240131",
                                          "33554431",
                                          "33554432",
                                          "99999999999999999999999999",
                                          "1!0.1"};

}  // namespace

TEST_CASE("versions of all kinds keep one order") {
  for (std::size_t i = 0; i < kSorted.size(); ++i) {
    for (std::size_t j = 0; j < kSorted.size(); ++j) {
      CAPTURE(kSorted[i]);
      CAPTURE(kSorted[j]);
      CHECK((v(kSorted[i]) <=> v(kSorted[j])) == (i <=> j));
    }
  }
}

TEST_CASE("a version prints in its normal form and parses back to itself") {
  for (const std::string& text : kSorted) {
    CAPTURE(text);
    CHECK(v(text).to_string() == text);
    CHECK(v(text).hash() == v(v(text).to_string()).hash());
  }
}

TEST_CASE("spellings that PEP 440 allows become one") {
  const std::pair<const char*, const char*> table[] = {
      {"v1.0", "1.0"},
      {" 1.0 \n", "1.0"},
      {"1.0-ALPHA-1", "1.0a1"},
      {"1.0.beta_2", "1.0b2"},
      {"1.0c3", "1.0rc3"},
      {"1.0pre", "1.0rc0"},
      {"1.0-4", "1.0.post4"},
      {"1.0-r4", "1.0.post4"},
      {"1.0.rev", "1.0.post0"},
      {"1.0DEV", "1.0.dev0"},
      {"01.002", "1.2"},
      {"0!1", "1"},
      {"1.0+Ubuntu-01_a", "1.0+ubuntu.1.a"},
      {"1a-post-2.dev", "1a0.post2.dev0"},
      {"\xc2\xa0"
       "1.0\xe3\x80\x80",
       "1.0"},
  };
  for (const auto& [text, normal] : table) {
    CAPTURE(text);
    CHECK(v(text).to_string() == normal);
  }
}

TEST_CASE("texts that are no versions are refused") {
  for (const char* text : {"", "a", "1.", ".1", "1..2", "1.0+", "1.0+a..b", "1.0+a_", "1!", "1.0.x", "1.0 .1",
                           "1.0a1b1", "1.0.dev1.post1", "1.0-", "vv1", "1,0", "\xd9\xa1"}) {
    CAPTURE(text);
    CHECK(!Version::try_parse(text));
  }
  CHECK(Version::parse("latest").error().message ==
        "`latest` is not a version: expected numbers with dots, such as 1.2 or 2.0rc1");
}

TEST_CASE("trailing zeros are printed and do not count") {
  CHECK(v("1.0").to_string() == "1.0");
  CHECK(v("1.0.0.0.0.0.0.0.0.0").to_string() == "1.0.0.0.0.0.0.0.0.0");
  for (const char* text : {"1", "1.0", "1.0.0", "1.0.0.0.0.0.0.0", "1.0.0.0.0.0.0.0.0.0"}) {
    CAPTURE(text);
    CHECK(v(text) == v("1.0"));
    CHECK(v(text).hash() == v("1.0").hash());
  }
  CHECK(v("1.0").release() == std::vector<std::uint64_t>{1, 0});
  CHECK(v("1.0.0").release_size() == 3);
}

TEST_CASE("the parts of a version can be asked for") {
  const Version version = v("2!1.5rc3.post4.dev6+x.7");
  CHECK(version.epoch() == 2);
  CHECK(version.release() == std::vector<std::uint64_t>{1, 5});
  CHECK(version.pre_kind() == PreKind::rc);
  CHECK(version.pre_number() == 3);
  CHECK(version.post() == 4);
  CHECK(version.dev() == 6);
  CHECK(version.local() == "x.7");
  CHECK(version.without_local() == "2!1.5rc3.post4.dev6");
  CHECK(version.strip_local() == v("2!1.5rc3.post4.dev6"));
  CHECK(version.base_version() == v("2!1.5"));
  CHECK(v("1.2rc3").base_version() == v("1.2"));
  CHECK(v("1.2+cpu").strip_local() == v("1.2"));
}

TEST_CASE("dev- and pre-releases are pre-releases, post-releases are not") {
  for (const char* text : {"1a1", "1.dev0", "1.post1.dev0", "1rc1+x", "1a1.post1"}) CHECK(v(text).is_prerelease());
  for (const char* text : {"1", "1.post1", "1+x", "1!1"}) CHECK(!v(text).is_prerelease());
}

TEST_CASE("comparisons for specifiers ignore local labels and pad releases") {
  CHECK(v("1.0+a").compare_public(v("1+b")) == 0);
  CHECK(v("1.0+a").compare_public(v("1.0.post1")) < 0);
  CHECK(v("1.2.3rc1+x").same_prefix(v("1.2"), 2));
  CHECK(!v("1.3").same_prefix(v("1.2"), 2));
  CHECK(v("1").same_prefix(v("1.0.0.0.0"), 5));
  CHECK(!v("1.0.0.0.1").same_prefix(v("1.0.0.0.0"), 5));
  CHECK(!v("1!1.2").same_prefix(v("1.2"), 2));
  CHECK(v("1.2.post1").same_base(v("1.2.0a1")));
}

TEST_CASE("a version made from numbers is the one made from their text") {
  const std::uint64_t release[] = {3, 12, 0};
  CHECK(Version::from_release(release).to_string() == "3.12.0");
  const std::uint64_t large[] = {3, UINT64_MAX};
  CHECK(Version::from_release(large).to_string() == "3.18446744073709551615");
}

TEST_CASE("copies of versions with a body may live in several threads") {
  const Version shared = v("1.0+local.label");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      for (int round = 0; round < 1000; ++round) {
        Version copy = shared;
        Version moved = std::move(copy);
        copy = moved;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(shared.to_string() == "1.0+local.label");
}

}  // namespace pkg::pep
