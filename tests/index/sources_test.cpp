// Projects over a loopback index: sources in order, freshness, faults.

#include <doctest/doctest.h>

#include "base/fs.h"
#include "base/text.h"
#include "index/index.h"
#include "support/index_server.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

using test::IndexServer;
using test::Served;

const std::string kPage =
    R"(<!DOCTYPE html><a href="../../f/foo-1.0-py3-none-any.whl#sha256=)" + std::string(64, 'a') +
    R"(">x</a><a href="../../f/foo-2.0.tar.gz" data-requires-python="&gt;=3.8" data-yanked="bad">x</a><a href="other-1.0.tar.gz">x</a>)";

pep::Name name(const std::string& text) { return pep::Name::from_normalized(text); }

struct World {
  test::TempDir cache;
  IndexServer server;
  test::SilentReporter reporter;
  CancelToken cancel;
  Settings settings;

  World() {
    settings.indexes = {{"", server.url("/simple/"), false}};
    settings.cache_dir = (cache / "cache").string();
    settings.user_agent = "pkg-test";
    settings.now = 1'700'000'000;
    settings.timeout_s = 5;
    settings.retries = 2;
  }
  std::unique_ptr<Index> open() {
    auto index = Index::open(settings, reporter, cancel);
    REQUIRE_OK(index);
    return *std::move(index);
  }
  // In a new process, as it were.
  Result<std::shared_ptr<const Project>> ask(const std::string& project) { return open()->project(name(project)); }
};

std::string releases_of(const Project& project) {
  std::string out;
  for (const auto& release : project.releases())
    append(out, out.empty() ? "" : " ", release.version.to_string(), release.has_wheel ? "w" : "",
           release.has_sdist ? "s" : "", release.all_yanked ? "y" : "");
  return out;
}

}  // namespace

TEST_CASE("a project is what its page says, newest release first") {
  World world;
  world.server.serve_page("foo", kPage);
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK((*project)->found());
  CHECK(releases_of(**project) == "2.0sy 1.0w");
  const auto files = (*project)->files(1);
  REQUIRE_OK(files);
  REQUIRE(files->size() == 1);
  CHECK(files->front().url == world.server.url("/f/foo-1.0-py3-none-any.whl"));
  CHECK(files->front().file_name == "foo-1.0-py3-none-any.whl");
  REQUIRE(files->front().sha256() != nullptr);
  CHECK(files->front().sha256()->hex == std::string(64, 'a'));
  const auto sdist = (*project)->files(0);
  REQUIRE_OK(sdist);
  CHECK(sdist->front().requires_python == ">=3.8");
  CHECK(sdist->front().yanked == "bad");
  CHECK(world.server.requests().front().header("accept").starts_with("application/vnd.pypi.simple.v1+json"));
}

TEST_CASE("a fresh cached page is used without a request, a stale one of the same bytes is confirmed") {
  World world;
  world.server.serve_page("foo", kPage);
  REQUIRE_OK(world.ask("foo"));
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 1);
  world.settings.now += 601;
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 2);
  world.settings.now += 599;
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(world.server.count("/simple/foo/") == 2);
  CHECK(releases_of(**project) == "2.0sy 1.0w");
}

TEST_CASE("a stale page with an ETag is asked for conditionally") {
  World world;
  world.server.serve("/simple/foo/", {.body = kPage, .headers = {{"Cache-Control", "max-age=60"}}, .etag = "\"v1\""});
  REQUIRE_OK(world.ask("foo"));
  world.settings.now += 59;
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 1);
  world.settings.now += 1;
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.0sy 1.0w");
  REQUIRE(world.server.count("/simple/foo/") == 2);
  CHECK(world.server.requests().back().header("if-none-match") == "\"v1\"");
  world.settings.now += 59;
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 2);
}

TEST_CASE("no-store is not stored, and refresh asks again") {
  World world;
  world.server.serve("/simple/foo/", {.body = kPage, .headers = {{"Cache-Control", "no-store"}}});
  REQUIRE_OK(world.ask("foo"));
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 2);
  world.server.serve_page("bar", kPage);
  REQUIRE_OK(world.ask("bar"));
  world.settings.refresh = RefreshMode::listed;
  world.settings.refresh_names = {name("bar")};
  REQUIRE_OK(world.ask("bar"));
  CHECK(world.server.count("/simple/bar/") == 2);
}

TEST_CASE("what no index has is not found, and that is remembered for a while") {
  World world;
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK_FALSE((*project)->found());
  CHECK((*project)->reason() == "is not in the index `" + world.server.url("/simple/") + "`");
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 1);
}

TEST_CASE("an index that fails is an error, and the next index is not asked") {
  World world;
  IndexServer second;
  second.serve_page("foo", kPage);
  world.settings.indexes.push_back({"", second.url("/simple/"), false});
  for (const int status : {401, 403, 418}) {
    world.server.serve("/simple/foo/", {.status = status});
    const auto project = world.ask("foo");
    REQUIRE_FALSE(project.ok());
    CHECK(project.error().kind == ErrorKind::network);
    CHECK(project.error().message.find(cat("status ", status)) != std::string::npos);
  }
  CHECK(second.requests().empty());
  world.server.remove("/simple/foo/");
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK((*project)->found());
}

