#include "venv/transaction/transaction.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/fs.h"
#include "base/text.h"
#include "support/counted_syncs.h"
#include "support/printers.h"
#include "venv/transaction/origins.h"
#include "venv/transaction/transaction_world.h"

namespace pkg::venv {
namespace {

using World = TransactionWorld;

TEST_CASE("with --fsync the journal and the finished change are put on the disk, without it neither is") {
  const auto syncs_of = [](bool is_wanted) {
    World world;
    const int before = test::sync_counts().file_systems;
    ApplyOptions options;
    options.sync_to_disk = is_wanted;
    REQUIRE_OK(world.install({alpha("1.0")}, options));
    return test::sync_counts().file_systems - before;
  };
  CHECK(syncs_of(false) == 0);
  CHECK(syncs_of(true) == 3);
}

TEST_CASE("a wheel is spread over the environment with launchers, INSTALLER and RECORD") {
  World world;
  Change change;
  change.install.push_back(test::to_install(
      world.store(),
      {.name = "Gamma.Ray",
       .version = "1.0",
       .files =
           {{.path = "gamma/__init__.py", .content = ""},
            {.path = "odd, name.txt", .content = "x"},
            {.path = "gamma.h", .content = "#pragma once\n", .scheme = pep::Scheme::headers},
            {.path = "share/gamma.txt", .content = "data", .scheme = pep::Scheme::data},
            {.path = "gamma-sh", .content = "#!/bin/sh\necho\n", .scheme = pep::Scheme::scripts, .executable = true},
            {.path = "gamma-py",
             .content = "#!python\nprint(1)\n",
             .scheme = pep::Scheme::scripts,
             .executable = true}},
       .scripts = {{.name = "gamma", .module = "gamma", .attribute = "main"}}},
      true));
  change.install[0].direct_url = pep::DirectUrl{.url = "file:///x/gamma.whl", .info = pep::ArchiveInfo{}};
  const auto report = world.apply(change);
  REQUIRE_OK(report);
  CHECK(file_names(world.prefix() / "bin") == std::vector<std::string>{"activate", "gamma", "gamma-py", "gamma-sh"});
  CHECK(world.read("bin/gamma-py") == cat("#!", world.environment.python.string(), "\nprint(1)\n"));
  CHECK(world.has("include/site/python3.12/Gamma.Ray/gamma.h"));
  CHECK(world.read("share/gamma.txt") == "data");
  const std::string info = kSite + "Gamma.Ray-1.0.dist-info/";
  CHECK(world.read(info + "INSTALLER") == "pkg");
  CHECK(world.read(info + "REQUESTED").empty());
  CHECK(world.has(info + "direct_url.json"));

  const auto record = world.read(info + "RECORD");
  std::set<std::string> listed;
  const auto rows = pep::parse_record(record);
  REQUIRE_OK(rows);
  for (const auto& row : *rows) {
    listed.insert(
        (world.environment.layout.purelib / row.path).lexically_normal().lexically_relative(world.prefix()).string());
    CHECK((row.algorithm == "sha256") == !row.path.ends_with("RECORD"));
  }
  CHECK(rows->back().path == "Gamma.Ray-1.0.dist-info/RECORD");
  std::set<std::string> present;
  for (const auto& name : file_names(world.prefix()))
    if (name != "pyvenv.cfg" && name != "bin/activate" && name != kSite + "odd,") present.insert(name);
  present.insert(kSite + "odd, name.txt");
  CHECK(listed == present);
  CHECK(report->files_created == present.size());
  CHECK(world.state() == std::vector<std::string>{"lock"});
}

TEST_CASE("installing and uninstalling leaves the environment as it was") {
  World world;
  const auto before = tree(world.prefix());
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  CHECK(world.dists().size() == 2);
  world.write(kSite + "alpha/__pycache__/deep.cpython-312.pyc", "stale");
  world.write(kSite + "__pycache__/beta.cpython-312.pyc", "x");
  world.write(kSite + "alpha/sub/__pycache__/deep.cpython-312.opt-1.pyc", "x");
  const auto report = world.uninstall({"alpha", "beta"});
  REQUIRE_OK(report);
  CHECK(report->warnings.empty());
  CHECK(tree(world.prefix()) == before);
  CHECK(world.state() == std::vector<std::string>{"lock"});
}

TEST_CASE("what others cache in __pycache__ keeps no folder alive, but one in which something stays") {
  World world;
  const auto before = tree(world.prefix());
  REQUIRE_OK(world.install({alpha("1.0")}));
  world.write(kSite + "alpha/__pycache__/mod.fn-12.py312.nbi", "numba");
  world.write(kSite + "alpha/__pycache__/mod.fn-12.py312.1.nbc", "numba");
  SUBCASE("alone") {
    REQUIRE_OK(world.uninstall({"alpha"}));
    CHECK(tree(world.prefix()) == before);
  }
  SUBCASE("beside what a user put there") {
    world.write(kSite + "alpha/mine.txt", "mine");
    REQUIRE_OK(world.uninstall({"alpha"}));
    CHECK(world.has(kSite + "alpha/mine.txt"));
    CHECK(world.has(kSite + "alpha/__pycache__/mod.fn-12.py312.nbi"));
  }
}

TEST_CASE("an upgrade replaces files, also in folders shared with others, and keeps what users put there") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  world.write(kSite + "alpha/mine.txt", "mine");
  REQUIRE_OK(world.install({alpha("2.0")}));
  CHECK(world.dists().size() == 2);
  CHECK(world.read(kSite + "alpha/__init__.py") == "version = '2.0'\n");
  CHECK(world.read(kSite + "alpha/mine.txt") == "mine");
  CHECK(world.has(kSite + "alpha/new/only_in_2.py"));
  CHECK_FALSE(world.has(kSite + "alpha/only_in_1.py"));
  CHECK(world.has(kSite + "shared/beta.py"));
  CHECK_FALSE(world.has(kSite + "alpha-1.0.dist-info"));
}

TEST_CASE("a shared file with equal content stays until its last owner goes") {
  World world;
  const WheelSpec one{
      .name = "one",
      .version = "1",
      .files = {{.path = "ns/__init__.py", .content = "same\n"}, {.path = "ns/one.py", .content = "1"}}};
  const WheelSpec two{
      .name = "two",
      .version = "1",
      .files = {{.path = "ns/__init__.py", .content = "same\n"}, {.path = "ns/two.py", .content = "2"}}};
  SUBCASE("installed together") { REQUIRE_OK(world.install({one, two})); }
  SUBCASE("installed one after the other") {
    REQUIRE_OK(world.install({one}));
    REQUIRE_OK(world.install({two}));
  }
  REQUIRE_OK(world.uninstall({"one"}));
  CHECK(world.has(kSite + "ns/__init__.py"));
  CHECK_FALSE(world.has(kSite + "ns/one.py"));
  REQUIRE_OK(world.uninstall({"two"}));
  CHECK_FALSE(world.has(kSite + "ns"));
}

TEST_CASE("--file-conflicts error: two distributions with different content for one path are refused before a write") {
  World world;
  const WheelSpec one{.name = "one", .version = "1", .files = {{.path = "both.py", .content = "1"}}};
  const WheelSpec two{.name = "two", .version = "2", .files = {{.path = "both.py", .content = "2"}}};
  const ApplyOptions strict{.file_conflicts = FileConflicts::error};
  const std::string expected = "`one` 1 and `two` 2 both install `" + kSite + "both.py`, with different content";
  SUBCASE("in one command") {
    const auto before = tree(world.prefix());
    const auto done = world.install({one, two}, strict);
    REQUIRE(!done.ok());
    CHECK(done.error().kind == ErrorKind::conflict);
    CHECK(done.error().message == expected);
    CHECK(tree(world.prefix()) == before);
    CHECK(world.state() == std::vector<std::string>{"lock"});
  }
  SUBCASE("with one that is installed") {
    REQUIRE_OK(world.install({one}));
    const auto before = tree(world.prefix());
    const auto done = world.install({two}, strict);
    REQUIRE(!done.ok());
    CHECK(done.error().message == expected);
    CHECK(tree(world.prefix()) == before);
  }
  SUBCASE("a file where the other has a folder") {
    const WheelSpec three{.name = "three", .version = "3", .files = {{.path = "both.py/x.py", .content = "3"}}};
    CHECK(!world.install({one, three}).ok());
    REQUIRE_OK(world.install({one}));
    CHECK(!world.install({three}).ok());
  }
}

TEST_CASE("older ways of installing are undone where they list their files") {
  World world;
  const auto before = tree(world.prefix());
  SUBCASE("installed-files.txt") {
    world.write(kSite + "old/__init__.py", "");
    world.write(kSite + "old-1.0.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n");
    world.write(kSite + "old-1.0.egg-info/installed-files.txt", "../old/__init__.py\nPKG-INFO\ninstalled-files.txt\n");
    REQUIRE_OK(world.uninstall({"old"}));
    CHECK(tree(world.prefix()) == before);
  }
  SUBCASE("setup.py develop") {
    std::filesystem::create_directories(world.temp / "project/old.egg-info");
    std::ofstream(world.temp / "project/old.egg-info/PKG-INFO") << "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n";
    const std::string project = (world.temp / "project").string();
    world.write(kSite + "old.egg-link", project + "\n.");
    world.write(kSite + "easy-install.pth", project + "\n/other\n");
    REQUIRE_OK(world.uninstall({"old"}));
    CHECK_FALSE(world.has(kSite + "old.egg-link"));
    CHECK(world.read(kSite + "easy-install.pth") == "/other\n");
    CHECK(fs::exists(world.temp / "project/old.egg-info/PKG-INFO"));
  }
}

TEST_CASE("a distribution that stays becomes requested, and its RECORD says so") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  Change change;
  change.mark_requested = world.dists();
  REQUIRE_OK(world.apply(change));
  CHECK(is_requested(world.dists()[0]));
  CHECK(world.read(kSite + "beta-1.0.dist-info/RECORD")
            .ends_with("REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"));
  REQUIRE_OK(world.apply(change));
  REQUIRE_OK(world.uninstall({"beta"}));
  CHECK_FALSE(world.has(kSite + "beta-1.0.dist-info"));
}

