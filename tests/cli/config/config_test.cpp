#include "cli/config/config.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

#include "base/text.h"
#include "ops/session/trusted_projects.h"
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
  pkg::Result<Config> load(std::string_view command = "install") const {
    return Config::load(command, folder / "work", environment, folder / "etc/pip.conf");
  }
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
  write(place.folder / "home/.config/pip/pip.conf",
        "[install]\nno-deps = true\n[global]\nno-deps = false\n[list]\nformat = json\n");
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

TEST_CASE("what spends the user's trust does not count from a project, until the user trusts it as it is") {
  Place place;
  place.environment.values["XDG_STATE_HOME"] = (place.folder / "state").string();
  write(place.folder / "home/.config/pkg/pkg.toml", "only-binary = ['x']\nproxy = 'http://mine.example'\n");
  const std::string hostile =
      "[tool.pkg]\nproxy = 'http://evil.example'\ntrusted_host = ['index.example']\ncache-dir = '../..'\nno-binary = "
      "['x']\n"
      "no-build = true\nretries = 1\n[[tool.pkg.index]]\nname = 'corp'\nurl = 'https://evil.example/'\n";
  write(place.folder / "work/pyproject.toml", hostile);
  auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("proxy") == "http://mine.example");
  CHECK(config->find("trusted-host") == nullptr);
  CHECK(config->find("cache-dir") == nullptr);
  CHECK(config->find("no-binary") == nullptr);  // the user wants wheels
  CHECK(config->flag("no-build"));              // the user says nothing of it
  CHECK(config->text("retries") == "1");
  CHECK(config->ignored().size() == 4);
  CHECK(config->ignored_note() ==
        "`" + (place.folder / "work/pyproject.toml").string() +
            "` sets `proxy`, `trusted-host`, `cache-dir`, `no-binary`, which only you may set: they are ignored "
            "(`pkg config trust` allows them)");
  REQUIRE(config->indexes().size() == 1);
  CHECK(config->indexes()[0].is_of_project);

  const auto state = place.folder / "state/pkg";
  REQUIRE_OK(pkg::ops::trust_project(config->project().place, config->project().digest, state));
  config = place.load();
  CHECK(config->ignored().empty());
  CHECK(config->text("proxy") == "http://evil.example");
  CHECK_FALSE(config->indexes()[0].is_of_project);

  write(place.folder / "work/pyproject.toml", hostile + "explicit = true\n");
  CHECK(place.load()->text("proxy") == "http://evil.example");  // nothing that is trusted changed
  write(place.folder / "work/pyproject.toml", "[tool.pkg]\nproxy = 'http://worse.example'\n");
  CHECK(place.load()->text("proxy") == "http://mine.example");
  place.environment.values["PKG_TRUST_PROJECT"] = "1";
  CHECK(place.load()->text("proxy") == "http://worse.example");
}

