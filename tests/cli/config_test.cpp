#include "cli/config.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using pkg::cli::Config;

struct FakeEnvironment {
  std::map<std::string, std::string> values;
  const char* operator()(const char* name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  }
};

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// A folder with HOME and a working folder in it, and an environment that points there and nowhere else.
struct Place {
  pkg::test::TempDir folder;
  FakeEnvironment environment;
  Place() {
    std::filesystem::create_directories(folder / "work");
    environment.values = {{"HOME", (folder / "home").string()}, {"XDG_CONFIG_DIRS", (folder / "xdg").string()}};
  }
  pkg::Result<Config> load(std::string_view command = "install") const { return Config::load(command, folder / "work", environment); }
};

}  // namespace

TEST_CASE("the environment wins over pip's files, and PKG_ over PIP_") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[global]\ntimeout = 3\nindex-url = https://index.example/user/\n");
  place.environment.values["PIP_TIMEOUT"] = "5";
  auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("timeout") == "5");
  CHECK(config->find("timeout")->source == "PIP_TIMEOUT");
  CHECK(config->text("index-url") == "https://index.example/user/");
  place.environment.values["PKG_TIMEOUT"] = "7";
  config = place.load();
  CHECK(config->text("timeout") == "7");
}

TEST_CASE("the command's own section wins over [global], and other commands' sections do not count") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[install]\nno-deps = true\n[global]\nno-deps = false\n[list]\nformat = json\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->flag("no-deps"));
  CHECK(config->find("format") == nullptr);
  CHECK(place.load("list")->text("format") == "json");
}

TEST_CASE("PIP_CONFIG_FILE replaces the user's file, and /dev/null switches all files off") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nretries = 1\n");
  write(place.folder / "other.conf", "[global]\ntimeout = 9\n");
  place.environment.values["PIP_CONFIG_FILE"] = (place.folder / "other.conf").string();
  auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("timeout") == "9");
  CHECK(config->find("retries") == nullptr);
  place.environment.values["PIP_CONFIG_FILE"] = "/dev/null";
  config = place.load();
  CHECK(config->all().empty());
}

TEST_CASE("options that may be repeated are split at white space, in files over several lines") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nfind-links =\n    /one\n    /two\n");
  auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->list("find-links") == std::vector<std::string>{"/one", "/two"});
  place.environment.values["PIP_FIND_LINKS"] = "/three /four";
  config = place.load();
  CHECK(config->list("find-links") == std::vector<std::string>{"/three", "/four"});
}

TEST_CASE("the spellings of one setting are one setting") {
  Place place;
  place.environment.values["PIP_DEFAULT_TIMEOUT"] = "180";
  place.environment.values["PIP_NO_CACHE_DIR"] = "1";
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("timeout") == "180");
  CHECK(config->flag("no-cache"));
}

TEST_CASE("[tool.pkg] of the nearest pyproject.toml counts, with named indexes") {
  Place place;
  write(place.folder / "work/pyproject.toml",
        "[tool.pkg]\nprerelease = 'allow'\nno-binary = ['a', 'b']\n[[tool.pkg.index]]\nname = 'inner'\nurl = "
        "'https://inner.example/simple/'\nexplicit = true\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("prerelease") == "allow");
  CHECK(config->list("no-binary") == std::vector<std::string>{"a", "b"});
  REQUIRE(config->indexes().size() == 1);
  CHECK(config->indexes()[0].name == "inner");
  CHECK(config->indexes()[0].is_explicit);
}

TEST_CASE("the project's indexes go before the user's, and one may be the default") {
  Place place;
  write(place.folder / "home/.config/pkg/pkg.toml", "[[index]]\nname = 'mine'\nurl = 'https://mine.example/'\n");
  write(place.folder / "work/pyproject.toml",
        "[[tool.pkg.index]]\nname = 'corp'\nurl = 'https://corp.example/'\ndefault = true\n"
        "[[tool.pkg.index]]\nname = 'mine'\nurl = 'https://other.example/'\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  std::string told;
  for (const auto& index : config->indexes()) told += index.name + " " + index.url + (index.is_default ? " default\n" : "\n");
  CHECK(told == "corp https://corp.example/ default\nmine https://other.example/\nmine https://mine.example/\n");
}

TEST_CASE("in a member of a workspace, [tool.pkg] of the workspace's root counts") {
  Place place;
  write(place.folder / "pyproject.toml", "[tool.pkg]\nindex-url = 'https://index.example/root/'\n[tool.pkg.workspace]\nmembers = ['w*']\n");
  write(place.folder / "work/pyproject.toml", "[project]\nname = 'x'\n[tool.pkg]\nindex-url = 'https://index.example/member/'\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("index-url") == "https://index.example/root/");
}

TEST_CASE("a file that is no INI file is named with its line") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nnonsense\n");
  const auto config = place.load();
  REQUIRE(!config.ok());
  CHECK(config.error().message ==
        (place.folder / "home/.config/pip/pip.conf").string() + ":2: expected `key = value` below a [section], found `nonsense`");
}
