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

TEST_CASE("what no index has is not found, and asked for again by the next command") {
  World world;
  auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK_FALSE((*project)->found());
  CHECK((*project)->reason() == "is not in the index `" + world.server.url("/simple/") + "`");
  world.server.serve_page("foo", kPage);
  project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK((*project)->found());
  CHECK(world.server.count("/simple/foo/") == 2);
}

TEST_CASE("that one index does not have it is remembered where another one does: a warm lookup sends nothing") {
  World world;
  IndexServer second;
  second.serve_page("foo", kPage);
  world.settings.indexes.push_back({"", second.url("/simple/"), false});
  REQUIRE_OK(world.ask("foo"));
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 1);
  CHECK(second.count("/simple/foo/") == 1);
}

TEST_CASE("pages that are to be confirmed are asked for though they are fresh, once; others are not") {
  World world;
  world.server.serve_page("foo", "<a href=foo-1.0.tar.gz>x</a>");
  world.server.serve_page("bar", "<a href=bar-1.0.tar.gz>x</a>");
  REQUIRE_OK(world.ask("foo"));
  REQUIRE_OK(world.ask("bar"));
  world.server.serve_page("foo", "<a href=foo-1.0.tar.gz>x</a><a href=foo-2.0.tar.gz>x</a>");
  const auto index = world.open();
  const auto foo = name("foo");
  REQUIRE_OK(index->project(foo));
  CHECK(releases_of(**index->project(foo)) == "1.0s");
  CHECK(index->rests_on_cache({&foo, 1}));
  index->confirm_pages({&foo, 1});
  CHECK(releases_of(**index->project(foo)) == "2.0s 1.0s");
  CHECK_FALSE(index->rests_on_cache({&foo, 1}));
  CHECK(world.server.requests().back().header("cache-control") == "max-age=0");
  index->confirm_pages({&foo, 1});
  CHECK(releases_of(**index->project(foo)) == "2.0s 1.0s");
  CHECK(world.server.count("/simple/foo/") == 2);
  CHECK(releases_of(**index->project(name("bar"))) == "1.0s");
  CHECK(world.server.count("/simple/bar/") == 1);
  index->confirm_all_pages();
  CHECK(releases_of(**index->project(name("bar"))) == "1.0s");
  CHECK(world.server.count("/simple/bar/") == 2);
}

TEST_CASE("offline nothing is confirmed") {
  World world;
  world.server.serve_page("foo", kPage);
  REQUIRE_OK(world.ask("foo"));
  world.settings.offline = true;
  const auto index = world.open();
  const auto foo = name("foo");
  index->confirm_all_pages();
  REQUIRE_OK(index->project(foo));
  CHECK_FALSE(index->rests_on_cache({&foo, 1}));
  CHECK(world.server.requests().size() == 1);
}

TEST_CASE("what is evidently no list of files is an error that says what it is, and is not remembered") {
  struct Row {
    std::string type, body, found;
  };
  const std::vector<Row> rows = {
      {"text/html", "<html><title>Log in to Airport Wi-Fi</title><body><a href=\"/login?next=foo\">log in</a>",
       "an HTML page that is no list of files: its title is `Log in to Airport Wi-Fi`"},
      {"text/html", "<html><body><h1>It works!</h1></body></html>", "its title is `It works!`"},
      {"text/html", "", "it is empty"},
      {"text/html", "<html></html>", "it has no title"},
      {"text/plain", "hello", "an HTML page that is no list of files"},
      {"application/octet-stream", std::string("\x00\x01", 2), "an HTML page that is no list of files"},
      {"application/json", R"({"error": "maintenance"})", "JSON that is no list of files: it has no `files`"},
      {"application/vnd.pypi.simple.v1+json", R"({"meta": {"api-version": "1.0"}, "name": "bar", "files": []})",
       "the page is that of the project `bar`, not of `foo`"},
      {"application/vnd.pypi.simple.v1+json", "<html></html>", "no JSON object"},
      {"image/png", "x", "content of the type `image/png`"},
  };
  World world;
  for (const auto& row : rows) {
    CAPTURE(row.body);
    world.server.serve("/simple/foo/", {.body = row.body, .content_type = row.type});
    const auto project = world.ask("foo");
    REQUIRE_FALSE(project.ok());
    CHECK(project.error().kind == ErrorKind::bad_data);
    CHECK_MESSAGE(project.error().message.find(row.found) != std::string::npos, project.error().message);
    CHECK(project.error().context.front() ==
          cat("while reading `", world.server.url("/simple/foo/"), "`, sent as `", row.type, "`"));
  }
  world.server.serve_page("foo", kPage);
  const auto healthy = world.ask("foo");
  REQUIRE_OK(healthy);
  CHECK((*healthy)->found());
}

