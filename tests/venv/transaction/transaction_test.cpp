#include "venv/transaction/transaction.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "support/counted_syncs.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/origins.h"

namespace pkg::venv {
namespace {

using test::file_names;
using test::tree;
using test::WheelSpec;

const std::string kSite = "lib/python3.12/site-packages/";

WheelSpec alpha(const std::string& version) {
  WheelSpec spec{.name = "alpha",
                 .version = version,
                 .files = {{.path = "alpha/__init__.py", .content = "version = '" + version + "'\n"},
                           {.path = "alpha/sub/deep.py", .content = "deep = 1\n"},
                           {.path = "shared/alpha.py", .content = "x = 1\n"}},
                 .scripts = {{.name = "alpha", .module = "alpha", .attribute = "main"}}};
  if (version == "1.0") spec.files.push_back({.path = "alpha/only_in_1.py", .content = "old\n"});
  if (version == "2.0") spec.files.push_back({.path = "alpha/new/only_in_2.py", .content = "new\n"});
  return spec;
}

WheelSpec beta() {
  return {.name = "beta",
          .version = "1.0",
          .files = {{.path = "beta.py", .content = "b = 1\n"}, {.path = "shared/beta.py", .content = "y = 1\n"}}};
}

struct World {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  test::SilentReporter reporter;
  CancelToken cancel;
  std::filesystem::path prefix() const { return temp / "env"; }
  std::filesystem::path store() const { return temp / "store"; }

  Result<ChangeReport> apply(const Change& change, const ApplyOptions& options = {}) {
    return venv::apply(change, environment, options, key, reporter, cancel);
  }
  Result<ChangeReport> install(const std::vector<WheelSpec>& specs, const ApplyOptions& options = {}) {
    Change change;
    for (const auto& spec : specs) change.install.push_back(test::to_install(store(), spec));
    return apply(change, options);
  }
  Result<ChangeReport> uninstall(const std::set<std::string>& names) {
    Change change;
    for (auto& dist : dists())
      if (names.contains(dist.name.str())) change.remove.push_back(dist);
    return apply(change);
  }
  std::vector<InstalledDist> dists() const { return *installed(environment); }
  std::string read(const std::string& path) const { return *fs::read_file(prefix() / path); }
  void write(const std::string& path, const std::string& content) const {
    std::filesystem::create_directories((prefix() / path).parent_path());
    std::ofstream(prefix() / path) << content;
  }
  bool has(const std::string& path) const { return fs::exists(prefix() / path); }
  std::vector<std::string> state() const { return *fs::list_dir(prefix() / ".pkg"); }
};

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

TEST_CASE("the environment's own files cannot be replaced") {
  World world;
  const auto before = tree(world.prefix());
  int version = 0;
  const auto refused = [&](const std::string& path, pep::Scheme scheme) {
    const auto done = world.install({{.name = "evil",
                                      .version = std::to_string(++version),
                                      .files = {{.path = path, .content = "x", .scheme = scheme}}}});
    CHECK_MESSAGE(!done.ok(), path);
    CHECK(tree(world.prefix()) == before);
  };
  refused("pyvenv.cfg", pep::Scheme::data);
  refused("bin/python3.12", pep::Scheme::data);
  refused(".pkg/lock", pep::Scheme::data);
  refused("python", pep::Scheme::scripts);
  refused("activate.fish", pep::Scheme::scripts);
  refused("lib64", pep::Scheme::data);
  refused(".gitignore", pep::Scheme::data);
  refused("pyvenv.cfg/x", pep::Scheme::data);
  for (const char* name :
       {"_pkg_links.py", "_pkg_links.pth", "_pkg_run.pth", "__pycache__/_pkg_links.cpython-312.pyc"}) {
    refused(name, pep::Scheme::purelib);
    refused(kSite + name, pep::Scheme::data);
  }
  const auto script = world.install({{.name = "evil",
                                      .version = "1",
                                      .files = {},
                                      .scripts = {{.name = "python3", .module = "a", .attribute = "b"}}}});
  CHECK(!script.ok());
}

TEST_CASE("nothing is written through a link that leaves the environment") {
  World world;
  std::filesystem::create_directories(world.temp / "outside");
  std::filesystem::create_symlink(world.temp / "outside", world.prefix() / (kSite + "out"));
  std::filesystem::create_symlink(world.temp / "outside", world.prefix() / "share");
  const WheelSpec in_site{.name = "a", .version = "1", .files = {{.path = "out/x.py", .content = "x"}}};
  const WheelSpec in_data{
      .name = "a", .version = "1", .files = {{.path = "share/x", .content = "x", .scheme = pep::Scheme::data}}};
  for (const auto& spec : {in_site, in_data}) {
    const auto done = world.install({spec});
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::conflict);
  }
  CHECK(std::filesystem::is_empty(world.temp / "outside"));
}

TEST_CASE("uninstalling touches nothing outside the environment, nor the environment's own files") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  std::filesystem::create_directories(world.temp / "outside");
  std::ofstream(world.temp / "outside/canary") << "canary";
  std::ofstream(world.temp / "env-canary") << "canary";
  std::filesystem::create_symlink(world.temp / "outside", world.prefix() / (kSite + "link"));
  const std::string record = kSite + "beta-1.0.dist-info/RECORD";
  world.write(record,
              world.read(record) + cat("../../../../outside/canary,,\n../../../../env-canary,,\n",
                                       (world.temp / "outside/canary").string(),
                                       ",,\nlink/canary,,\n../../../pyvenv.cfg,,\n../../../bin/python,,\n../../../"
                                       "bin,,\n..,,\n.,,\n..\\,,\n../../../.gitignore,,\n_pkg_links.py,,\n"));
  world.write(kSite + "_pkg_links.py", "own");
  world.write(".gitignore", "*");
  const auto report = world.uninstall({"beta"});
  REQUIRE_OK(report);
  CHECK(report->warnings.size() >= 9);
  CHECK(fs::exists(world.temp / "outside/canary"));
  CHECK(fs::exists(world.temp / "env-canary"));
  CHECK(world.has("pyvenv.cfg"));
  CHECK(world.has("bin/python"));
  CHECK(world.has(".gitignore"));
  CHECK(world.has(kSite + "_pkg_links.py"));
  CHECK_FALSE(world.has(kSite + "beta.py"));
}

