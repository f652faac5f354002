#include "venv/link/folder_links.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/transaction/state_folder.h"
#include "venv/transaction/transaction.h"
#include "venv/verify.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;
using test::tree;
using test::WheelSpec;

const std::string kSite = "lib/python3.12/site-packages/";

WheelSpec alpha(const std::string& version) {
  return {.name = "alpha",
          .version = version,
          .files = {{.path = "alpha/__init__.py", .content = "version = '" + version + "'\n"},
                    {.path = "alpha/sub/deep.py", .content = "deep = 1\n"},
                    {.path = "alpha/data/table.txt", .content = version},
                    {.path = "alpha_single.py", .content = "one = 1\n"},
                    {.path = "ns/alpha/__init__.py", .content = "a = 1\n"},
                    {.path = "share/alpha.txt", .content = "x", .scheme = pep::Scheme::data}},
          .scripts = {{.name = "alpha", .module = "alpha", .attribute = "main"}}};
}

WheelSpec beta() {
  return {.name = "beta",
          .version = "1.0",
          .files = {{.path = "beta/__init__.py", .content = "b = 1\n"},
                    {.path = "ns/beta/deep/module.py", .content = "y = 1\n"}}};
}

struct World {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  test::SilentReporter reporter;
  CancelToken cancel;
  std::vector<std::string> empty = tree(temp / "env");

  stdfs::path site() const { return temp / "env" / kSite; }
  Result<ChangeReport> apply(const Change& change, const ApplyOptions& options) {
    return venv::apply(change, environment, options, key, reporter, cancel);
  }
  Result<ChangeReport> install(const std::vector<WheelSpec>& specs,
                               ApplyOptions options = {.link_mode = LinkMode::symlink}) {
    Change change;
    const auto dists = *installed(environment);
    for (const auto& spec : specs) {
      change.install.push_back(unpacked(spec));
      for (const auto& dist : dists)
        if (dist.name.str() == spec.name) change.remove.push_back(dist);
    }
    return apply(change, options);
  }
  WheelToInstall unpacked(const WheelSpec& spec) {
    const std::string stem = spec.name + spec.version;
    if (wheels.count(stem) == 0) wheels[stem] = test::to_install(temp / "store", spec);
    return wheels[stem];
  }
  Result<ChangeReport> uninstall(const std::set<std::string>& names) {
    Change change;
    const auto dists = *installed(environment);
    for (const auto& dist : dists)
      if (names.contains(dist.name.str())) change.remove.push_back(dist);
    return apply(change, {});
  }
  // The links of site-packages: "numpy ns/alpha".
  std::string links() const {
    std::vector<std::string> found;
    for (const auto& line : tree(site()))
      if (line[0] == 'l') found.emplace_back(split(line, ' ')[1]);
    return join(found, " ");
  }
  std::string listed() const {
    const Boundary boundary(environment.layout);
    std::vector<std::string> found;
    const auto links = *FolderLinks::read(environment, boundary, key);
    for (const auto& [path, target] : links.targets)
      found.push_back(path.substr(boundary.root(pep::Scheme::purelib).size() + 1));
    return join(found, " ");
  }
  bool is_file(const std::string& path) const { return stdfs::is_regular_file(stdfs::symlink_status(site() / path)); }
  std::vector<std::string> state() const { return *fs::list_dir(temp / "env/.pkg"); }
  std::size_t problems() const { return verify(*installed(environment), environment)->size(); }
  void write(const std::string& path, const std::string& content) const {
    stdfs::create_directories((site() / path).parent_path());
    std::ofstream(site() / path) << content;
  }

  std::map<std::string, WheelToInstall> wheels;
};

