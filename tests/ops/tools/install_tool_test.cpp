#include "ops/tools/install_tool.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "ops/tools/installed_tools.h"
#include "support/ops_kit.h"
#include "support/printers.h"

using namespace pkg;

namespace {

namespace stdfs = std::filesystem;

constexpr const char* kProgram = "[console_scripts]\nhello = hello:main\n";

struct Tools {
  test::OpsKit kit;
  stdfs::path bin = kit.home() / ".local/bin";
  stdfs::path home = kit.home() / ".local/share/pkg/tools";

  Tools() { add("1.0"); }
  void add(const std::string& version, const char* entry_points = kProgram, std::vector<std::string> needs = {}) {
    kit.index.add("hello", version, {.requires_dist = std::move(needs), .entry_points = entry_points});
  }

  Result<ops::ToolReport> install(ops::InstallToolOptions options = {}) {
    if (options.word.empty()) options.word = "hello";
    auto session = kit.session();
    return ops::install_tool(options, session);
  }
  // "hello 2.0", or the first line of the error.
  std::string upgrade(const std::string& name = {}) {
    ops::UpgradeToolsOptions options;
    if (!name.empty()) options.names = {pep::Name::parse(name).value()};
    auto session = kit.session();
    const auto upgraded = ops::upgrade_tools(options, session);
    if (!upgraded) return upgraded.error().message;
    std::string text;
    for (const auto& tool : *upgraded)
      append(text, text.empty() ? "" : "; ",
             tool.report ? cat(tool.name.str(), " ", tool.report->receipt.version.to_string(),
                               tool.report->outcome == ops::ToolOutcome::unchanged ? " unchanged" : "")
                         : tool.report.error().message);
    return text;
  }
  std::string uninstall(const std::string& name) {
    auto session = kit.session();
    const auto report = ops::uninstall_tools({pep::Name::parse(name).value()}, session);
    if (!report) return report.error().message;
    return report->errors.empty() ? "removed" : report->errors.front().message;
  }

  // Names in a folder, sorted.
  static std::string names(const stdfs::path& folder) {
    const auto list = fs::list_dir(folder);
    return list ? join(*list, " ") : std::string("(absent)");
  }
  std::size_t environments() const { return fs::list_dir(home / ".environments").value().size(); }
  bool works(const std::string& program) const {
    std::error_code failed;
    return stdfs::exists(bin / program, failed);
  }
};

}  // namespace

TEST_CASE("a tool has an environment of its own, and its programs are links among the user's") {
  Tools tools;
  tools.add("2.0", "[console_scripts]\nhello = hello:main\nhello-more = hello:more\n", {"dep"});
  tools.kit.index.add("dep", "1", {.entry_points = "[console_scripts]\ndep = dep:main\n"});
  const auto report = tools.install();
  REQUIRE_OK(report);
  CHECK(report->outcome == ops::ToolOutcome::installed);
  CHECK(Tools::names(tools.bin) == "hello hello-more");
  CHECK(stdfs::read_symlink(tools.bin / "hello") == tools.home / "hello/bin/hello");
  CHECK(tools.works("hello-more"));
  CHECK(tools.kit.installed((tools.home / "hello").string()) == "dep 1\nhello 2.0\n");
  CHECK(fs::exists(tools.home / "hello/pylock.toml"));
  CHECK_FALSE(report->is_on_path);
  tools.kit.index.forget();
  CHECK(tools.install()->outcome == ops::ToolOutcome::unchanged);
  CHECK(tools.kit.index.asked().empty());
}

TEST_CASE("another --with changes the tool as a whole, and keeps its version") {
  Tools tools;
  REQUIRE_OK(tools.install());
  tools.add("2.0");
  tools.kit.index.add("plug", "1", {.entry_points = "[console_scripts]\nplug = plug:main\n"});
  auto report = tools.install({.with = {"plug"}});
  REQUIRE_OK(report);
  CHECK(report->outcome == ops::ToolOutcome::changed);
  CHECK(report->receipt.version.to_string() == "1.0");
  CHECK(Tools::names(tools.bin) == "hello");
  CHECK(tools.environments() == 1);
  report = tools.install({.executables_from = {"plug"}});
  REQUIRE_OK(report);
  CHECK(Tools::names(tools.bin) == "hello plug");
  report = tools.install();
  REQUIRE_OK(report);
  CHECK(Tools::names(tools.bin) == "hello");
  CHECK(tools.kit.installed((tools.home / "hello").string()) == "hello 1.0\n");
}