TEST_CASE("a stored file that was only touched is installed") {
  World world;
  Change change;
  change.install.push_back(test::to_install(world.store(), beta()));
  std::filesystem::last_write_time(world.store() / "beta-1.0/beta.py",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  REQUIRE_OK(world.apply(change));
}

TEST_CASE("copies and clones have the content and the exec bit, and are files of their own") {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  for (const auto mode : {LinkMode::copy, LinkMode::clone, LinkMode::hardlink}) {
    World world;
    REQUIRE_OK(world.install({{.name = "s",
                               .version = "1",
                               .files = {{.path = "tool", .content = "#!/bin/sh\n", .executable = true},
                                         {.path = "big", .content = std::string(300000, 'x')}}}},
                             {.link_mode = mode}));
    struct stat info;
    ::stat((world.prefix() / (kSite + "tool")).c_str(), &info);
    CHECK((info.st_mode & 0777) == (mode == LinkMode::hardlink ? 0755 : 0755 & ~mask));
    CHECK(info.st_nlink == (mode == LinkMode::hardlink ? 2 : 1));
    CHECK(world.read(kSite + "big") == std::string(300000, 'x'));
  }
}

TEST_CASE("a cancelled change changes nothing") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  const auto before = tree(world.prefix());
  world.cancel.cancel();
  const auto done = world.install({alpha("2.0")});
  REQUIRE(!done.ok());
  CHECK(done.error().kind == ErrorKind::interrupted);
  CHECK(tree(world.prefix()) == before);
}

