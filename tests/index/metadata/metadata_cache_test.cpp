#include "index/metadata/metadata_cache.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "index/metadata/metadata_keys.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

std::string key(int n) { return hash::sha256(cat(n)); }
const pep::Name kName = pep::Name::from_normalized("demo");

void corrupt(const std::filesystem::path& path, std::uint64_t at) {
  auto content = fs::read_file(path).value();
  content[at] = static_cast<char>(content[at] ^ 0x20);
  REQUIRE(fs::publish(path, content).ok());
}

TEST_CASE("what was added is found again, by this object and by a later one") {
  const test::TempDir dir;
  MetadataCache cache(dir / "metadata");
  CHECK(cache.find(kName, key(1)) == std::nullopt);
  REQUIRE(cache.add(kName, key(1), "Name: demo\n").ok());
  REQUIRE(cache.add(kName, key(2), "").ok());
  CHECK(cache.find(kName, key(1)) == "Name: demo\n");
  MetadataCache later(dir / "metadata");
  CHECK(later.find(kName, key(1)) == "Name: demo\n");
  CHECK(later.find(kName, key(2)) == "");
  CHECK(later.find(kName, key(3)) == std::nullopt);
  CHECK(later.find(pep::Name::from_normalized("other"), key(1)) == std::nullopt);
}

