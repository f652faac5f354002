// Two distributions that ship one path with different content: whose file lies there, and what becomes of the other.
#include "venv/transaction/overwritten.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/transaction/transaction.h"
#include "venv/verify.h"

namespace pkg::venv {
namespace {

using test::WheelSpec;

const std::string kSite = "lib/python3.12/site-packages/";
const std::string kAside = ".pkg/overwritten/";

// Ships ns/__init__.py with its own content, and a module.
WheelSpec part(const std::string& name, const std::string& version = "1") {
  return {.name = name,
          .version = version,
          .files = {{.path = "ns/__init__.py", .content = "# " + name + version + "\n"},
                    {.path = "ns/" + name + ".py", .content = "x = 1\n"}}};
}

WheelSpec without_init(const std::string& name, const std::string& version) {
  return {.name = name, .version = version, .files = {{.path = "ns/" + name + ".py", .content = "x = 1\n"}}};
}

struct World {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  test::SilentReporter reporter;
  CancelToken cancel;
  std::vector<std::string> empty = test::tree(temp / "env");

  std::filesystem::path prefix() const { return temp / "env"; }
  Result<ChangeReport> apply(const Change& change, const ApplyOptions& options = {}) {
    return venv::apply(change, environment, options, key, reporter, cancel);
  }
  Result<ChangeReport> install(const std::vector<WheelSpec>& specs, const ApplyOptions& options = {}) {
    Change change;
    for (const auto& spec : specs) change.install.push_back(test::to_install(temp / "store", spec));
    return apply(change, options);
  }
  Result<ChangeReport> reinstall(const WheelSpec& spec) {
    Change change;
    change.install.push_back(test::to_install(temp / "store", spec));
    const auto dists = *installed(environment);
    for (const auto& dist : dists)
      if (dist.name.str() == spec.name) change.remove.push_back(dist);
    return apply(change);
  }
  Result<ChangeReport> arrive(const std::vector<WheelSpec>& specs) {
    return install(specs, {.precedence = Precedence::arriving});
  }
  Result<ChangeReport> uninstall(const std::set<std::string>& names) {
    Change change;
    const auto dists = *installed(environment);
    for (const auto& dist : dists)
      if (names.contains(dist.name.str())) change.remove.push_back(dist);
    return apply(change);
  }
  std::string read(const std::string& path) const { return *fs::read_file(prefix() / path); }
  std::string init() const { return read(kSite + "ns/__init__.py"); }
  bool has(const std::string& path) const { return fs::exists(prefix() / path); }
  bool keeps(const std::string& name) const { return has(kAside + name + "/" + kSite + "ns/__init__.py"); }
  void write(const std::string& path, const std::string& content) const {
    std::filesystem::create_directories((prefix() / path).parent_path());
    std::ofstream(prefix() / path) << content;
  }
  std::size_t problems() const {
    const auto dists = *installed(environment);
    return verify(dists, environment)->size();
  }
  bool is_empty() const { return test::tree(prefix()) == empty && !has(".pkg/overwritten"); }
};

}  // namespace

TEST_CASE("of two that come together the last by name is in place; removing it brings the other's file back") {
  World world;
  const auto report = world.install({part("one"), part("two")});
  REQUIRE_OK(report);
  REQUIRE(report->conflicts.size() == 1);
  CHECK(report->conflicts[0].winner.name == "two");
  CHECK(report->conflicts[0].loser.name == "one");
  CHECK(report->conflicts[0].paths == 1);
  CHECK(report->conflicts[0].example == kSite + "ns/__init__.py");
  CHECK(world.init() == "# two1\n");
  CHECK(world.problems() == 0);

  SUBCASE("the one in place goes") {
    const auto removed = world.uninstall({"two"});
    REQUIRE_OK(removed);
    REQUIRE(removed->brought_back.size() == 1);
    CHECK(removed->brought_back[0].first.name == "one");
    CHECK(world.init() == "# one1\n");
    CHECK_FALSE(world.has(".pkg/overwritten"));
    CHECK(world.problems() == 0);
    REQUIRE_OK(world.uninstall({"one"}));
  }
  SUBCASE("the other goes") {
    REQUIRE_OK(world.uninstall({"one"}));
    CHECK(world.init() == "# two1\n");
    CHECK_FALSE(world.has(".pkg/overwritten"));
    CHECK(world.problems() == 0);
    REQUIRE_OK(world.uninstall({"two"}));
  }
  SUBCASE("both go") { REQUIRE_OK(world.uninstall({"one", "two"})); }
  CHECK(world.is_empty());
}

TEST_CASE("by name: the same files lie there whatever came first") {
  World world;
  SUBCASE("first the one that stands back") {
    REQUIRE_OK(world.install({part("one")}));
    REQUIRE_OK(world.install({part("two")}));
  }
  SUBCASE("first the one that is in place") {
    REQUIRE_OK(world.install({part("two")}));
    REQUIRE_OK(world.install({part("one")}));
  }
  SUBCASE("installed again") {
    REQUIRE_OK(world.install({part("one"), part("two")}));
    REQUIRE_OK(world.install({part("one")}));
    REQUIRE_OK(world.install({part("two")}));
  }
  CHECK(world.init() == "# two1\n");
  CHECK(world.keeps("one"));
  CHECK_FALSE(world.keeps("two"));
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"two"}));
  CHECK(world.init() == "# one1\n");
  REQUIRE_OK(world.uninstall({"one"}));
  CHECK(world.is_empty());
}

