#include "ops/tools/run_tool.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "ops/tools/install_tool.h"
#include "ops/tools/known_tools.h"
#include "ops/tools/run_record.h"
#include "support/ops_kit.h"
#include "support/printers.h"

using namespace pkg;

namespace {

namespace stdfs = std::filesystem;

constexpr const char* kModule = "lib/python3.12/site-packages/hello/__init__.py";

struct Runs {
  test::OpsKit kit;
  std::vector<std::string> asked;  // of the person
  bool answer = true;

  Runs() { add("1.0"); }
  void add(const std::string& version, std::vector<std::string> needs = {}) {
    kit.index.add("hello", version,
                  {.requires_dist = std::move(needs),
                   .entry_points = "[console_scripts]\nhello = hello:main\nhello-2 = hello:two\n"});
  }

  Result<ops::ToolRun> run(ops::RunToolOptions options) {
    options.approve = [this](const ops::ToolOrigin& origin) -> Result<bool> {
      asked.push_back(cat(origin.name.str(), " ", origin.version, " from ", origin.from, ", ", origin.packages));
      return answer;
    };
    auto session = kit.session();
    return ops::plan_tool_run(options, session);
  }
  // The program with named folders, without the environment's digest; or the error.
  std::string program(const ops::RunToolOptions& options) {
    const auto run = this->run(options);
    if (!run) return run.error().message;
    if (run->no_program) return run->no_program->message;
    auto text = kit.with_names(run->command.program.string());
    const auto at = text.find("environments-v2/");
    if (at == std::string::npos) return text;
    const auto dash = text.find('-', at + 16), end = text.find('/', dash);
    return text.erase(dash, end - dash);
  }
  // The version of the environment that is run.
  std::string version(const ops::RunToolOptions& options) {
    const auto run = this->run(options);
    if (!run) return run.error().message;
    return kit.installed(run->command.program.parent_path().parent_path().string());
  }
};

}  // namespace

TEST_CASE("a tool runs from an environment below the cache, found again without asking anybody") {
  Runs runs;
  CHECK(runs.program({.command = {"hello", "-x"}}) == "<cache>/environments-v2/hello/bin/hello");
  runs.kit.index.forget();
  runs.add("2.0");
  const auto again = runs.run({.command = {"hello", "--help"}});
  REQUIRE_OK(again);
  CHECK(runs.kit.index.asked().empty());
  CHECK(again->command.argv == std::vector<std::string>{again->command.program.string(), "--help"});
  CHECK_FALSE(again->install);
  CHECK(runs.version({.command = {"hello"}}) == "hello 1.0\n");
  CHECK(runs.version({.command = {"hello@latest"}}) == "hello 2.0\n");
  CHECK(runs.version({.command = {"hello"}}) == "hello 2.0\n");  // what @latest found is what the next run has
  CHECK(runs.version({.command = {"hello@1.0"}}) == "hello 1.0\n");
  CHECK(runs.program({.command = {"hello-2"}, .from = "hello"}) == "<cache>/environments-v2/hello/bin/hello-2");
}

TEST_CASE("an environment that does not look as it was left holds its lock again, without a resolution") {
  Runs runs;
  const auto first = runs.run({.command = {"hello"}});
  REQUIRE_OK(first);
  const auto prefix = first->command.program.parent_path().parent_path();
  stdfs::remove_all((prefix / kModule).parent_path());
  runs.add("2.0");
  runs.kit.index.forget();
  CHECK(runs.version({.command = {"hello"}}) == "hello 1.0\n");
  CHECK(runs.kit.index.asked().empty());
  CHECK(fs::exists(prefix / kModule));
  stdfs::remove_all(prefix);  // as `cache prune` does
  CHECK(runs.version({.command = {"hello"}}) == "hello 1.0\n");
  CHECK(fs::exists(prefix / kModule));
}

TEST_CASE("a record that carries no MAC of the user's, or is another request's, leads nowhere") {
  Runs runs;
  auto session = runs.kit.session();
  const auto name = pep::Name::parse("hello").value();
  const ops::RunRecord record{"hello-1", name};
  ops::write_run("one", record, session);
  CHECK(ops::read_run("one", session) == record);
  const auto folder = runs.kit.cache() / "tool-runs-v1";
  stdfs::copy_file(folder / "one", folder / "two");
  CHECK_FALSE(ops::read_run("two", session));
  std::ofstream(folder / "one", std::ios::app) << "x";
  CHECK_FALSE(ops::read_run("one", session));
  ops::write_run("three", {"../hello", name}, session);
  CHECK_FALSE(ops::read_run("three", session));
}

