#include "ops/run/resolution_key.h"

#include <doctest/doctest.h>

#include <string>

using namespace pkg;

namespace {

resolver::Pin pin(const char* name, char sha256, pep::DistKind kind = pep::DistKind::wheel) {
  resolver::Pin made;
  made.name = *pep::Name::parse(name);
  made.version = *pep::Version::parse("1.0");
  pep::DistFile file;
  file.kind = kind;
  file.url = "https://index.example/file";
  if (sha256 != 0) file.hashes = {{hash::Algorithm::sha256, std::string(64, sha256)}};
  made.files = {file};
  return made;
}

std::string digest(std::vector<resolver::Pin> pins, const std::string& indexes = "honest") {
  resolver::Resolution resolution;
  resolution.pins = std::move(pins);
  return ops::digest_of(resolution, indexes);
}

}  // namespace

TEST_CASE("the key of a resolution is that of its files, in whatever order, wherever they come from") {
  const auto key = digest({pin("a", '1'), pin("b", '2')});
  CHECK(key.size() == 64);
  CHECK(digest({pin("b", '2'), pin("a", '1')}) == key);
  CHECK(digest({pin("a", '1'), pin("b", '2')}, "mirror") == key);
  CHECK(digest({pin("a", '1'), pin("b", '3')}) != key);
  CHECK(digest({pin("a", '1')}) != key);
}

TEST_CASE("of a file without a sha256 the address counts, and of a source where that which builds it is looked for") {
  auto elsewhere = pin("a", 0);
  elsewhere.files[0].url = "https://liar.example/file";
  CHECK(digest({pin("a", 0)}) != digest({elsewhere}));
  CHECK(digest({pin("a", '1', pep::DistKind::sdist)}) != digest({pin("a", '1', pep::DistKind::sdist)}, "liar"));
  CHECK(digest({pin("a", '1', pep::DistKind::sdist)}) != digest({pin("a", '1')}));
}
