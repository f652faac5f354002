#include "lock/requirements_export.h"

#include <doctest/doctest.h>

#include "support/printers.h"

namespace {

pkg::resolver::Pin pin(const std::string& name, const std::string& version,
                       std::vector<pkg::resolver::Edge> required_by) {
  pkg::resolver::Pin made;
  made.name = pkg::pep::Name::parse(name).value();
  made.version = pkg::pep::Version::parse(version).value();
  made.required_by = std::move(required_by);
  return made;
}

pkg::resolver::Edge from(int parent, const std::string& file) {
  pkg::resolver::Edge edge;
  edge.parent = parent;
  edge.requirement.origin.file = file;
  return edge;
}

pkg::resolver::Resolution example() {
  pkg::resolver::Resolution resolution;
  resolution.pins = {pin("a", "1.0", {from(-1, "in.txt")}), pin("b", "2", {from(0, ""), from(-1, "in.txt")}),
                     pin("c", "3", {from(-1, "")})};
  pkg::pep::DistFile file;
  file.hashes = {{pkg::hash::Algorithm::sha256, "bb"}};
  resolution.pins[0].files = {file, file};
  resolution.pins[0].files[1].hashes[0].hex = "aa";
  return resolution;
}

}  // namespace

TEST_CASE("pins are told with what asked for them") {
  CHECK(pkg::lock::requirements_text(example(), {}) ==
        "a==1.0\n    # via -r in.txt\nb==2\n    # via\n    #   -r in.txt\n    #   a\nc==3\n");
}

TEST_CASE("hashes are sorted, and header lines are comments") {
  CHECK(pkg::lock::requirements_text(example(), {.hashes = true, .annotate = false, .header = "one\ntwo"}) ==
        "# one\n# two\na==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nb==2\nc==3\n");
}

TEST_CASE("a direct URL is pinned by its URL") {
  auto resolution = example();
  resolution.pins.resize(1);
  resolution.pins[0].direct = true;
  resolution.pins[0].files[0].url = "https://files.example/a-1.0-py3-none-any.whl";
  CHECK(pkg::lock::requirements_text(resolution, {.hashes = false, .annotate = false, .header = {}}) ==
        "a @ https://files.example/a-1.0-py3-none-any.whl\n");
}
