#include "venv/transaction/transaction.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "venv/transaction/transaction_world.h"

namespace pkg::venv {
namespace {

using World = TransactionWorld;

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
