#include "index/remote/remote_cache.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "index/awaited.h"
#include "index/download.h"
#include "index/http/client.h"
#include "index/remote/entry_keys.h"
#include "support/memory_transport.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

using test::MemoryAnswer;

std::string sha256(std::string_view bytes) { return hash::to_hex(hash::sha256(bytes)); }

class WarningReporter final : public Reporter {
 public:
  std::vector<std::string> warnings;
  void warning(const std::string& message) override {
    const std::lock_guard lock(mutex_);
    warnings.push_back(message);
  }
  void note(const std::string&) override {}
  void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
  void transfer_progress(std::uint64_t, std::uint64_t) override {}
  void transfer_finished(std::uint64_t) override {}
  void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}

 private:
  std::mutex mutex_;
};

// A store without a network: objects by URL, what was asked, and a fault where one is wanted.
struct FakeStore {
  std::mutex mutex;
  std::map<std::string, std::string> objects;
  std::vector<std::string> asked;  // "GET url"
  std::vector<Exchange> exchanges;
  std::function<std::optional<MemoryAnswer>(const Exchange&)> fault;

  MemoryAnswer answer(const Exchange& exchange) {
    const std::lock_guard lock(mutex);
    const auto method = exchange.method.empty() ? std::string("GET") : exchange.method;
    asked.push_back(cat(method, " ", exchange.url));
    auto kept = exchange;
    kept.on_head = nullptr;
    kept.on_body = nullptr;
    exchanges.push_back(std::move(kept));
    if (fault)
      if (auto answer = fault(exchange)) return *answer;
    if (method == "PUT") {
      const bool is_there = objects.contains(exchange.url);
      if (is_there && test::header_of(exchange, "if-none-match") == "*") return {.status = 412};
      objects[exchange.url] = std::string(exchange.body);
      return {.status = 200};
    }
    const auto found = objects.find(exchange.url);
    if (found == objects.end()) return {.status = 404};
    return {.status = 200, .body = method == "HEAD" ? std::string() : found->second};
  }

  MakeTransport transport() {
    return [this](const TransportSettings&) -> Result<std::unique_ptr<Transport>> {
      return std::unique_ptr<Transport>(
          std::make_unique<test::MemoryTransport>([this](const Exchange& exchange) { return answer(exchange); }));
    };
  }
  std::size_t count(std::string_view method) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(
        std::ranges::count_if(asked, [&](const std::string& one) { return one.starts_with(method); }));
  }
};

struct Fixture {
  test::TempDir dir;
  FakeStore store;
  WarningReporter reporter;
  CancelToken cancel;
  Settings settings;
  std::atomic<double> now = 0;

