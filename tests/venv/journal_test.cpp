#include "venv/journal.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/fs.h"
#include "base/hash.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "venv/layout.h"

namespace pkg::venv {
namespace {

Boundary boundary_of(const std::string& prefix) { return Boundary(environment_layout(prefix, "cpython", 3, 12, false)); }

std::string sealed(const Journal& journal, const Boundary& boundary) { return journal.encode(boundary); }

TEST_CASE("a journal survives being written and read, and moves with its environment") {
  const auto here = boundary_of("/nowhere/one"), there = boundary_of("/nowhere/two");
  const Journal journal{.moved = {"/nowhere/one/bin/x"},
                        .created = {"/nowhere/one/bin/x", "/nowhere/one/lib/python3.12/site-packages/a b"}};
  const auto read = Journal::decode(sealed(journal, here), here);
  REQUIRE_OK(read);
  CHECK(*read == journal);
  const auto moved = Journal::decode(sealed(journal, here), there);
  REQUIRE_OK(moved);
  CHECK(moved->moved == std::vector<std::string>{"/nowhere/two/bin/x"});
}

TEST_CASE("a journal that was cut, altered or names paths elsewhere is refused") {
  const auto boundary = boundary_of("/nowhere/env");
  const std::string whole = sealed({.moved = {"/nowhere/env/bin/x"}, .created = {"/nowhere/env/bin/y"}}, boundary);
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(!Journal::decode(std::string_view(whole).substr(0, length), boundary).ok());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    CHECK(!Journal::decode(flipped, boundary).ok());
  }
  for (const char* path : {"/etc/passwd", "/nowhere/env/pyvenv.cfg", "/nowhere/env/bin/python3", "/nowhere/env/.pkg/lock",
                           "/nowhere/env/../x", "/nowhere/env"})
    CHECK_MESSAGE(!Journal::decode(sealed({.moved = {path}, .created = {}}, boundary), boundary).ok(), path);
}

struct Folders {
  test::TempDir temp;
  JournalPaths paths{(temp / "state").string()};
  Folders() { std::filesystem::create_directories(paths.trash); }
  std::string at(const std::string& name) const { return (temp / name).string(); }
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
    CHECK(fs::list_dir(f.paths.trash)->empty());
  };
  SUBCASE("nothing was done yet") {
    f.write(f.at("pkg/a.py"), "old");
    f.write(f.at("file"), "old");
  }
  SUBCASE("one was moved") {
    f.write(f.paths.trash + "/0/a.py", "old");
    f.write(f.at("file"), "old");
  }
  SUBCASE("all was moved and made") {
    f.write(f.paths.trash + "/0/a.py", "old");
    f.write(f.paths.trash + "/1", "old");
    f.write(f.at("pkg/new/b.py"), "new");
    f.write(f.at("file"), "new");
    f.write(f.at("fresh/x"), "new");
  }
  SUBCASE("an earlier recovery was killed half-way") {
    f.write(f.at("pkg/a.py"), "old");
    f.write(f.paths.trash + "/1", "old");
    f.write(f.at("file"), "new");
    f.write(f.paths.aside + "/0/b.py", "new");
  }
  REQUIRE_OK(undo(journal, f.paths));
  old_state();
  REQUIRE_OK(undo(journal, f.paths));
  old_state();
}

}  // namespace
}  // namespace pkg::venv