TEST_CASE(
    "folders of one distribution become one link each, a shared folder is real, and single files are hard links") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  CHECK(world.links() == "alpha beta ns/alpha ns/beta");
  CHECK(world.listed() == world.links());
  CHECK(stdfs::read_symlink(world.site() / "alpha") == world.temp / "store/alpha-1.0/alpha");
  struct stat info;
  for (const char* path : {"alpha_single.py", "alpha-1.0.dist-info/METADATA"}) {
    REQUIRE(::lstat((world.site() / path).c_str(), &info) == 0);
    CHECK(S_ISREG(info.st_mode));
    CHECK(info.st_nlink == 2);
  }
  CHECK(fs::read_file(world.site() / "alpha-1.0.dist-info/RECORD")->find("alpha/sub/deep.py,sha256=") !=
        std::string::npos);
  CHECK(world.problems() == 0);
  CHECK(world.is_file("_pkg_links.py"));
  CHECK(world.is_file("_pkg_links.pth"));
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK(world.links() == "beta ns/beta");
  REQUIRE_OK(world.uninstall({"beta"}));
  CHECK(tree(world.temp / "env") == world.empty);
  CHECK(world.state() == std::vector<std::string>{"lock"});
  CHECK(stdfs::exists(world.temp / "store/alpha-1.0/alpha/__init__.py"));
}

TEST_CASE("folders that nothing else goes into are links as high up as can be") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  CHECK(world.links() == "alpha ns");
}

TEST_CASE("a link is split when another distribution comes into its folder") {
  World world;
  const WheelSpec first{.name = "first",
                        .version = "1",
                        .files = {{.path = "ns/first/__init__.py", .content = "1"},
                                  {.path = "ns/common/mine.py", .content = "m"},
                                  {.path = "ns/common/below/x.py", .content = "x"},
                                  {.path = "ns/single.py", .content = "s"}}};
  const WheelSpec second{
      .name = "second",
      .version = "1",
      .files = {{.path = "ns/common/other.py", .content = "o"}, {.path = "ns/second/x.py", .content = "x"}}};
  REQUIRE_OK(world.install({first}));
  CHECK(world.links() == "ns");
  SUBCASE("in the same mode") {
    REQUIRE_OK(world.install({second}));
    CHECK(world.links() == "ns/common/below ns/first ns/second");
  }
  SUBCASE("in another mode") {
    REQUIRE_OK(world.install({second}, {}));
    CHECK(world.links() == "ns/common/below ns/first");
    CHECK(world.is_file("ns/second/x.py"));
  }
  SUBCASE("with a module of equal content") {
    WheelSpec equal = second;
    equal.files.push_back({.path = "ns/single.py", .content = "s"});
    REQUIRE_OK(world.install({equal}));
    CHECK(world.links() == "ns/common/below ns/first ns/second");
  }
  SUBCASE("only by removing the first afterwards") {
    REQUIRE_OK(world.install({second}));
    REQUIRE_OK(world.uninstall({"first"}));
    CHECK(world.links() == "ns/second");
    CHECK(world.is_file("ns/common/other.py"));
    CHECK_FALSE(stdfs::exists(world.site() / "ns/single.py"));
    REQUIRE_OK(world.uninstall({"second"}));
    CHECK(tree(world.temp / "env") == world.empty);
    return;
  }
  CHECK(world.listed() == world.links());
  CHECK(world.is_file("ns/single.py"));
  CHECK(world.is_file("ns/common/mine.py"));
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"second"}));
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"first"}));
  CHECK(tree(world.temp / "env") == world.empty);
}

TEST_CASE("a link is not split for a distribution that brings other content for its files") {
  World world;
  const WheelSpec other{.name = "other", .version = "1", .files = {{.path = "alpha/__init__.py", .content = "other"}}};
  const WheelSpec file{.name = "file", .version = "1", .files = {{.path = "alpha/sub", .content = "a file"}}};
  const WheelSpec folder{
      .name = "folder", .version = "1", .files = {{.path = "alpha/__init__.py/x", .content = "a folder"}}};
  REQUIRE_OK(world.install({alpha("1.0")}));
  const auto before = tree(world.temp / "env");
  const ApplyOptions strict{.link_mode = LinkMode::symlink, .file_conflicts = FileConflicts::error};
  for (const auto& spec : {other, file, folder}) {
    const auto done = world.install({spec}, strict);
    REQUIRE(!done.ok());
    CHECK(done.error().kind == ErrorKind::conflict);
    CHECK(tree(world.temp / "env") == before);
  }
  CHECK(!world.install({file}).ok());
  CHECK(!world.install({folder}).ok());
  // Where it may, the link is split, and the file of the link is kept until it may come back.
  REQUIRE_OK(world.install({other}));
  CHECK(*fs::read_file(world.site() / "alpha/__init__.py") == "other");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"other"}));
  CHECK(*fs::read_file(world.site() / "alpha/__init__.py") != "other");
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK(tree(world.temp / "env") == world.empty);
}

