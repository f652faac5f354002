#include "index/cache/packed_page.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "index/cache/page_builder.h"
#include "index/cache/page_cache.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

const auto kName = pep::Name::from_normalized("foo");

std::shared_ptr<const PackedPage> page_of(std::size_t versions, std::string etag = "") {
  PageBuilder builder(kName);
  for (std::size_t i = 0; i < versions; ++i) {
    Link link;
    link.file_name = cat("foo-", i, "-py3-none-any.whl");
    link.url = cat("https://index.example/files/", link.file_name);
    builder.add(link);
  }
  PageFacts facts;
  facts.etag = std::move(etag);
  return PackedPage::from_bytes(kName, builder.finish(std::move(facts)));
}

std::string names_of(const PackedPage& page) {
  std::string all;
  for (std::size_t i = 0; i < page.releases().size(); ++i) {
    const auto files = page.files(i);
    REQUIRE_OK(files);
    for (const auto& file : *files) append(all, file.url, " ");
  }
  return all;
}

}  // namespace

TEST_CASE("a page that is stored lets go of its bytes and tells the same") {
  const test::TempDir temp;
  const PageCache cache(temp / "pages");
  const auto page = page_of(300);
  REQUIRE(page);
  const auto before = names_of(*page);
  cache.store("key", kName, *page);
  CHECK(page->bytes().empty());
  CHECK(names_of(*page) == before);
  const auto loaded = cache.load("key", kName);
  REQUIRE(loaded);
  CHECK(names_of(*loaded) == before);
  // What comes to lie at its path does not change it.
  cache.store("key", kName, *page_of(2));
  CHECK(names_of(*page) == before);
}

TEST_CASE("wheel variants and what says of them are kept apart from the usual files") {
  PageBuilder builder(kName);
  for (const auto name : {"foo-2-variants.json", "foo-2-py3-none-any-cu12.whl", "foo-2-py3-none-any.whl",
                          "foo-2-1-py3-none-any-null.whl", "foo-1-py3-none-any.whl", "foo-1-variants.json",
                          "foo-3-variants.json", "foo-4-py3-none-any-cu12.whl", "other-2-variants.json"}) {
    Link link;
    link.file_name = name;
    link.url = cat("https://index.example/files/", name);
    link.hashes = {{"sha256", std::string(64, 'a')}};
    builder.add(link);
  }
  const auto page = PackedPage::from_bytes(kName, builder.finish({}));
  REQUIRE(page);
  CHECK(page->facts().skipped == 1);
  std::string told;
  for (std::size_t i = 0; i < page->releases().size(); ++i) {
    const auto& release = page->releases()[i];
    append(told, release.version.to_string(), release.has_variants ? " with variants" : "", ":");
    const auto files = page->files(i);
    REQUIRE_OK(files);
    for (const auto& file : *files) append(told, " ", file.file_name);
    std::string names;
    REQUIRE_OK(page->each_file_name(i, [&](std::string_view name) { append(names, " ", name); }));
    CHECK(told.ends_with(names));
    const auto variants = page->variants(i);
    REQUIRE_OK(variants);
    for (const auto& wheel : variants->wheels) append(told, " | ", wheel.file_name);
    if (variants->json) append(told, " by ", variants->json->file_name);
    if (variants->json) CHECK(variants->json->sha256()->hex == std::string(64, 'a'));
    append(told, "\n");
  }
  CHECK(told ==
        "4 with variants: | foo-4-py3-none-any-cu12.whl\n"
        "2 with variants: foo-2-py3-none-any.whl | foo-2-py3-none-any-cu12.whl | foo-2-1-py3-none-any-null.whl by "
        "foo-2-variants.json\n"
        "1: foo-1-py3-none-any.whl\n");
  CHECK(page->releases()[0].has_wheel);
}

TEST_CASE("a page of variants.json alone has no release") {
  PageBuilder builder(kName);
  Link link;
  link.file_name = "foo-1-variants.json";
  builder.add(link);
  CHECK(builder.empty());
}

