// Sources built for real, by this machine's Python and backends that lie in their trees.

#include "ops/builds/builds.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "base/process.h"
#include "base/text.h"
#include "base/url.h"
#include "support/ops_kit.h"
#include "support/printers.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::test {
namespace {

constexpr std::string_view kPyproject = R"([build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "lib"
version = "3"
)";

// Like the above, but what it is only the backend says.
constexpr std::string_view kDynamic = R"([build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "lib"
dynamic = ["version"]
[tool.backend]
version = "3"
)";

struct BuildsKit : OpsKit {
  BuildsKit() : OpsKit(KitPython::machine) {}

  // One session and its builds, for `ask`.
  template <class Ask>
  auto built(Ask ask, const ops::BuildOptions& options = {}, const venv::Environment* environment = nullptr) {
    auto opened = session();
    REQUIRE_OK(opened.index());  // as everything that builds has it: opening it is not for several threads at once
    const auto interpreter = venv::find_interpreter(python().native(), cache());
    REQUIRE_OK(interpreter);
    ops::Builds builds(opened, options, *interpreter, environment);
    return ask(builds);
  }
  void write_library(std::string_view pyproject = kPyproject) const {
    write("lib/pyproject.toml", pyproject);
    write("lib/backend.py", backend_text());
    write("lib/src/lib.py", "x = 1\n");
  }
  std::string library_url() const { return url::path_to_file_url((work() / "lib").native()); }
  std::size_t count(const std::string& event) const {
    const auto events = reporter.events();
    return static_cast<std::size_t>(std::ranges::count(events, event));
  }
  // The sdist of the index that is called `name`.
  pep::DistFile sdist(const std::string& name, const std::string& version) const {
    pep::DistFile file;
    file.project = *pep::Name::parse(name);
    file.version = *pep::Version::parse(version);
    file.kind = pep::DistKind::sdist;
    file.file_name = cat(name, "-", version, ".tar.gz");
    file.url = index.file_url(file.file_name);
    for (const auto& served : index.files())
      if (served.name == file.file_name) file.hashes = {{hash::Algorithm::sha256, served.sha256}};
    return file;
  }
};

const auto wheel_of_library = [](const BuildsKit& kit, bool editable = false) {
  return [url = kit.library_url(), editable](ops::Builds& builds) -> Result<pep::DistFile> {
    PKG_TRY_ASSIGN(const auto named, builds.source(url, editable));
    return builds.wheel(named.file);
  };
};

}  // namespace

TEST_CASE("an sdist is built once, by the backend in its tree, and the wheel is kept for other sessions") {
  BuildsKit kit;
  kit.index.add("a", "1", {.requires_dist = {"b>=2"}, .tags = {}, .sdist = true});
  const auto build = [&] { return kit.built([&](ops::Builds& builds) { return builds.wheel(kit.sdist("a", "1")); }); };
  const auto first = build();
  REQUIRE_OK(first);
  CHECK(first->file_name == "a-1-py3-none-any.whl");
  CHECK(kit.count("step Building") == 1);
  const auto second = build();
  REQUIRE_OK(second);
  CHECK(second->url == first->url);
  CHECK(kit.count("step Building") == 1);
}

TEST_CASE("metadata that the files of an sdist say costs no build") {
  BuildsKit kit;
  kit.index.add("a", "1", {.requires_dist = {"b>=2"}, .tags = {}, .sdist = true});
  const auto found = kit.built([&](ops::Builds& builds) { return builds.metadata(kit.sdist("a", "1")); });
  REQUIRE_OK(found);
  REQUIRE(found->metadata != nullptr);
  CHECK(found->metadata->requires_dist[0].to_string() == "b>=2");
  CHECK(kit.count("step Building") == 0);
}

TEST_CASE("a source that is another project or version than it was taken for is told, not used") {
  BuildsKit kit;
  kit.index.add("a", "1", {.tags = {}, .sdist = true});
  auto file = kit.sdist("a", "1");
  file.version = *pep::Version::parse("2");
  const auto metadata = kit.built([&](ops::Builds& builds) { return builds.metadata(file); });
  REQUIRE_OK(metadata);
  CHECK(metadata->reason == "says its version is 1, not 2");
  const auto wheel = kit.built([&](ops::Builds& builds) { return builds.wheel(file); });
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().message == "`a 2` was built to version 1");
}

