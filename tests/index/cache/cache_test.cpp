#include "index/cache/cache.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "index/metadata/metadata_cache.h"
#include "index/wheels/built_wheels.h"
#include "index/wheels/wheel_store.h"
#include "support/temp_dir.h"
#include "support/zip_builder.h"

namespace pkg::index {
namespace {

pep::Name name(const std::string& text) { return pep::Name::from_normalized(text); }

struct Fixture {
  test::TempDir dir;
  fs::Path root = dir / "cache";
  CachePaths paths{root};

  std::string add_wheel(const std::string& project, const std::string& version) {
    const auto wheel = test::make_wheel(project, version, {{cat(project, "/__init__.py"), "x = 1\n"}});
    WheelStore store(paths, 1, 0);
    REQUIRE(store.put(wheel.file_name, wheel.bytes, hash::sha256(wheel.bytes), RecordCheck::strict).ok());
    return wheel.sha256;
  }
  fs::Path wheel_path(const std::string& sha256_hex) const {
    return paths.wheels() / sha256_hex.substr(0, 2) / sha256_hex;
  }
  void add_page(const std::string& project) {
    REQUIRE(fs::make_dirs(paths.pages() / "some-index").ok());
    REQUIRE(fs::publish(paths.pages() / "some-index" / cat(project, ".page"), "page").ok());
  }
  void set_mtime(const fs::Path& path, std::int64_t seconds) {
    const struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  }
};

TEST_CASE_FIXTURE(Fixture, "a cache is made on the first use, with its tag") {
  REQUIRE(Cache::open(root).ok());
  CHECK(fs::list_dir(root).value() == std::vector<std::string>{"CACHEDIR.TAG", "lock"});
  CHECK(fs::read_file(root / "CACHEDIR.TAG").value().starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
}

TEST_CASE_FIXTURE(Fixture, "a cache that does not exist is empty") {
  CHECK(cache_info(root).value().wheels == 0);
  CHECK(cache_list(root).value().empty());
  CHECK(cache_clean(root, {}, 0).value().files == 0);
  CHECK(cache_prune(root, {}, 0).value().files == 0);
  CHECK(cache_verify(root, DamagedWheels::remove, 0).value().empty());
  CHECK_FALSE(fs::exists(root));
}

TEST_CASE_FIXTURE(Fixture, "info counts, list names") {
  { const auto cache = Cache::open(root); }
  add_wheel("demo", "1.10");
  add_wheel("demo", "1.9");
  add_wheel("other", "2.0");
  add_page("demo");
  REQUIRE(MetadataCache(paths.metadata()).add(name("demo"), std::string(32, 'k'), "text").ok());
  const auto info = cache_info(root).value();
  CHECK(info.wheels == 3);
  CHECK(info.pages == 1);
  CHECK(info.metadata == 1);
  CHECK(info.bytes > 0);
  std::vector<std::string> listed;
  const auto wheels = cache_list(root).value();
  for (const auto& wheel : wheels) listed.push_back(wheel.name + " " + wheel.version);
  CHECK(listed == std::vector<std::string>{"demo 1.9", "demo 1.10", "other 2.0"});
}

TEST_CASE_FIXTURE(Fixture, "clean removes everything of ours and nothing else") {
  { const auto cache = Cache::open(root); }
  add_wheel("demo", "1.0");
  add_page("demo");
  REQUIRE(fs::make_dirs(root / "wheels-v0").ok());
  for (const auto* other : {"precious", "wheels-v77", "my-notes-v1", "pages-v01"})
    REQUIRE(fs::make_dirs(root / other).ok());
  REQUIRE(fs::publish(root / "notes.txt", "mine").ok());
  CHECK(cache_clean(root, {}, 0).value().files > 0);
  CHECK(join(fs::list_dir(root).value(), " ") ==
        "CACHEDIR.TAG lock my-notes-v1 notes.txt pages-v01 precious wheels-v77");
}

TEST_CASE_FIXTURE(Fixture, "nothing is removed from a folder without pkg's own tag") {
  for (const char* tag : {"", "Signature: 8a477f597d28d172789f06886806bc55\n",
                          "Signature: 8a477f597d28d172789f06886806bc55\n# Another's.\n"}) {
    REQUIRE(fs::make_dirs(root / "tmp").ok());
    REQUIRE(fs::publish(root / "tmp/work.txt", "precious").ok());
    if (*tag != '\0') REQUIRE(fs::publish(root / "CACHEDIR.TAG", tag).ok());
    for (const auto& done : {cache_clean(root, {}, 0), cache_prune(root, {}, 0)}) {
      REQUIRE_FALSE(done.ok());
      CHECK(done.error().message.find("no CACHEDIR.TAG of pkg's") != std::string::npos);
    }
    CHECK_FALSE(cache_verify(root, DamagedWheels::remove, 0).ok());
    CHECK(fs::exists(root / "tmp/work.txt"));
  }
}

TEST_CASE_FIXTURE(Fixture, "clean with names removes what belongs to these projects") {
  { const auto cache = Cache::open(root); }
  const auto demo = add_wheel("demo", "1.0"), other = add_wheel("other", "1.0");
  for (const auto* project : {"demo", "other"}) {
    add_page(project);
    REQUIRE(MetadataCache(paths.metadata()).add(name(project), std::string(32, 'k'), "text").ok());
  }
  const std::vector<pep::Name> names{name("demo")};
  CHECK(cache_clean(root, names, 0).value().files > 0);
  CHECK_FALSE(fs::exists(wheel_path(demo)));
  CHECK(fs::exists(wheel_path(other)));
  CHECK(fs::list_dir(paths.pages() / "some-index").value() == std::vector<std::string>{"other.page"});
  CHECK(fs::list_dir(paths.metadata()).value() == std::vector<std::string>{"other.bundle"});
}

TEST_CASE_FIXTURE(Fixture,
                  "archives, built wheels, mirrors and build environments are counted, cleaned, pruned and verified") {
  { const auto cache = Cache::open(root); }
  const auto archive = [&](const std::string& project) {
    const auto hex = hash::to_hex(hash::sha256(project));
    const auto path = paths.sdists() / hex.substr(0, 2) / hex;
    REQUIRE(fs::make_dirs(path.parent_path()).ok());
    REQUIRE(fs::publish(path, project).ok());
    REQUIRE(fs::publish(path.native() + ".project", project).ok());
    return path;
  };
  const BuiltWheels built(paths, 1000);
  const auto build = [&](const std::string& project, char key) {
    const auto wheel = test::make_wheel(project, "1.0", {});
    REQUIRE(fs::publish(dir / wheel.file_name, wheel.bytes).ok());
    REQUIRE(built.keep_wheel(std::string(64, key), dir / wheel.file_name).ok());
  };
  const auto demo = archive("demo"), other = archive("other");
  build("demo", 'a');
  build("other", 'b');
  REQUIRE(built.keep_metadata(std::string(64, 'c'), "Metadata-Version: 2.2\nName: demo\nVersion: 1\n").ok());
  REQUIRE(fs::make_dirs(paths.repositories() / "mirror").ok());
  REQUIRE(fs::publish(paths.repositories() / "mirror.lock", "").ok());
  REQUIRE(fs::make_dirs(paths.build_environments() / "env").ok());
  const auto info = cache_info(root).value();
  CHECK(info.sdists == 2);
  CHECK(info.built == 3);
  CHECK(info.repositories == 1);
  CHECK(info.build_environments == 1);

  SUBCASE("clean") {
    const std::vector<pep::Name> names{name("demo")};
    CHECK(cache_clean(root, names, 0).value().files > 0);
    CHECK_FALSE(fs::exists(demo));
    CHECK(fs::exists(other));
    CHECK_FALSE(built.wheel(std::string(64, 'a')).has_value());
    CHECK(built.wheel(std::string(64, 'b')).has_value());
    CHECK_FALSE(built.metadata(std::string(64, 'c')).has_value());
    CHECK(cache_clean(root, {}, 0).value().files > 0);
    CHECK(fs::list_dir(root).value() == std::vector<std::string>{"CACHEDIR.TAG", "lock"});
  }
  SUBCASE("prune") {
    set_mtime(demo, 100);
    set_mtime(paths.built() / "aa" / std::string(64, 'a') / "wheel", 100);
    set_mtime(paths.repositories() / "mirror", 100);
    set_mtime(paths.build_environments() / "env", 100);
    CHECK(cache_prune(root, {.now = 2000, .unused_for_s = 1000}, 0).value().files > 0);
    const auto left = cache_info(root).value();
    CHECK(left.sdists == 1);
    CHECK(left.built == 2);
    CHECK(left.repositories == 0);
    CHECK(left.build_environments == 0);
  }
  SUBCASE("verify") {
    CHECK(cache_verify(root, DamagedWheels::report, 0).value().empty());
    REQUIRE(fs::publish(demo, "damaged").ok());
    const auto wheel = url::file_url_to_path(built.wheel(std::string(64, 'b'))->url).value();
    auto bytes = fs::read_file(wheel).value();
    bytes[40] ^= 1;
    REQUIRE(fs::publish(wheel, bytes).ok());
    const auto damage = cache_verify(root, DamagedWheels::remove, 0).value();
    REQUIRE(damage.size() == 2);
    CHECK(damage[0].what == "the source archive is not what was stored");
    CHECK(damage[1].name == "other");
    CHECK(cache_verify(root, DamagedWheels::report, 0).value().empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "what is in use is not removed") {
  const auto in_use = Cache::open(root).value();
  const auto wheel = add_wheel("demo", "1.0");
  for (const auto& failed : {cache_clean(root, {}, 0.05), cache_prune(root, {}, 0.05)}) {
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().kind == ErrorKind::busy);
    CHECK_FALSE(failed.error().hint.empty());
  }
  CHECK(cache_verify(root, DamagedWheels::report, 0.05).ok());
  CHECK(fs::exists(wheel_path(wheel)));
}

TEST_CASE_FIXTURE(Fixture, "two commands use a cache at the same time") {
  const auto one = Cache::open(root).value();
  CHECK(Cache::open(root).ok());
}

TEST_CASE_FIXTURE(Fixture, "prune removes litter, old formats and what is no wheel, and keeps the rest") {
  { const auto cache = Cache::open(root); }
  const auto good = add_wheel("demo", "1.0"), broken = add_wheel("other", "1.0");
  REQUIRE(fs::publish(wheel_path(broken) / "manifest", "torn").ok());
  REQUIRE(fs::make_dirs(paths.tmp() / "wheel-x").ok());
  for (const auto* old : {"wheels-v0", "pages-v1", "metadata-v1", "links-v1", "built-v1", "environments-v1"})
    REQUIRE(fs::make_dirs(root / old).ok());
  REQUIRE(fs::make_dirs(root / "wheels-v9").ok());
  add_page("demo");
  CHECK(cache_prune(root, {}, 0).ok());
  CHECK(fs::exists(wheel_path(good)));
  CHECK_FALSE(fs::exists(wheel_path(broken)));
  const auto pages = paths.pages().filename().string(), wheels = paths.wheels().filename().string();
  CHECK(fs::list_dir(root).value() == std::vector<std::string>{"CACHEDIR.TAG", "lock", pages, wheels, "wheels-v9"});
}

TEST_CASE_FIXTURE(Fixture,
                  "prune by age removes wheels and pages that nobody used for so long; using a wheel keeps it") {
  { const auto cache = Cache::open(root); }
  const auto old = add_wheel("old", "1.0"), used = add_wheel("used", "1.0");
  add_page("old");
  set_mtime(wheel_path(old) / "manifest", 1'000'000);
  set_mtime(wheel_path(used) / "manifest", 1'000'000);
  set_mtime(paths.pages() / "some-index" / "old.page", 1'000'000);
  CHECK(WheelStore(paths, 1, 2'000'000).get(used, RecordCheck::strict) != nullptr);
  CHECK(cache_prune(root, {.now = 2'000'000, .unused_for_s = 100'000}, 0).ok());
  CHECK_FALSE(fs::exists(wheel_path(old)));
  CHECK(fs::exists(wheel_path(used)));
  CHECK(fs::list_dir(paths.pages() / "some-index").value().empty());
}

TEST_CASE_FIXTURE(Fixture, "verify finds every damaged wheel, and removes it when told to") {
  { const auto cache = Cache::open(root); }
  const auto good = add_wheel("good", "1.0"), altered = add_wheel("altered", "1.0"), torn = add_wheel("torn", "1.0");
  REQUIRE(fs::publish(wheel_path(altered) / "files/altered/__init__.py", "x = 2\n").ok());
  REQUIRE(fs::publish(wheel_path(torn) / "manifest", "torn").ok());
  const auto reported = cache_verify(root, DamagedWheels::report, 0).value();
  REQUIRE(reported.size() == 2);
  std::vector<std::string> told;
  for (const auto& damage : reported) told.push_back(cat(damage.name, ": ", damage.what));
  std::sort(told.begin(), told.end());
  CHECK(told == std::vector<std::string>{": its manifest cannot be read",
                                         "altered: `altered/__init__.py` is missing or is not what was stored"});
  CHECK(fs::exists(wheel_path(altered)));
  CHECK(cache_verify(root, DamagedWheels::remove, 0).value().size() == 2);
  CHECK_FALSE(fs::exists(wheel_path(altered)));
  CHECK_FALSE(fs::exists(wheel_path(torn)));
  CHECK(fs::exists(wheel_path(good)));
  CHECK(cache_verify(root, DamagedWheels::report, 0).value().empty());
}

}  // namespace
}  // namespace pkg::index
