#include "index/metadata/metadata.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/url.h"
#include "index/fake_server.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/zip_builder.h"

namespace pkg::index {
namespace {

const std::string kHost = "https://files.example/";

// What one command would make, over one server and one cache folder.
struct Command {
  CancelToken cancel;
  test::SilentReporter reporter;
  Cache cache;
  MetadataCache metadata_cache;
  WheelStore store;
  std::unique_ptr<Client> client;
  Downloader downloader;
  WheelSource wheels;
  MetadataSource metadata;

  Command(test::FakeServer& server, const fs::Path& root, MetadataOptions options = {})
      : cache(Cache::open(root).value()),
        metadata_cache(cache.paths().metadata()),
        store(cache.paths(), 2, 1000),
        client(server.client(cancel)),
        downloader(*client, cache, reporter, cancel),
        wheels(store, downloader, RecordCheck::strict, options.offline),
        metadata(*client, metadata_cache, wheels, reporter, cancel, options) {}
};

struct Fixture {
  test::TempDir dir;
  test::FakeServer server;
  test::BuiltWheel wheel =
      test::make_wheel("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, big()}, {.requires_dist = {"other>=2"}});
  pep::DistFile file = announced(wheel, "1.0");
  std::string url = file.url, metadata_url = file.url + ".metadata";

  static test::ZipEntry big() {
    test::ZipEntry entry{"demo/big.bin", std::string(300'000, '\0')};
    for (std::size_t i = 0; i < entry.content.size(); ++i) entry.content[i] = static_cast<char>(i * i >> 3);
    return entry;
  }
  pep::DistFile announced(const test::BuiltWheel& built, const std::string& version) {
    pep::DistFile f;
    f.project = pep::Name::from_normalized("demo");
    f.version = pep::Version::parse(version).value();
    f.file_name = built.file_name;
    f.url = kHost + built.file_name;
    f.hashes = {{hash::Algorithm::sha256, built.sha256}};
    f.size_bytes = built.bytes.size();
    f.index = "https://index.example/simple/";
    server.files[f.url].content = built.bytes;
    return f;
  }
  void announce_metadata() {
    server.files[metadata_url].content = wheel.metadata;
    file.has_metadata = true;
    file.metadata_hash = pep::FileHash{hash::Algorithm::sha256, hash::to_hex(hash::sha256(wheel.metadata))};
  }
  Result<MetadataResult> ask(MetadataOptions options = {.now = 1000}) {
    Command command(server, dir / "cache", options);
    return command.metadata.get(file);
  }
  void check_is_right(const Result<MetadataResult>& result) {
    REQUIRE_MESSAGE(result.ok(), (result ? std::string() : result.error().message));
    REQUIRE_MESSAGE(result->metadata != nullptr, result->reason);
    CHECK(result->metadata->requires_dist.size() == 1);
  }
};

TEST_CASE_FIXTURE(Fixture, "announced metadata takes one request, and none the next time") {
  announce_metadata();
  check_is_right(ask());
  CHECK(server.asked() == std::vector<std::string>{metadata_url});
  server.forget();
  check_is_right(ask());
  check_is_right(ask({.offline = true}));
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(
    Fixture, "announced metadata is known to who names the file's address as a lock does, and to no other address") {
  announce_metadata();
  check_is_right(ask());
  server.forget();
  file.has_metadata = false;
  file.metadata_hash.reset();
  check_is_right(ask({.offline = true}));
  file.url = "https://mirror.example/" + file.file_name;
  CHECK(ask({.offline = true}).error().kind == ErrorKind::not_found);
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Fixture, "announced metadata with another hash is an error") {
  announce_metadata();
  server.files[metadata_url].content += "Requires-Dist: evil\n";
  const auto result = ask();
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::hash_mismatch);
  CHECK(result.error().message == cat("`", metadata_url, "` is not the announced file: expected sha256 ",
                                      file.metadata_hash->hex, ", got ",
                                      hash::to_hex(hash::sha256(server.files[metadata_url].content))));
  CHECK(ask({.verify_hashes = false}).ok());
}

TEST_CASE_FIXTURE(Fixture, "announced metadata that is not there is looked for in the wheel") {
  announce_metadata();
  server.files.erase(metadata_url);
  check_is_right(ask());
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a listed file that the server does not have is an error, and is there once it is back") {
  announce_metadata();
  server.files.erase(metadata_url);
  server.files.erase(url);
  const auto first = ask({.now = 1000});
  REQUIRE_FALSE(first.ok());
  CHECK(first.error().kind == ErrorKind::not_found);
  CHECK(first.error().message == cat("could not fetch `", url,
                                     "`, a file that the index `https://index.example/simple/` lists: the server "
                                     "answered with status 404"));
  CHECK(first.error().hint == "as long as it is missing, other releases can be asked for: demo!=1.0");
  REQUIRE(server.asked().size() == 2);
  CHECK(server.asked()[0] == metadata_url);
  CHECK(server.asked()[1].starts_with(cat(url, " bytes=")));
  server.files[url].content = wheel.bytes;
  check_is_right(ask({.now = 1001}));
}

TEST_CASE_FIXTURE(Fixture, "announced metadata without hash that is a page is looked for in the wheel") {
  announce_metadata();
  file.metadata_hash.reset();
  server.files[metadata_url].content = "<!DOCTYPE html><title>Not found</title>";
  check_is_right(ask());
}

TEST_CASE_FIXTURE(Fixture, "unannounced metadata is found once, and then asked for without doubt") {
  server.files[metadata_url].content = wheel.metadata;
  check_is_right(ask());
  CHECK(server.asked() == std::vector<std::string>{metadata_url});
}

TEST_CASE_FIXTURE(Fixture, "where there is no unannounced metadata one request per origin finds out, for a day") {
  check_is_right(ask());
  CHECK(server.asked().size() == 2);
  CHECK(server.asked()[0] == metadata_url);
  const auto second = test::make_wheel("demo", "2.0", {}, {.requires_dist = {"other>=2"}});
  file = announced(second, "2.0");
  server.forget();
  check_is_right(ask({.now = 1000 + 80'000}));
  CHECK(server.asked().size() == 1);
  file = announced(test::make_wheel("demo", "3.0", {}, {.requires_dist = {"other>=2"}}), "3.0");
  server.forget();
  check_is_right(ask({.now = 1000 + 90'000}));
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a page with status 200 in place of unannounced metadata fools nobody") {
  server.files[metadata_url].content = "<html>this is not the file you are looking for</html>";
  check_is_right(ask());
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "metadata of another version in place of unannounced metadata fools nobody") {
  server.files[metadata_url].content = "Metadata-Version: 2.1\nName: demo\nVersion: 9.0\n";
  check_is_right(ask());
}

TEST_CASE_FIXTURE(Fixture, "an index that announces metadata for one file has none for those it does not announce") {
  announce_metadata();
  auto other = announced(test::make_wheel("demo", "2.0", {}), "2.0");
  Command command(server, dir / "cache", {.now = 1000});
  check_is_right(command.metadata.get(file));
  server.forget();
  REQUIRE(command.metadata.get(other).value().metadata != nullptr);
  REQUIRE(server.asked().size() == 1);
  CHECK(server.asked()[0].starts_with(cat(other.url, " bytes=")));
}

TEST_CASE_FIXTURE(
    Fixture, "a server without ranges sends the wheel, which then is in the store; it is not asked for ranges again") {
  server.files[url].has_ranges = false;
  check_is_right(ask());
  CHECK(server.asked().size() == 3);
  CHECK(server.asked()[2] == url);
  server.forget();
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(command.wheels.get(file).ok());
  CHECK(server.asked().empty());
  auto second = announced(test::make_wheel("demo", "2.0", {}), "2.0");
  server.files[second.url].has_ranges = false;
  CHECK(command.metadata.get(second).value().metadata != nullptr);
  CHECK(server.asked() == std::vector<std::string>{second.url});
}

TEST_CASE_FIXTURE(Fixture, "without a size the end of the wheel is asked for; where that cannot be had the wheel is") {
  file.size_bytes.reset();
  check_is_right(ask());
  CHECK(server.asked().back() == cat(url, " bytes=-49152"));
  server.files[url].has_suffix_ranges = false;
  const test::TempDir other;
  Command command(server, other / "cache", {.now = 1000});
  check_is_right(command.metadata.get(file));
  CHECK(server.asked().back() == url);
}

TEST_CASE_FIXTURE(Fixture, "metadata of another project or version makes the file unusable, with the reason") {
  SUBCASE("name") {
    wheel = test::make_wheel("demo", "1.0", {}, {.metadata = "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"});
    file = announced(wheel, "1.0");
    CHECK(ask().value().reason == "its metadata is of `other`, its file name of `demo`");
  }
  SUBCASE("version") {
    wheel = test::make_wheel("demo", "1.0", {}, {.metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0.1\n"});
    file = announced(wheel, "1.0");
    CHECK(ask().value().reason == "its metadata says version `1.0.1`, its file name `1.0`");
  }
}

TEST_CASE_FIXTURE(Fixture, "a file that is no wheel inside has a reason, not an error") {
  server.files[url].content = std::string(1000, 'x');
  file.size_bytes = 1000;
  file.hashes.clear();
  const auto result = ask();
  REQUIRE(result.ok());
  CHECK(result->metadata == nullptr);
  CHECK_FALSE(result->reason.empty());
}

TEST_CASE_FIXTURE(Fixture, "a source distribution has a reason") {
  file.kind = pep::DistKind::sdist;
  CHECK(ask().value().reason == "is a source distribution, which has to be built");
}

TEST_CASE_FIXTURE(Fixture, "an announced metadata of a source distribution counts where it is static") {
  file.kind = pep::DistKind::sdist;
  file.has_metadata = true;
  file.metadata_hash.reset();
  const auto says = [&](const std::string& version, const std::string& more) {
    file.url += "x";
    file.hashes.clear();
    server.files[file.url + ".metadata"].content =
        cat("Metadata-Version: ", version, "\nName: demo\nVersion: 1.0\nRequires-Dist: a\n", more);
    return ask().value();
  };
  for (int i = 0; i < 2; ++i) {
    const auto answer = says("2.2", "Dynamic: License\n");
    REQUIRE(answer.metadata != nullptr);
    CHECK(answer.metadata->requires_dist.size() == 1);
    CHECK(ask({.offline = true}).value().metadata != nullptr);
  }
  CHECK(says("2.1", "").reason == "is a source distribution, which has to be built");
  CHECK(says("2.4", "Dynamic: Requires-Dist\n").metadata == nullptr);
  file.url += "absent";
  CHECK(ask().value().reason == "is a source distribution, which has to be built");
}

TEST_CASE_FIXTURE(Fixture, "offline, what is not in the cache is not_found, and names the file") {
  const auto result = ask({.offline = true});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::not_found);
  CHECK(result.error().message == "the metadata of `demo-1.0-py3-none-any.whl` is not in the cache");
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Fixture, "a wheel on this machine is read where it lies, and again when it was built again") {
  const auto path = dir / wheel.file_name;
  REQUIRE(fs::publish(path, wheel.bytes).ok());
  file.url = url::path_to_file_url(path.native());
  file.hashes.clear();
  check_is_right(ask({.offline = true}));
  const auto again = test::make_wheel("demo", "1.0", {}, {.requires_dist = {"a", "b"}});
  REQUIRE(fs::publish(path, again.bytes).ok());
  CHECK(ask({.offline = true}).value().metadata->requires_dist.size() == 2);
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Fixture, "many questions for one file at the same time are one request, and each is answered") {
  announce_metadata();
  Command command(server, dir / "cache", {.now = 1000});
  std::atomic<int> answers{0};
  for (int i = 0; i < 20; ++i)
    command.metadata.start(
        file, [&](const Result<MetadataResult>& result) { answers += result && result->metadata ? 1 : 0; });
  check_is_right(command.metadata.get(file));
  CHECK(server.asked().size() == 1);
  command.client.reset();
  CHECK(answers == 20);
}

TEST_CASE_FIXTURE(Fixture, "many files of an unknown origin wait for the one that finds out") {
  std::vector<pep::DistFile> files;
  for (int i = 1; i <= 10; ++i) files.push_back(announced(test::make_wheel("demo", cat(i, ".5"), {}), cat(i, ".5")));
  Command command(server, dir / "cache", {.now = 1000});
  for (const auto& f : files) command.metadata.start(f, [](const Result<MetadataResult>&) {});
  for (const auto& f : files) CHECK(command.metadata.get(f).value().metadata != nullptr);
  int probes = 0;
  for (const auto& asked : server.asked()) probes += asked.ends_with(".metadata") ? 1 : 0;
  CHECK(probes == 1);
  CHECK(server.asked().size() == 11);
}

TEST_CASE_FIXTURE(Fixture, "an outage is an error, and the next question tries again") {
  announce_metadata();
  server.files[metadata_url].status = 503;
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(command.metadata.get(file).error().kind == ErrorKind::network);
  server.files[metadata_url].status = 200;
  check_is_right(command.metadata.get(file));
}

TEST_CASE_FIXTURE(Fixture, "a client that ends while metadata is on its way leaves nobody waiting") {
  for (int i = 1; i <= 10; ++i) announced(test::make_wheel("demo", cat(i, ".5"), {}), cat(i, ".5"));
  Command command(server, dir / "cache", {.now = 1000});
  std::atomic<int> answers{0};
  for (int i = 1; i <= 10; ++i) {
    auto f = announced(test::make_wheel("demo", cat(i, ".5"), {}), cat(i, ".5"));
    command.metadata.start(f, [&](const Result<MetadataResult>&) { ++answers; });
  }
  command.client.reset();
  CHECK(answers == 10);
}

// An index that says of the genuine wheel what it likes.
struct Liar : Fixture {
  std::string lie = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: evil\n";
  pep::DistFile lied = announced(wheel, "1.0");
  Liar() {
    lied.url = cat("https://liar.example/", lied.file_name);
    lied.has_metadata = true;
    lied.metadata_hash = pep::FileHash{hash::Algorithm::sha256, hash::to_hex(hash::sha256(lie))};
    lied.index = "liar";
    server.files[lied.url].content = wheel.bytes;
    server.files[lied.url + ".metadata"].content = lie;
    announce_metadata();
  }
  static std::string first_requirement(const Result<MetadataResult>& result) {
    REQUIRE_MESSAGE(result.ok(), (result ? std::string() : result.error().message));
    REQUIRE_MESSAGE(result->metadata != nullptr, result->reason);
    return result->metadata->requires_dist.begin()->to_string();
  }
};

TEST_CASE_FIXTURE(
    Liar,
    "what one index said of a file does not stand for what another says, in one command and from one to the next") {
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(first_requirement(command.metadata.get(lied)) == "evil");
  CHECK(first_requirement(command.metadata.get(file)) == "other>=2");
  CHECK(first_requirement(ask()) == "other>=2");
  file.has_metadata = false;  // another that announces nothing: looked for in the wheel
  file.metadata_hash.reset();
  CHECK(first_requirement(ask()) == "other>=2");
}

TEST_CASE_FIXTURE(Liar,
                  "a wheel that holds other metadata than was announced is not given out; from then on it tells") {
  {
    Command command(server, dir / "cache", {.now = 1000});
    CHECK(first_requirement(command.metadata.get(lied)) == "evil");
    const auto got = command.wheels.get(lied);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::hash_mismatch);
    CHECK(got.error().message ==
          cat("the index `liar` announced other metadata of `", lied.file_name,
              "` than the wheel holds: only announced are `Requires-Dist: evil`, only in the wheel are "
              "`Requires-Dist: other>=2`"));
    CHECK(first_requirement(command.metadata.get(lied)) == "other>=2");
    CHECK(command.wheels.get(lied).error().kind ==
          ErrorKind::hash_mismatch);  // now from the store: this command was lied to
  }
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(first_requirement(command.metadata.get(lied)) == "other>=2");
  CHECK(command.wheels.get(lied).ok());
}

TEST_CASE_FIXTURE(Liar, "a requirement that was left out is named") {
  lie = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
  lied.metadata_hash = pep::FileHash{hash::Algorithm::sha256, hash::to_hex(hash::sha256(lie))};
  server.files[lied.url + ".metadata"].content = lie;
  Command command(server, dir / "cache", {.now = 1000});
  REQUIRE(command.metadata.get(lied).ok());
  CHECK(command.wheels.get(lied).error().message ==
        cat("the index `liar` announced other metadata of `", lied.file_name,
            "` than the wheel holds: only in the wheel are `Requires-Dist: other>=2`"));
}

TEST_CASE_FIXTURE(Liar,
                  "a wheel that was stored before is compared, too, when somebody was told something else of it") {
  {
    Command command(server, dir / "cache", {.now = 1000});
    REQUIRE(command.wheels.get(file).ok());
  }
  REQUIRE(fs::remove_tree(CachePaths{dir / "cache"}.metadata()).ok());
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(first_requirement(command.metadata.get(lied)) == "evil");
  CHECK(command.wheels.get(lied).error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE_FIXTURE(Liar, "what is proven by the wheel needs no request, whoever announces its sha256") {
  {
    Command command(server, dir / "cache", {.now = 1000});
    REQUIRE(command.wheels.get(file).ok());
  }
  server.forget();
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(first_requirement(command.metadata.get(lied)) == "other>=2");
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Liar, "a file that one server has lost is not gone from another") {
  lied.metadata_hash = file.metadata_hash;
  server.files.erase(lied.url);
  server.files.erase(lied.url + ".metadata");
  {
    Command command(server, dir / "cache", {.now = 1000});
    CHECK(command.metadata.get(lied).error().kind == ErrorKind::not_found);
  }
  CHECK(first_requirement(ask()) == "other>=2");
}

TEST_CASE_FIXTURE(Liar, "what a wheel without an announced sha256 holds is known for its address alone") {
  lied.hashes.clear();
  lied.has_metadata = false;
  lied.metadata_hash.reset();
  {
    Command command(server, dir / "cache", {.now = 1000});
    CHECK(first_requirement(command.metadata.get(lied)) == "evil");
    CHECK(command.wheels.get(lied).error().kind == ErrorKind::hash_mismatch);
  }
  Command command(server, dir / "cache", {.now = 1000});
  CHECK(first_requirement(command.metadata.get(lied)) == "other>=2");
  CHECK(command.wheels.get(lied).ok());
}

}  // namespace
}  // namespace pkg::index
