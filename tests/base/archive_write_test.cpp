#include "base/archive_write.h"

#include <doctest/doctest.h>

#include "base/fs.h"
#include "base/tar.h"
#include "base/text.h"
#include "base/zip.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
using archive::Format;

namespace {

struct Files {
  test::TempDir dir;
  std::vector<archive::Member> members;
  Files() {
    add("top/a.txt", "first");
    add("top/empty", "");
    add("top/big", std::string(200'000, 'x') + "end");  // more than one stored block
    add(cat("top/", std::string(150, 'n'), "/leaf"), "long name");
  }
  void add(const std::string& name, const std::string& content) {
    const auto path = dir / cat("file", members.size());
    REQUIRE_OK(fs::publish(path, content));
    members.push_back({name, path});
  }
  std::string write(Format format, const std::string& name) {
    REQUIRE_OK(archive::write(dir / name, format, members));
    return fs::read_file(dir / name).value();
  }
};

}  // namespace

TEST_CASE("an archive's form is told by its name") {
  CHECK(archive::format_of("x.tar.gz") == Format::tar_gz);
  CHECK(archive::format_of("X.TGZ") == Format::tar_gz);
  CHECK(archive::format_of("x.tar") == Format::tar);
  CHECK(archive::format_of("x.zip") == Format::zip);
  CHECK(archive::format_of("x.whl") == std::nullopt);
  CHECK(archive::format_of("bundle") == std::nullopt);
}

TEST_CASE("a written zip is read by the strict reader") {
  Files files;
  files.write(Format::zip, "x.zip");
  auto reader = zip::Reader::open((files.dir / "x.zip").string());
  REQUIRE_OK(reader);
  REQUIRE(reader->entries().size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& entry = reader->entries()[i];
    CHECK(entry.name == files.members[i].name);
    CHECK(entry.stored);
    CHECK_FALSE(entry.executable);
    CHECK(reader->read(entry).value() == fs::read_file(files.members[i].path).value());
  }
}

TEST_CASE("a zip of more members than its short end record counts is a zip64, which the strict reader reads") {
  Files files;
  const auto empty = files.members[1];
  REQUIRE(fs::read_file(empty.path).value().empty());
  files.members.clear();
  for (int i = 0; i < 65'536; ++i) files.members.push_back({cat("top/", i), empty.path});
  const auto bytes = files.write(Format::zip, "x.zip");
  CHECK(bytes.find("PK\6\6") != std::string::npos);
  auto reader = zip::Reader::open((files.dir / "x.zip").string());
  REQUIRE_OK(reader);
  CHECK(reader->entries().size() == 65'536);
  CHECK(reader->entries().back().name == "top/65535");
}

TEST_CASE("a name that no zip can hold is refused") {
  Files files;
  files.members[0].name = std::string(70'000, 'n');
  const auto written = archive::write(files.dir / "x.zip", Format::zip, files.members);
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().message.ends_with("is too long"));
}

TEST_CASE("a written tar.gz is read back") {
  Files files;
  files.write(Format::tar_gz, "x.tar.gz");
  std::size_t at = 0;
  REQUIRE_OK(tar::read((files.dir / "x.tar.gz").string(), tar::Compression::gzip,
                       [&](const tar::Member& member, std::string_view content) {
                         REQUIRE(at < files.members.size());
                         CHECK(member.name == files.members[at].name);
                         CHECK(content == fs::read_file(files.members[at].path).value());
                         ++at;
                         return ok_status();
                       }));
  CHECK(at == 4);
}

TEST_CASE("the same members give the same bytes") {
  Files files;
  for (const auto format : {Format::zip, Format::tar, Format::tar_gz}) {
    const auto one = files.write(format, cat("one", static_cast<int>(format)));
    for (const auto& member : files.members)
      REQUIRE_OK(fs::publish(member.path, fs::read_file(member.path).value()));  // newer
    CHECK(one == files.write(format, cat("two", static_cast<int>(format))));
  }
}

TEST_CASE("a file that is gone, and an archive that is there, are errors") {
  Files files;
  files.write(Format::tar, "x.tar");
  CHECK_FALSE(archive::write(files.dir / "x.tar", Format::tar, files.members).ok());
  files.members.push_back({"top/gone", files.dir / "gone"});
  CHECK_FALSE(archive::write(files.dir / "y.tar", Format::tar, files.members).ok());
}
