#include "ops/fetch/file_folder.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/fs.h"
#include "support/ops_kit.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::ops {
namespace {

pep::DistFile dist_file(const test::OpsKit& kit, const test::MemoryFile& served) {
  pep::DistFile file;
  file.project = pep::Name::from_normalized("a");
  file.version = pep::Version::parse("1").value();
  file.file_name = served.name;
  file.url = kit.index.file_url(served.name);
  file.size_bytes = served.bytes.size();
  file.hashes = {{hash::Algorithm::sha256, served.sha256}};
  return file;
}

}  // namespace

TEST_CASE("a file that is there is kept when its bytes are the announced ones, and replaced when only its size is") {
  test::OpsKit kit;
  const test::TempDir folder;
  kit.index.add("a", "1");
  const auto served = kit.index.files().front();
  const auto file = dist_file(kit, served);
  const pep::DistFile* const wanted[] = {&file};
  const auto path = folder / served.name;
  auto other = served.bytes;
  other.back() = static_cast<char>(other.back() ^ 1);
  std::ofstream(path, std::ios::binary) << other;
  auto session = kit.session();
  for (const bool is_kept : {false, true}) {
    const auto there = put_files(wanted, {}, folder.path(), {}, session);
    REQUIRE_OK(there);
    CHECK(there->front().kept == is_kept);
    CHECK(there->front().sha256_hex == served.sha256);
    CHECK(fs::read_file(path).value() == served.bytes);
  }
}

TEST_CASE("a file of another folder is taken in place of a download only when it is the announced one") {
  test::OpsKit kit;
  const test::TempDir folder, before;
  kit.index.add("a", "1");
  const auto served = kit.index.files().front();
  const auto file = dist_file(kit, served);
  const pep::DistFile* const wanted[] = {&file};
  std::ofstream(before / served.name, std::ios::binary) << served.bytes;
  auto session = kit.session();
  kit.index.forget();
  REQUIRE_OK(put_files(wanted, {}, folder.path(), before.path(), session));
  CHECK(kit.index.asked().empty());
  std::ofstream(before / served.name, std::ios::binary) << std::string(served.bytes.size(), 'x');
  std::filesystem::remove(folder / served.name);
  REQUIRE_OK(put_files(wanted, {}, folder.path(), before.path(), session));
  CHECK(fs::read_file(folder / served.name).value() == served.bytes);
}

}  // namespace pkg::ops
