#include "index/metadata_cache.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
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

TEST_CASE("a file is known by its sha256, without one by name, size and URL") {
  pep::DistFile file;
  file.file_name = "demo-1.0-py3-none-any.whl";
  file.url = "https://index.example/demo-1.0-py3-none-any.whl";
  const auto by_url = MetadataCache::key(file);
  file.size_bytes = 7;
  CHECK(MetadataCache::key(file) != by_url);
  file.hashes.push_back({hash::Algorithm::sha256, hash::to_hex(key(1))});
  CHECK(MetadataCache::key(file) == key(1));
}

}  // namespace
}  // namespace pkg::index
