#include "index/download.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "index/fake_server.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

const std::string kUrl = "https://files.example/demo-1.0-py3-none-any.whl";

// Notes the course of transfers.
class NotingReporter final : public Reporter {
 public:
  std::string notes;
  void warning(const std::string&) override {}
  void note(const std::string&) override {}
  void transfer_started(std::uint64_t, TransferKind, const std::string& name, std::uint64_t total) override {
    append(notes, "start ", name, " ", total, ";");
  }
  void transfer_progress(std::uint64_t, std::uint64_t done) override { append(notes, done, ";"); }
  void transfer_finished(std::uint64_t) override { append(notes, "end;"); }
  void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
};

struct Fixture {
  test::TempDir dir;
  test::FakeServer server;
  CancelToken cancel;
  NotingReporter reporter;
  std::unique_ptr<Client> client = server.client(cancel);
  Cache cache = Cache::open(dir / "cache").value();
  Downloader downloader{*client, cache, reporter, cancel};
  std::string content = std::string(5000, 'a') + std::string(5000, 'b');
  pep::DistFile file;

  Fixture() {
    server.files[kUrl].content = content;
    file.file_name = "demo-1.0-py3-none-any.whl";
    file.url = kUrl;
    file.size_bytes = content.size();
    file.hashes = {{hash::Algorithm::sha256, hash::to_hex(hash::sha256(content))}};
  }
  void announce_nothing() {
    file.size_bytes = std::nullopt;
    file.hashes.clear();
  }
};

TEST_CASE_FIXTURE(Fixture, "a file is downloaded, checked, and its course told") {
  const auto got = downloader.get(file);
  REQUIRE(got.ok());
  CHECK(got->bytes() == content);
  CHECK(got->sha256() == hash::sha256(content));
  CHECK(reporter.notes == "start demo-1.0-py3-none-any.whl 10000;10000;end;");
}

TEST_CASE_FIXTURE(Fixture, "a file without announced size and hash is taken as it comes, and its hash computed") {
  announce_nothing();
  CHECK(downloader.get(file).value().sha256() == hash::sha256(content));
}

TEST_CASE_FIXTURE(Fixture, "a wrong byte is refused, naming file, hashes and index") {
  file.index = "https://index.example/simple/";
  server.files[kUrl].content[17] = 'x';
  const auto got = downloader.get(file);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::hash_mismatch);
  CHECK(got.error().message == cat("`", kUrl, "` is not the announced file: expected sha256 ", file.hashes[0].hex,
                                   ", got ", hash::to_hex(hash::sha256(server.files[kUrl].content)),
                                   " (announced by `https://index.example/simple/`)"));
}