TEST_CASE("files that belong to nobody are replaced, and come back when the change fails") {
  World world;
  world.write(kSite + "beta.py", "mine");
  SUBCASE("replaced") {
    REQUIRE_OK(world.install({beta()}));
    CHECK(world.read(kSite + "beta.py") == "b = 1\n");
  }
  SUBCASE("back again") {
    Change change;
    change.install.push_back(test::to_install(world.store(), beta()));
    std::filesystem::remove(world.store() / "beta-1.0/shared/beta.py");
    CHECK(!world.apply(change).ok());
    CHECK(world.read(kSite + "beta.py") == "mine");
    CHECK_FALSE(world.has(kSite + "shared"));
  }
}

TEST_CASE("an environment knows which file a distribution came from, until it is another's") {
  World world;
  Change change;
  change.install.push_back(test::to_install(world.store(), alpha("1.0")));
  change.install.push_back(test::to_install(world.store(), beta()));
  change.install[0].origin_sha256 = "ab";
  REQUIRE_OK(world.apply(change));
  const auto known = [&](const char* name) {
    const auto origins = Origins::read(world.environment, world.key);
    for (const auto& dist : world.dists())
      if (dist.name.str() == name) return origins.sha256_of(dist);
    return std::string("gone");
  };
  CHECK(known("alpha") == "ab");
  CHECK(known("beta").empty());  // nothing was said of it
  SUBCASE("another change leaves it known") {
    REQUIRE_OK(world.uninstall({"beta"}));
    CHECK(known("alpha") == "ab");
  }
  SUBCASE("what goes is forgotten") {
    REQUIRE_OK(world.uninstall({"alpha"}));
    CHECK_FALSE(world.has(".pkg/origins"));
  }
  SUBCASE("what another tool put there is unknown") {
    const auto metadata = kSite + "alpha-1.0.dist-info/METADATA";
    const auto text = world.read(metadata);
    std::filesystem::remove(world.prefix() / metadata);
    world.write(metadata, text + " ");
    CHECK(known("alpha").empty());
  }
  SUBCASE("a note of somebody else's says nothing") {
    world.write(".pkg/origins", "pkg origins 1 " + std::string(64, '0') + "\nalpha ab 1 2 3\n");
    CHECK(known("alpha").empty());
  }
}

