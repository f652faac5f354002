#include "venv/transaction/journal.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/fs.h"
#include "base/hash.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/layout.h"

namespace pkg::venv {
namespace {

Boundary boundary_of(const std::string& prefix) {
  return Boundary(environment_layout(prefix, "cpython", 3, 12, false));
}

struct Keyed {
  test::TempDir temp;
  StateKey key{temp / "key", {}};
};

TEST_CASE("a journal survives being written and read, and moves with its environment") {
  const Keyed k;
  const auto here = boundary_of("/nowhere/one"), there = boundary_of("/nowhere/two");
  const Journal journal{.moved = {"/nowhere/one/bin/x"},
                        .created = {"/nowhere/one/bin/x", "/nowhere/one/lib/python3.12/site-packages/a b"}};
  const auto read = Journal::decode(journal.encode(here, k.key), here, k.key);
  REQUIRE_OK(read);
  CHECK(*read == journal);
  const auto moved = Journal::decode(journal.encode(here, k.key), there, k.key);
  REQUIRE_OK(moved);
  CHECK(moved->moved == std::vector<std::string>{"/nowhere/two/bin/x"});
}

TEST_CASE("a journal that was cut, altered, written by others or names paths elsewhere is refused") {
  const Keyed k;
  const auto boundary = boundary_of("/nowhere/env");
  const std::string whole =
      Journal{.moved = {"/nowhere/env/bin/x"}, .created = {"/nowhere/env/bin/y"}}.encode(boundary, k.key);
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(!Journal::decode(std::string_view(whole).substr(0, length), boundary, k.key).ok());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    CHECK(!Journal::decode(flipped, boundary, k.key).ok());
  }
  const StateKey others(k.temp / "others", {});
  const auto foreign = Journal::decode(whole, boundary, others);
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().kind == ErrorKind::unsupported);
  for (const char* path : {"/etc/passwd", "/nowhere/env/pyvenv.cfg", "/nowhere/env/bin/python3",
                           "/nowhere/env/.pkg/lock", "/nowhere/env/../x", "/nowhere/env"})
    CHECK_MESSAGE(
        !Journal::decode(Journal{.moved = {path}, .created = {}}.encode(boundary, k.key), boundary, k.key).ok(), path);
}

TEST_CASE("a journal with a plain checksum, as earlier versions wrote it, is nobody's") {
  const Keyed k;
  const auto boundary = boundary_of("/nowhere/env");
  const std::string body = std::string("pkg journal 1\n") + std::string(8, '\0');
  const auto read = Journal::decode(body + hash::sha256(body), boundary, k.key);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().kind == ErrorKind::unsupported);
}

TEST_CASE("paths outside the prefix are taken where a scheme is there, and written absolute") {
  const Keyed k;
  auto layout = environment_layout("/nowhere/env", "cpython", 3, 12, false);
  layout.scripts = "/elsewhere/bin";
  const Boundary boundary(layout);
  const Journal journal{.moved = {"/elsewhere/bin/x"}, .created = {}};
  const auto bytes = journal.encode(boundary, k.key);
  REQUIRE_OK(Journal::decode(bytes, boundary, k.key));
  CHECK_FALSE(Journal::decode(bytes, boundary_of("/nowhere/env"), k.key).ok());
}

TEST_CASE("a path below the prefix is written without it: an absolute one is refused, whatever the schemes") {
  const Keyed k;
  const auto bytes = Journal{.moved = {"/nowhere/env/share/x"}, .created = {}}.encode(boundary_of("/other"), k.key);
  auto layout = environment_layout("/nowhere/env", "cpython", 3, 12, false);
  CHECK_FALSE(Journal::decode(bytes, Boundary(layout), k.key).ok());
  layout.scripts = "/elsewhere/bin";
  CHECK_FALSE(Journal::decode(bytes, Boundary(layout), k.key).ok());
}

struct Folders : Keyed {
  Environment environment = test::make_environment(temp / "env");
  Ground ground = *Ground::open(environment);
  StateFolder state = *StateFolder::make(ground);
  TxFolder tx = *TxFolder::make(state);
  std::string tx_path = ground.boundary().prefix() + "/.pkg/tx";
  std::string at(const std::string& name) const { return ground.boundary().prefix() + "/share/" + name; }
  Folders() { std::filesystem::create_directories(at("")); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
  }
};