TEST_CASE("a source that is built to another project's wheel is an error") {
  BuildsKit kit;
  kit.index.add("a", "1", {.tags = {}, .sdist = true});
  auto file = kit.sdist("a", "1");
  file.project = *pep::Name::parse("other");
  const auto wheel = kit.built([&](ops::Builds& builds) { return builds.wheel(file); });
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().message == "`other 1` was built to `a-1-py3-none-any.whl`, another project's wheel");
}

TEST_CASE("a folder is looked at where it is, and built each time") {
  BuildsKit kit;
  kit.write_library();
  for (const std::size_t times : {1u, 2u}) {
    const auto wheel = kit.built(wheel_of_library(kit));
    REQUIRE_OK(wheel);
    CHECK(wheel->file_name == "lib-3-py3-none-any.whl");
    CHECK(kit.count("step Building") == times);
  }
}

TEST_CASE("an editable wheel leads to the folder") {
  BuildsKit kit;
  kit.write_library();
  const auto wheel = kit.built(wheel_of_library(kit, true));
  REQUIRE_OK(wheel);
  CHECK(wheel->version.to_string() == "3");
}

TEST_CASE("what only the backend knows is asked of it, by building where it has no hook for metadata") {
  BuildsKit kit;
  kit.write_library(kDynamic);
  const auto named = kit.built([&](ops::Builds& builds) { return builds.source(kit.library_url(), false); });
  REQUIRE_OK(named);
  CHECK(named->file.project.str() == "lib");
  CHECK(named->file.version.to_string() == "3");
  CHECK(kit.count("note asking the build backend of lib for its metadata") == 1);
  CHECK(kit.count("step Building") == 1);
}

TEST_CASE("a backend that fails is an error that names the source and its last words") {
  BuildsKit kit;
  kit.write_library(kDynamic);
  kit.write("lib/backend.py", "def build_wheel(*a, **k):\n    raise RuntimeError('no luck today')\n");
  const auto wheel = kit.built(wheel_of_library(kit));
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().kind == ErrorKind::build);
  std::string text = wheel.error().message;
  for (const auto& context : wheel.error().context) append(text, "\n", context);
  CHECK(text.find("no luck today") != std::string::npos);
  CHECK(text.find("while building `") != std::string::npos);
}

TEST_CASE("a tree without pyproject.toml and setup.py cannot be built") {
  BuildsKit kit;
  kit.write("lib/readme.txt", "");
  const auto wheel = kit.built(wheel_of_library(kit));
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().kind == ErrorKind::not_found);
}

TEST_CASE("nothing is built where building is off, for all or for one project") {
  BuildsKit kit;
  kit.index.add("a", "1", {.tags = {}, .sdist = true});
  const auto refused = [&](const ops::BuildOptions& options) {
    const auto wheel = kit.built([&](ops::Builds& builds) { return builds.wheel(kit.sdist("a", "1")); }, options);
    REQUIRE(!wheel.ok());
    CHECK(wheel.error().message == "`a 1` would have to be built, and building is off");
    return wheel.error().hint;
  };
  ops::BuildOptions all, one;
  all.no_build = true;
  one.no_build_of = {*pep::Name::parse("a")};
  CHECK(refused(all) == "leave out --no-build");
  CHECK(refused(one) == "leave out --no-build-package");
}

TEST_CASE("build requirements come from the index, built themselves where they have to be") {
  BuildsKit kit;
  kit.index.add("helper", "1", {.files = {{"helper.py", "word = 'found'\n"}}, .tags = {}, .sdist = true});
  kit.write_library(replace_all(kPyproject, "requires = []", "requires = [\"helper\"]"));
  kit.write("lib/backend.py", cat("import helper\nassert helper.word == 'found'\n", backend_text()));
  REQUIRE_OK(kit.built(wheel_of_library(kit)));
  CHECK(kit.count("step Building") == 2);
  // The environment is there now, and so is the helper's wheel.
  REQUIRE_OK(kit.built(wheel_of_library(kit)));
  CHECK(kit.count("step Building") == 3);
}