TEST_CASE("a list of files may be empty, where it says that it is one") {
  World world;
  const auto none = [&](const std::string& type, const std::string& body) {
    world.server.serve("/simple/foo/", {.body = body, .content_type = type});
    world.settings.refresh = RefreshMode::all;
    const auto project = world.ask("foo");
    CAPTURE(body);
    REQUIRE_OK(project);
    CHECK((*project)->found());
    CHECK((*project)->releases().empty());
  };
  none("application/vnd.pypi.simple.v1+json", R"({"meta": {"api-version": "1.0"}, "name": "Foo", "files": []})");
  none("text/html", "<html><head><title>Links for foo</title></head></html>");
  none("text/html", "<meta name=\"pypi:repository-version\" content=\"1.0\">");
  none("text/html", "<h1>Index of /simple/foo</h1><a href=\"../\">up</a>");
  none("text/html", "<a href=\"foo-1.0.win32.exe\">x</a><a href=\"foo-1.0.rpm\">x</a>");
}

TEST_CASE("a server cannot name files of this machine, and other odd links are passed over") {
  World world;
  const std::string good = "<a href=\"foo-1.0.tar.gz\">x</a>";
  for (const std::string bad : {"<a href=\"file:///etc/foo-2.0.tar.gz\">x</a>",
                                "<base href=\"file:///srv/\"><a href=\"foo-2.0.tar.gz\">x</a>"}) {
    world.server.serve_page("foo", good + bad);
    const auto project = world.ask("foo");
    REQUIRE_FALSE(project.ok());
    CHECK(project.error().message.find("a file of this machine") != std::string::npos);
  }
  world.server.serve_page("foo",
                          good +
                              "<a href=\"mailto:x@example.org/foo-3.0.tar.gz\">x</a>"
                              "<a href=\"ftp://example.org/foo-4.0.tar.gz\">x</a><a href>x</a>"
                              "<a href=\"javascript:void(0)\">x</a><a href=\"?C=N;O=D\">x</a><a href=\"//\">x</a>"
                              "<a href=\"&#102;oo&#x2D;1.5.tar&period;gz?a=1&amp;b=2\">x</a>");
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "1.5s 1.0s");
  CHECK((*project)->files(0)->front().url == world.server.url("/simple/foo/foo-1.5.tar.gz?a=1&b=2"));
}

TEST_CASE("a hash in a URL's fragment counts in JSON as in HTML") {
  World world;
  world.server.serve("/simple/foo/",
                     {.body = cat(R"({"files": [{"filename": "foo-1.0.tar.gz", "url": "foo-1.0.tar.gz#sha256=)",
                                  std::string(64, 'b'), R"(", "hashes": {}}]})"),
                      .content_type = "application/vnd.pypi.simple.v1+json"});
  const auto project = world.ask("foo");
  REQUIRE_OK(project);
  const auto files = (*project)->files(0);
  REQUIRE_OK(files);
  REQUIRE(files->front().sha256() != nullptr);
  CHECK(files->front().sha256()->hex == std::string(64, 'b'));
}

TEST_CASE("statuses that an index's settings name mean that it does not have the project; no others do") {
  World world;
  IndexServer second;
  second.serve_page("foo", kPage);
  world.settings.indexes.push_back({"", second.url("/simple/"), false});
  world.settings.indexes.front().rules.ignored_statuses = {403, 503};
  for (const int status : {403, 503}) {
    world.server.serve("/simple/foo/", {.status = status});
    const auto project = world.ask("foo");
    REQUIRE_OK(project);
    CHECK((*project)->found());
    world.settings.refresh = RefreshMode::all;
  }
  CHECK(world.server.count("/simple/foo/") == 2);  // a 503 that does not count is not asked for again and again
  world.server.serve("/simple/foo/", {.status = 401});
  CHECK_FALSE(world.ask("foo").ok());
}

