#include "index/wheels/wheel_source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "base/url.h"
#include "index/fake_server.h"
#include "pep/filename.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/zip_builder.h"

namespace pkg::index {
namespace {

struct Fixture {
  test::TempDir dir;
  test::FakeServer server;
  CancelToken cancel;
  test::SilentReporter reporter;
  Cache cache = Cache::open(dir / "cache").value();
  WheelStore store{cache.paths(), 2, 1000};
  std::unique_ptr<Client> client = server.client(cancel);
  Downloader downloader{*client, cache, reporter, cancel};
  WheelSource wheels{store, downloader, RecordCheck::strict, false};

  pep::DistFile serve(const test::BuiltWheel& wheel) {
    pep::DistFile file;
    file.project = pep::Name::from_normalized("demo");
    file.version = pep::WheelName::parse(wheel.file_name).value().version;
    file.file_name = wheel.file_name;
    file.url = cat("https://files.example/", wheel.file_name);
    file.hashes = {{hash::Algorithm::sha256, wheel.sha256}};
    file.size_bytes = wheel.bytes.size();
    server.files[file.url].content = wheel.bytes;
    return file;
  }
  pep::DistFile demo() {
    return serve(test::make_wheel("demo", "1.0", {{"demo/__init__.py", "x = 1\n"}, {"demo/b.py", "b\n"}}));
  }
};

TEST_CASE_FIXTURE(Fixture, "a wheel is fetched once, and then comes from the store") {
  const auto file = demo();
  const auto wheel = wheels.get(file);
  REQUIRE(wheel.ok());
  CHECK(fs::read_file(fs::Path((*wheel)->path) / "demo/__init__.py").value() == "x = 1\n");
  CHECK(wheels.get(file).value() == *wheel);
  WheelSource later(store, downloader, RecordCheck::strict, true);
  CHECK(later.get(file).ok());
  CHECK(server.asked().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "wheels that were wanted are fetched together, each once, whoever asks") {
  std::vector<pep::DistFile> files;
  for (int i = 0; i < 12; ++i)
    files.push_back(serve(test::make_wheel("demo", cat(i, ".0"), {{"demo.py", cat("n = ", i)}})));
  std::vector<const pep::DistFile*> pointers;
  for (const auto& file : files) pointers.push_back(&file);
  wheels.want(pointers);
  std::atomic<int> fine{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (const auto& file : files) fine += wheels.get(file).ok() ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(fine == 36);
  CHECK(server.asked().size() == 12);
}

TEST_CASE_FIXTURE(Fixture,
                  "a wheel whose content is refused is an error that names it, and leaves nothing in the store") {
  auto wheel = test::make_wheel("demo", "1.0", {{"demo.py", "x"}},
                                {.change = [](std::vector<test::ZipEntry>& entries) { entries[0].content += "!"; }});
  const auto file = serve(wheel);
  const auto failed = wheels.get(file);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().kind == ErrorKind::bad_data);
  CHECK(failed.error().context == std::vector<std::string>{"while unpacking `demo-1.0-py3-none-any.whl`",
                                                           cat("while fetching `", file.url, "`")});
  CHECK(store.get(wheel.sha256, RecordCheck::relaxed) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a failure is not remembered") {
  const auto file = demo();
  server.files[file.url].status = 404;
  CHECK(wheels.get(file).error().kind == ErrorKind::not_found);
  server.files[file.url].status = 200;
  CHECK(wheels.get(file).ok());
}

TEST_CASE_FIXTURE(Fixture, "offline, a wheel that is not stored is not_found") {
  const auto file = demo();
  WheelSource offline(store, downloader, RecordCheck::strict, true);
  const auto failed = offline.get(file);
  CHECK(failed.error().kind == ErrorKind::not_found);
  CHECK(failed.error().message == "the wheel `demo-1.0-py3-none-any.whl` is not in the cache");
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(Fixture, "a wheel without announced hash is found again by its URL") {
  auto file = demo();
  file.hashes.clear();
  REQUIRE(wheels.get(file).ok());
  WheelSource later(store, downloader, RecordCheck::strict, true);
  CHECK(later.get(file).ok());
  CHECK(server.asked().size() == 1);
  WheelSource refreshing(store, downloader, RecordCheck::strict, false, {RefreshMode::listed, {file.project}});
  CHECK(refreshing.get(file).ok());
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a local wheel that was built again under the same name is unpacked again") {
  const auto one = test::make_wheel("demo", "1.0", {{"demo.py", "1"}}),
             two = test::make_wheel("demo", "1.0", {{"demo.py", "2"}});
  REQUIRE(fs::publish(dir / one.file_name, one.bytes).ok());
  pep::DistFile file;
  file.project = pep::Name::from_normalized("demo");
  file.version = pep::Version::parse("1.0").value();
  file.file_name = one.file_name;
  file.url = url::path_to_file_url((dir / one.file_name).native());
  const auto content = [&] {
    WheelSource fresh(store, downloader, RecordCheck::strict, true);
    return fs::read_file(fs::Path(fresh.get(file).value()->path) / "demo.py").value();
  };
  CHECK(content() == "1");
  CHECK(content() == "1");
  REQUIRE(fs::publish(dir / one.file_name, two.bytes).ok());
  CHECK(content() == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "an altered stored wheel is replaced from a fresh download; a touched one only gets its time back") {
  const auto file = demo();
  const auto wheel = wheels.get(file).value();
  const fs::Path path = fs::Path(wheel->path) / "demo/__init__.py";
  REQUIRE(wheels.heal(file).ok());
  CHECK(server.asked().size() == 1);

  const struct timespec times[2] = {{1, 0}, {1, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  REQUIRE(wheels.heal(file).ok());
  CHECK(server.asked().size() == 1);
  CHECK(fs::file_key(path)->mtime_ns != 1'000'000'000);

  REQUIRE(fs::publish(path, "evil()\n").ok());
  const auto healed = wheels.heal(file);
  REQUIRE(healed.ok());
  CHECK(server.asked().size() == 2);
  CHECK(fs::read_file(fs::Path((*healed)->path) / "demo/__init__.py").value() == "x = 1\n");
  CHECK(store.damaged_files(**healed).value().empty());
}

TEST_CASE_FIXTURE(Fixture, "a wheel that was stored unchecked is fetched again by a strict command") {
  auto wheel = test::make_wheel("demo", "1.0", {{"demo.py", "x"}}, {.record = "demo.py,,\n"});
  const auto file = serve(wheel);
  WheelSource relaxed(store, downloader, RecordCheck::relaxed, false);
  REQUIRE(relaxed.get(file).ok());
  CHECK(wheels.get(file).error().kind == ErrorKind::bad_data);
  CHECK(server.asked().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a client that ends while wheels are on their way leaves nobody waiting") {
  std::vector<pep::DistFile> files;
  for (int i = 0; i < 12; ++i)
    files.push_back(serve(test::make_wheel("demo", cat(i, ".0"), {{"demo.py", cat("n = ", i)}})));
  std::atomic<int> answers{0};
  for (const auto& file : files) wheels.start(file, [&](const Result<WheelStore::Wheel>&) { ++answers; });
  client.reset();
  { WheelSource other(store, downloader, RecordCheck::strict, true); }
  while (answers < 12) std::this_thread::yield();
  CHECK(answers == 12);
}

TEST_CASE_FIXTURE(Fixture, "a stored wheel is taken only under its own name and version") {
  const auto file = demo();
  REQUIRE(wheels.get(file).ok());
  for (const auto* other : {"other-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl"}) {
    auto lie = file;
    const auto name = pep::WheelName::parse(other).value();
    lie.project = name.name;
    lie.version = name.version;
    lie.file_name = other;
    const auto got = wheels.get(lie);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::hash_mismatch);
    CHECK(got.error().message ==
          cat("`", other, "` is announced with the sha256 ", file.sha256()->hex, ", which is that of `demo==1.0`"));
  }
  CHECK(server.asked().size() == 1);
}

TEST_CASE_FIXTURE(
    Fixture,
    "whoever has the last word on wheels is asked of each, fresh or stored, and what it refuses is not given out") {
  std::vector<bool> fresh;
  const auto note = [&](const pep::DistFile&, const pep::UnpackedWheel&, bool is_fresh) {
    fresh.push_back(is_fresh);
    return ok_status();
  };
  const auto file = demo();
  wheels.confirm_with(note);
  CHECK(wheels.get(file).ok());
  WheelSource later(store, downloader, RecordCheck::strict, true);
  later.confirm_with(note);
  CHECK(later.get(file).ok());
  CHECK(fresh == std::vector<bool>{true, false});
  WheelSource strict(store, downloader, RecordCheck::strict, true);
  strict.confirm_with(
      [](const auto&, const auto&, bool) { return Status(make_error(ErrorKind::hash_mismatch, "no")); });
  CHECK(strict.get(file).error().message == "no");
}

}  // namespace
}  // namespace pkg::index
