#include "venv/transaction/plan.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

InstalledDist have(const std::string& name, const std::string& version) {
  InstalledDist dist;
  dist.name = *pep::Name::parse(name);
  dist.version = *pep::Version::parse(version);
  dist.info = "/nowhere/" + name + "-" + version + ".dist-info";
  dist.has_record = true;
  return dist;
}
WantedDist want(const std::string& name, const std::string& version, bool requested = false) {
  return {.name = *pep::Name::parse(name), .version = *pep::Version::parse(version), .requested = requested};
}
using Indices = std::vector<std::size_t>;

TEST_CASE("what is right is kept, what differs is replaced, what is missing is installed") {
  const std::vector installed{have("a", "1"), have("b", "1"), have("c", "1")};
  const std::vector wanted{want("a", "1.0"), want("b", "2"), want("d", "1")};
  const auto result = plan(wanted, installed, {});
  CHECK(result.install == Indices{1, 2});
  CHECK(result.remove == Indices{1});
  CHECK(result.keep == Indices{0, 2});
  CHECK(result.mark_requested.empty());
}

TEST_CASE("another version than the wanted one is replaced, be it older or newer") {
  const std::vector wanted{want("a", "2")};
  for (const char* version : {"1", "2.0.1", "2.post1", "2+local"}) {
    CAPTURE(version);
    const auto result = plan(wanted, std::vector{have("a", version)}, {});
    CHECK(result.install == Indices{0});
    CHECK(result.remove == Indices{0});
    CHECK(result.keep.empty());
  }
}

TEST_CASE("sync removes what is not wanted") {
  const std::vector installed{have("a", "1"), have("b", "1")};
  const std::vector wanted{want("a", "1")};
  const auto result = plan(wanted, installed, {.extraneous = Extraneous::remove});
  CHECK(result.remove == Indices{1});
  CHECK(result.keep == Indices{0});
}

TEST_CASE("reinstalling replaces what is right as well") {
  const std::vector installed{have("a", "1"), have("b", "1")};
  const std::vector wanted{want("a", "1"), want("b", "1")};
  CHECK(plan(wanted, installed, {.reinstall = Reinstall::all}).install == Indices{0, 1});
  const auto listed =
      plan(wanted, installed, {.reinstall = Reinstall::listed, .reinstall_names = {*pep::Name::parse("b")}});
  CHECK(listed.install == Indices{1});
  CHECK(listed.remove == Indices{1});
}

TEST_CASE("a distribution that is kept and now named by the user becomes requested") {
  const std::vector installed{have("a", "1")};
  const std::vector wanted{want("a", "1", true)};
  CHECK(plan(wanted, installed, {}).mark_requested == Indices{0});
}

TEST_CASE("an incomplete, doubled or foreign distribution is replaced") {
  const auto broken = have("a", "1");
  const std::vector wanted{want("a", "1")};
  CHECK(plan(wanted, std::vector{broken}, {}).install.empty());
  const PlanOptions options{.incomplete = {{broken.info.native(), "its RECORD is missing"}}};
  CHECK(plan(wanted, std::vector{broken}, options).install == Indices{0});
  CHECK(plan(wanted, std::vector{broken}, options).asked_again.empty());
  const auto doubled = plan(wanted, std::vector{have("a", "1"), have("a", "2")}, {});
  CHECK(doubled.install == Indices{0});
  CHECK(doubled.remove == Indices{0, 1});
}

TEST_CASE("a distribution that came from an index does not satisfy a URL") {
  auto wanted = want("a", "1");
  wanted.direct_url = pep::DirectUrl{.url = "https://files.example/a.whl", .info = pep::ArchiveInfo{}};
  CHECK(plan(std::vector{wanted}, std::vector{have("a", "1")}, {}).install == Indices{0});
}

TEST_CASE(
    "an exact plan wants what comes from an index from there; another one takes any distribution of the version") {
  test::TempDir folder;
  auto from_tree = have("a", "1");
  from_tree.info = folder / "a-1.dist-info";
  std::filesystem::create_directories(from_tree.info);
  std::ofstream(from_tree.info / "direct_url.json") << R"({"url": "file:///tree", "dir_info": {}})";
  const std::vector wanted{want("a", "1")};
  CHECK(plan(wanted, std::vector{from_tree}, {}).keep == Indices{0});
  const auto exact = plan(wanted, std::vector{from_tree}, {.same = Same::source});
  CHECK(exact.install == Indices{0});
  CHECK(exact.remove == Indices{0});
  CHECK(plan(wanted, std::vector{have("a", "1")}, {.same = Same::source}).keep == Indices{0});
}

TEST_CASE("of two files of one version the wanted one is told by its hash, where that is known of what is installed") {
  test::TempDir folder;
  auto from_url = have("a", "1");
  from_url.info = folder / "a-1.dist-info";
  std::filesystem::create_directories(from_url.info);
  std::ofstream(from_url.info / "direct_url.json")
      << R"({"url": "https://files.example/a.whl", "archive_info": {"hashes": {"sha256": "AB"}}})";
  auto wanted = want("a", "1");
  wanted.sha256 = {"cd", "ab"};
  CHECK(is_what_is_wanted(from_url, wanted, {}));
  wanted.sha256 = {"cd"};
  CHECK_FALSE(is_what_is_wanted(from_url, wanted, {}));
  CHECK(is_what_is_wanted(have("a", "1"), wanted, {}));  // nothing is known against it
}

TEST_CASE("an archive that was built again under its name is another one") {
  test::TempDir folder;
  auto installed = have("a", "1");
  installed.info = folder / "a-1.dist-info";
  std::filesystem::create_directories(installed.info);
  std::ofstream(installed.info / "direct_url.json")
      << R"({"url": "file:///d/a.whl", "archive_info": {"hashes": {"sha256": "ab"}}})";
  auto wanted = want("a", "1");
  wanted.direct_url = pep::DirectUrl{.url = "file:///d/a.whl", .info = pep::ArchiveInfo{{{"sha256", "ab"}}}};
  CHECK(is_what_is_wanted(installed, wanted, {}));
  wanted.direct_url->info = pep::ArchiveInfo{{{"sha256", "cd"}}};
  CHECK_FALSE(is_what_is_wanted(installed, wanted, {}));
  wanted.direct_url->info = pep::ArchiveInfo{};  // not known of what is wanted
  CHECK(is_what_is_wanted(installed, wanted, {}));
}

}  // namespace
}  // namespace pkg::venv