TEST_CASE("the first index that has a project wins, unless all are to be merged") {
  World world;
  IndexServer second;
  world.server.serve_page("foo", kPage);
  second.serve_page("foo", "<a href=foo-3.0.tar.gz>x</a><a href=foo-1.0-py3-none-any.whl>x</a>");
  world.settings.indexes.push_back({"", second.url("/simple/"), false});
  auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.0sy 1.0w");
  CHECK(second.requests().empty());
  world.settings.strategy = Strategy::unsafe_best_match;
  project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "3.0s 2.0sy 1.0w");
  const auto files = (*project)->files(2);
  REQUIRE_OK(files);
  REQUIRE(files->size() == 1);  // the same file name: the first index's
  CHECK(files->front().url.starts_with(world.server.url("/f/")));
}

TEST_CASE("an explicit index is asked for the projects that name it only, and those come from nowhere else") {
  World world;
  world.server.serve_page("foo", kPage);
  world.server.serve_page("bar", R"(<a href="bar-1.0.tar.gz">x</a>)");
  world.server.serve("/own/foo/", {.body = R"(<a href="foo-0.9.tar.gz">x</a>)"});
  world.settings.indexes.insert(world.settings.indexes.begin(), {"own", world.server.url("/own/"), true});
  auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.0sy 1.0w");
  CHECK(world.server.count("/own/foo/") == 0);
  world.settings.index_of = {{name("foo"), "own"}, {name("bar"), "own"}};
  project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "0.9s");
  project = world.ask("bar");
  REQUIRE_OK(project);
  CHECK(!(*project)->found());
  CHECK((*project)->reason() == "is not in the index `own`");
}

TEST_CASE("a cached page is asked for again when its index has another name now") {
  World world;
  world.server.serve_page("foo", kPage);
  REQUIRE_OK(world.ask("foo"));
  world.settings.indexes.front().name = "main";
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  const auto files = (*project)->files(1);
  REQUIRE_OK(files);
  CHECK(files->front().index == "main");
  CHECK(world.server.count("/simple/foo/") == 2);
}

TEST_CASE("find-links stand beside the index") {
  World world;
  test::TempDir folder;
  REQUIRE_OK(fs::publish(folder / "foo-4.0-py3-none-any.whl", ""));
  REQUIRE_OK(fs::publish(folder / "foo_bar-1.0-py3-none-any.whl", ""));
  world.settings.find_links = {folder.path().string(), (folder / "absent").string(), world.server.url("/links.html")};
  world.server.serve("/links.html", {.body = "<a href=foo-5.0.tar.gz>x</a>"});
  world.server.serve_page("foo", kPage);
  auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "5.0s 4.0w 2.0sy 1.0w");
  project = world.ask("foo-bar");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "1.0w");
  world.settings.no_index = true;
  project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "5.0s 4.0w");
}

TEST_CASE("offline, what is cached is used and the rest is not found, with the reason") {
  World world;
  world.server.serve_page("foo", kPage);
  REQUIRE_OK(world.ask("foo"));
  world.settings.offline = true;
  world.settings.now += 1'000'000;
  auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK((*project)->found());
  project = world.ask("bar");
  REQUIRE_OK(project);
  CHECK((*project)->reason() == "is not in the cache, and the indexes are not asked with --offline");
  CHECK(world.server.requests().size() == 1);
}

TEST_CASE("a damaged cached page counts as not there") {
  World world;
  world.server.serve_page("foo", kPage);
  REQUIRE_OK(world.ask("foo"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.cache.path())) {
    if (entry.path().extension() != ".page") continue;
    auto bytes = fs::read_file(entry.path());
    REQUIRE_OK(bytes);
    (*bytes)[60] ^= 1;
    REQUIRE_OK(fs::publish(entry.path(), *bytes));
  }
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.0sy 1.0w");
  CHECK(world.server.count("/simple/foo/") == 2);
}

TEST_CASE("many names at once need one request each") {
  World world;
  std::vector<pep::Name> names;
  for (int i = 0; i < 60; ++i) {
    names.push_back(name(cat("p", i)));
    world.server.serve_page(names.back().str(), cat("<a href=p", i, "-1.0.tar.gz>x</a>"));
  }
  const auto index = world.open();
  index->want_projects(names);
  index->want_projects(names);
  for (const auto& one : names) {
    const auto project = index->project(one);
    REQUIRE_OK(project);
    CHECK((*project)->releases().size() == 1);
  }
  CHECK(world.server.requests().size() == 60);
}

TEST_CASE("an index is closed at once while answers are missing") {
  World world;
  world.server.serve("/simple/foo/", {.body = kPage, .delay_ms = 300});
  const auto index = world.open();
  const std::vector<pep::Name> names{name("foo")};
  index->want_projects(names);
}

}  // namespace pkg::index