TEST_CASE("[remote-cache] stands for settings of that name, and of a project only its mode counts") {
  Place place;
  write(place.folder / "home/.config/pkg/pkg.toml",
        "[remote-cache]\nurl = \"s3://bucket/x\"\npath-style = true\npatience = 5\ntrust = [\"ed25519:a\", \"b\"]\n");
  write(
      place.folder / "work/pyproject.toml",
      "[tool.pkg.remote-cache]\nurl = \"s3://theirs\"\nmode = \"read-only\"\nkey = \"/x\"\nendpoint = \"http://e\"\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("remote-cache") == "s3://bucket/x");
  CHECK(config->flag("remote-cache-path-style"));
  CHECK(config->text("remote-cache-patience") == "5");
  CHECK(config->list("remote-cache-trust") == std::vector<std::string>{"ed25519:a", "b"});
  CHECK(config->text("remote-cache-mode") == "read-only");
  CHECK(config->find("remote-cache-key") == nullptr);
  CHECK(config->find("remote-cache-endpoint") == nullptr);
  CHECK(config->ignored().size() == 3);
  CHECK(config->faults().empty());
  // A project that is trusted cannot say where a user's credentials go either.
  place.environment.values["PKG_TRUST_PROJECT"] = "1";
  CHECK(place.load()->text("remote-cache") == "s3://bucket/x");
  CHECK(place.load()->find("remote-cache-endpoint") == nullptr);
  // What the user says of the mode, the project does not change.
  place.environment.values.erase("PKG_TRUST_PROJECT");
  place.environment.values["PIP_REMOTE_CACHE_MODE"] = "off";
  CHECK(place.load()->text("remote-cache-mode") == "off");
  write(place.folder / "home/.config/pkg/pkg.toml", "[remote-cache]\nurls = \"x\"\nmode = \"never\"\npatience = []\n");
  CHECK(place.load()->faults().size() == 3);
}

TEST_CASE("nothing is looked for by a relative path") {
  Place place;
  for (const char* name : {"XDG_CONFIG_DIRS", "VIRTUAL_ENV"}) place.environment.values[name] = "planted";
  const auto config = place.load();
  REQUIRE_OK(config);
  for (const auto& file : config->files()) CHECK(file.path.is_absolute());
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
  for (const auto& index : config->indexes())
    told += index.name + " " + index.url + (index.is_default ? " default\n" : "\n");
  CHECK(told == "corp https://corp.example/ default\nmine https://other.example/\nmine https://mine.example/\n");
}

TEST_CASE("dependency-metadata counts from the project, from another tool's table, and from pkg.toml") {
  Place place;
  const auto user = place.folder / "home/.config/pkg/pkg.toml";
  write(user, "[[dependency-metadata]]\nname = 'mine'\n[[dependency-metadata]]\nname = 'both'\nversion = '2'\n");
  write(place.folder / "work/pyproject.toml",
        "[[tool.uv.dependency-metadata]]\nname = 'both'\nversion = '1'\nrequires-dist = ['six']\n");
  const auto told = [&] {
    const auto config = place.load();
    REQUIRE_OK(config);
    CHECK(config->faults().empty());
    std::string text;
    for (const auto& one : config->dependency_metadata())
      text += one.name.str() + " " + (one.version ? one.version->to_string() : "any") + " " +
              std::to_string(one.requires_dist.size()) + "\n";
    return text;
  };
  CHECK(told() == "both 1 1\nmine any 0\nboth 2 0\n");
  write(place.folder / "work/pyproject.toml", "[[tool.pkg.dependency-metadata]]\nname = 'ours'\n");
  CHECK(told() == "ours any 0\nmine any 0\nboth 2 0\n");
  write(user, "[[dependency-metadata]]\nversion = '2'\n");
  write(place.folder / "work/pyproject.toml", "[tool.pkg]\ndependency-metadata = 'x'\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  REQUIRE(config->faults().size() == 2);
  CHECK(config->faults()[0].message == "[[dependency-metadata]] lacks `name`");
  CHECK(config->faults()[0].context.front() == "at " + user.string() + ":1");
  CHECK(config->faults()[1].message.starts_with("`tool.pkg.dependency-metadata` is a string"));
}

TEST_CASE("in a member of a workspace, [tool.pkg] of the workspace's root counts") {
  Place place;
  write(place.folder / "pyproject.toml",
        "[tool.pkg]\nindex-url = 'https://index.example/root/'\n[tool.pkg.workspace]\nmembers = ['w*']\n");
  write(place.folder / "work/pyproject.toml",
        "[project]\nname = 'x'\n[tool.pkg]\nindex-url = 'https://index.example/member/'\n");
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->text("index-url") == "https://index.example/root/");
}

TEST_CASE("a file that is no INI file is named with its line") {
  Place place;
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nnonsense\n");
  const auto config = place.load();
  REQUIRE(!config.ok());
  CHECK(config.error().message == (place.folder / "home/.config/pip/pip.conf").string() +
                                      ":2: expected `key = value` below a [section], found `nonsense`");
}

TEST_CASE(
    "of one setting the strongest place wins: PKG_, the project, pkg.toml, PIP_, the site, the user, the system") {
  Place place;
  const auto source = [&]() -> std::string {
    const auto config = place.load();
    const auto* setting = config.ok() ? config->find("retries") : nullptr;
    if (setting == nullptr) return "none";
    return pkg::replace_all(setting->source, place.folder.path().string() + "/", "");
  };
  CHECK(source() == "none");
  write(place.folder / "xdg/pip/pip.conf", "[global]\nretries = 1\n");
  CHECK(source() == "xdg/pip/pip.conf [global]");
  write(place.folder / "etc/pip.conf", "[global]\nretries = 2\n");
  CHECK(source() == "etc/pip.conf [global]");
  write(place.folder / "home/.pip/pip.conf", "[global]\nretries = 3\n");
  CHECK(source() == "home/.pip/pip.conf [global]");
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nretries = 4\n");
  CHECK(source() == "home/.config/pip/pip.conf [global]");
  write(place.folder / "env/pip.conf", "[global]\nretries = 5\n");
  place.environment.values["VIRTUAL_ENV"] = (place.folder / "env").string();
  CHECK(source() == "env/pip.conf [global]");
  place.environment.values["PIP_RETRIES"] = "6";
  CHECK(source() == "PIP_RETRIES");
  write(place.folder / "home/.config/pkg/pkg.toml", "\nretries = 7\n");
  CHECK(source() == "home/.config/pkg/pkg.toml:2");
  write(place.folder / "work/pyproject.toml", "[tool.pkg]\nretries = 8\n");
  CHECK(source() == "work/pyproject.toml:2");
  place.environment.values["PKG_RETRIES"] = "9";
  CHECK(source() == "PKG_RETRIES");
}

TEST_CASE("an empty variable says nothing") {
  Place place;
  place.environment.values["PIP_RETRIES"] = "";
  place.environment.values["PKG_TIMEOUT"] = "";
  const auto config = place.load();
  REQUIRE_OK(config);
  CHECK(config->all().empty());
}

TEST_CASE("faults of a project's settings are told with their line") {
  Place place;
  for (const auto& [text, message] :
       {std::pair{"[tool]\npkg = 3\n", ":2: [tool.pkg] is an integer, expected a table"},
        {"[[tool.pkg.index]]\nname = 'x'\n", ":1: an index needs a `url`"},
        {"[[tool.pkg.index]]\nurl = 3\n", ":2: `url` of an index is an integer, expected a string"},
        {"[[tool.pkg.index]]\nurl = 'https://x.example/'\nexplict = true\n",
         ":3: `explict` is no setting of an index"}}) {
    write(place.folder / "work/pyproject.toml", text);
    const auto config = place.load();
    REQUIRE(!config.ok());
    CHECK(config.error().message == (place.folder / "work/pyproject.toml").string() + message);
  }
}

TEST_CASE("a wrong value is a fault that names its variable or line") {
  Place place;
  write(place.folder / "etc/pip.conf", "[global]\nno-index = maybe\n\ntimeout = -1\n[list]\nretries = many\n");
  write(place.folder / "home/.config/pkg/pkg.toml",
        "link-mode = 'magic'\nno-build = ['a']\nno-such = 1\ntimeout = 2.5\n");
  write(place.folder / "work/pyproject.toml", "[tool.pkg]\nretries = 'few'\n");
  place.environment.values["PIP_REQUIRE_HASHES"] = "maybe";
  place.environment.values["PKG_NO_BUILD"] = "ja";
  place.environment.values["PKG_VERBOSE"] = "2";
  const auto config = place.load();
  REQUIRE_OK(config);
  std::vector<std::string> told;
  for (const auto& fault : config->faults()) {
    CHECK(fault.kind == pkg::ErrorKind::usage);
    told.push_back(pkg::replace_all(fault.message, place.folder.path().string(), "[ROOT]"));
  }
  CHECK(told == std::vector<std::string>{
                    "[ROOT]/etc/pip.conf:2: `no-index` is `maybe`, expected true or false",
                    "[ROOT]/etc/pip.conf:4: `timeout` is `-1`, expected a number of seconds above zero",
                    "the variable `PIP_REQUIRE_HASHES` is `maybe`, expected true or false",
                    "[ROOT]/home/.config/pkg/pkg.toml:1: `link-mode` is `magic`, expected one of `hardlink`, `clone`, "
                    "`copy`, `symlink`",
                    "[ROOT]/home/.config/pkg/pkg.toml:2: `no-build` is an array, expected true or false",
                    "[ROOT]/home/.config/pkg/pkg.toml:3: `no-such` is no setting",
                    "[ROOT]/work/pyproject.toml:2: `retries` is `few`, expected a number of zero or more",
                    "the variable `PKG_NO_BUILD` is `ja`, expected true or false",
                });
  CHECK(config->text("timeout") == "2.500000");
}

TEST_CASE("--isolated leaves the user's files out") {
  Place place;
  write(place.folder / "etc/pip.conf", "[global]\ntimeout = 7\n");
  write(place.folder / "home/.config/pip/pip.conf", "[global]\nretries = 1\n");
  write(place.folder / "home/.config/pkg/pkg.toml", "link-mode = 'copy'\n");
  const auto config = Config::load("install", place.folder / "work", place.environment, place.folder / "etc/pip.conf",
                                   Config::UserFiles::ignored);
  REQUIRE_OK(config);
  CHECK(config->text("timeout") == "7");
  CHECK(!config->text("retries"));
  CHECK(!config->text("link-mode"));
}
