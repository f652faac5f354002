#include "index/vcs/refs.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace pkg::index::vcs {
namespace {

const std::string kA(40, 'a'), kB(40, 'b'), kC(64, 'c');

}  // namespace

TEST_CASE("a branch goes before a tag of its name, and a tag is the commit that it points to") {
  const auto listing = cat(kA, "\trefs/tags/v1\n", kB, "\trefs/tags/v1^{}\n", kC, "\trefs/heads/main\n", kA,
                           "\trefs/tags/main\n", kA, "\tHEAD\n");
  CHECK(listed_commit(listing, "v1") == kB);
  CHECK(listed_commit(listing, "main") == kC);
  CHECK(listed_commit(listing, "refs/tags/v1") == kB);
  CHECK(listed_commit(listing, "HEAD") == kA);
  CHECK_FALSE(listed_commit(listing, "v2"));
}

TEST_CASE("lines that are no refs say nothing") {
  CHECK_FALSE(listed_commit("abc\trefs/heads/main\n-x\trefs/heads/main\n\t\nrefs/heads/main\n", "main"));
  CHECK_FALSE(listed_commit("", ""));
  CHECK_FALSE(named_commit(cat("abc main\n\n", kA, "main\n"), "main"));
}

TEST_CASE("the newest name is the one that counts, and a name of two lines names nothing") {
  const auto names = with_named_commit(with_named_commit("", "main", kA), "v1", kC);
  CHECK(with_named_commit(names, "main", kB) == cat(kB, " main\n", kC, " v1\n"));
  CHECK(named_commit(names, "v1") == kC);
  CHECK(with_named_commit(names, cat("x\n", kB, " main"), kA) == names);
}

}  // namespace pkg::index::vcs