TEST_CASE_FIXTURE(Fixture, "a file that is longer or shorter than announced is refused") {
  server.files[kUrl].content += "x";
  CHECK(downloader.get(file).error().kind == ErrorKind::hash_mismatch);
  server.files[kUrl].content = content.substr(1);
  server.files[kUrl].has_ranges = false;
  const auto too_short = downloader.get(file);
  CHECK(too_short.error().kind == ErrorKind::hash_mismatch);
  server.files[kUrl].content = "";
  CHECK(downloader.get(file).error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE_FIXTURE(Fixture, "after a cut the rest is asked for") {
  server.files[kUrl].cuts = {3000, 4000};
  SUBCASE("with an ETag") { server.files[kUrl].etag = "\"one\""; }
  SUBCASE("without") {}
  const auto got = downloader.get(file);
  REQUIRE(got.ok());
  CHECK(got->bytes() == content);
  CHECK(server.asked() == std::vector<std::string>{kUrl, kUrl + " bytes=3000-", kUrl + " bytes=7000-"});
  CHECK(reporter.notes.ends_with("10000;end;"));
}

TEST_CASE_FIXTURE(Fixture, "where the file changed since the cut, or there are no ranges, it is taken from its start") {
  server.files[kUrl].cuts = {3000};
  SUBCASE("no ranges") { server.files[kUrl].has_ranges = false; }
  SUBCASE("changed, told by the ETag") {
    server.files[kUrl].etag = "\"one\"";
    server.files[kUrl].after_cut = content;
    server.files[kUrl].content = std::string(10'000, 'z');
  }
  const auto got = downloader.get(file);
  REQUIRE(got.ok());
  CHECK(got->bytes() == content);
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "parts that do not belong together are noticed by the hash, and the file is taken again") {
  server.files[kUrl].cuts = {3000};
  server.files[kUrl].after_cut = content;
  server.files[kUrl].content = std::string(10'000, 'z');
  const auto got = downloader.get(file);
  REQUIRE(got.ok());
  CHECK(got->bytes() == content);
  CHECK(server.asked() == std::vector<std::string>{kUrl, kUrl + " bytes=3000-", kUrl});
}

TEST_CASE_FIXTURE(Fixture, "without hash and ETag nothing is pieced together") {
  announce_nothing();
  server.files[kUrl].cuts = {3000};
  CHECK(downloader.get(file).value().bytes() == content);
  CHECK(server.asked() == std::vector<std::string>{kUrl, kUrl});
}

TEST_CASE_FIXTURE(Fixture, "a server that always breaks off is left after a few tries") {
  server.files[kUrl].cuts = {100, 100, 100, 100, 100, 100, 100, 100};
  const auto got = downloader.get(file);
  CHECK(got.error().kind == ErrorKind::network);
  CHECK(server.asked().size() == 4);
}

TEST_CASE_FIXTURE(Fixture, "a server without ranges that cuts ever earlier is asked from the start each time") {
  server.files[kUrl].cuts = {3000, 2000, 1000};
  server.files[kUrl].has_ranges = false;
  CHECK(downloader.get(file).value().bytes() == content);
  CHECK(server.asked().size() == 4);
}

TEST_CASE_FIXTURE(Fixture, "a body whose length nobody said and whose hash is wrong is taken once more") {
  file.size_bytes.reset();
  server.files[kUrl].content = content.substr(0, 3000);
  server.files[kUrl].after_cut = content;  // what the second answer holds
  CHECK(downloader.get(file).value().bytes() == content);
  CHECK(server.asked() == std::vector<std::string>{kUrl, kUrl});
  server.files[kUrl].content = content.substr(0, 3000);
  server.forget();
  CHECK(downloader.get(file).error().kind == ErrorKind::hash_mismatch);
  CHECK(server.asked().size() == 2);  // not again and again
}

TEST_CASE_FIXTURE(Fixture, "all tries are counted in what is said at the end") {
  server.files[kUrl].cuts = {100, 100, 100, 100, 100};
  const auto got = downloader.get(file);
  REQUIRE_FALSE(got.ok());
  CHECK_MESSAGE(got.error().message.ends_with("(tried 4 times)"), got.error().message);
}

TEST_CASE_FIXTURE(Fixture, "a file that is not there is not_found") {
  server.files.clear();
  const auto got = downloader.get(file);
  CHECK(got.error().kind == ErrorKind::not_found);
  CHECK(got.error().message == cat("could not fetch `", kUrl, "`: the server answered with status 404"));
  CHECK(reporter.notes.empty());
}

TEST_CASE_FIXTURE(Fixture, "a file: URL is read from where it is") {
  REQUIRE(fs::publish(dir / "demo file.whl", content).ok());
  file.url = cat("file://", (dir / "demo%20file.whl").native());
  CHECK(downloader.get(file).value().bytes() == content);
  file.hashes[0].hex = hash::to_hex(hash::sha256("other"));
  CHECK(downloader.get(file).error().kind == ErrorKind::hash_mismatch);
  file.url = cat("file://", (dir / "missing.whl").native());
  CHECK(downloader.get(file).error().kind == ErrorKind::not_found);
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Fixture, "many downloads at once share the memory budget") {
  DownloadOptions options;
  options.memory_budget_bytes = 25'000;
  Downloader small(*client, cache, reporter, cancel, options);
  std::vector<Artifact> kept;
  for (int i = 0; i < 6; ++i) kept.push_back(small.get(file).value());
  for (const auto& artifact : kept) CHECK(artifact.bytes() == content);
  CHECK(fs::list_dir(dir / "cache/tmp").value().empty());
}

}  // namespace
}  // namespace pkg::index
