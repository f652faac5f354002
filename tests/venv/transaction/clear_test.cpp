#include "venv/transaction/clear.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/ground.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;
using test::tree;

void write_file(const stdfs::path& path, const std::string& text) {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

struct World {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  stdfs::path prefix() const { return temp / "env"; }
  stdfs::path tx(const std::string& name) const { return prefix() / ".pkg/tx" / name; }
  World() {
    write_file(prefix() / "lib/python3.12/site-packages/old.py", "old");
    write_file(prefix() / ".pkg/sync", "what sync saw");
    write_file(prefix() / ".pkg/lock", "");
  }
  static Status write_anew(const stdfs::path& place) {
    write_file(place / "pyvenv.cfg", "home = /new\n");
    write_file(place / "bin/python", "new");
    stdfs::create_directories(place / "lib/python3.13/site-packages");
    return ok_status();
  }
  Status clear() const { return clear_in_place(environment, key, write_anew); }
  std::vector<std::string> names() const { return *fs::list_dir(prefix()); }
};

}  // namespace

TEST_CASE("an environment is made anew in its own folder") {
  const World world;
  REQUIRE_OK(world.clear());
  CHECK(world.names() == std::vector<std::string>{".pkg", "bin", "lib", "pyvenv.cfg"});
  CHECK(*fs::list_dir(world.prefix() / "lib") == std::vector<std::string>{"python3.13"});
  CHECK(*fs::list_dir(world.prefix() / ".pkg") == std::vector<std::string>{"lock"});
  CHECK(*fs::read_file(world.prefix() / "pyvenv.cfg") == "home = /new\n");
}

TEST_CASE("where making it fails the old environment is there as before") {
  const World world;
  const auto before = tree(world.prefix());
  SUBCASE("when it is written") {
    CHECK_FALSE(clear_in_place(world.environment, world.key, [](const stdfs::path&) {
                  return Status(make_error(ErrorKind::io, "no space"));
                }).ok());
  }
  SUBCASE("when it is moved into place") {
    CHECK_FALSE(clear_in_place(world.environment, world.key, [](const stdfs::path& place) -> Status {
                  PKG_TRY(World::write_anew(place));
                  stdfs::remove_all(place / "pyvenv.cfg");  // which is wanted at the end
                  return ok_status();
                }).ok());
  }
  CHECK(tree(world.prefix()) == before);
  CHECK(*fs::read_file(world.prefix() / ".pkg/sync") == "what sync saw");
  CHECK_FALSE(fs::exists(world.tx("")));
}

TEST_CASE("a clearing that was killed is undone while pyvenv.cfg is the old one, else it has happened") {
  const World world;
  const auto before = tree(world.prefix());
  const Boundary boundary(world.environment.layout);
  const auto at = [&](const std::string& name) { return boundary.prefix() + "/" + name; };
  const Journal journal{
      .moved = {at("pyvenv.cfg"), at("bin"), at("lib")}, .created = {at("pyvenv.cfg"), at("bin")}, .clears = true};
  stdfs::create_directories(world.tx("trash"));
  write_file(world.tx("journal"), journal.encode(boundary, world.key));
  stdfs::create_hard_link(at("pyvenv.cfg"), world.tx("trash/0"));
  stdfs::rename(at("bin"), world.tx("trash/1"));
  stdfs::rename(at("lib"), world.tx("trash/2"));
  write_file(at("bin/python"), "new");

  SUBCASE("before the last step") {
    REQUIRE_OK(open_environment(world.prefix(), {}));  // although its lib is away
    const auto recovered = recover(world.environment, world.key);
    REQUIRE_OK(recovered);
    CHECK(*recovered);
    CHECK(tree(world.prefix()) == before);
  }
  SUBCASE("after it") {
    stdfs::remove(at("pyvenv.cfg"));
    write_file(at("pyvenv.cfg"), "home = /new\n");
    const auto recovered = recover(world.environment, world.key);
    REQUIRE_OK(recovered);
    CHECK_FALSE(fs::exists(at("lib")));
    CHECK(*fs::read_file(at("bin/python")) == "new");
  }
  CHECK_FALSE(fs::exists(world.tx("")));
}

}  // namespace pkg::venv