TEST_CASE("bytecode is compiled by the interpreter of the environment and recorded without a hash") {
  World world;
  auto spec = alpha("1.0");
  spec.files.push_back({.path = "alpha/broken.py", .content = "def (:\n"});
  spec.files.push_back({.path = "single.py", .content = "z = 1\n"});
  spec.files.push_back({.path = "bad/template.py", .content = "{{ x }} y\n"});
  REQUIRE_OK(world.install({spec}, {.compile_bytecode = true}));
  const auto names = file_names(world.prefix());
  const auto compiled =
      std::count_if(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".pyc"); });
  CHECK(compiled == 5);
  CHECK_FALSE(world.has(kSite + "bad/__pycache__"));
  const auto rows = pep::parse_record(world.read(kSite + "alpha-1.0.dist-info/RECORD"));
  REQUIRE_OK(rows);
  CHECK(std::count_if(rows->begin(), rows->end(),
                      [](const auto& row) { return row.path.ends_with(".pyc") && row.algorithm.empty(); }) == 5);
  REQUIRE_OK(world.uninstall({"alpha"}));
  CHECK_FALSE(world.has(kSite + "__pycache__"));
  CHECK_FALSE(world.has(kSite + "alpha"));
}

TEST_CASE("owned files are what an uninstall would delete") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));
  const auto files = owned_files(world.dists()[1], world.environment, world.key);
  REQUIRE_OK(files);
  std::vector<std::string> names;
  for (const auto& file : *files) names.push_back(file.lexically_relative(world.environment.layout.purelib).string());
  CHECK(names == std::vector<std::string>{"beta-1.0.dist-info/INSTALLER", "beta-1.0.dist-info/METADATA",
                                          "beta-1.0.dist-info/RECORD", "beta-1.0.dist-info/WHEEL", "beta.py",
                                          "shared/beta.py"});
}

}  // namespace
}  // namespace pkg::venv