TEST_CASE("arriving: what comes later is in place, and an upgrade of the other leaves it so") {
  World world;
  REQUIRE_OK(world.arrive({part("two")}));
  REQUIRE_OK(world.arrive({part("one")}));
  CHECK(world.init() == "# one1\n");
  REQUIRE_OK(world.arrive({part("two", "2")}));
  CHECK(world.init() == "# one1\n");
  CHECK(world.keeps("two"));
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.arrive({part("one", "2")}));
  CHECK(world.init() == "# one2\n");
  REQUIRE_OK(world.uninstall({"one"}));
  CHECK(world.init() == "# two2\n");
  CHECK(world.problems() == 0);
}

TEST_CASE("an upgrade that no longer ships the path brings the other's file back") {
  World world;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  REQUIRE_OK(world.install({without_init("two", "2")}));
  CHECK(world.init() == "# one1\n");
  CHECK(world.problems() == 0);
  CHECK_FALSE(world.has(".pkg/overwritten"));
  // And one that ships it again.
  REQUIRE_OK(world.install({part("two", "3")}));
  CHECK(world.init() == "# two3\n");
  REQUIRE_OK(world.install({without_init("one", "2")}));
  CHECK_FALSE(world.has(".pkg/overwritten"));
  CHECK(world.problems() == 0);
}

TEST_CASE("three for one path: each that goes makes room for the next") {
  World world;
  const auto report = world.install({part("a"), part("b"), part("c")});
  REQUIRE_OK(report);
  CHECK(report->conflicts.size() == 2);
  for (const auto& conflict : report->conflicts) CHECK(conflict.winner.name == "c");
  CHECK(world.problems() == 0);
  SUBCASE("from the last") {
    REQUIRE_OK(world.uninstall({"c"}));
    CHECK(world.init() == "# b1\n");
    CHECK(world.keeps("a"));
    CHECK(world.problems() == 0);
    REQUIRE_OK(world.uninstall({"b"}));
    CHECK(world.init() == "# a1\n");
    REQUIRE_OK(world.uninstall({"a"}));
  }
  SUBCASE("two at once") {
    REQUIRE_OK(world.uninstall({"b", "c"}));
    CHECK(world.init() == "# a1\n");
    REQUIRE_OK(world.uninstall({"a"}));
  }
  SUBCASE("one goes, one of another name comes") {
    Change change;
    const auto dists = *installed(world.environment);
    for (const auto& dist : dists)
      if (dist.name.str() == "c") change.remove.push_back(dist);
    change.install.push_back(test::to_install(world.temp / "store", part("aa")));
    REQUIRE_OK(world.apply(change));
    CHECK(world.init() == "# b1\n");
    CHECK(world.keeps("a"));
    CHECK(world.keeps("aa"));
    CHECK(world.problems() == 0);
    REQUIRE_OK(world.uninstall({"a", "b", "aa"}));
  }
  CHECK(world.is_empty());
}

TEST_CASE("two with the same bytes, and a third: both of them are kept") {
  World world;
  const auto same = [](const std::string& name) {
    return WheelSpec{.name = name, .version = "1", .files = {{.path = "ns/__init__.py", .content = "# same\n"}}};
  };
  SUBCASE("at once") {
    const auto report = world.install({same("a"), same("b"), part("c")});
    REQUIRE_OK(report);
    CHECK(report->conflicts.size() == 2);
  }
  SUBCASE("one after the other") {
    REQUIRE_OK(world.install({same("a"), same("b")}));
    REQUIRE_OK(world.install({part("c")}));
  }
  CHECK(world.init() == "# c1\n");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"c"}));
  CHECK(world.init() == "# same\n");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"b"}));
  CHECK(world.init() == "# same\n");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"a"}));
  CHECK(world.is_empty());
}

TEST_CASE("launchers and files outside site-packages are shared in the same way") {
  World world;
  const auto with_script = [](const std::string& name) {
    return WheelSpec{.name = name,
                     .version = "1",
                     .files = {{.path = "share/x.txt", .content = name, .scheme = pep::Scheme::data}},
                     .scripts = {{.name = "tool", .module = name, .attribute = "main"}}};
  };
  REQUIRE_OK(world.install({with_script("one"), with_script("two")}));
  CHECK(world.read("bin/tool").find("two") != std::string::npos);
  CHECK(world.read("share/x.txt") == "two");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"two"}));
  CHECK(world.read("bin/tool").find("one") != std::string::npos);
  using std::filesystem::perms;
  CHECK((std::filesystem::status(world.prefix() / "bin/tool").permissions() & perms::owner_exec) != perms::none);
  CHECK(world.read("share/x.txt") == "one");
  CHECK(world.problems() == 0);
}