TEST_CASE("equal texts are stored once") {
  const test::TempDir dir;
  MetadataCache cache(dir.path());
  const std::string text(10'000, 'x');
  for (int i = 0; i < 20; ++i) REQUIRE(cache.add(kName, key(i), text).ok());
  CHECK(std::filesystem::file_size(dir / "demo.bundle") < 12'000);
  MetadataCache later(dir.path());
  for (int i = 0; i < 20; ++i) CHECK(later.find(kName, key(i)) == text);
}

TEST_CASE("the text added last for a key counts") {
  const test::TempDir dir;
  MetadataCache cache(dir.path());
  REQUIRE(cache.add(kName, key(1), "old").ok());
  REQUIRE(cache.add(kName, key(1), "new").ok());
  CHECK(cache.find(kName, key(1)) == "new");
  CHECK(MetadataCache(dir.path()).find(kName, key(1)) == "new");
}

TEST_CASE("a damaged record is a miss, the others are found, and the next addition leaves it out") {
  const test::TempDir dir;
  const auto bundle = dir / "demo.bundle";
  std::uint64_t second = 0;
  {
    MetadataCache cache(dir.path());
    REQUIRE(cache.add(kName, key(1), "first text").ok());
    second = std::filesystem::file_size(bundle);
    REQUIRE(cache.add(kName, key(2), "second text").ok());
    REQUIRE(cache.add(kName, key(3), "third text").ok());
  }
  corrupt(bundle, second + 8 + 32 + 3);  // inside the second text
  MetadataCache cache(dir.path());
  CHECK(cache.find(kName, key(1)) == "first text");
  CHECK(cache.find(kName, key(2)) == std::nullopt);
  CHECK(cache.find(kName, key(3)) == "third text");
  const auto before = std::filesystem::file_size(bundle);
  REQUIRE(cache.add(kName, key(4), "fourth text").ok());
  CHECK(std::filesystem::file_size(bundle) == before);  // one record of that length went, one came
  MetadataCache later(dir.path());
  CHECK(later.find(kName, key(1)) == "first text");
  CHECK(later.find(kName, key(3)) == "third text");
  CHECK(later.find(kName, key(4)) == "fourth text");
}

TEST_CASE("every flipped bit and every cut of a bundle is survived, and no wrong text comes of it") {
  const test::TempDir dir;
  const auto bundle = dir / "demo.bundle";
  {
    MetadataCache cache(dir.path());
    REQUIRE(cache.add(kName, key(1), "first").ok());
    REQUIRE(cache.add(kName, key(2), "second").ok());
    REQUIRE(cache.add(kName, key(3), "first").ok());
  }
  const auto good = fs::read_file(bundle).value();
  const auto check = [&](const std::string& content) {
    REQUIRE(fs::publish(bundle, content).ok());
    MetadataCache cache(dir.path());
    for (int i = 1; i <= 3; ++i) {
      const auto found = cache.find(kName, key(i));
      CHECK((!found || *found == (i == 2 ? "second" : "first")));
    }
    REQUIRE(cache.add(kName, key(4), "fourth").ok());
    CHECK(MetadataCache(dir.path()).find(kName, key(4)) == "fourth");
  };
  for (std::size_t cut = 0; cut < good.size(); ++cut) check(good.substr(0, cut));
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    check(bad);
  }
}

TEST_CASE("threads and objects that write one bundle at the same time lose nothing") {
  const test::TempDir dir;
  constexpr int kWriters = 4, kEach = 25;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.emplace_back([&dir, w] {
      MetadataCache cache(dir.path());
      for (int i = 0; i < kEach; ++i) {
        const int n = w * kEach + i;
        (void)cache.add(kName, key(n), cat("text ", n / 2));
        (void)cache.find(kName, key(n));
      }
    });
  for (auto& writer : writers) writer.join();
  MetadataCache cache(dir.path());
  for (int n = 0; n < kWriters * kEach; ++n) CHECK(cache.find(kName, key(n)) == cat("text ", n / 2));
}

pep::DistFile a_file() {
  pep::DistFile file;
  file.file_name = "demo-1.0-py3-none-any.whl";
  file.url = "https://index.example/demo-1.0-py3-none-any.whl";
  return file;
}

TEST_CASE("what a wheel holds is known by its sha256, wherever it comes from") {
  auto file = a_file(), elsewhere = a_file();
  elsewhere.url = "https://mirror.example/demo-1.0-py3-none-any.whl";
  for (auto* one : {&file, &elsewhere}) one->hashes.push_back({hash::Algorithm::sha256, hash::to_hex(key(1))});
  CHECK(metadata_keys(file, "", true).proven == key(1));
  CHECK(metadata_keys(elsewhere, "way", true).proven == key(1));
}

TEST_CASE("what an index says of a file is known by all that it announces, and by how it is reached") {
  auto file = a_file();
  const auto keys = [&](std::string_view access = "", bool verify = true) {
    return metadata_keys(file, access, verify).unproven();
  };
  std::set<std::string> all{keys(), keys("through a proxy")};
  file.size_bytes = 7;
  all.insert(keys());
  file.hashes.push_back({hash::Algorithm::sha512, std::string(128, 'a')});
  all.insert(keys());
  file.hashes.push_back({hash::Algorithm::sha256, hash::to_hex(key(1))});
  all.insert(keys());
  all.insert(key(1));
  file.url = "https://mirror.example/demo-1.0-py3-none-any.whl";
  all.insert(keys());
  CHECK(all.size() == 7);
}

TEST_CASE("metadata that is compared with an announced hash is known by both hashes alone; by a weak one it is not") {
  auto file = a_file();
  file.hashes.push_back({hash::Algorithm::sha256, hash::to_hex(key(1))});
  file.has_metadata = true;
  file.metadata_hash = pep::FileHash{hash::Algorithm::sha256, hash::to_hex(key(2))};
  auto elsewhere = file;
  elsewhere.url = "https://mirror.example/demo-1.0-py3-none-any.whl";
  CHECK(metadata_keys(file, "", true).unproven() == metadata_keys(elsewhere, "way", true).unproven());
  CHECK(metadata_keys(file, "", false).unproven() != metadata_keys(elsewhere, "", false).unproven());
  auto other = file;
  other.metadata_hash->hex = hash::to_hex(key(3));
  CHECK(metadata_keys(file, "", true).unproven() != metadata_keys(other, "", true).unproven());
  file.metadata_hash = elsewhere.metadata_hash = pep::FileHash{hash::Algorithm::md5, std::string(32, 'a')};
  CHECK(metadata_keys(file, "", true).unproven() != metadata_keys(elsewhere, "", true).unproven());
}

}  // namespace
}  // namespace pkg::index