TEST_CASE("undoing brings back what was moved and takes away what was made, however far things got") {
  Folders f;
  const Journal journal{.moved = {f.at("pkg"), f.at("file")}, .created = {f.at("file"), f.at("fresh"), f.at("pkg")}};
  const auto old_state = [&] {
    CHECK(*fs::read_file(f.at("pkg/a.py")) == "old");
    CHECK(*fs::read_file(f.at("file")) == "old");
    CHECK_FALSE(fs::exists(f.at("fresh")));
    CHECK(fs::list_dir(f.tx_path + "/trash")->empty());
  };
  SUBCASE("nothing was done yet") {
    f.write(f.at("pkg/a.py"), "old");
    f.write(f.at("file"), "old");
  }
  SUBCASE("one was moved") {
    f.write(f.tx_path + "/trash/0/a.py", "old");
    f.write(f.at("file"), "old");
  }
  SUBCASE("all was moved and made") {
    f.write(f.tx_path + "/trash/0/a.py", "old");
    f.write(f.tx_path + "/trash/1", "old");
    f.write(f.at("pkg/new/b.py"), "new");
    f.write(f.at("file"), "new");
    f.write(f.at("fresh/x"), "new");
  }
  SUBCASE("an earlier recovery was killed half-way") {
    f.write(f.at("pkg/a.py"), "old");
    f.write(f.tx_path + "/trash/1", "old");
    f.write(f.at("file"), "new");
    f.write(f.tx_path + "/aside/0/b.py", "new");
  }
  SUBCASE("the first is being moved in pieces") {
    f.write(f.tx_path + "/trash/0.part", "");
    f.write(f.tx_path + "/trash/0/a.py", "old");
    f.write(f.at("pkg/b.py"), "old, too");
    f.write(f.at("file"), "old");
  }
  SUBCASE("the first is in pieces, and none of it was moved yet") {
    f.write(f.tx_path + "/trash/0.part", "");
    f.write(f.at("pkg/a.py"), "old");
    f.write(f.at("file"), "old");
  }
  SUBCASE("an earlier recovery was killed while it brought pieces back") {
    f.write(f.tx_path + "/trash/0.part", "");
    f.write(f.tx_path + "/trash/0/a.py", "old");
    f.write(f.at("pkg/a.py"), "half of it");
    f.write(f.at("file"), "old");
  }
  SUBCASE("the folder it lay in is gone") {
    f.write(f.tx_path + "/trash/0/a.py", "old");
    f.write(f.tx_path + "/trash/1", "old");
    std::filesystem::remove_all(f.at(""));
  }
  auto tx = *TxFolder::find(f.state);
  REQUIRE(tx.has_value());
  REQUIRE_OK(undo(journal, f.ground, *tx));
  old_state();
  REQUIRE_OK(undo(journal, f.ground, *tx));
  old_state();
}

TEST_CASE("what was not moved yet stays when pieces come back, and a file comes back in one step") {
  Folders f;
  f.write(f.tx_path + "/trash/0.part", "");
  f.write(f.tx_path + "/trash/0/sub/a.py", "old");
  f.write(f.at("pkg/b.py"), "old, too");
  f.write(f.tx_path + "/trash/1", "old");
  f.write(f.at("file"), "new");
  auto tx = *TxFolder::find(f.state);
  REQUIRE_OK(undo({.moved = {f.at("pkg"), f.at("file")}, .created = {f.at("pkg"), f.at("file")}}, f.ground, *tx));
  CHECK(*fs::read_file(f.at("pkg/sub/a.py")) == "old");
  CHECK(*fs::read_file(f.at("pkg/b.py")) == "old, too");
  CHECK(*fs::read_file(f.at("file")) == "old");
  CHECK_FALSE(fs::exists(f.tx_path + "/aside"));
}

TEST_CASE("the journal of a clearing names the environment's own files, but not the transaction") {
  const Keyed k;
  const auto boundary = boundary_of("/nowhere/env");
  const auto read = [&](const char* path) {
    return Journal::decode(Journal{.moved = {path}, .created = {}, .clears = true}.encode(boundary, k.key), boundary,
                           k.key);
  };
  for (const char* path : {"/nowhere/env/pyvenv.cfg", "/nowhere/env/bin", "/nowhere/env/.pkg/sync"}) {
    REQUIRE_OK(read(path));
    CHECK(read(path)->clears);
  }
  for (const char* path : {"/nowhere/env/.pkg", "/nowhere/env/.pkg/lock", "/nowhere/env/.pkg/tx",
                           "/nowhere/env/.pkg/tx/trash", "/nowhere", "/nowhere/env", "/etc/passwd"})
    CHECK_FALSE_MESSAGE(read(path).ok(), path);
}

TEST_CASE("undoing stops where a folder has become a link, and changes nothing behind it") {
  Folders f;
  f.write(f.tx_path + "/trash/0", "old");
  f.write((f.temp / "outside/made").string(), "mine");
  std::filesystem::remove_all(f.at(""));
  std::filesystem::create_directory_symlink(f.temp / "outside", f.ground.boundary().prefix() + "/share");
  CHECK_FALSE(undo({.moved = {f.at("file")}, .created = {}}, f.ground, f.tx).ok());
  CHECK_FALSE(undo({.moved = {}, .created = {f.at("made")}}, f.ground, f.tx).ok());
  CHECK(*fs::list_dir(f.temp / "outside") == std::vector<std::string>{"made"});
  CHECK(*fs::read_file(f.temp / "outside/made") == "mine");
}

TEST_CASE("a transaction's folder that holds links, or is one, is refused") {
  Folders f;
  const std::filesystem::path outside = f.temp / "outside";
  std::filesystem::create_directories(outside);
  const auto tx = std::filesystem::path(f.tx_path);
  const auto becomes_link = [&](const std::filesystem::path& path) {
    std::filesystem::remove_all(path);
    std::filesystem::create_symlink(outside, path);
  };
  SUBCASE("itself") { becomes_link(tx); }
  SUBCASE("trash") { becomes_link(tx / "trash"); }
  SUBCASE("aside") { becomes_link(tx / "aside"); }
  SUBCASE("journal") { becomes_link(tx / "journal"); }
  SUBCASE("compiled") { becomes_link(tx / "compiled"); }
  SUBCASE("a file for a folder") {
    std::filesystem::remove_all(tx / "trash");
    std::ofstream(tx / "trash") << "x";
  }
  const auto found = TxFolder::find(f.state);
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == ErrorKind::unsupported);
  CHECK(found.error().message.find(".pkg/tx") != std::string::npos);
}

}  // namespace
}  // namespace pkg::venv