TEST_CASE("a distribution whose files are not known is not uninstalled") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  SUBCASE("RECORD is gone") {
    std::filesystem::remove(world.prefix() / (kSite + "beta-1.0.dist-info/RECORD"));
    world.write(kSite + "beta-1.0.dist-info/INSTALLER", "conda");
    const auto done = world.uninstall({"beta"});
    REQUIRE(!done.ok());
    CHECK(done.error().message ==
          "cannot uninstall `beta` 1.0: its RECORD file is missing, so its files are not known");
    CHECK(done.error().hint == "it was installed by `conda`, which should uninstall it");
  }
  SUBCASE("installed by distutils") {
    world.write(kSite + "old-1.0.egg-info", "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n");
    const auto done = world.uninstall({"old"});
    REQUIRE(!done.ok());
    CHECK(done.error().kind == ErrorKind::unsupported);
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

TEST_CASE("an edit of a stored file through a hard link is noticed and nothing is installed") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  Change change;
  change.install.push_back(test::to_install(world.store(), alpha("1.0")));
  const auto before = tree(world.prefix());
  const auto file = world.store() / "alpha-1.0/alpha/sub/deep.py";
  SUBCASE("another size") { std::ofstream(file) << "deep = 22222\n"; }
  SUBCASE("the same size") { std::ofstream(file) << "deep = 2\n"; }
  SUBCASE("gone") { std::filesystem::remove(file); }
  const auto done = world.apply(change);
  REQUIRE(!done.ok());
  CHECK(done.error().kind == ErrorKind::hash_mismatch);
  CHECK(done.error().message.find(file.string()) != std::string::npos);
  CHECK(tree(world.prefix()) == before);
  CHECK(world.state() == std::vector<std::string>{"lock"});
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

TEST_CASE("a folder where a file is to be is in the way, whatever is in it") {
  World world;
  world.write(kSite + "beta.py/mine.txt", "mine");
  const auto before = tree(world.prefix() / kSite);
  const auto done = world.install({beta()});
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().kind == ErrorKind::conflict);
  CHECK(done.error().message.ends_with("is in the way: it is a folder"));
  CHECK(tree(world.prefix() / kSite) == before);
}

TEST_CASE("an environment in use is waited for, and its user is named") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  const auto lock = fs::FileLock::acquire(world.prefix() / ".pkg/lock", fs::LockMode::exclusive, 0);
  REQUIRE_OK(lock);
  const auto done = world.install({alpha("1.0")}, {.lock_wait_s = 0.05});
  REQUIRE(!done.ok());
  CHECK(done.error().kind == ErrorKind::busy);
  std::filesystem::create_directories(world.prefix() / ".pkg/tx");
  const auto recovered = recover(world.environment, world.key);
  REQUIRE_OK(recovered);
  CHECK_FALSE(*recovered);  // its owner is alive
  CHECK_FALSE(is_interrupted(world.environment));
}

