#include "ops/solve/metadata_notes.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;
using Lines = std::vector<std::string>;

namespace {

pep::DistFile file(const std::string& name, const std::string& version, const std::string& index = "index") {
  pep::DistFile file;
  file.project = pep::Name::from_normalized(name);
  file.version = pep::Version::parse(version).value();
  file.index = index;
  return file;
}

resolver::MetadataAnswer saying(const std::string& requirement) {
  const auto text = cat("Metadata-Version: 2.1\nName: lib\nVersion: 1\nRequires-Dist: ", requirement, "\n");
  return {std::make_shared<const pep::Metadata>(pep::Metadata::parse(text).value()), {}};
}

resolver::Resolution with(const std::vector<std::string>& versions) {
  resolver::Resolution resolution;
  for (const auto& version : versions) {
    resolution.pins.emplace_back().name = pep::Name::from_normalized("lib");
    resolution.pins.back().version = pep::Version::parse(version).value();
  }
  return resolution;
}

}  // namespace

TEST_CASE("a mended line is told once for all releases that have it, however often they are asked") {
  ops::MetadataNotes notes;
  for (int fork = 0; fork < 3; ++fork) {
    notes.add(file("lib", "1"), saying("pytz (>dev)"));
    notes.add(file("lib", "2"), saying("pytz (>dev)"));
    notes.add(file("lib", "3"), saying("six (>=1.9.*)"));
  }
  notes.add(file("lib", "4", ""), saying("six (>=1.*)"));
  CHECK(notes.mended() == Lines{"read `pytz (>dev)` of `lib` 2 and 1 other as `pytz`",
                                "read `six (>=1.9.*)` of `lib` 3 as `six (>=1.9)`"});
  notes.clear();
  CHECK(notes.mended().empty());
}

TEST_CASE("releases that nobody understands are one line for each project, with their count and the newest's reason") {
  ops::MetadataNotes notes;
  for (const auto* version : {"2", "4", "3"}) notes.add(file("lib", version), saying(cat("x (<=>=", version, ")")));
  notes.add(file("lib", "5"), {nullptr, "its metadata cannot be read: the metadata field `Name` is missing"});
  notes.add(file("lib", "6"), {nullptr, "has files that the server does not have"});
  const Lines all{"ignored `lib` 5 and 3 others, whose metadata cannot be read: the metadata field `Name` is missing"};
  CHECK(notes.ignored(with({"1"})) == all);
  CHECK(notes.ignored(with({"7", "1"})) == all);  // two in a lock
  CHECK(notes.ignored(with({})) == all);          // and none of it is there
  CHECK(notes.ignored(with({"4.5"})) ==
        Lines{"ignored `lib` 5, whose metadata cannot be read: the metadata field `Name` is missing"});
  CHECK(notes.ignored(with({"5"})).empty());
}
