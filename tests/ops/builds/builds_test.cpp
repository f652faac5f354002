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

// ---- builds as a lock has them

namespace {

constexpr std::string_view kWithTool = R"([build-system]
requires = ["tool"]
build-backend = "backend"
backend-path = ["."]
[project]
name = "lib"
version = "3"
)";

struct LockedKit : BuildsKit {
  LockedKit() {
    index.add("tool", "1");
    index.add("tool", "2");
    index.add("more", "1");
    write_library(kWithTool);
  }
  void ask_besides(std::string_view requirement) const {
    write("lib/backend.py", cat(backend_text(), "\ndef get_requires_for_build_wheel(settings=None):\n    return ['",
                                requirement, "']\n"));
  }
  resolver::Pin pin(const std::string& name, const std::string& version) const {
    resolver::Pin pin;
    pin.name = *pep::Name::parse(name);
    pin.version = *pep::Version::parse(version);
    auto& file = pin.files.emplace_back();
    file.project = pin.name;
    file.version = pin.version;
    file.file_name = cat(name, "-", version, "-py3-none-any.whl");
    file.url = index.file_url(file.file_name);
    for (const auto& served : index.files())
      if (served.name == file.file_name) file.hashes = {{hash::Algorithm::sha256, served.sha256}};
    return pin;
  }
  static ops::BuildOptions locked(std::vector<resolver::Pin> pins, ops::WhenUnlocked when) {
    ops::LockedBuilds builds;
    builds.pins = [pins = std::move(pins)](const pep::DistFile&, const pep::Target&) {
      return Result<std::optional<std::vector<resolver::Pin>>>(pins);
    };
    builds.digest = "of this lock";
    builds.when_unlocked = when;
    ops::BuildOptions options;
    options.locked = std::make_shared<const ops::LockedBuilds>(std::move(builds));
    return options;
  }
  bool has_fetched(const std::string& file_name) const {
    const auto asked = index.asked();
    return std::ranges::find(asked, index.file_url(file_name)) != asked.end();
  }
};

}  // namespace

TEST_CASE("a build in a locked environment has what is locked, and asks no index for its requirements") {
  LockedKit kit;
  const auto options = LockedKit::locked({kit.pin("tool", "1")}, ops::WhenUnlocked::fail);
  const auto wheel = kit.built(wheel_of_library(kit), options);
  REQUIRE_OK(wheel);
  CHECK(kit.has_fetched("tool-1-py3-none-any.whl"));
  CHECK(!kit.has_fetched("tool-2-py3-none-any.whl"));
  CHECK(kit.index.asked().size() == 1);
}

TEST_CASE("what a build asks for and its lock does not have is an error, or a warning and resolved as ever") {
  LockedKit kit;
  kit.ask_besides("more>=1");
  for (const auto& pins : {std::vector<resolver::Pin>{kit.pin("tool", "1")}, {kit.pin("more", "1")}, {}}) {
    const auto refused = kit.built(wheel_of_library(kit), LockedKit::locked(pins, ops::WhenUnlocked::fail));
    REQUIRE(!refused.ok());
    CHECK(refused.error().kind == ErrorKind::conflict);
    const bool lacks_tool = pins.empty() || pins.front().name.str() != "tool";
    CHECK(refused.error().message ==
          cat("to be built, `lib` asks for `", lacks_tool ? "tool" : "more>=1", "`, and the lock has none"));
    CHECK(refused.error().hint == "lock again what builds it: pkg lock -P lib");
  }
  const auto built =
      kit.built(wheel_of_library(kit), LockedKit::locked({kit.pin("tool", "1")}, ops::WhenUnlocked::resolve));
  REQUIRE_OK(built);
  CHECK(kit.has_fetched("tool-2-py3-none-any.whl"));
  CHECK(kit.reporter.warnings() ==
        std::vector<std::string>{"to be built, `lib` asks for `more>=1`, and the lock has none: its build requirements "
                                 "are resolved as if they were not locked"});
}

TEST_CASE("a wrong hash in a lock stops a build, however strict it is") {
  LockedKit kit;
  for (const auto when : {ops::WhenUnlocked::fail, ops::WhenUnlocked::resolve}) {
    auto pin = kit.pin("tool", "1");
    pin.files.front().hashes.front().hex = std::string(64, '0');
    const auto refused = kit.built(wheel_of_library(kit), LockedKit::locked({pin}, when));
    REQUIRE(!refused.ok());
    CHECK(refused.error().kind == ErrorKind::hash_mismatch);
  }
}

TEST_CASE("an sdist that was built without a lock is built again with it, and what the lock does not fit is not kept") {
  LockedKit kit;
  kit.index.add("a", "1", {.tags = {}, .sdist = true});
  const auto build = [&](const ops::BuildOptions& options) {
    return kit.built([&](ops::Builds& builds) { return builds.wheel(kit.sdist("a", "1")); }, options);
  };
  REQUIRE_OK(build({}));
  const auto tool = kit.pin("tool", "1");
  REQUIRE_OK(build(LockedKit::locked({tool}, ops::WhenUnlocked::fail)));
  CHECK(kit.count("step Building") == 2);
  REQUIRE_OK(build(LockedKit::locked({tool}, ops::WhenUnlocked::fail)));
  CHECK(kit.count("step Building") == 2);
}

TEST_CASE("a source is asked what it needs in the environment that is chosen for what is known of it") {
  LockedKit kit;
  kit.ask_besides("more>=1");
  std::vector<std::string> questions;
  const auto choose = [&](const std::vector<pep::Requirement>& asked,
                          const pep::Target&) -> Result<std::vector<resolver::Pin>> {
    for (const auto& one : asked) questions.push_back(one.to_string());
    return std::vector<resolver::Pin>{kit.pin("tool", "1")};
  };
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.url = kit.library_url();
  const auto asked = kit.built([&](ops::Builds& builds) { return builds.asked_for(file, choose); });
  REQUIRE_OK(asked);
  REQUIRE(asked->size() == 2);
  CHECK((*asked)[0].to_string() == "tool");
  CHECK((*asked)[1].to_string() == "more>=1");
  CHECK(questions == std::vector<std::string>{"tool"});
  CHECK(!kit.has_fetched("tool-2-py3-none-any.whl"));
  ops::BuildOptions none;
  none.no_build = true;
  CHECK(!kit.built([&](ops::Builds& builds) { return builds.asked_for(file, choose); }, none).ok());
}

}  // namespace pkg::test