TEST_CASE("what another process has just installed in the same version is not installed again under its hands") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  const auto inode = [&] {
    struct stat info {};
    REQUIRE(::stat((world.prefix() / (kSite + "alpha-1.0.dist-info/RECORD")).c_str(), &info) == 0);
    return info.st_ino;
  };
  const auto before = inode();
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));  // as planned before the other was there
  CHECK(inode() == before);
  CHECK(world.has(kSite + "beta.py"));
  SUBCASE("but marked as asked for, when it was") {
    Change change;
    change.install.push_back(test::to_install(world.store(), alpha("1.0"), true));
    REQUIRE_OK(world.apply(change));
    CHECK(world.has(kSite + "alpha-1.0.dist-info/REQUESTED"));
  }
  SUBCASE("another version is, and the same one when the caller takes it away first") {
    REQUIRE_OK(world.install({alpha("2.0")}));
    CHECK(world.has(kSite + "alpha-2.0.dist-info"));
    const auto second = world.dists();
    Change change{.remove = second, .install = {test::to_install(world.store(), alpha("2.0"))}};
    const auto report = world.apply(change);
    REQUIRE_OK(report);
    CHECK(report->files_created > 0);
  }
}

// Until a second descriptor of this program leads to the file: somebody else has opened it, to wait for its lock.
void wait_until_opened_again(const std::filesystem::path& file) {
  const auto path = std::filesystem::canonical(file);
  for (int round = 0; round < 2000; ++round) {
    int found = 0;
    for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code closed;
      if (std::filesystem::read_symlink(fd.path(), closed) == path) ++found;
    }
    if (found > 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST_CASE("who waited for an environment that was replaced meanwhile changes the new one") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  auto lock = fs::FileLock::acquire(world.prefix() / ".pkg/lock", fs::LockMode::exclusive, 0);
  REQUIRE_OK(lock);
  std::optional<Result<ChangeReport>> done;
  std::thread installer([&] { done = world.install({alpha("1.0")}); });
  wait_until_opened_again(world.prefix() / ".pkg/lock");
  std::filesystem::rename(world.prefix(), world.temp / "old");
  test::make_environment(world.prefix());
  SUBCASE("by another of the same Python") {
    { const auto dropped = std::move(*lock); }
    installer.join();
    REQUIRE_OK(*done);
    CHECK(world.has(kSite + "alpha/__init__.py"));
    CHECK_FALSE(world.has(kSite + "beta.py"));
  }
  SUBCASE("by one of another Python: said, and nothing is done") {
    std::filesystem::rename(world.prefix() / "lib/python3.12", world.prefix() / "lib/python3.11");
    { const auto dropped = std::move(*lock); }
    installer.join();
    REQUIRE_FALSE(done->ok());
    CHECK(done->error().kind == ErrorKind::conflict);
    CHECK(done->error().message.find("was replaced by another command meanwhile") != std::string::npos);
  }
}

// What a killed process leaves: `old` in the trash as number 0, something new at its place.
void leave_interrupted(const World& world, const std::string& path, const StateKey& key) {
  const Boundary boundary(world.environment.layout);
  const std::string absolute = boundary.absolute(path);
  world.write(".pkg/tx/trash/0", "old");
  world.write(path, "new");
  world.write(".pkg/tx/journal", Journal{.moved = {absolute}, .created = {absolute}}.encode(boundary, key));
}

TEST_CASE("what a killed process of this user left is undone, by who changes the environment") {
  World world;
  leave_interrupted(world, kSite + "thing.py", world.key);
  CHECK(is_interrupted(world.environment));
  const auto recovered = recover(world.environment, world.key);
  REQUIRE_OK(recovered);
  CHECK(*recovered);
  CHECK(world.read(kSite + "thing.py") == "old");
  CHECK_FALSE(is_interrupted(world.environment));
  CHECK(world.state() == std::vector<std::string>{"lock"});
}

TEST_CASE("a journal that somebody else wrote is refused by name, and nothing is touched") {
  World world;
  leave_interrupted(world, kSite + "thing.py", StateKey(world.temp / "others", {}));
  const auto before = *fs::list_dir(world.prefix() / ".pkg/tx");
  for (const auto& error : {recover(world.environment, world.key).error(), world.install({beta()}).error()}) {
    CHECK(error.kind == ErrorKind::unsupported);
    CHECK(error.message.find("was not written by this user's pkg") != std::string::npos);
    CHECK(error.context.at(0).find(".pkg/tx/journal") != std::string::npos);
    CHECK(error.hint.find(".pkg/tx") != std::string::npos);
  }
  CHECK(world.read(kSite + "thing.py") == "new");
  CHECK(world.read(".pkg/tx/trash/0") == "old");
  CHECK(*fs::list_dir(world.prefix() / ".pkg/tx") == before);
}

TEST_CASE("litter of a transaction is deleted beneath a real folder only") {
  World world;
  std::filesystem::create_directories(world.temp / "outside/tx/deep");
  SUBCASE("of a folder") {
    world.write(".pkg/tx/aside/0/x", "litter");
    REQUIRE_OK(recover(world.environment, world.key));
    CHECK_FALSE(world.has(".pkg/tx"));
  }
  SUBCASE("not where it is a link") {
    std::filesystem::create_directories(world.prefix() / ".pkg");
    std::filesystem::create_directory_symlink(world.temp / "outside/tx", world.prefix() / ".pkg/tx");
    CHECK(recover(world.environment, world.key).error().kind == ErrorKind::unsupported);
  }
  SUBCASE("not where the state folder is a link") {
    std::filesystem::create_directory_symlink(world.temp / "outside", world.prefix() / ".pkg");
    CHECK(recover(world.environment, world.key).error().kind == ErrorKind::unsupported);
    CHECK(world.install({beta()}).error().kind == ErrorKind::unsupported);
  }
  CHECK(fs::is_directory(world.temp / "outside/tx/deep"));
}

TEST_CASE("state of the environment that leads elsewhere stops a change before it begins") {
  for (const char* name : {"lock", "links", "sync", "trees", "origins", "bytecode"}) {
    CAPTURE(name);
    World world;
    std::filesystem::create_directories(world.prefix() / ".pkg");
    std::ofstream(world.temp / "target") << "mine";
    std::filesystem::create_symlink(world.temp / "target", world.prefix() / ".pkg" / name);
    const auto before = tree(world.prefix());
    const auto done = world.install({beta()});
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::unsupported);
    CHECK(done.error().message.find(cat(".pkg/", name)) != std::string::npos);
    CHECK(tree(world.prefix()) == before);
    CHECK(*fs::read_file(world.temp / "target") == "mine");
  }
}

