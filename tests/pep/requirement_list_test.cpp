#include "pep/requirement_list.h"

#include <doctest/doctest.h>

#include "pep/metadata.h"

namespace pkg::pep {
namespace {

TEST_CASE("a pool parses a text once, and what it gave outlives it") {
  SharedRequirement kept;
  {
    RequirementPool pool;
    const auto first = pool.parse("demo>=1; python_version >= '3.8'"),
               again = pool.parse("demo>=1; python_version >= '3.8'");
    REQUIRE(first.ok());
    REQUIRE(again.ok());
    CHECK(first->get() == again->get());
    CHECK(pool.parse("demo>=2")->get() != first->get());
    kept = *first;
  }
  CHECK(kept->to_string() == "demo>=1; python_version >= \"3.8\"");
}

TEST_CASE("a text that is no requirement is an error each time") {
  RequirementPool pool;
  CHECK_FALSE(pool.parse("demo >").ok());
  CHECK_FALSE(pool.parse("demo >").ok());
}

TEST_CASE("metadata with a pool says the same as without, and shares its lines") {
  RequirementPool pool;
  const std::string text =
      "Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b>=1\nRequires-Dist: c[x]; extra == "
      "'y'\nRequires-Dist: d >\n";
  const auto alone = Metadata::parse(text), first = Metadata::parse(text, &pool), second = Metadata::parse(text, &pool);
  REQUIRE(first.ok());
  CHECK(first->requires_dist.size() == 2);
  CHECK(first->broken_requirements == alone->broken_requirements);
  std::size_t i = 0;
  for (const Requirement& requirement : first->requires_dist) {
    CHECK(requirement == alone->requires_dist[i]);
    CHECK(&requirement == &second->requires_dist[i]);
    ++i;
  }
  CHECK(i == 2);
}

}  // namespace
}  // namespace pkg::pep
