#include "ops/tools/shell_profile.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {

struct Home {
  test::TempDir folder;
  std::map<std::string, std::string> variables{{"HOME", folder.path().string()}, {"PATH", "/usr/bin"}};

  Getenv environment() const {
    return [this](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
  }
  std::string read(const char* name) const {
    std::ifstream file(folder / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const char* name, const char* text) const { std::ofstream(folder / name) << text; }
};

constexpr const char* kLine = "export PATH=\"$HOME/.local/bin:$PATH\"  # by pkg tool ensure-path\n";

}  // namespace

TEST_CASE("one line is added to the file that the shell reads, once") {
  Home home;
  home.variables["SHELL"] = "/bin/bash";
  home.write(".bashrc", "alias l=ls");
  ::chmod((home.folder / ".bashrc").c_str(), 0600);
  const auto planned = ops::ensure_path(true, home.environment());
  REQUIRE_OK(planned);
  CHECK(planned->changed);
  CHECK(home.read(".bashrc") == "alias l=ls");
  const auto done = ops::ensure_path(false, home.environment());
  REQUIRE_OK(done);
  CHECK(done->changed);
  CHECK(home.read(".bashrc") == std::string("alias l=ls\n") + kLine);
  struct stat st {};
  REQUIRE(::stat((home.folder / ".bashrc").c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  const auto again = ops::ensure_path(false, home.environment());
  REQUIRE_OK(again);
  CHECK_FALSE(again->changed);
  CHECK(again->has_line);
  home.variables["PATH"] = "/usr/bin:" + (home.folder / ".local/bin").string();
  CHECK(ops::ensure_path(false, home.environment()).value().is_on_path);
}

TEST_CASE("a line of another folder is replaced where it stands") {
  const std::string line = "export PATH=\"/opt/x:$PATH\"  # by pkg tool ensure-path";
  CHECK(ops::with_profile_line("", line) == line + "\n");
  CHECK(ops::with_profile_line(std::string("a\n") + kLine + "b\n" + kLine + "c", line) == "a\n" + line + "\nb\nc");
  CHECK(ops::with_profile_line("a\n" + line + "\nb\n", line) == "a\n" + line + "\nb\n");
}

TEST_CASE("each shell has its own file, and a file that is a link stays one") {
  Home home;
  const auto file = [&] { return ops::shell_profile(home.environment()).value().file.filename().string(); };
  CHECK(file() == ".profile");
  home.variables["SHELL"] = "/usr/bin/dash";
  CHECK(file() == ".profile");
  home.variables["SHELL"] = "/usr/bin/fish";
  CHECK(file() == "pkg.fish");
  home.variables["SHELL"] = "/usr/bin/zsh";
  CHECK(file() == ".zshenv");
  home.write("dotfile", "x\n");
  std::filesystem::create_symlink("dotfile", home.folder / ".zshenv");
  REQUIRE_OK(ops::ensure_path(false, home.environment()));
  CHECK(std::filesystem::is_symlink(home.folder / ".zshenv"));
  CHECK(home.read("dotfile") == std::string("x\n") + kLine);
}

TEST_CASE("a folder is written as the shell has to read it, or not at all") {
  CHECK(ops::profile_line("/o$(x)\"`/b", "/home/u", false) ==
        "export PATH=\"/o\\$(x)\\\"\\`/b:$PATH\"  # by pkg tool ensure-path");
  CHECK(ops::profile_line("/home/u/bin", "/home/u", true) ==
        "fish_add_path --global \"$HOME/bin\"  # by pkg tool ensure-path");
  Home home;
  for (const auto* folder : {"/a:b", "/a\nb"}) {
    home.variables["PKG_BIN_DIR"] = folder;
    const auto refused = ops::ensure_path(false, home.environment());
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::bad_data);
  }
}