TEST_CASE("an unknown tool is named with its origin before it is fetched, once for each origin") {
  Runs runs;
  runs.add("2.0", {"dep"});
  runs.kit.index.add("dep", "1");
  runs.answer = false;
  CHECK(runs.program({.command = {"hello"}}) == "`hello` was not fetched");
  CHECK(runs.asked == std::vector<std::string>{"hello 2.0 from https://index.test/simple/, 2"});
  for (const auto& url : runs.kit.index.asked()) CHECK_FALSE(url.ends_with(".whl"));
  runs.answer = true;
  CHECK(runs.program({.command = {"hello"}}).ends_with("/hello"));
  CHECK(runs.program({.command = {"hello@1.0"}}).ends_with("/hello"));
  CHECK(runs.asked.size() == 2);
  CHECK(ops::is_known_tool(runs.kit.state(), pep::Name::parse("hello").value(), "https://index.test/simple/"));
  CHECK_FALSE(ops::is_known_tool(runs.kit.state(), pep::Name::parse("hello").value(), "https://x.test/"));
}

TEST_CASE("what has to be built to be known is asked about before it is built") {
  Runs runs;
  runs.kit.index.add("built", "1", {.tags = {}, .sdist = true});
  int builds = 0;
  const auto make = runs.kit.make_builder;
  runs.kit.make_builder = [&](ops::Session& session, const venv::Interpreter& interpreter,
                              const venv::Environment* environment) {
    ++builds;
    return make(session, interpreter, environment);
  };
  runs.answer = false;
  CHECK(runs.program({.command = {"built"}}) == "`built` was not fetched");
  CHECK(builds == 0);
  CHECK(runs.asked == std::vector<std::string>{"built  from https://index.test/simple/, 0"});
}

TEST_CASE("an installed tool is taken where it is what is asked for") {
  Runs runs;
  auto session = runs.kit.session();
  REQUIRE_OK(ops::install_tool({.word = "hello"}, session));
  runs.add("2.0");
  runs.kit.index.add("plug", "1");
  const std::string installed = "<home>/.local/share/pkg/tools/hello/bin";
  const auto is_installed = [&](const ops::RunToolOptions& options) {
    return runs.program(options).starts_with(installed);
  };
  runs.kit.index.forget();
  CHECK(is_installed({.command = {"hello"}}));
  CHECK(is_installed({.command = {"hello-2"}, .from = "hello<2"}));
  CHECK(is_installed({.command = {"hello@1.0"}}));
  CHECK(is_installed({.command = {"hello"}, .with = {"hello"}}));
  CHECK(runs.kit.index.asked().empty());
  CHECK_FALSE(is_installed({.command = {"hello@2.0"}}));
  CHECK_FALSE(is_installed({.command = {"hello@latest"}}));
  CHECK_FALSE(is_installed({.command = {"hello"}, .with = {"plug"}}));
  CHECK_FALSE(is_installed({.command = {"hello"}, .isolated = true}));
  CHECK_FALSE(is_installed({.command = {"hello"}, .renew = true}));
  CHECK(runs.asked.empty());  // it is known by its installation
}

TEST_CASE("a program that the package does not have is an error that names those it has, and who has it") {
  Runs runs;
  runs.add("2.0", {"dep"});
  runs.kit.index.add("dep", "1", {.entry_points = "[console_scripts]\ndepth = dep:main\n"});
  auto run = runs.run({.command = {"helo"}, .from = "hello"});
  REQUIRE_OK(run);
  REQUIRE(run->no_program);
  CHECK(run->no_program->message == "the package `hello` has no program `helo`");
  CHECK(run->no_program->context == std::vector<std::string>{"it has: hello, hello-2"});
  CHECK(run->no_program->hint == "pkg tool run --from hello hello");
  run = runs.run({.command = {"depth"}, .from = "hello"});
  REQUIRE_OK(run);
  REQUIRE(run->no_program);
  CHECK(run->no_program->context.back() == "`dep`, which it needs, has it");
  CHECK(run->no_program->hint == "pkg tool run --from dep depth");
  // What the user names may have it.
  CHECK(runs.program({.command = {"depth"}, .from = "hello", .with = {"dep"}}).ends_with("/depth"));
}

TEST_CASE("words that name no program are refused") {
  Runs runs;
  CHECK(runs.program({}) == "no tool was named");
  CHECK(runs.program({.command = {"hello@1.0"}, .from = "hello"}).ends_with("and --from says where it is"));
  CHECK(runs.program({.command = {"../x"}, .from = "hello"}).ends_with("and --from says where it is"));
}
