#include "ops/lock/locked_pins.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "lock/pylock.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

struct Place {
  pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session{pkg::index::Settings{}, folder.path(), reporter, cancel};

  pkg::Result<pkg::ops::LockedPins> pins(const std::string& packages,
                                         const pkg::ops::SelectionOptions& selection = {}) {
    lock = parse(packages);
    PKG_TRY_ASSIGN(const auto selected, pkg::ops::select_packages(lock, target(), selection));
    return pkg::ops::pins_of(selected, {folder.path(), {folder.path()}}, session);
  }
  static pkg::lock::LockFile parse(const std::string& packages) {
    const auto lock =
        pkg::lock::parse_pylock("lock-version = \"1.0\"\ncreated-by = \"test\"\n" + packages, "pylock.toml");
    REQUIRE_OK(lock);
    return *lock;
  }
  static pkg::pep::Target target() {
    pkg::pep::Target target;
    target.environment.python_version = "3.12";
    target.environment.python_full_version = "3.12.1";
    target.environment.sys_platform = "linux";
    target.python = *pkg::pep::Version::parse("3.12.1");
    const std::vector<pkg::pep::Tag> tags{{"py3", "none", "any"}};
    target.tags = std::make_shared<const pkg::pep::TagSet>(tags);
    return target;
  }
  pkg::lock::LockFile lock;
};

const std::string kHash = std::string(64, 'a');

std::string package(const std::string& name, const std::string& rest = {}) {
  return pkg::cat("[[packages]]\nname = \"", name, "\"\nversion = \"1.0\"\n", rest,
                  "[[packages.wheels]]\nurl = \"https://files.example/", name,
                  "-1.0-py3-none-any.whl\"\nsize = 12\nhashes = {sha256 = \"", kHash, "\"}\n");
}

std::string names(const pkg::ops::LockedPins& locked) {
  std::string text;
  for (const auto& pin : locked.pins) pkg::append(text, text.empty() ? "" : " ", pin.name.str());
  return text;
}

}  // namespace

TEST_CASE("a locked wheel becomes a file with the lock's hash and size") {
  Place place;
  const auto locked = place.pins(package("leaf"));
  REQUIRE_OK(locked);
  REQUIRE(locked->pins.size() == 1);
  const auto& file = locked->pins[0].best_file();
  CHECK(file.url == "https://files.example/leaf-1.0-py3-none-any.whl");
  CHECK(file.file_name == "leaf-1.0-py3-none-any.whl");
  CHECK(file.size_bytes == 12);
  REQUIRE(file.sha256() != nullptr);
  CHECK(file.sha256()->hex == kHash);
  CHECK(!locked->pins[0].direct);
}

TEST_CASE("a path is below the lock's folder") {
  Place place;
  const auto text = pkg::replace_all(package("leaf"), "url = \"https://files.example/", "path = \"wheels/");
  const auto locked = place.pins(text);
  REQUIRE_OK(locked);
  CHECK(locked->pins[0].best_file().url == "file://" + (place.folder / "wheels/leaf-1.0-py3-none-any.whl").string());
}

TEST_CASE("a hash that cannot be checked is refused") {
  Place place;
  const auto locked = place.pins(pkg::replace_all(package("leaf"), "sha256", "md5"));
  REQUIRE(!locked.ok());
  CHECK(locked.error().message ==
        "the lock has no hash of `leaf-1.0-py3-none-any.whl` that can be checked: expected sha256");
}