TEST_CASE("releases of a stored page are the same in whatever order they are read") {
  constexpr std::size_t kMany = 4000;  // several times what is read ahead
  const test::TempDir temp;
  const PageCache cache(temp / "pages");
  cache.store("key", kName, *page_of(kMany));
  const auto page = cache.load("key", kName);
  REQUIRE(page);
  REQUIRE(page->releases().size() == kMany);
  const auto name_of = [](std::size_t release) { return cat("foo-", kMany - 1 - release, "-py3-none-any.whl"); };
  const auto check = [&](std::size_t release) {
    const auto files = page->files(release);
    REQUIRE_OK(files);
    REQUIRE(files->size() == 1);
    CHECK(files->front().file_name == name_of(release));
    std::string seen;
    REQUIRE_OK(page->each_file_name(release, [&](std::string_view name) { seen += name; }));
    CHECK(seen == name_of(release));
  };
  for (std::size_t i = 0; i < kMany; ++i) check(i);
  for (std::size_t i = kMany; i-- > 0;) check(i);
  for (std::size_t i = 0; i < kMany; ++i) check(i * 7919 % kMany);
  CHECK_FALSE(page->files(kMany).ok());
}

TEST_CASE("a page tells the systems that a release's wheels are for") {
  PageBuilder builder(kName);
  for (const auto* file : {"foo-3-py3-none-any.whl", "foo-2-cp312-cp312-win_arm64.whl",
                           "foo-2-cp312-cp312-manylinux1_x86_64.whl", "foo-1.tar.gz"}) {
    Link link;
    link.file_name = file;
    link.url = cat("https://index.example/files/", file);
    builder.add(link);
  }
  const auto page = PackedPage::from_bytes(kName, builder.finish({}));
  REQUIRE(page);
  REQUIRE(page->releases().size() == 3);
  CHECK(page->releases()[0].systems == pep::kAnySystem);
  CHECK(page->releases()[1].systems == (pep::kWindowsArmWheel | pep::kLinuxWheel));
  CHECK(page->releases()[2].systems == 0);
  CHECK(page->releases()[2].has_sdist);
  CHECK(page->releases()[1].all_yanked == false);
}

TEST_CASE("a damaged block is told, and the blocks read with it are not harmed") {
  const test::TempDir temp;
  const auto path = temp / "page";
  const auto page = page_of(3000);
  std::string bytes(page->bytes());
  bytes[bytes.size() - 10] ^= 1;  // in the last release's block
  REQUIRE_OK(fs::publish(path, bytes));
  const auto loaded = PackedPage::from_file(kName, path);
  REQUIRE(loaded);
  for (std::size_t i = 2900; i < 2999; ++i) CHECK(loaded->files(i).ok());
  CHECK_FALSE(loaded->files(2999).ok());
}

TEST_CASE("of a page with any bit flipped or its end cut off, no release has other files") {
  const auto good = page_of(9);
  const std::string bytes(good->bytes());
  const auto check = [&](std::string content) {
    const auto page = PackedPage::from_bytes(kName, std::move(content));
    if (!page) return;
    REQUIRE(page->releases().size() == good->releases().size());
    for (std::size_t i = 0; i < good->releases().size(); ++i)
      if (const auto files = page->files(i); files.ok()) CHECK(*files == good->files(i).value());
  };
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) check(bytes.substr(0, cut));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto bad = bytes;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    check(std::move(bad));
  }
}

TEST_CASE("a page keeps its bytes where they cannot be stored, or another page lies") {
  const test::TempDir temp;
  REQUIRE_OK(fs::publish(temp / "pages", "no folder"));
  const auto page = page_of(3);
  const auto before = names_of(*page);
  PageCache(temp / "pages").store("key", kName, *page);
  CHECK_FALSE(page->bytes().empty());
  const auto other = page_of(3, "another");
  REQUIRE_OK(fs::publish(temp / "other", other->bytes()));
  page->read_from(temp / "other");
  CHECK_FALSE(page->bytes().empty());
  CHECK(names_of(*page) == before);
}

}  // namespace pkg::index
