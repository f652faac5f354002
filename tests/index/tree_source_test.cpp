// Archives and folders as source trees: where they come from, what is unpacked, and what is refused beside a canary.

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "index/index.h"
#include "support/index_server.h"
#include "support/printers.h"
#include "support/tar_builder.h"
#include "support/temp_dir.h"
#include "support/zip_builder.h"

namespace pkg::index {
namespace {

using test::TarMember;

std::string sdist(std::vector<TarMember> more = {}) {
  more.insert(more.begin(), {{.name = "foo-1.0/", .type = '5', .mode = 0755},
                             {.name = "foo-1.0/pyproject.toml", .content = "[project]"},
                             {.name = "foo-1.0/sub/configure", .content = "#!", .mode = 0755}});
  return test::gzip(test::build_tar(more));
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<test::ZipEntry> entries;
  for (const auto& [name, content] : files) {
    test::ZipEntry entry;
    entry.name = name;
    entry.content = content;
    entries.push_back(std::move(entry));
  }
  return test::build_zip(entries);
}

struct Warnings final : Reporter {
  void warning(const std::string& message) override { warnings.push_back(message); }
  void note(const std::string&) override {}
  void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
  void transfer_progress(std::uint64_t, std::uint64_t) override {}
  void transfer_finished(std::uint64_t) override {}
  void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
  std::vector<std::string> warnings;
};

struct World {
  test::TempDir dir;
  test::IndexServer server;
  Warnings reporter;
  CancelToken cancel;
  Settings settings;
  int trees = 0;

