#include "venv/wholeness.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// A distribution `a` 1 in a site folder of its own.
struct Site {
  explicit Site(const std::string& record, const std::string& installer = "pkg") {
    write("a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n");
    write("a-1.dist-info/INSTALLER", installer);
    write("a-1.dist-info/RECORD", record);
  }
  void write(const std::string& path, const std::string& text = {}) const {
    stdfs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path) << text;
  }
  std::string missing() const {
    const auto dists = installed_in(std::span(&site, 1));
    REQUIRE_OK(dists);
    REQUIRE(dists->size() == 1);
    return missing_part(dists->front()).value_or("nothing");
  }

  test::TempDir folder;
  stdfs::path site = folder / ".";
};

constexpr const char* kRows = "a-1.dist-info/METADATA,,\na-1.dist-info/RECORD,,\n../../../bin/a,,\n";

}  // namespace

TEST_CASE("a distribution is whole when one module of each top-level name is there") {
  const Site site(cat(kRows, "a/data.txt,,\na/__init__.py,,\na/rest.py,,\nb.py,,\n__pycache__/b.cpython-312.pyc,,\n"));
  site.write("a/__init__.py");
  CHECK(site.missing() == "`b.py` is missing");
  site.write("b.py");
  CHECK(site.missing() == "nothing");
  site.write("a/data.txt");
  stdfs::remove(site.folder / "a/__init__.py");
  CHECK(site.missing() == "`a/__init__.py` is missing");
}

TEST_CASE("data stands for a name that has no module, bytecode never does") {
  const Site site(cat(kRows, "a/__pycache__/x.cpython-312.pyc,,\na/one.txt,,\na/two.txt,,\n"));
  CHECK(site.missing() == "`a/one.txt` is missing");
  site.write("a/one.txt");
  CHECK(site.missing() == "nothing");
}

TEST_CASE("names of RECORD in quotes are read as they are meant") {
  const Site site(cat(kRows, "\"a,b/one.py\",,\n\"c\"\"d.py\",,\n"));
  site.write("a,b/one.py");
  CHECK(site.missing() == "`c\"d.py` is missing");
  site.write("c\"d.py");
  CHECK(site.missing() == "nothing");
}

TEST_CASE("line ends of any kind end a row of RECORD") {
  const Site site("a-1.dist-info/METADATA,,\r\na.py,,\r\n");
  site.write("a.py");
  CHECK(site.missing() == "nothing");
}

TEST_CASE("a distribution without METADATA or RECORD, or with an empty one, is not whole") {
  const Site site(kRows);
  CHECK(site.missing() == "nothing");
  site.write("a-1.dist-info/RECORD", "");
  CHECK(site.missing() == "its RECORD is empty");
  stdfs::remove(site.folder / "a-1.dist-info/RECORD");
  CHECK(site.missing() == "its RECORD is missing");
  stdfs::remove(site.folder / "a-1.dist-info/METADATA");
  CHECK(site.missing() == "its METADATA is missing");
}

TEST_CASE("a RECORD is missed only where an installer that writes one was at work") {
  for (const auto* installer : {"pkg", "pip\n", "uv"}) {
    const Site site(kRows, installer);
    stdfs::remove(site.folder / "a-1.dist-info/RECORD");
    CHECK(site.missing() == "its RECORD is missing");
  }
  for (const auto* installer : {"", "conda", "debian\n"}) {
    const Site site(kRows, installer);
    stdfs::remove(site.folder / "a-1.dist-info/RECORD");
    CHECK(site.missing() == "nothing");
  }
}

}  // namespace pkg::venv