TEST_CASE(
    "an upgrade stays within what was installed, removes links that are gone, and one that fails stops no other") {
  Tools tools;
  tools.kit.index.add("other", "1", {.entry_points = "[console_scripts]\nother = other:main\n"});
  REQUIRE_OK(tools.install({.word = "hello<2"}));
  REQUIRE_OK(tools.install({.word = "other"}));
  tools.add("1.5", "[console_scripts]\nhi = hello:main\n");
  tools.add("2.0");
  tools.kit.index.add("other", "2", {.requires_dist = {"absent"}});
  tools.kit.index.fail("other", 500);
  const auto all = tools.upgrade();
  CHECK(all.starts_with("hello 1.5; "));
  CHECK(all.find("unchanged") == std::string::npos);
  CHECK(Tools::names(tools.bin) == "hi other");
  CHECK(tools.environments() == 2);
  CHECK(tools.upgrade("hello") == "hello 1.5 unchanged");
  CHECK(tools.upgrade("helo") == "no tool `helo` is installed");
  REQUIRE_OK(tools.install({.word = "hello@latest"}));
  CHECK(tools.upgrade("hello") == "hello 2.0 unchanged");
}

TEST_CASE("what is somebody else's is not replaced unasked") {
  Tools tools;
  stdfs::create_directories(tools.bin);
  std::ofstream(tools.bin / "hello") << "mine";
  auto report = tools.install();
  REQUIRE(!report);
  CHECK(report.error().kind == ErrorKind::conflict);
  CHECK(tools.environments() == 0);
  CHECK_FALSE(fs::exists(tools.home / "hello"));
  REQUIRE_OK(tools.install({.force = true}));
  CHECK(tools.works("hello"));

  tools.kit.index.add("rival", "1", {.entry_points = kProgram});
  report = tools.install({.word = "rival"});
  REQUIRE(!report);
  CHECK(report.error().message.ends_with("belongs to the tool `hello` already"));
  REQUIRE_OK(tools.install({.word = "rival", .force = true}));
  CHECK(tools.uninstall("hello") == "removed");
  CHECK(tools.works("hello"));  // rival's by now
  CHECK(tools.uninstall("rival") == "removed");
  CHECK(Tools::names(tools.bin) == "");
  CHECK(tools.environments() == 0);
  CHECK(tools.uninstall("rival") == "no tool `rival` is installed");
}

TEST_CASE("a package without programs is no tool, and the error says who has some") {
  Tools tools;
  tools.kit.index.add("library", "1", {.requires_dist = {"hello"}});
  auto report = tools.install({.word = "library"});
  REQUIRE(!report);
  CHECK(report.error().message == "`library` has no programs");
  CHECK(report.error().hint == "programs of what it needs: --with-executables-from NAME, of `hello` (hello)");
  CHECK(tools.environments() == 0);
  REQUIRE_OK(tools.install({.word = "library", .executables_from = {"hello"}}));
  CHECK(Tools::names(tools.bin) == "hello");
}

TEST_CASE("where the command line said to look, upgrades look again") {
  Tools tools;
  const auto elsewhere = tools.kit.work() / "wheels";
  stdfs::create_directories(elsewhere);
  const auto put = [&](const char* version) {
    const auto wheel = test::wheel_of("local", version, {.entry_points = "[console_scripts]\nlocal = local:main\n"});
    std::ofstream(elsewhere / wheel.name, std::ios::binary) << wheel.bytes;
  };
  put("1");
  const auto usual = tools.kit.settings;
  tools.kit.settings.indexes.clear();
  tools.kit.settings.find_links = {"wheels"};
  REQUIRE_OK(tools.install({.word = "local", .keeps_indexes = true}));
  tools.kit.settings = usual;
  put("2");
  CHECK(tools.upgrade("local") == "local 2");
  CHECK(tools.kit.index.asked().empty());
}