TEST_CASE("an upgrade and a change of the mode replace links") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  REQUIRE_OK(world.install({alpha("2.0")}));
  CHECK(*fs::read_file(world.site() / "alpha/data/table.txt") == "2.0");
  CHECK(stdfs::read_symlink(world.site() / "alpha") == world.temp / "store/alpha-2.0/alpha");
  CHECK(world.links() == "alpha beta ns/alpha ns/beta");
  REQUIRE_OK(world.install({alpha("2.0"), beta()}, {}));
  CHECK(world.links().empty());
  CHECK(world.is_file("alpha/__init__.py"));
  CHECK_FALSE(fs::exists(world.site() / "_pkg_links.py"));
  CHECK(world.state() == std::vector<std::string>{"lock"});
  CHECK(world.problems() == 0);
  REQUIRE_OK(world.install({alpha("2.0"), beta()}));
  CHECK(world.links() == "alpha beta ns/alpha ns/beta");
  CHECK(world.problems() == 0);
}

TEST_CASE("what lies in a folder already keeps it real") {
  World world;
  world.write("alpha/mine.txt", "mine");
  REQUIRE_OK(world.install({alpha("1.0")}));
  CHECK(world.links() == "alpha/data alpha/sub ns");
  CHECK(world.is_file("alpha/__init__.py"));
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK(*fs::read_file(world.site() / "alpha/mine.txt") == "mine");
}

TEST_CASE("links that pkg did not make are neither followed nor removed") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  stdfs::create_directories(world.temp / "elsewhere/sub");
  std::ofstream(world.temp / "elsewhere/__init__.py") << "theirs";
  stdfs::remove(world.site() / "alpha");
  stdfs::create_directory_symlink(world.temp / "elsewhere", world.site() / "alpha");
  const WheelSpec other{.name = "other", .version = "1", .files = {{.path = "alpha/other.py", .content = "o"}}};
  CHECK(!world.install({other}).ok());
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK(world.links() == "alpha");
  CHECK(*fs::read_file(world.temp / "elsewhere/__init__.py") == "theirs");
}

TEST_CASE("a store folder is guarded against bytecode before it is linked to, once") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  const auto store = world.temp / "store/alpha-1.0";
  for (const char* folder : {"alpha", "alpha/sub", "ns/alpha"}) {
    CHECK(stdfs::is_regular_file(store / folder / "__pycache__"));
    CHECK(stdfs::is_empty(store / folder / "__pycache__"));
  }
  CHECK_FALSE(stdfs::exists(store / "alpha/data/__pycache__"));
  CHECK_FALSE(stdfs::exists(store / "ns/__pycache__"));
  World second;
  second.wheels = world.wheels;
  REQUIRE_OK(second.install({alpha("1.0")}));
  REQUIRE_OK(second.install({alpha("1.0")}, {}));
  CHECK_FALSE(stdfs::exists(second.site() / "alpha/__pycache__"));
}

TEST_CASE("an edited, missing or added file below a link is noticed before anything changes") {
  World world;
  const auto wheel = world.unpacked(alpha("1.0"));
  const stdfs::path deep = world.temp / "store/alpha-1.0/alpha/sub";
  SUBCASE("edited") { std::ofstream(deep / "deep.py") << "deep = 22\n"; }
  SUBCASE("missing") { stdfs::remove(deep / "deep.py"); }
  SUBCASE("added") { std::ofstream(deep / "more.py") << ""; }
  SUBCASE("added after it was linked to once") {
    World first;
    first.wheels = world.wheels;
    REQUIRE_OK(first.install({alpha("1.0")}));
    std::ofstream(deep / "more.py") << "";
  }
  SUBCASE("a folder of bytecode") { stdfs::create_directory(deep / "__pycache__"); }
  const auto done = world.install({alpha("1.0")});
  REQUIRE(!done.ok());
  CHECK(done.error().kind == ErrorKind::hash_mismatch);
  CHECK(tree(world.temp / "env") == world.empty);
}

