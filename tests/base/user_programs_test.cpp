#include "base/user_programs.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
namespace stdfs = std::filesystem;
using user_programs::Holder;

namespace {

Getenv variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

// bin/ for the links, share/tools as pkg's own folder with one program.
struct Place {
  test::TempDir dir;
  stdfs::path bin = dir / "bin", home = dir / "share/tools", program = home / "ruff/bin/ruff";
  Place() {
    REQUIRE_OK(fs::make_dirs(program.parent_path()));
    REQUIRE_OK(fs::publish(program, "program"));
  }
  void link(const std::string& name, const stdfs::path& text) const {
    REQUIRE_OK(fs::make_dirs(bin));
    stdfs::create_symlink(text, bin / name);
  }
};

}  // namespace

TEST_CASE("the user's programs lie where PKG_BIN_DIR says, else XDG_BIN_HOME, else in ~/.local/bin") {
  CHECK(*user_programs::folder(variables({{"HOME", "/h"}, {"XDG_BIN_HOME", "/x"}, {"PKG_BIN_DIR", "/p"}})) == "/p");
  CHECK(*user_programs::folder(variables({{"HOME", "/h"}, {"XDG_BIN_HOME", "/x"}, {"PKG_BIN_DIR", ""}})) == "/x");
  CHECK(*user_programs::folder(variables({{"HOME", "/h"}, {"XDG_BIN_HOME", "relative"}})) == "/h/.local/bin");
  CHECK(user_programs::folder(variables({{"HOME", "/h"}, {"PKG_BIN_DIR", "bin"}})).error().kind == ErrorKind::usage);
}

TEST_CASE("a link is ours when its text leads below our folder, whether or not its end is there") {
  const Place place;
  place.link("absolute", place.program);
  place.link("relative", "../share/tools/ruff/bin/ruff");
  place.link("gone", place.home / "black/bin/black");
  CHECK(user_programs::holder(place.bin / "absolute", place.home) == Holder::ours);
  CHECK(user_programs::holder(place.bin / "relative", place.home) == Holder::ours);
  CHECK(user_programs::holder(place.bin / "gone", place.home) == Holder::ours);
  CHECK(user_programs::holder(place.bin / "nothing", place.home) == Holder::nobody);
  CHECK(user_programs::holder(place.dir / "no/such/folder", place.home) == Holder::nobody);
}

TEST_CASE("files, links elsewhere and links that leave our folder again are somebody else's") {
  const Place place;
  place.link("elsewhere", "/usr/bin/env");
  place.link("leaves", place.home / "../../bin/env");
  place.link("home", place.home);
  place.link("detour", place.bin / "inner");
  place.link("inner", place.program);
  place.link("sibling", place.dir / "share/tools-of-others/ruff");
  REQUIRE_OK(fs::publish(place.bin / "file", "x"));
  for (const char* name : {"elsewhere", "leaves", "home", "detour", "sibling", "file"}) {
    CAPTURE(name);
    CHECK(user_programs::holder(place.bin / name, place.home) == Holder::foreign);
  }
  CHECK(user_programs::holder(place.bin / "inner", "") == Holder::foreign);
}

TEST_CASE("a link is ours by whatever links its folder and our folder are reached") {
  const Place place;
  place.link("ruff", "../share/tools/ruff/bin/ruff");
  stdfs::create_symlink(place.dir / "bin", place.dir / "programs");
  stdfs::create_symlink(place.dir / "share", place.dir / "data");
  CHECK(user_programs::holder(place.dir / "programs/ruff", place.dir / "data/tools") == Holder::ours);
}

TEST_CASE("a link is made with its folder, moved to another program, and removed") {
  const Place place;
  REQUIRE_OK(user_programs::place(place.bin / "ruff", place.program, place.home, false));
  CHECK(stdfs::read_symlink(place.bin / "ruff") == place.program);
  REQUIRE_OK(user_programs::place(place.bin / "ruff", place.home / "newer/bin/ruff", place.home, false));
  CHECK(stdfs::read_symlink(place.bin / "ruff") == place.home / "newer/bin/ruff");
  CHECK(*user_programs::remove(place.bin / "ruff", place.home));
  CHECK_FALSE(*user_programs::remove(place.bin / "ruff", place.home));
  CHECK(*fs::list_dir(place.bin) == std::vector<std::string>{});
}

TEST_CASE("somebody else's program stays, unless force is given") {
  const Place place;
  REQUIRE_OK(fs::make_dirs(place.bin / "folder"));
  REQUIRE_OK(fs::publish(place.bin / "ruff", "mine"));
  const auto refused = user_programs::place(place.bin / "ruff", place.program, place.home, false);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::conflict);
  CHECK(refused.error().hint.find("--force") != std::string::npos);
  CHECK_FALSE(*user_programs::remove(place.bin / "ruff", place.home));
  CHECK(*fs::read_file(place.bin / "ruff") == "mine");
  REQUIRE_OK(user_programs::place(place.bin / "ruff", place.program, place.home, true));
  CHECK(stdfs::read_symlink(place.bin / "ruff") == place.program);
  CHECK(user_programs::place(place.bin / "folder", place.program, place.home, true).error().kind ==
        ErrorKind::conflict);
  CHECK(fs::list_dir(place.bin)->size() == 2);
}

TEST_CASE("a folder is on PATH by its name or by a link to it") {
  const Place place;
  REQUIRE_OK(fs::make_dirs(place.bin));
  stdfs::create_symlink(place.bin, place.dir / "programs");
  const std::string bin = place.bin.string(), link = (place.dir / "programs").string();
  CHECK(user_programs::is_on_path(place.bin, variables({{"PATH", "/usr/bin:" + bin}})));
  CHECK(user_programs::is_on_path(place.bin, variables({{"PATH", bin + "/:/usr/bin"}})));
  CHECK(user_programs::is_on_path(place.bin, variables({{"PATH", link}})));
  CHECK_FALSE(user_programs::is_on_path(place.bin, variables({{"PATH", "/usr/bin::relative"}})));
  CHECK_FALSE(user_programs::is_on_path(place.bin, variables({})));
}
