#include "cli/config/config_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;
using cli::ConfigScope;

struct Place {
  test::TempDir folder;
  std::map<std::string, std::string> variables{{"HOME", (folder / "home").string()},
                                               {"XDG_CONFIG_DIRS", (folder / "xdg").string()}};
  const char* operator()(const char* name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  }
  std::filesystem::path system_file() const { return folder / "etc/pip.conf"; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  std::string editable(ConfigScope scope) const {
    const auto file = cli::editable_file(scope, std::cref(*this), system_file());
    return file ? file->lexically_relative(folder.path()).string() : file.error().message;
  }
};

}  // namespace

TEST_CASE("the user's file is changed unless the active environment has one") {
  Place place;
  CHECK(place.editable(ConfigScope::any) == "home/.config/pip/pip.conf");
  CHECK(place.editable(ConfigScope::global) == "etc/pip.conf");
  CHECK(place.editable(ConfigScope::site) == "--site needs an active environment, and VIRTUAL_ENV is not set");
  place.variables["VIRTUAL_ENV"] = (place.folder / "env").string();
  CHECK(place.editable(ConfigScope::any) == "home/.config/pip/pip.conf");
  CHECK(place.editable(ConfigScope::site) == "env/pip.conf");
  place.write("env/pip.conf", "");
  CHECK(place.editable(ConfigScope::any) == "env/pip.conf");
  CHECK(place.editable(ConfigScope::user) == "home/.config/pip/pip.conf");
  place.write("home/.pip/pip.conf", "");
  CHECK(place.editable(ConfigScope::user) == "home/.pip/pip.conf");
}

TEST_CASE("a scope's files are shown with all their sections, the weakest first") {
  Place place;
  place.write("xdg/pip/pip.conf", "[global]\nretries = 1\n");
  place.write("etc/pip.conf", "[global]\nretries = 2\n[list]\nformat = json\n");
  place.write("home/.config/pip/pip.conf", "[global]\nretries = 3\n");
  place.write("home/.config/pkg/pkg.toml", "retries = 4\n");
  const auto config = cli::Config::load("list", place.folder.path(), std::cref(place), place.system_file());
  REQUIRE_OK(config);
  const auto told = [&](ConfigScope scope) {
    const auto settings = cli::settings_in_files(*config, scope);
    REQUIRE_OK(settings);
    std::string text;
    for (const auto& setting : *settings) append(text, setting.section, ".", setting.key, "=", setting.value, " ");
    return text;
  };
  CHECK(told(ConfigScope::any) == "global.retries=1 global.retries=2 list.format=json global.retries=3 ");
  CHECK(told(ConfigScope::global) == "global.retries=1 global.retries=2 list.format=json ");
  CHECK(told(ConfigScope::user) == "global.retries=3 ");
  CHECK(told(ConfigScope::site).empty());
}

TEST_CASE("an editor that cannot be found or started is named") {
  const test::TempDir folder;
  const auto missing = cli::run_editor("no-such-editor --wait", folder / "x");
  REQUIRE(!missing.ok());
  CHECK(missing.error().message == "cannot start `no-such-editor`: no such program in PATH");
}