TEST_CASE("what a killed command left is finished or taken away by the next") {
  Tools tools;
  REQUIRE_OK(tools.install());
  SUBCASE("before the tool changed: an environment that nobody leads to") {
    stdfs::create_directories(tools.home / ".environments/hello-1.2.3/bin");
    stdfs::create_symlink(".environments/hello-1.2.3", tools.home / ".hello.new");
  }
  SUBCASE("after that: links that are missing") {
    std::ofstream(stdfs::canonical(tools.home / "hello") / "links-pending") << "\n";
    stdfs::remove(tools.bin / "hello");
    stdfs::create_symlink(tools.home / "hello/bin/hello", tools.bin / ".hello.1-2-3");
  }
  SUBCASE("the same for a tool that was being removed") {
    std::ofstream(stdfs::canonical(tools.home / "hello") / "links-pending") << "\n";
    stdfs::remove(tools.bin / "hello");
  }
  CHECK(tools.uninstall("absent") == "no tool `absent` is installed");  // the next
  CHECK(Tools::names(tools.bin) == "hello");
  CHECK(tools.works("hello"));
  CHECK(tools.environments() == 1);
  CHECK(Tools::names(tools.home) == ".environments .lock hello");
  CHECK_FALSE(fs::exists(tools.home / "hello/links-pending"));

  stdfs::remove(tools.home / "hello");  // uninstall was killed after its first step
  CHECK(tools.uninstall("hello") == "no tool `hello` is installed");
  CHECK(Tools::names(tools.bin) == "");
  CHECK(tools.environments() == 0);
}

TEST_CASE("a link that the user made to a tool by another name stays") {
  Tools tools;
  REQUIRE_OK(tools.install());
  stdfs::create_symlink(tools.home / "hello/bin/hello", tools.bin / "hi");
  tools.add("2.0");
  CHECK(tools.upgrade() == "hello 2.0");
  CHECK(tools.works("hi"));
}

TEST_CASE("a tool of a folder is made again from what is in it now") {
  Tools tools;
  const auto project = [&](const char* version) {
    tools.kit.write("mine/pyproject.toml", cat("[project]\nname = \"mine\"\nversion = \"", version,
                                               "\"\n[project.scripts]\nmine = \"mine:main\"\n"));
  };
  project("1");
  tools.kit.write("mine/mine.py", "");
  const auto report = tools.install({.word = "./mine", .executables_from = {"hello"}});
  REQUIRE_OK(report);
  CHECK(report->receipt.version.to_string() == "1");
  CHECK(tools.kit.with_names(report->receipt.wishes.requirement.to_string()) == "mine @ file://<work>/mine");
  project("2");
  CHECK(tools.upgrade("mine") == "mine 2");
}

TEST_CASE("a tool keeps its Python, until that is gone or another is asked for") {
  Tools tools;
  REQUIRE_OK(tools.install());
  const auto python = [&] { return ops::read_receipt(tools.home / "hello").value().python_version.substr(0, 4); };
  CHECK(python() == "3.12");
  const auto other = tools.kit.add_python(13);
  tools.kit.set_variable("PATH", other.parent_path().c_str());
  tools.add("2.0");
  CHECK(tools.upgrade() == "hello 2.0");
  CHECK(python() == "3.12");
  auto session = tools.kit.session();
  ops::UpgradeToolsOptions options;
  options.python = "3.13";
  const auto upgraded = ops::upgrade_tools(options, session);
  REQUIRE_OK(upgraded);
  REQUIRE_OK(upgraded->front().report);
  CHECK(upgraded->front().report->outcome == ops::ToolOutcome::changed);
  CHECK(python() == "3.13");
  CHECK(tools.environments() == 1);
}