TEST_CASE("bytecode of a module that becomes another goes") {
  World world;
  const std::string pyc = kSite + "ns/__pycache__/__init__.cpython-312.pyc";
  REQUIRE_OK(world.install({part("one")}));
  world.write(pyc, "of one");
  REQUIRE_OK(world.install({part("two")}));
  CHECK_FALSE(world.has(pyc));
  world.write(pyc, "of two");
  REQUIRE_OK(world.uninstall({"two"}));
  CHECK_FALSE(world.has(pyc));
  CHECK(world.has(kSite + "ns/one.py"));
}

TEST_CASE("files of .dist-info folders are never somebody else's") {
  World world;
  const WheelSpec thief{
      .name = "thief", .version = "1", .files = {{.path = "victim-1.dist-info/METADATA", .content = "Name: x\n"}}};
  const WheelSpec victim{.name = "victim", .version = "1", .files = {{.path = "victim.py", .content = "v = 1\n"}}};
  CHECK(world.install({thief, victim}).error().kind == ErrorKind::conflict);
  REQUIRE_OK(world.install({victim}));
  CHECK(world.arrive({thief}).error().kind == ErrorKind::conflict);
}

TEST_CASE("what another installer did is seen for what it is") {
  World world;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  SUBCASE("it took the file in place away") {
    std::filesystem::remove(world.prefix() / (kSite + "ns/__init__.py"));
    CHECK(world.problems() == 1);
  }
  SUBCASE("it uninstalled the one in place: the next change brings the other's file back") {
    std::filesystem::remove(world.prefix() / (kSite + "ns/__init__.py"));
    std::filesystem::remove_all(world.prefix() / (kSite + "two-1.dist-info"));
    std::filesystem::remove(world.prefix() / (kSite + "ns/two.py"));
    CHECK(world.problems() == 1);
    REQUIRE_OK(world.install({part("x")}));
    REQUIRE_OK(world.uninstall({"x"}));
    CHECK(world.init() == "# one1\n");
    CHECK(world.problems() == 0);
  }
  SUBCASE("it uninstalled the other: what is kept of it goes with the next change") {
    std::filesystem::remove_all(world.prefix() / (kSite + "one-1.dist-info"));
    std::filesystem::remove(world.prefix() / (kSite + "ns/one.py"));
    REQUIRE_OK(world.uninstall({"two"}));
    CHECK(world.is_empty());
  }
}

TEST_CASE("of what another installer overwrote nothing is kept: that is said when it matters") {
  World world;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  std::filesystem::remove_all(world.prefix() / ".pkg/overwritten");
  SUBCASE("the bytes of the one that stays are there") {
    const auto removed = world.uninstall({"one"});
    REQUIRE_OK(removed);
    CHECK(removed->warnings.empty());
  }
  SUBCASE("they are not") {
    const auto removed = world.uninstall({"two"});
    REQUIRE_OK(removed);
    REQUIRE(removed->warnings.size() == 1);
    CHECK(removed->warnings[0].find("a file of `one`") == 0);
    CHECK(world.problems() == 1);
    REQUIRE_OK(world.reinstall(part("one")));
    CHECK(world.problems() == 0);
  }
}

TEST_CASE("what was kept and is altered does not come back, and that is said") {
  World world;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  std::filesystem::remove(world.prefix() / (kAside + "one/" + kSite + "ns/__init__.py"));
  world.write(kAside + "one/" + kSite + "ns/__init__.py", "evil");
  CHECK(world.problems() == 1);
  const auto removed = world.uninstall({"two"});
  REQUIRE_OK(removed);
  REQUIRE(removed->warnings.size() == 1);
  CHECK(removed->warnings[0].find("cannot be brought back") != std::string::npos);
  CHECK(world.init() != "evil");
  REQUIRE_OK(world.reinstall(part("one")));
  CHECK(world.problems() == 0);
}

TEST_CASE("links where files are kept lead nowhere") {
  World world;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  std::filesystem::create_directories(world.temp / "outside");
  std::ofstream(world.temp / "outside/canary") << "canary";
  std::filesystem::remove_all(world.prefix() / ".pkg/overwritten");
  std::filesystem::create_directory_symlink(world.temp / "outside", world.prefix() / ".pkg/overwritten");
  const auto before = test::tree(world.prefix());
  CHECK(world.uninstall({"two"}).error().kind == ErrorKind::unsupported);
  CHECK(test::tree(world.prefix()) == before);
  CHECK(fs::exists(world.temp / "outside/canary"));
}

TEST_CASE("a folder that is made once and packed keeps nothing of what is overwritten") {
  World world;
  world.environment.kind = EnvironmentKind::target;
  REQUIRE_OK(world.install({part("one"), part("two")}));
  CHECK(world.init() == "# two1\n");
  CHECK_FALSE(world.has(".pkg"));
}

}  // namespace pkg::venv