TEST_CASE("what an index's settings say of keeping pages goes before what the server says") {
  World world;
  world.server.serve("/simple/foo/", {.body = kPage, .headers = {{"Cache-Control", "no-store"}}});
  world.settings.indexes.front().rules.cache_control = "max-age=60";
  REQUIRE_OK(world.ask("foo"));
  world.settings.now += 59;
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 1);
  world.settings.now += 1;
  REQUIRE_OK(world.ask("foo"));
  CHECK(world.server.count("/simple/foo/") == 2);
}

TEST_CASE("a flat index is one page, or folder, of all projects, in its place among the indexes") {
  World world;
  test::TempDir folder;
  REQUIRE_OK(fs::publish(folder / "baz-7.0-py3-none-any.whl", ""));
  world.server.serve("/all.html", {.body = "<a href=\"f/foo-9.0.tar.gz\">x</a><a href=\"f/bar-1.0.tar.gz\">x</a>"});
  world.server.serve_page("foo", kPage);
  world.server.serve_page("qux", "<a href=qux-1.0.tar.gz>x</a>");
  IndexLocation flat{"flat", world.server.url("/all.html")};
  IndexLocation here{"here", "file://" + folder.path().string()};
  flat.rules.is_flat = here.rules.is_flat = true;
  world.settings.indexes.insert(world.settings.indexes.begin(), {flat, here});
  const auto index = world.open();
  const auto foo = index->project(name("foo"));
  REQUIRE_OK(foo);
  CHECK(releases_of(**foo) == "9.0s");
  CHECK((*foo)->files(0)->front().index == "flat");
  CHECK(releases_of(**index->project(name("baz"))) == "7.0w");
  CHECK(releases_of(**index->project(name("qux"))) == "1.0s");
  CHECK(world.server.count("/all.html") == 1);
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

TEST_CASE("one index alone is asked for a project, whatever the others have") {
  World world;
  world.server.serve_page("foo", kPage);
  world.server.serve("/own/foo/", {.body = R"(<a href="foo-0.9.tar.gz">x</a>)"});
  world.settings.indexes.push_back({"own", world.server.url("/own/"), true});
  world.settings.index_of = {{name("foo"), "gone"}};
  const auto index = world.open();
  index->want_projects(std::vector{name("foo")}, "own");
  const auto project = index->project(name("foo"), "own");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "0.9s");
  CHECK(world.server.count("/simple/foo/") == 0);
  CHECK(world.server.count("/own/foo/") == 1);
}

TEST_CASE("PyTorch comes from all its indexes and from no other, unless one is bound to it") {
  World world;
  world.server.serve_page("torch", R"(<a href="torch-3.0.tar.gz">x</a>)");
  world.server.serve("/cu130/torch/", {.body = R"(<a href="torch-2.9+cu130.tar.gz">x</a>)"});
  world.server.serve("/cpu/torch/",
                     {.body = R"(<a href="torch-2.9+cpu.tar.gz">x</a><a href="torch-2.10+cpu.tar.gz">x</a>)"});
  for (const auto* backend : {"cpu", "cu130"})
    world.settings.indexes.push_back({backend, world.server.url(cat("/", backend, "/")), true});
  world.settings.indexes.push_back({world.server.url("/cpu/"), world.server.url("/simple/"), true});
  world.settings.torch = {{world.server.url("/cu130/"), world.server.url("/cpu/")},
                          {name("torch"), name("torchvision")}};
  auto project = world.ask("torch");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.10+cpus 2.9+cu130s 2.9+cpus");
  CHECK(world.server.count("/simple/torch/") == 0);
  project = world.ask("torchvision");
  REQUIRE_OK(project);
  CHECK((*project)->reason() == "is in none of the indexes `cu130`, `cpu`");
  world.settings.index_of = {{name("torch"), "cpu"}};
  project = world.ask("torch");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "2.10+cpus 2.9+cpus");
  world.settings.index_of.clear();
  world.settings.torch = {};
  project = world.ask("torch");
  REQUIRE_OK(project);
  CHECK(releases_of(**project) == "3.0s");
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