  World() {
    settings.cache_dir = (dir / "cache").string();
    settings.user_agent = "pkg-test";
    settings.now = 1'700'000'000;
    settings.timeout_s = 5;
    settings.retries = 0;
    REQUIRE_OK(fs::publish(dir / "canary", "alive"));
  }
  std::unique_ptr<Index> open() {
    auto index = Index::open(settings, reporter, cancel);
    REQUIRE_OK(index);
    return *std::move(index);
  }
  // In a new process, as it were.
  Result<SourceTree> tree(const pep::DistFile& file) {
    const auto into = dir / cat("tree", ++trees);
    REQUIRE_OK(fs::make_dirs(into));
    return open()->source_tree(file, into);
  }
  Result<SourceTree> tree(const std::string& url) {
    pep::DistFile file;
    file.kind = pep::DistKind::sdist;
    file.url = url;
    return tree(file);
  }
  Result<SourceTree> local(const std::string& name, const std::string& bytes, const std::string& fragment = "") {
    REQUIRE_OK(fs::publish(dir / name, bytes));
    return tree(cat(url::path_to_file_url((dir / name).string()), fragment));
  }
  pep::DistFile of_index(const std::string& bytes) {
    server.serve("/f/foo-1.0.tar.gz", {.body = bytes});
    pep::DistFile file;
    file.kind = pep::DistKind::sdist;
    file.project = pep::Name::from_normalized("foo");
    file.version = pep::Version::parse("1.0").value();
    file.file_name = "foo-1.0.tar.gz";
    file.url = server.url("/f/foo-1.0.tar.gz");
    file.index = "main";
    return file;
  }
};

std::string text_of(const fs::Path& path) {
  const auto text = fs::read_file(path);
  return text ? *text : text.error().message;
}

std::string sha256(const std::string& bytes) { return hash::to_hex(hash::sha256(bytes)); }

}  // namespace

TEST_CASE_FIXTURE(World, "an archive of an index is downloaded once and unpacked each time") {
  const auto bytes = sdist();
  auto file = of_index(bytes);
  for (int i = 0; i < 2; ++i) {
    const auto tree = this->tree(file);
    REQUIRE_OK(tree);
    CHECK(tree->root == dir / cat("tree", trees) / "foo-1.0");
    CHECK(tree->sha256_hex == sha256(bytes));
    CHECK_FALSE(tree->in_place);
    CHECK(text_of(tree->root / "pyproject.toml") == "[project]");
    CHECK((std::filesystem::status(tree->root / "sub/configure").permissions() & std::filesystem::perms::owner_exec) !=
          std::filesystem::perms::none);
  }
  CHECK(server.count("/f/foo-1.0.tar.gz") == 1);
  CHECK(reporter.warnings.empty());

  SUBCASE("offline too") {
    settings.offline = true;
    CHECK(this->tree(file).ok());
    file.url += "x";
    const auto absent = this->tree(file);
    REQUIRE_FALSE(absent.ok());
    CHECK(absent.error().kind == ErrorKind::not_found);
    CHECK(absent.error().message == cat("the archive `", file.url, "` is not in the cache"));
  }
  SUBCASE("--refresh asks again, but not for a file whose hash is known") {
    settings.refresh = RefreshMode::all;
    CHECK(this->tree(file).ok());
    CHECK(server.count("/f/foo-1.0.tar.gz") == 2);
    file.hashes = {{hash::Algorithm::sha256, sha256(bytes)}};
    CHECK(this->tree(file).ok());
    CHECK(server.count("/f/foo-1.0.tar.gz") == 2);
  }
  SUBCASE("a damaged one is fetched again") {
    const auto hex = sha256(bytes);
    REQUIRE_OK(fs::publish(fs::Path(settings.cache_dir) / "sdists-v1" / hex.substr(0, 2) / hex, "damaged"));
    CHECK(this->tree(file).ok());
    CHECK(server.count("/f/foo-1.0.tar.gz") == 2);
  }
  SUBCASE("another announced hash is not passed over") {
    file.hashes = {{hash::Algorithm::sha512, std::string(128, 'a')}};
    const auto tree = this->tree(file);
    REQUIRE_FALSE(tree.ok());
    CHECK(tree.error().kind == ErrorKind::hash_mismatch);
  }
}

TEST_CASE_FIXTURE(World, "hashes of the URL and of the caller are checked") {
  server.serve("/a.zip", {.body = zip({{"x/setup.py", ""}})});
  CHECK(tree(server.url("/a.zip#sha256=" + sha256(zip({{"x/setup.py", ""}})))).ok());
  const auto wrong = tree(server.url("/a.zip#sha256=" + std::string(64, 'a')));
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE_FIXTURE(World,
                  "the top folder of an index's archive is named after the project; another spelling is fine, another "
                  "name a warning") {
  auto named = [&](const std::string& folder) {
    return tree(of_index(test::gzip(test::build_tar({{.name = folder + "/setup.py", .content = folder}}))));
  };
  settings.refresh = RefreshMode::all;
  CHECK(named("Foo-1.0.0").ok());
  CHECK(reporter.warnings.empty());
  CHECK(named("bar-1.0").ok());
  CHECK(reporter.warnings ==
        std::vector<std::string>{
            "the folder in `foo-1.0.tar.gz` is called `bar-1.0`, and not after its project and version"});
  CHECK(local("v1.tar.gz", test::gzip(test::build_tar({{.name = "org-repo-c0ffee/setup.py"}}))).ok());
  CHECK(reporter.warnings.size() == 1);
}

TEST_CASE_FIXTURE(World, "an archive has one folder at its top") {
  const auto error = [&](const Result<SourceTree>& tree) { return tree.ok() ? "unpacked" : tree.error().message; };
  CHECK(error(local("a.tar.gz", test::gzip(test::build_tar({{.name = "a/x"}, {.name = "b/x"}})))) ==
        "the archive has more than one folder or file at its top: `a` and `b`");
  CHECK(error(local("a.tar.gz", test::gzip(test::build_tar({{.name = "setup.py"}})))) ==
        "the archive has the file `setup.py` at its top, where one folder is expected");
  CHECK(error(local("a.tar.gz", test::gzip(test::build_tar({})))) == "the archive is empty");
  const auto flat = zip({{"setup.py", "x"}, {"pkg/__init__.py", ""}});
  const auto tree = local("a.zip", flat);
  REQUIRE_OK(tree);
  CHECK(text_of(tree->root / "setup.py") == "x");
  auto file = of_index(flat);
  file.file_name = "foo-1.0.zip";
  CHECK(error(this->tree(file)).starts_with("the archive has more than one folder or file at its top"));
}

TEST_CASE_FIXTURE(World, "a subdirectory is entered, and must be there") {
  const auto bytes = sdist(
      {{.name = "foo-1.0/a b/setup.py", .content = "x"}, {.name = "foo-1.0/out", .type = '2', .link_target = "a b"}});
  const auto tree = local("foo-1.0.tar.gz", bytes, "#subdirectory=a%20b&egg=foo");
  REQUIRE_OK(tree);
  CHECK(text_of(tree->root / "setup.py") == "x");
  CHECK(local("foo-1.0.tar.gz", bytes, "#subdirectory=out").ok());
  const auto absent = local("foo-1.0.tar.gz", bytes, "#subdirectory=c");
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().message == cat("`file://", (dir / "foo-1.0.tar.gz").string(), "` has no folder `c`"));
}

TEST_CASE_FIXTURE(World, "links, hard links, times and repeated members are what the archive says") {
  const TarMember again{.name = "foo-1.0/pyproject.toml", .content = "[project]"};
  const auto tree =
      local("foo-1.0.tar.gz", sdist({{.name = "foo-1.0/l", .type = '2', .link_target = "sub/configure"},
                                     {.name = "foo-1.0/h", .type = '1', .link_target = "foo-1.0/sub/configure"},
                                     test::pax(test::pax_record("mtime", "1600000000.5")),
                                     {.name = "foo-1.0/t", .content = "t"},
                                     test::pax(test::pax_record("mtime", "1")),
                                     {.name = "foo-1.0/old", .content = "t"},
                                     again}));
  REQUIRE_OK(tree);
  CHECK(std::filesystem::read_symlink(tree->root / "l") == "sub/configure");
  CHECK(text_of(tree->root / "h") == "#!");
  CHECK(std::filesystem::hard_link_count(tree->root / "h") == 1);
  CHECK(fs::file_key(tree->root / "t")->mtime_ns == 1'600'000'000'000'000'000);
  CHECK(fs::file_key(tree->root / "old")->mtime_ns == 315'619'200'000'000'000);
  const auto other = local("foo-1.0.tar.gz", sdist({{.name = "foo-1.0/pyproject.toml", .content = "[PROJECT]"}}));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message ==
        "the archive's member `foo-1.0/pyproject.toml` is there twice, with different content");
}

TEST_CASE_FIXTURE(World, "a hostile archive writes nothing outside") {
  const auto canary = (dir / "canary").string();
  const std::vector<std::vector<TarMember>> rows = {
      {{.name = "../canary", .content = "dead"}},
      {{.name = canary, .content = "dead"}},
      {{.name = "foo-1.0/../../canary", .content = "dead"}},
      {{.name = "foo-1.0/up", .type = '2', .link_target = "../.."}, {.name = "foo-1.0/up/canary", .content = "dead"}},
      {{.name = "foo-1.0/c", .type = '2', .link_target = canary}, {.name = "foo-1.0/c", .content = "dead"}},
      {{.name = "foo-1.0/c", .type = '2', .link_target = "../../canary"}},
      {{.name = "foo-1.0/c", .type = '1', .link_target = "../canary"}, {.name = "foo-1.0/c", .content = "dead"}},
      {{.name = "foo-1.0/c", .type = '1', .link_target = canary}},
      {{.name = "foo-1.0/l", .type = '2', .link_target = "pyproject.toml"},
       {.name = "foo-1.0/c", .type = '1', .link_target = "foo-1.0/l"}},
      {{.name = "foo-1.0/dev", .type = '3'}},
      {{.name = "foo-1.0/fifo", .type = '6'}},
      {test::pax(test::pax_record("path", "../canary")), {.name = "foo-1.0/c", .content = "dead"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    const auto tree = local("foo-1.0.tar.gz", sdist(rows[i]));
    REQUIRE_FALSE(tree.ok());
    CHECK(tree.error().kind == ErrorKind::bad_data);
    CHECK(text_of(dir / "canary") == "alive");
  }
  for (const auto* name : {"../canary", "/canary", "a/../../canary", "a\\..\\canary"}) {
    CHECK_FALSE(local("a.zip", zip({{name, "dead"}, {"a/setup.py", ""}})).ok());
    CHECK(text_of(dir / "canary") == "alive");
  }
}

TEST_CASE_FIXTURE(World, "a plain tar is read, and what is not is named") {
  CHECK(local("a.tar", test::build_tar({{.name = "a/setup.py"}})).ok());
  const auto unknown = local("a.tar.lz", "x");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().kind == ErrorKind::unsupported);
  CHECK(unknown.error().message == "the archive `a.tar.lz` is of a kind that pkg does not unpack");
  CHECK_FALSE(local("a.tar.bz2", "x").ok());
}

TEST_CASE_FIXTURE(World, "a folder stays where it is") {
  REQUIRE_OK(fs::make_dirs(dir / "project/sub"));
  const auto url = url::path_to_file_url((dir / "project").string());
  const auto tree = this->tree(url);
  REQUIRE_OK(tree);
  CHECK(tree->root == dir / "project");
  CHECK(tree->in_place);
  CHECK(this->tree(url + "#subdirectory=sub")->root == dir / "project/sub");
  CHECK(this->tree(url + "#subdirectory=x").error().kind == ErrorKind::not_found);
  CHECK(this->tree(url + "x").error().message == cat("there is no folder `", (dir / "projectx").string(), "`"));
  CHECK(this->tree(url::path_to_file_url((dir / "canary").string())).error().kind == ErrorKind::bad_data);
  CHECK(this->tree(url + "#sha256=" + std::string(64, 'a')).error().kind == ErrorKind::unsupported);
}

TEST_CASE_FIXTURE(World, "built wheels and metadata are kept by key") {
  const std::string key(64, 'a');
  const auto wheel = test::make_wheel("foo", "1.0", {});
  const auto index = open();
  CHECK_FALSE(index->built_wheel(key).has_value());
  CHECK_FALSE(index->built_metadata(key).has_value());
  REQUIRE_OK(fs::publish(dir / wheel.file_name, wheel.bytes));
  const auto kept = index->keep_built_wheel(key, dir / wheel.file_name);
  REQUIRE_OK(kept);
  CHECK_FALSE(fs::exists(dir / wheel.file_name));
  CHECK(kept->project.str() == "foo");
  CHECK(kept->version.to_string() == "1.0");
  CHECK(kept->sha256()->hex == wheel.sha256);
  CHECK(kept->kind == pep::DistKind::wheel);
  CHECK(index->built_wheel(key) == *kept);
  CHECK(text_of(url::file_url_to_path(kept->url).value()) == wheel.bytes);
  CHECK(index->metadata(*kept)->metadata->name.str() == "foo");
  REQUIRE_OK(index->wheel(*kept));
  index->keep_built_metadata(key, "Name: foo\n");
  CHECK(open()->built_metadata(key) == "Name: foo\n");
  CHECK(open()->built_wheel(key) == *kept);

  REQUIRE_OK(fs::publish(url::file_url_to_path(kept->url).value(), "short"));
  CHECK_FALSE(index->built_wheel(key).has_value());
  CHECK_FALSE(index->built_wheel("../../etc").has_value());
  REQUIRE_OK(fs::publish(dir / "x.whl", "x"));
  CHECK(index->keep_built_wheel(key, dir / "x.whl").error().kind == ErrorKind::bad_data);
  CHECK(index->keep_built_wheel("x", dir / wheel.file_name).error().kind == ErrorKind::internal);
}

TEST_CASE_FIXTURE(World, "a text is read from files and servers") {
  server.serve("/r.txt", {.body = "six\n"});
  const auto index = open();
  CHECK(index->text(server.url("/r.txt")).value() == "six\n");
  CHECK(index->text(server.url("/absent.txt")).error().kind == ErrorKind::not_found);
  CHECK(index->text(url::path_to_file_url((dir / "canary").string())).value() == "alive");
  CHECK(index->text("ftp://e.com/x").error().kind == ErrorKind::unsupported);
  settings.offline = true;
  CHECK(open()->text(server.url("/r.txt")).error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(World, "a direct file is a wheel, or an archive whose name says what it is") {
  const auto index = open();
  const auto wheel = index->direct_file("https://e.com/foo-1.0-py3-none-any.whl?x=1#sha256=" + std::string(64, 'A'));
  REQUIRE_OK(wheel);
  CHECK(wheel->file_name == "foo-1.0-py3-none-any.whl");
  CHECK(wheel->url == "https://e.com/foo-1.0-py3-none-any.whl?x=1");
  CHECK(wheel->sha256()->hex == std::string(64, 'a'));
  const auto archive = index->direct_file("https://e.com/foo-1.0.tar.gz#subdirectory=a");
  REQUIRE_OK(archive);
  CHECK(archive->kind == pep::DistKind::sdist);
  CHECK(archive->url == "https://e.com/foo-1.0.tar.gz#subdirectory=a");
  CHECK(index->direct_file("https://e.com/v1.zip").error().message ==
        "the name of `https://e.com/v1.zip` does not say which project and version it is");
  CHECK(index->direct_file(dir.path().string()).error().message ==
        cat("`", dir.path().string(), "` is a folder, where a file is expected"));
  CHECK(index->direct_file((dir / "a.whl").string()).error().kind == ErrorKind::not_found);
}

}  // namespace pkg::index