  Fixture() {
    settings.remote.url = "https://cache.example/pkg/";
    settings.now = 1'800'000'000;
  }
  std::shared_ptr<RemoteCache> open() {
    auto remote = RemoteCache::open(settings, reporter, cancel, store.transport(), [this] { return now.load(); });
    REQUIRE_OK(remote);
    return *remote;
  }
  std::string url(const std::string& bytes) const { return cat("https://cache.example/pkg/cas/", sha256(bytes)); }
  void use_key(char filling) {
    const auto path = dir / cat("key", filling);
    REQUIRE_OK(fs::publish(path, cat("ed25519-secret:", hash::to_base64url(std::string(32, filling)), "\n")));
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    settings.remote.key_file = path.native();
  }
  static std::optional<std::string> small(RemoteCache& remote, const std::string& hex, std::uint64_t limit = 1000) {
    const Awaited<std::optional<std::string>> answer;
    remote.small_content(hex, limit, [answer](std::optional<std::string> text) { answer.put(std::move(text)); });
    return answer.take();
  }
  static std::optional<SignedEntry> entry(RemoteCache& remote, const EntryName& name) {
    const Awaited<std::optional<SignedEntry>> answer;
    remote.entry(name, 10'000, [answer](std::optional<SignedEntry> found) { answer.put(std::move(found)); });
    return answer.take();
  }
  static void offer(RemoteCache& remote, const std::string& bytes) {
    auto owner = std::make_shared<const std::string>(bytes);
    const std::string_view view = *owner;
    (void)remote.offer(sha256(bytes), view, std::move(owner));
  }
};

const EntryName kName{EntryKind::metadata, "demo"};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is put is got, by its hash and by a signed entry") {
  use_key('a');
  {
    auto remote = open();
    offer(*remote, "content");
    remote->offer(kName, "payload");
    remote->end(10);
    CHECK(remote->counts().put == 2);
  }
  auto remote = open();
  CHECK(small(*remote, sha256("content")) == "content");
  CHECK(entry(*remote, kName)->payload == "payload");
  CHECK_FALSE(small(*remote, sha256("other")).has_value());
  CHECK_FALSE(entry(*remote, {EntryKind::page, "demo"}).has_value());
  CHECK(reporter.warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "nothing is opened and nothing is sent where there is none, or it is off, or offline") {
  settings.offline = true;
  CHECK(open() == nullptr);
  settings.offline = false;
  settings.remote.mode = RemoteMode::off;
  CHECK(open() == nullptr);
  settings.remote = {};
  CHECK(open() == nullptr);
  settings.remote.url = "ftp://x/";
  CHECK(RemoteCache::open(settings, reporter, cancel, store.transport()).error().kind == ErrorKind::usage);
}

TEST_CASE_FIXTURE(Fixture, "who may only read puts nothing; who has no key to check with asks for no entry") {
  use_key('a');
  settings.remote.mode = RemoteMode::read_only;
  auto remote = open();
  offer(*remote, "content");
  remote->offer(kName, "payload");
  remote->end(1);
  CHECK(store.asked.empty());
  settings.remote.key_file.clear();
  remote = open();
  CHECK_FALSE(entry(*remote, kName).has_value());
  CHECK(store.asked.empty());
}

TEST_CASE_FIXTURE(Fixture, "entries of a key that is not trusted are ignored, and that is said once") {
  use_key('b');
  auto theirs = open();
  theirs->offer(kName, "theirs");
  theirs->offer({EntryKind::page, "x"}, "theirs");
  theirs->end(10);
  use_key('a');
  auto remote = open();
  CHECK_FALSE(entry(*remote, kName).has_value());
  CHECK_FALSE(entry(*remote, {EntryKind::page, "x"}).has_value());
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("not trusted") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "other bytes are no content, and what is offered next replaces them") {
  store.objects[url("content")] = "forged!";
  auto remote = open();
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
  offer(*remote, "content");
  remote->end(10);
  CHECK(store.objects[url("content")] == "content");
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("other bytes") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what is longer than asked for is ended, and replaced") {
  store.objects[url("content")] = std::string(100'000, 'x');
  auto remote = open();
  CHECK_FALSE(small(*remote, sha256("content"), 7).has_value());
  offer(*remote, "content");
  remote->end(10);
  CHECK(store.objects[url("content")] == "content");
}

TEST_CASE_FIXTURE(Fixture, "a large content is put only where it is not there already; a small one conditionally") {
  const std::string large(100'000, 'l');
  store.objects[url(large)] = large;
  store.objects[url("small")] = "small";
  auto remote = open();
  offer(*remote, large);
  offer(*remote, "small");
  offer(*remote, "small");
  remote->end(10);
  CHECK(store.count("HEAD") == 1);
  CHECK(store.count("PUT") == 1);
  CHECK(remote->counts().kept == 2);
  CHECK(remote->counts().put == 0);
}

TEST_CASE_FIXTURE(Fixture, "after three failures nothing more is asked, and one line says so") {
  store.fault = [](const Exchange&) { return MemoryAnswer{.status = 503}; };
  auto remote = open();
  for (int i = 0; i < 10; ++i) CHECK_FALSE(small(*remote, sha256(cat(i))).has_value());
  CHECK(store.asked.size() == 3);
  CHECK_FALSE(remote->answers());
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("503") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a refusal is the end at once, with what the store calls it") {
  store.fault = [](const Exchange&) {
    return MemoryAnswer{.status = 403, .body = "<Error><Code>SignatureDoesNotMatch\x1b[31m</Code></Error>"};
  };
  auto remote = open();
  CHECK_FALSE(small(*remote, sha256("a")).has_value());
  CHECK_FALSE(small(*remote, sha256("b")).has_value());
  CHECK(store.asked.size() == 1);
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("SignatureDoesNotMatch") != std::string::npos);
  CHECK(reporter.warnings[0].find('\x1b') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "redirects are not followed, and encoded bodies are none") {
  store.fault = [](const Exchange& exchange) -> std::optional<MemoryAnswer> {
    if (exchange.url.find("elsewhere") != std::string::npos) return MemoryAnswer{.body = "content"};
    return MemoryAnswer{.status = 302, .headers = {{"location", "https://elsewhere.example/x"}}};
  };
  auto remote = open();
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
  CHECK(store.asked.size() == 1);
  store.fault = [](const Exchange&) {
    return MemoryAnswer{.headers = {{"content-encoding", "gzip"}}, .body = "content"};
  };
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
}

TEST_CASE_FIXTURE(Fixture, "a store that takes nothing is not given more, and still answers") {
  store.objects[url("content")] = "content";
  store.fault = [](const Exchange& exchange) -> std::optional<MemoryAnswer> {
    if (exchange.method == "PUT") return MemoryAnswer{.status = 403};
    return std::nullopt;
  };
  auto remote = open();
  for (int i = 0; i < 20; ++i) offer(*remote, cat("new ", i));
  CHECK(small(*remote, sha256("content")) == "content");
  remote->end(10);
  CHECK(store.count("PUT") <= 4);
  CHECK(reporter.warnings.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer to a PUT that does not end is ended") {
  store.fault = [](const Exchange& exchange) -> std::optional<MemoryAnswer> {
    if (exchange.method == "PUT") return MemoryAnswer{.status = 200, .body = std::string(3u << 20, 'x')};
    return std::nullopt;
  };
  auto remote = open();
  for (int i = 0; i < 4; ++i) offer(*remote, cat("new ", i));
  remote->end(10);
  CHECK(remote->counts().put == 0);
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("without an end") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "time that is waited in vain is the end") {
  store.objects[url("content")] = "content";
  store.fault = [this](const Exchange&) {
    now = now + 2;
    return std::nullopt;
  };
  auto remote = open();
  CHECK(small(*remote, sha256("content")).has_value());
  (void)small(*remote, sha256("content"));
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
  CHECK(store.asked.size() == 2);
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("too slow") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an interrupted command asks for nothing and waits for nothing") {
  auto remote = open();
  cancel.cancel();
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
  offer(*remote, "content");
  remote->end(1000);
  CHECK(store.count("GET") == 0);
  CHECK(reporter.warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "credentials of the address go into a header, and into no message") {
  settings.remote.url = "https://alice:s3cr3t@cache.example/pkg";
  store.fault = [](const Exchange&) { return MemoryAnswer{.status = 401}; };
  auto remote = open();
  CHECK_FALSE(small(*remote, sha256("content")).has_value());
  REQUIRE(store.exchanges.size() == 1);
  CHECK(store.exchanges[0].url == url("content"));
  CHECK(test::header_of(store.exchanges[0], "authorization").starts_with("Basic "));
  REQUIRE(reporter.warnings.size() == 1);
  CHECK(reporter.warnings[0].find("s3cr3t") == std::string::npos);
}

namespace {

struct DownloadFixture : Fixture {
  const std::string bytes = std::string(3000, 'w');
  pep::DistFile file;
  Cache cache = Cache::open(dir / "cache").value();

  DownloadFixture() {
    settings.retries = 0;
    file.file_name = "demo-1.0-py3-none-any.whl";
    file.url = "https://files.example/demo-1.0-py3-none-any.whl";
    file.size_bytes = bytes.size();
    file.hashes = {{hash::Algorithm::sha256, sha256(bytes)}};
    store.objects[file.url] = bytes;
  }
  Result<Artifact> get(RemoteCache* remote, bool alone = false) {
    Client client(settings, cancel, store.transport());
    DownloadOptions options;
    options.remote_alone = alone;
    Downloader downloader(client, cache, reporter, cancel, options, remote);
    return downloader.get(file);
  }
  bool asked_index() {
    const std::lock_guard lock(store.mutex);
    return std::ranges::find(store.asked, cat("GET ", file.url)) != store.asked.end();
  }
};

}  // namespace

TEST_CASE_FIXTURE(DownloadFixture, "a file comes from the index the first time, and from the remote cache the second") {
  auto remote = open();
  CHECK(get(remote.get())->bytes() == bytes);
  CHECK(asked_index());
  remote->end(10);
  CHECK(store.objects[url(bytes)] == bytes);
  store.asked.clear();
  remote = open();
  CHECK(get(remote.get())->bytes() == bytes);
  CHECK_FALSE(asked_index());
}

TEST_CASE_FIXTURE(DownloadFixture, "whatever is wrong with the remote cache's answer, the index's counts") {
  const MemoryAnswer wrongs[] = {
      {.body = std::string(3000, 'x')},
      {.body = std::string(2999, 'w')},
      {.body = std::string(3001, 'w')},
      {.body = ""},
      {.body = bytes, .cut = 1500},
      {.status = 500},
      {.status = 206, .body = bytes},
      {.status = 301},
      {.status = 429},
      {.status = 404},
      {.status = 403},
      {.status = 204},
  };
  for (const auto& wrong : wrongs) {
    store.objects.erase(url(bytes));
    store.asked.clear();
    store.fault = [&](const Exchange& exchange) -> std::optional<MemoryAnswer> {
      const bool is_it = exchange.url == url(bytes) && exchange.method == "GET";
      return is_it ? std::optional(wrong) : std::nullopt;
    };
    auto remote = open();
    const auto got = get(remote.get());
    REQUIRE_OK(got);
    CHECK(got->bytes() == bytes);
    CHECK(asked_index());
    remote->end(10);
  }
}

TEST_CASE_FIXTURE(DownloadFixture, "alone, it is asked and no index is") {
  auto remote = open();
  CHECK(get(remote.get(), true).error().kind == ErrorKind::not_found);
  CHECK_FALSE(asked_index());
  store.objects[url(bytes)] = bytes;
  CHECK(get(remote.get(), true)->bytes() == bytes);
}

TEST_CASE_FIXTURE(DownloadFixture, "a file without an announced sha256 is not asked for there") {
  file.hashes.clear();
  auto remote = open();
  CHECK(get(remote.get())->bytes() == bytes);
  remote->end(10);
  CHECK(store.asked.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "requests of S3 are signed, and go where bucket, prefix and endpoint say") {
  settings.remote.url = "s3://bucket/a prefix/";
  settings.remote.endpoint = "http://127.0.0.1:9000";
  settings.remote.region = "eu-west-1";
  const test::ScopedEnv access_key("AWS_ACCESS_KEY_ID", "AKIATEST"), secret_key("AWS_SECRET_ACCESS_KEY", "sesame");
  const test::ScopedEnv token("AWS_SESSION_TOKEN", nullptr);
  auto remote = open();
  offer(*remote, "content");
  remote->end(10);
  CHECK(small(*open(), sha256("content")) == "content");
  REQUIRE(store.exchanges.size() == 2);
  const auto& put = store.exchanges[0];
  CHECK(put.url == cat("http://127.0.0.1:9000/bucket/a%20prefix/cas/", sha256("content")));
  CHECK(test::header_of(put, "x-amz-content-sha256") == sha256("content"));
  const auto signature = test::header_of(put, "authorization");
  CHECK(signature.find("AKIATEST/20270115/eu-west-1/s3/aws4_request") != std::string::npos);
  CHECK(signature.find("if-none-match") != std::string::npos);
  CHECK(signature.find("sesame") == std::string::npos);
  settings.remote.url = "s3://user:pw@bucket/x";
  CHECK(RemoteCache::open(settings, reporter, cancel, store.transport()).error().kind == ErrorKind::usage);
  settings.remote.url = "s3://bucket/a/../b";
  CHECK(RemoteCache::open(settings, reporter, cancel, store.transport()).error().kind == ErrorKind::usage);
}

TEST_CASE_FIXTURE(Fixture, "without an endpoint the bucket is AWS's, by its host, or by its path where it has dots") {
  settings.remote.region = "eu-west-1";
  const auto host_of = [&](const std::string& bucket) {
    settings.remote.url = bucket;
    (void)small(*open(), sha256("content"));
    return store.exchanges.back().url.substr(0, store.exchanges.back().url.find("/cas/"));
  };
  CHECK(host_of("s3://bucket") == "https://bucket.s3.eu-west-1.amazonaws.com");
  CHECK(host_of("s3://my.bucket/p") == "https://s3.eu-west-1.amazonaws.com/my.bucket/p");
  settings.remote.path_style = true;
  CHECK(host_of("s3://bucket/p") == "https://s3.eu-west-1.amazonaws.com/bucket/p");
}

}  // namespace pkg::index