TEST_CASE("a wheel that ships bytecode has real folders there") {
  World world;
  const WheelSpec odd{.name = "odd",
                      .version = "1",
                      .files = {{.path = "odd/x.py", .content = "x"},
                                {.path = "odd/__pycache__/x.cpython-312.pyc", .content = "pyc"},
                                {.path = "odd/clean/y.py", .content = "y"}}};
  REQUIRE_OK(world.install({odd}));
  CHECK(world.links() == "odd/clean");
  CHECK(world.is_file("odd/__pycache__/x.cpython-312.pyc"));
}

TEST_CASE("elsewhere than in virtual environments the mode makes hard links") {
  World world;
  world.environment.kind = EnvironmentKind::target;
  REQUIRE_OK(world.install({alpha("1.0")}));
  CHECK(world.links().empty());
  CHECK(world.is_file("alpha/__init__.py"));
}

TEST_CASE("what fails after links were split and made brings everything back") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  REQUIRE_OK(world.install({alpha("1.0")}));
  stdfs::create_directories(world.temp / "env/.pkg/bytecode/beta");
  std::ofstream(world.temp / "env/.pkg/bytecode/beta/x.pyc") << "b";
  const auto before = tree(world.temp / "env");
  const auto listed = world.listed();
  WheelSpec breaks = alpha("2.0");
  breaks.files.push_back({.path = "beta/alpha.py", .content = "x = 1\n"});
  (void)world.unpacked(breaks);
  stdfs::remove(world.temp / "store/alpha-2.0/alpha_single.py");  // a hard link, found missing while building
  const auto done = world.install({breaks});
  REQUIRE(!done.ok());
  CHECK(tree(world.temp / "env") == before);
  CHECK(world.listed() == listed);
  CHECK(fs::exists(world.temp / "env/.pkg/bytecode/beta/x.pyc"));
}

TEST_CASE("bytecode of what goes, goes with it") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  const stdfs::path kept = world.temp / "env/.pkg/bytecode";
  for (const char* folder : {"alpha/sub", "beta"}) {
    stdfs::create_directories(kept / folder);
    std::ofstream(kept / folder / "x.pyc") << "b";
  }
  world.write("__pycache__/_pkg_links.cpython-312.pyc", "b");
  REQUIRE_OK(world.install({alpha("2.0")}));
  CHECK_FALSE(fs::exists(kept / "alpha"));
  CHECK(fs::exists(kept / "beta/x.pyc"));
  REQUIRE_OK(world.uninstall({"alpha", "beta"}));
  CHECK(world.state() == std::vector<std::string>{"lock"});
  CHECK(tree(world.temp / "env") == world.empty);
}

TEST_CASE("links that a list of somebody else names are foreign: never followed, split or removed") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  const Boundary boundary(world.environment.layout);
  const auto list = world.temp / "env/.pkg/links";
  const auto links = *FolderLinks::read(world.environment, boundary, world.key);
  REQUIRE_FALSE(links.targets.empty());
  const StateKey others(world.temp / "others", {});
  SUBCASE("with another key") { std::ofstream(list) << links.sealed_text(boundary, others); }
  SUBCASE("as earlier versions wrote it") { std::ofstream(list) << "pkg links 1\n" << links.text(boundary); }
  SUBCASE("with the MAC of a journal") {
    std::ofstream(list) << sealed("pkg journal 2", links.text(boundary), world.key);
  }
  CHECK(FolderLinks::read(world.environment, boundary, world.key)->targets.empty());
  const auto before = world.links();
  CHECK_FALSE(
      world
          .install({beta(), {.name = "gamma", .version = "1.0", .files = {{.path = "alpha/gamma.py", .content = "g"}}}})
          .ok());
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK(world.links() == before);
}

TEST_CASE("a damaged list of links is an error, and a path outside site-packages in it as well") {
  World world;
  const Boundary boundary(world.environment.layout);
  const auto path = std::string("lib/python3.12/site-packages/x");
  CHECK(FolderLinks::parse(cat(path, '\0', "/store/x", '\0'), boundary)->targets.size() == 1);
  for (const auto& text : {std::string("other"), path, cat(path, '\0', "relative", '\0'),
                           cat("../x", '\0', "/store/x", '\0'), cat("bin/x", '\0', "/store/x", '\0')})
    CHECK(!FolderLinks::parse(text, boundary).ok());
}

}  // namespace
}  // namespace pkg::venv