TEST_CASE("what has to be built is a source with its exact address, the project's own folder is left out") {
  Place place;
  const auto hashes = pkg::cat("hashes = {sha256 = \"", kHash, "\"}\n");
  const auto one = [&](const std::string& text) {
    const auto locked = place.pins(text);
    REQUIRE_OK(locked);
    REQUIRE(locked->pins.size() == 1);
    CHECK(locked->pins[0].best_file().kind == pkg::pep::DistKind::sdist);
    return locked->pins[0];
  };
  const auto root = "file://" + place.folder.path().string();
  const auto sdist =
      one("[[packages]]\nname = \"leaf\"\nversion = \"1.0\"\n[packages.sdist]\nurl = "
          "\"https://files.example/leaf-1.0.tar.gz\"\n" +
          hashes);
  CHECK(!sdist.direct);
  CHECK(sdist.best_file().file_name == "leaf-1.0.tar.gz");
  CHECK(sdist.version.to_string() == "1.0");
  const auto folder =
      one("[[packages]]\nname = \"leaf\"\n[packages.directory]\npath = \"../libs/leaf\"\neditable = true\n");
  CHECK(folder.direct);
  CHECK(folder.best_file().editable);
  CHECK(folder.best_file().url == "file://" + (place.folder.path().parent_path() / "libs/leaf").string());
  const auto inner =
      one("[[packages]]\nname = \"leaf\"\n[packages.directory]\npath = \"libs\"\nsubdirectory = \"a/b\"\n");
  CHECK(inner.best_file().url == root + "/libs#subdirectory=a/b");
  const auto vcs =
      one("[[packages]]\nname = \"leaf\"\nversion = \"1.0\"\n[packages.vcs]\ntype = \"git\"\nurl = "
          "\"https://git.example/leaf.git\"\n"
          "requested-revision = \"main\"\ncommit-id = \"abc123\"\nsubdirectory = \"py\"\n");
  CHECK(vcs.direct);
  CHECK(vcs.best_file().url == "git+https://git.example/leaf.git@abc123#subdirectory=py");
  CHECK(vcs.best_file().requested_revision == "main");
  const auto archive =
      one("[[packages]]\nname = \"leaf\"\n[packages.archive]\npath = \"dist/leaf-3.tar.gz\"\nsubdirectory = \"py\"\n" +
          hashes);
  CHECK(archive.direct);
  CHECK(archive.best_file().url == root + "/dist/leaf-3.tar.gz#subdirectory=py");
  CHECK(archive.version.to_string() == "3");

  const auto own = place.pins("[[packages]]\nname = \"work\"\n[packages.directory]\npath = \".\"\neditable = true\n" +
                              package("leaf"));
  REQUIRE_OK(own);
  CHECK(names(*own) == "leaf");
  CHECK(own->projects == std::vector{pkg::pep::Name::from_normalized("work")});
}

TEST_CASE("groups and extras decide, and one group alone is what it asks for and no more") {
  Place place;
  const auto text = "default-groups = [\"dev\"]\ndependency-groups = [\"dev\", \"lint\"]\nextras = [\"plot\"]\n" +
                    package("core") + package("leaf") +
                    package("linter", "marker = \"'lint' in dependency_groups\"\n") +
                    package("plotter", "marker = \"'plot' in extras\"\n") +
                    package("tester", "marker = \"'dev' in dependency_groups\"\n");
  auto locked = place.pins(text);
  REQUIRE_OK(locked);
  CHECK(names(*locked) == "core leaf tester");
  locked = place.pins(text, {.extras = {"plot"}, .groups = {"lint"}, .excluded_groups = {"dev"}});
  REQUIRE_OK(locked);
  CHECK(names(*locked) == "core leaf linter plotter");
  locked = place.pins(text, {.all_extras = true, .all_groups = true, .no_default_groups = true});
  REQUIRE_OK(locked);
  CHECK(names(*locked) == "core leaf linter plotter tester");
  const auto unknown = place.pins(text, {.groups = {"nosuch"}});
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().kind == pkg::ErrorKind::not_found);
  const auto foreign = place.pins(text, {.only_groups = {"lint"}});
  REQUIRE(!foreign.ok());
  CHECK(foreign.error().kind == pkg::ErrorKind::unsupported);

  place.lock = Place::parse(text);
  place.lock.tool.version = pkg::lock::kLockToolVersion;
  place.lock.tool.requirements = {"core", "tester ; \"dev\" in dependency_groups",
                                  "linter ; \"lint\" in dependency_groups"};
  place.lock.packages.back().dependencies.push_back({pkg::pep::Name::from_normalized("leaf"), {}, {}, {}});
  const auto only = pkg::ops::select_packages(place.lock, Place::target(), {.only_groups = {"dev"}});
  REQUIRE_OK(only);
  std::string chosen;
  for (const auto& item : *only) pkg::append(chosen, item.package->name.str(), " ");
  CHECK(chosen == "leaf tester ");
}
