#include "index/packed_page.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "index/page_cache.h"
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