TEST_CASE("nothing is installed through a folder of the environment that leads out of it") {
  for (const char* name : {"bin", "include", "lib", "lib/python3.12/site-packages"}) {
    CAPTURE(name);
    World world;
    const auto outside = world.temp / "outside";
    if (world.has(name))
      std::filesystem::rename(world.prefix() / name, outside);
    else
      std::filesystem::create_directories(outside);
    std::filesystem::create_directory_symlink(outside, world.prefix() / name);
    const auto before = tree(outside);
    const auto done = world.install({alpha("1.0")});
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::unsupported);
    CHECK(tree(outside) == before);
    CHECK_FALSE(world.has(".pkg"));
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

TEST_CASE("the lock of an environment says who is at work, without arguments") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  CHECK(world.read(".pkg/lock") == cat(::getpid(), " install\n"));
  REQUIRE_OK(world.uninstall({"beta"}));
  CHECK(world.read(".pkg/lock") == cat(::getpid(), " uninstall\n"));
}

TEST_CASE("without a key that can be kept a change goes on, says so once, and rolls back on its own errors") {
  World world;
  const StateKey unkept({}, {});
  struct Notes final : Reporter {
    std::vector<std::string> notes;
    void warning(const std::string&) override {}
    void note(const std::string& text) override { notes.push_back(text); }
    void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
    void transfer_progress(std::uint64_t, std::uint64_t) override {}
    void transfer_finished(std::uint64_t) override {}
    void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
  } reporter;
  Change change;
  change.install.push_back(test::to_install(world.store(), beta()));
  REQUIRE_OK(venv::apply(change, world.environment, {}, unkept, reporter, world.cancel));
  CHECK(reporter.notes.size() == 1);
  Change broken;
  broken.install.push_back(test::to_install(world.store(), alpha("1.0")));
  std::filesystem::remove(world.store() / "alpha-1.0/shared/alpha.py");
  const auto before = tree(world.prefix());
  CHECK_FALSE(venv::apply(broken, world.environment, {}, unkept, reporter, world.cancel).ok());
  CHECK(tree(world.prefix()) == before);
  CHECK(world.state() == std::vector<std::string>{"lock"});
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

TEST_CASE("wheels that were not verified are refused when asked to") {
  World world;
  auto wheel = *test::unpack(world.store(), beta());
  wheel.manifest.record_verified = false;
  Change change;
  change.install.push_back({.wheel = std::make_shared<pep::UnpackedWheel>(wheel)});
  CHECK(!world.apply(change).ok());
  REQUIRE_OK(world.apply(change, {.verify_record = false}));
}

}  // namespace
}  // namespace pkg::venv