TEST_CASE("build requirements that no index has are told with what they are for") {
  BuildsKit kit;
  kit.write_library(replace_all(kPyproject, "requires = []", "requires = [\"helper\"]"));
  const auto wheel = kit.built(wheel_of_library(kit));
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().message == "`helper` is not in the index `https://index.test/simple/`");
  CHECK(std::ranges::find(wheel.error().context, "while making the environment to build `lib` in") !=
        wheel.error().context.end());
}

TEST_CASE("without isolation a build happens in the environment, which can be asked to have what it needs") {
  BuildsKit kit;
  kit.write_library(replace_all(kPyproject, "requires = []", "requires = [\"helper\"]"));
  ops::BuildOptions options;
  options.no_isolation = true;
  const auto without = kit.built(wheel_of_library(kit), options);
  REQUIRE(!without.ok());
  CHECK(without.error().message == "there is no environment to build `lib` in without isolation");
  const auto environment = kit.make_environment();
  REQUIRE_OK(kit.built(wheel_of_library(kit), options, &environment));
  options.check_requirements = true;
  const auto checked = kit.built(wheel_of_library(kit), options, &environment);
  REQUIRE(!checked.ok());
  CHECK(checked.error().message == "the environment does not meet the build requirements `helper`");
  kit.put_installed("helper", "1");
  CHECK(kit.built(wheel_of_library(kit), options, &environment).ok());
}

TEST_CASE("several sources are built at once, in the order they were named") {
  BuildsKit kit;
  for (const char* name : {"a", "b", "c"}) kit.index.add(name, "1", {.tags = {}, .sdist = true});
  const auto wheels = kit.built([&](ops::Builds& builds) {
    const std::vector<pep::DistFile> files{kit.sdist("c", "1"), kit.sdist("a", "1"), kit.sdist("b", "1")};
    const std::vector<const pep::DistFile*> asked{&files[0], &files[1], &files[2]};
    return builds.wheels(asked);
  });
  REQUIRE_OK(wheels);
  REQUIRE(wheels->size() == 3);
  CHECK(wheels->at(0).project.str() == "c");
  CHECK(wheels->at(1).project.str() == "a");
  CHECK(wheels->at(2).project.str() == "b");
}

TEST_CASE("an sdist that is not what its hash says is refused before it is looked at") {
  BuildsKit kit;
  kit.index.add("a", "1", {.tags = {}, .sdist = true});
  kit.index.corrupt("a-1.tar.gz");
  const auto wheel = kit.built([&](ops::Builds& builds) { return builds.wheel(kit.sdist("a", "1")); });
  REQUIRE(!wheel.ok());
  CHECK(wheel.error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE("an editable revision has a checkout that stays, and is no other commit's") {
  BuildsKit kit;
  if (!process::find_program("git")) {
    MESSAGE("git is not installed: not tested");
    return;
  }
  const auto git = [&](std::vector<std::string> arguments) {
    process::Command command;
    command.argv = {"git", "-c", "user.name=t", "-c", "user.email=t@e.com", "-c", "commit.gpgSign=false"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.directory = kit.work() / "lib";
    const auto output = process::run(command);
    REQUIRE_OK(output);
    REQUIRE_MESSAGE(output->exit_code == 0, output->err);
  };
  kit.write_library();
  git({"init", "-q"});
  git({"add", "-A"});
  git({"commit", "-q", "-m", "one"});
  const auto source = [&] {
    return kit.built([&](ops::Builds& builds) { return builds.source(cat("git+", kit.library_url()), true); });
  };
  const auto first = source();
  REQUIRE_OK(first);
  CHECK(kit.exists("src/lib/pyproject.toml"));
  CHECK(first->file.url == url::path_to_file_url((kit.work() / "src/lib").native()));
  CHECK(source().ok());
  kit.write("lib/more.txt", "");
  git({"add", "-A"});
  git({"commit", "-q", "-m", "two"});
  const auto second = source();
  REQUIRE(!second.ok());
  CHECK(second.error().kind == ErrorKind::conflict);
}

}  // namespace pkg::test
