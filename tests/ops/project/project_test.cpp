#include "ops/project/project.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/text.h"
#include "ops/project/build_settings.h"
#include "ops/project/project_sources.h"
#include "support/printers.h"
#include "support/skipped.h"
#include "support/temp_dir.h"

namespace {

using pkg::ops::Project;

struct Place {
  pkg::test::TempDir folder;

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::Result<Project> open(const std::string& below = ".") { return pkg::ops::open_project(folder / below); }
};

std::string where(const pkg::Error& error) {
  std::string text = error.message;
  for (const auto& line : error.context) text += " | " + line;
  return error.hint.empty() ? text : text + " | hint: " + error.hint;
}

// One a line: a difference shows.
std::string lines(const std::vector<std::string>& list) { return pkg::join(list, "\n"); }

template <class T>
std::string texts(const std::vector<T>& values) {
  std::vector<std::string> list;
  for (const auto& value : values) list.push_back(to_string(value));
  return lines(list);
}

pkg::ops::ProjectSettings settings(const std::string& text) {
  const auto pyproject = pkg::pep::Pyproject::parse(text, "pyproject.toml");
  REQUIRE_OK(pyproject);
  const auto parsed = pkg::ops::parse_project_settings(*pyproject, "pyproject.toml");
  REQUIRE_MESSAGE(parsed.ok(), (parsed.ok() ? "" : where(parsed.error())));
  return *parsed;
}

std::string settings_error(const std::string& text) {
  const auto pyproject = pkg::pep::Pyproject::parse(text, "pyproject.toml");
  REQUIRE_OK(pyproject);
  const auto parsed = pkg::ops::parse_project_settings(*pyproject, "pyproject.toml");
  return parsed.ok() ? "no error" : where(parsed.error());
}

// What is asked for by a project of one file.
pkg::Result<pkg::ops::ProjectRequirements> asked(Place& place) {
  const auto project = place.open();
  REQUIRE_MESSAGE(project.ok(), (project.ok() ? "" : where(project.error())));
  return pkg::ops::requirements_of(*project);
}

std::string asked_error(const std::string& text) {
  Place place;
  place.write("pyproject.toml", text);
  const auto requirements = asked(place);
  return requirements.ok() ? "no error" : where(requirements.error());
}

constexpr const char* kNamed = "[project]\nname = \"work\"\nversion = \"1.0\"\n";
std::string named(const std::string& rest) { return kNamed + rest; }

}  // namespace

TEST_CASE("a project is found from a folder below it") {
  Place place;
  place.write("pyproject.toml", kNamed);
  std::filesystem::create_directories(place.folder / "src/deep");
  const auto project = place.open("src/deep");
  REQUIRE_OK(project);
  CHECK(project->root == place.folder.path());
  CHECK(project->members.size() == 1);
  CHECK(project->member().name.str() == "work");
  CHECK(project->member().file_name == "pyproject.toml");
  CHECK(project->member().text == kNamed);
}

TEST_CASE("where there is no project, the folders looked at are named") {
  Place place;
  const auto project = place.open();
  REQUIRE(!project.ok());
  CHECK(project.error().kind == pkg::ErrorKind::not_found);
  CHECK(project.error().context.front() == "looked for `" + (place.folder / "pyproject.toml").string() + "`");
}

TEST_CASE("a pyproject.toml for tools alone is no project, one with groups is") {
  Place place;
  place.write("pyproject.toml", "[tool.black]\nline-length = 100\n");
  const auto project = place.open();
  REQUIRE(!project.ok());
  CHECK(project.error().message == "`" + (place.folder / "pyproject.toml").string() + "` has no [project] table");
  place.write("pyproject.toml", "[dependency-groups]\ndev = [\"a\"]\n");
  REQUIRE_OK(place.open());
}

TEST_CASE("members of a workspace are found by glob, excluded ones are not, and they are sorted by name") {
  Place place;
  place.write("pyproject.toml", named("[tool.pkg.workspace]\nmembers = [\"packages/*\", \"deep/**\", "
                                      "\"tools/one\"]\nexclude = [\"packages/old*\"]\n"));
  const auto member = [](const std::string& name) { return "[project]\nname = \"" + name + "\"\nversion = \"2\"\n"; };
  place.write("packages/z/pyproject.toml", member("aaa"));
  place.write("packages/b/pyproject.toml", member("bbb") + "[build-system]\nrequires = []\n");
  place.write("packages/old-c/pyproject.toml", member("ccc"));
  place.write("packages/notes/readme.md", "nothing");
  place.write("packages/.hidden/pyproject.toml", member("ddd"));
  place.write("deep/x/y/pyproject.toml", member("eee"));
  place.write("tools/one/pyproject.toml", member("one"));
  place.write("tools/two/pyproject.toml", member("two"));
  const auto project = place.open("packages/b");
  REQUIRE_OK(project);
  std::vector<std::string> names;
  for (const auto& one : project->members) names.push_back(one.name.str() + " " + one.file_name);
  CHECK(lines(names) == lines({"work pyproject.toml", "aaa packages/z/pyproject.toml", "bbb packages/b/pyproject.toml",
                               "eee deep/x/y/pyproject.toml", "one tools/one/pyproject.toml"}));
  CHECK(project->root == place.folder.path());
  CHECK(project->member().name.str() == "bbb");
  CHECK(project->member().is_package);
  CHECK(!project->members[1].is_package);

  const auto excluded = place.open("packages/old-c");
  REQUIRE_OK(excluded);
  CHECK(excluded->root == place.folder / "packages/old-c");
  CHECK(excluded->members.size() == 1);
}

TEST_CASE("settings of a member are those of its workspace, unless it is excluded or a workspace itself") {
  Place place;
  place.write("pyproject.toml", named("[tool.pkg.workspace]\nmembers = [\"*\"]\nexclude = [\"out\"]\n"));
  for (const char* name : {"in", "out"})
    place.write(std::string(name) + "/pyproject.toml", "[project]\nname = \"x\"\n");
  place.write("own/pyproject.toml", "[project]\nname = \"y\"\n[tool.pkg.workspace]\n");
  CHECK(pkg::ops::settings_folder(place.folder / "in") == place.folder.path());
  CHECK(pkg::ops::settings_folder(place.folder / "out") == place.folder / "out");
  CHECK(pkg::ops::settings_folder(place.folder / "own") == place.folder / "own");
  CHECK(pkg::ops::settings_folder(place.folder.path()) == place.folder.path());
}

TEST_CASE("a workspace root needs no project of its own") {
  Place place;
  place.write("pyproject.toml", "[tool.pkg.workspace]\nmembers = [\"a\"]\n");
  place.write("a/pyproject.toml", "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"x\"]\n");
  const auto project = place.open("a");
  REQUIRE_OK(project);
  CHECK(project->members[0].name.empty());
  CHECK(project->current == 1);
  const auto requirements = pkg::ops::requirements_of(*project);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->requirements) == lines({"x"}));
  CHECK(requirements->requirements[0].origin.to_string() == "a/pyproject.toml:4");
}

TEST_CASE("a member that is named and not there is an error, and so are two of one name") {
  Place place;
  place.write("pyproject.toml", named("[tool.pkg.workspace]\nmembers = [\"a\"]\n"));
  auto project = place.open();
  REQUIRE(!project.ok());
  CHECK(project.error().message == "the workspace names the member `a`, and there is no pyproject.toml");
  place.write("a/pyproject.toml", "[project]\nname = \"Work\"\n");
  project = place.open();
  REQUIRE(!project.ok());
  CHECK(project.error().message ==
        "two members of the workspace are called `work`: `pyproject.toml` and `a/pyproject.toml`");
}

TEST_CASE("every setting of [tool.pkg] is read") {
  const auto read = settings(R"([tool.pkg]
override-dependencies = ["a==1"]
constraint-dependencies = ["b<3"]
exclude-dependencies = ["C_c"]
environments = ["sys_platform == 'linux'", "sys_platform == 'darwin'"]
required-environments = ["win_amd64", "sys_platform == 'linux'"]
default-groups = ["Test", "docs"]
fork-strategy = "fewest"
package = false
conflicts = [[{extra = "cpu"}, {extra = "gpu"}], [{group = "x"}, {package = "work", extra = "cpu"}]]
index-url = "https://index.example/simple/"
exclude_newer = "2024-01-01"
[tool.pkg.sources]
d = {index = "internal"}
e = [{url = "https://index.example/e-1-py3-none-any.whl", marker = "sys_platform == 'linux'"}, {git = "https://git.example/e", tag = "v1"}]
[tool.pkg.exclude-newer-package]
f = "2024-05-01"
g = false
[tool.pkg.prerelease-package]
h = "allow"
[[tool.pkg.dependency-metadata]]
name = "i"
version = "1.0"
requires-dist = ["j>1"]
requires-python = ">=3.8"
[[tool.pkg.index]]
name = "internal"
url = "https://index.example/internal/"
)");
  CHECK(texts(read.overrides) == lines({"a==1"}));
  CHECK(texts(read.constraints) == lines({"b<3"}));
  CHECK(texts(read.excludes) == lines({"c-c"}));
  CHECK(read.environments.size() == 2);
  REQUIRE(read.required_environments.size() == 2);
  CHECK(read.required_environments[0].name == "win_amd64");
  CHECK(read.required_environments[0].marker.to_string() ==
        "sys_platform == \"win32\" and platform_machine == \"AMD64\"");
  CHECK(read.required_environments[0].platforms == std::vector<std::string>{"win_amd64"});
  CHECK(read.required_environments[1].platforms.empty());
  CHECK(read.default_groups == std::vector<std::string>{"test", "docs"});
  CHECK(read.fewest_versions);
  CHECK(read.package == false);
  REQUIRE(read.conflicts.size() == 2);
  CHECK(read.conflicts[1][0].is_group);
  CHECK(read.conflicts[1][1].name.str() == "cpu");
  REQUIRE(read.sources.size() == 2);
  const auto& two = read.sources.at(pkg::pep::Name::from_normalized("e"));
  CHECK(two[1].tag == "v1");
  CHECK(two[1].origin.to_string() == "pyproject.toml:15");
  CHECK(read.exclude_newer_of.at(pkg::pep::Name::from_normalized("g")) == "false");
  CHECK(read.prereleases_of.at(pkg::pep::Name::from_normalized("h")) == pkg::resolver::Prereleases::allow);
  REQUIRE(read.build.dependency_metadata.size() == 1);
  CHECK(texts(read.build.dependency_metadata[0].requires_dist) == lines({"j>1"}));
}

TEST_CASE("the common platforms have the tags that such machines accept") {
  const auto read = settings("[tool.pkg]\nrequired-environments = \"common\"\n");
  std::vector<std::string> found;
  for (const auto& one : read.required_environments) {
    found.push_back(pkg::cat(one.name, ": ", one.platforms.size(), ' ', one.platforms.front(), " … ",
                             one.platforms.back(), " if ", one.marker.to_string()));
  }
  CHECK(lines(found) ==
        lines({"manylinux_2_17_x86_64: 17 linux_x86_64 … manylinux1_x86_64 if sys_platform == \"linux\" and "
               "platform_machine == \"x86_64\"",
               "manylinux_2_17_aarch64: 3 linux_aarch64 … manylinux2014_aarch64 if sys_platform == \"linux\" and "
               "platform_machine == "
               "\"aarch64\"",
               "musllinux_1_2_x86_64: 4 linux_x86_64 … musllinux_1_0_x86_64 if sys_platform == \"linux\" and "
               "platform_machine == \"x86_64\"",
               "macosx_11_0_arm64: 15 macosx_11_0_arm64 … macosx_10_4_universal2 if sys_platform == \"darwin\" and "
               "platform_machine == "
               "\"arm64\"",
               "macosx_11_0_x86_64: 84 macosx_11_0_x86_64 … macosx_10_4_universal if sys_platform == \"darwin\" and "
               "platform_machine == "
               "\"x86_64\"",
               "win_amd64: 1 win_amd64 … win_amd64 if sys_platform == \"win32\" and platform_machine == \"AMD64\""}));
}

TEST_CASE("a required environment may be any platform tag of the three systems") {
  for (const auto* tag : {"manylinux2014_i686", "manylinux_2_28_ppc64le", "musllinux_1_2_aarch64", "linux_x86_64",
                          "win32", "win_arm64", "macosx_14_0_arm64"}) {
    CAPTURE(tag);
    CHECK(settings(pkg::cat("[tool.pkg]\nrequired-environments = [\"", tag, "\"]\n")).required_environments.size() ==
          1);
  }
  for (const auto* tag : {"manylinux_2_x86_64", "macosx_11_0_sparc", "win_sparc", "beos", "manylinux_2_17_"}) {
    CAPTURE(tag);
    CHECK(settings_error(pkg::cat("[tool.pkg]\nrequired-environments = [\"", tag, "\"]\n"))
              .starts_with(pkg::cat('`', tag, "` is no platform tag")));
  }
}

TEST_CASE("a wrong setting says which line, what it is, and what was meant") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"override-dependancies = []",
       "`override-dependancies` is no setting of [tool.pkg] | at pyproject.toml:2 | hint: did you mean "
       "`override-dependencies`?"},
      {"index-urll = 'x'",
       "`index-urll` is no setting of [tool.pkg] | at pyproject.toml:2 | hint: did you mean `index-url`?"},
      {"conflicts = [[{extra = 'a'}]]", "a set of `tool.pkg.conflicts` has at least two items | at pyproject.toml:2"},
      {"conflicts = [[{package = 'p', extra = 'a'}, {package = 'q', extra = 'a'}]]",
       "`a` stands twice in a set of `tool.pkg.conflicts`: extras of one name are one extra in a workspace, whosever "
       "they are | at pyproject.toml:2"},
      {"conflicts = [[{extra = 'a', group = 'b'}, {group = 'c'}]]",
       "an item of `tool.pkg.conflicts` is one extra or one group | at pyproject.toml:2"},
      {"fork-strategy = 'few'",
       "`few` is neither `newest` (the newest version for each Python) nor `fewest` | at pyproject.toml:2"},
      {"package = 1", "`tool.pkg.package` is an integer, not true or false | at pyproject.toml:2"},
      {"sources = {a = {}}",
       "`tool.pkg.sources.a` names no place: exactly one of `index`, `url`, `path`, `git`, `workspace` is given | at "
       "pyproject.toml:2"},
      {"sources = {a = {url = 'x', path = 'y'}}",
       "`tool.pkg.sources.a` names more than one place: exactly one of `index`, `url`, `path`, `git`, `workspace` is "
       "given | at "
       "pyproject.toml:2"},
      {"sources = {a = {path = 'y', tag = 'z'}}",
       "`tool.pkg.sources.a`: one of `branch`, `tag` and `rev` goes with `git`, and with nothing else | at "
       "pyproject.toml:2"},
      {"sources = {a = {pathh = 'y'}}",
       "`pathh` is no setting of [tool.pkg.sources.a] | at pyproject.toml:2 | hint: did you mean `path`?"},
      {"sources = {a = {path = 'x'}, A = {path = 'y'}}", "`a` has sources twice | at pyproject.toml:2"},
      {"default-groups = 'dev'", "`tool.pkg.default-groups` is an array of names, or `\"all\"` | at pyproject.toml:2"},
      {"prerelease-package = {a = 'yes'}",
       "`yes` is none of `if-necessary`, `allow`, `disallow`, `explicit` | at pyproject.toml:2"},
      {"workspace = {member = []}",
       "`member` is no setting of [tool.pkg.workspace] | at pyproject.toml:2 | hint: did you mean `members`?"},
      {"dependency-metadata = [{version = '1'}]",
       "[[tool.pkg.dependency-metadata]] lacks `name` | at pyproject.toml:2"},
      {"dependency-metadata = [{name = 'a', version = '1..'}]", "`1..` is no version | at pyproject.toml:2"},
  };
  for (const auto& [line, message] : rows) {
    CAPTURE(line);
    CHECK(settings_error("[tool.pkg]\n" + line + "\n") == message);
  }
  CHECK(settings_error("[tool]\npkg = 3\n") == "`tool.pkg` is an integer, not a table | at pyproject.toml:2");
}

TEST_CASE("extras and groups carry their markers, and requirements know their lines") {
  Place place;
  place.write("pyproject.toml", named(R"(requires-python = ">=3.9"
dependencies = ["a>=1", "b; python_version < '3.12'"]
[project.optional-dependencies]
Fast_IO = ["c; sys_platform == 'win32' or sys_platform == 'linux'"]
[dependency-groups]
test = ["d", {include-group = "lint"}]
lint = ["e"]
dev = []
)"));
  const auto requirements = asked(place);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->requirements) ==
        lines({"a>=1", "b; python_version < \"3.12\"",
               "c; (sys_platform == \"win32\" or sys_platform == \"linux\") and \"fast-io\" in extras",
               "d; \"test\" in dependency_groups", "e; \"test\" in dependency_groups",
               "e; \"lint\" in dependency_groups"}));
  CHECK(texts(requirements->extras) == lines({"fast-io"}));
  CHECK(texts(requirements->groups) == lines({"dev", "lint", "test"}));
  CHECK(texts(requirements->default_groups) == lines({"dev"}));
  CHECK(requirements->requires_python.to_string() == ">=3.9");
  CHECK(requirements->requirements[2].origin.to_string() == "pyproject.toml:7");
}

TEST_CASE("extras that name the project's own extras are expanded, circles too") {
  Place place;
  place.write("pyproject.toml", named(R"([project.optional-dependencies]
a = ["x"]
b = ["y; python_version < '3.10'", "work[c]"]
c = ["z", "work[b]"]
all = ["Work[a,b]; sys_platform == 'linux'"]
[dependency-groups]
dev = ["work[a]", "work", "t"]
)"));
  const auto requirements = asked(place);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->requirements) ==
        lines({"x; \"a\" in extras", "y; python_version < \"3.10\" and \"b\" in extras", "z; \"b\" in extras",
               "y; python_version < \"3.10\" and \"b\" in extras", "z; \"c\" in extras",
               "y; python_version < \"3.10\" and \"c\" in extras", "z; \"c\" in extras",
               "x; sys_platform == \"linux\" and \"all\" in extras",
               "y; python_version < \"3.10\" and (sys_platform == \"linux\" and \"all\" in extras)",
               "z; sys_platform == \"linux\" and \"all\" in extras", "x; \"dev\" in dependency_groups",
               "t; \"dev\" in dependency_groups"}));
}

TEST_CASE("extras that multiply end with an error, not with the memory") {
  std::string extras = "[project.optional-dependencies]\ne0 = [\"x\"]\n";
  for (int i = 1; i < 40; ++i) extras += pkg::cat("e", i, " = [\"work[e", i - 1, "]\", \"work[e", i - 1, "]\"]\n");
  CHECK(asked_error(named(extras)).starts_with("more than 100000 requirements | at pyproject.toml:"));
}

TEST_CASE("members ask for each other without asking an index, and their extras and groups are united") {
  Place place;
  place.write("pyproject.toml",
              named("requires-python = '>=3.9'\ndependencies = ['lib[net]>=2; python_version > \"3.8\"', "
                    "'q']\n[dependency-groups]\ntest = ['pytest']\n"
                    "[tool.pkg.workspace]\nmembers = ['lib']\n[tool.pkg.sources]\nlib = {workspace = true}\n"));
  place.write("lib/pyproject.toml",
              "[project]\nname = 'lib'\nversion = '2.1'\nrequires-python = '<3.14'\ndependencies = ['r']\n"
              "[project.optional-dependencies]\nnet = ['s']\n[dependency-groups]\nTest = ['coverage']\n");
  const auto requirements = asked(place);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->requirements) ==
        lines({"s; python_version > \"3.8\"", "q", "pytest; \"test\" in dependency_groups", "r", "s; \"net\" in extras",
               "coverage; \"test\" in dependency_groups"}));
  CHECK(texts(requirements->groups) == lines({"test"}));
  CHECK(requirements->requires_python.to_string() == "<3.14,>=3.9");
}

TEST_CASE("a version that the workspace does not have is a conflict") {
  Place place;
  place.write("pyproject.toml", named("dependencies = ['lib>=3']\n[tool.pkg.workspace]\nmembers = ['lib']\n"));
  place.write("lib/pyproject.toml", "[project]\nname = 'lib'\nversion = '2.1'\n");
  const auto requirements = asked(place);
  REQUIRE(!requirements.ok());
  CHECK(where(requirements.error()) ==
        "`lib>=3` does not accept version 2.1 of `lib` (lib/pyproject.toml) | at pyproject.toml:4");
}

TEST_CASE("members that no Python fits together are a conflict that names them") {
  Place place;
  place.write("pyproject.toml", named("requires-python = '>=3.12'\n[tool.pkg.workspace]\nmembers = ['lib']\n"));
  place.write("lib/pyproject.toml", "[project]\nname = 'lib'\nrequires-python = '<3.11'\n");
  const auto requirements = asked(place);
  REQUIRE(!requirements.ok());
  CHECK(where(requirements.error()) ==
        "no Python fits `requires-python` `<3.11,>=3.12` | pyproject.toml says `>=3.12` | lib/pyproject.toml says "
        "`<3.11`");
}

TEST_CASE("sources replace a requirement by a wheel, everywhere or where their markers hold") {
  Place place;
  place.write("wheels/b-2.0-py3-none-any.whl", "");
  place.write("pyproject.toml", named(R"(dependencies = ["a[x]>=1; python_version < '3.12'", "b", "c", "d"]
[tool.pkg.sources]
a = {url = "https://files.example/a-1.5-py3-none-any.whl"}
b = {path = "wheels/b-2.0-py3-none-any.whl"}
c = {url = "https://files.example/c-1-py3-none-any.whl", marker = "sys_platform == 'linux'"}
d = {index = "internal"}
)"));
  const auto requirements = asked(place);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->requirements) ==
        lines({"a[x] @ https://files.example/a-1.5-py3-none-any.whl ; python_version < \"3.12\"",
               "b @ file://" + (place.folder / "wheels/b-2.0-py3-none-any.whl").string(),
               "c @ https://files.example/c-1-py3-none-any.whl ; sys_platform == \"linux\"",
               "c; sys_platform != \"linux\"", "d"}));
  CHECK(pkg::ops::indexes_everywhere(requirements->index_rules) ==
        std::map<pkg::pep::Name, std::string>{{pkg::pep::Name::from_normalized("d"), "internal"}});
}

TEST_CASE("a source that is nothing, or contradicts itself, is an error with its line") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"a = {git = 'https://git.example/a', editable = true}",
       "the source of `a` is to be editable, and is no folder | at pyproject.toml:6"},
      {"a = {url = 'https://files.example/a.zip', editable = true}",
       "the source of `a` is to be editable, and is no folder | at pyproject.toml:6"},
      {"a = {path = 'empty'}",
       "the source of `a` is the folder `empty`, which has neither pyproject.toml nor setup.py | at pyproject.toml:6"},
      {"a = {path = 'note.txt'}",
       "the source of `a` is `note.txt`, expected a folder, a wheel or a source archive | at pyproject.toml:6"},
      {"a = {path = 'gone'}", "no such file or folder: `gone` | at pyproject.toml:6"},
      {"a = {workspace = true}",
       "`a` is no member of the workspace | at pyproject.toml:6 | hint: [tool.pkg.workspace] members lists them"},
      {"a = {url = 'https://files.example/b-1-py3-none-any.whl'}",
       "the source of `a` is `b-1-py3-none-any.whl`, a wheel of `b` | at pyproject.toml:6"},
      {"a = {url = 'https://files.example/a-0.5-py3-none-any.whl'}",
       "`a>=1` (pyproject.toml:4) does not accept version 0.5 of its source `a-0.5-py3-none-any.whl` | at "
       "pyproject.toml:6"},
      {"a = [{url = 'https://files.example/a-1-py3-none-any.whl', marker = \"sys_platform == 'linux'\"}, {path = "
       "'x.whl', marker = "
       "\"os_name == 'posix'\"}]",
       "two sources of `a` are for the same environments | at pyproject.toml:6 | hint: give each a `marker`, and no "
       "two that hold "
       "together"},
      {"a = {index = 'x', marker = \"sys_platform == 'linux'\"}", "no error"},
      {"a = [{index = 'x', marker = \"sys_platform == 'linux'\"}, {index = 'y'}]",
       "two sources of `a` are for the same environments | at pyproject.toml:6 | hint: give each a `marker`, and no "
       "two that hold together"},
      {"a = {index = 'x', extra = 'fast'}", "there is no extra `fast` | in tool.pkg.sources | at pyproject.toml:6"},
      {"a = {index = 'x', group = 'dev'}",
       "there is no dependency group `dev` | in tool.pkg.sources | at pyproject.toml:6"},
      {"work = {index = 'x'}", "no error"},
  };
  for (const auto& [source, message] : rows) {
    CAPTURE(source);
    Place place;
    place.write("empty/readme.md", "");
    place.write("note.txt", "");
    place.write("pyproject.toml", named("dependencies = ['a>=1']\n[tool.pkg.sources]\n" + source + "\n"));
    const auto requirements = asked(place);
    CHECK((requirements.ok() ? "no error" : where(requirements.error())) == message);
  }
  CHECK(asked_error(named("dependencies = ['a @ git+ftp://git.example/a']\n")) ==
        "bad URL `git+ftp://git.example/a`: git is not used over `ftp` | at pyproject.toml:4");
  CHECK(asked_error(named("dynamic = ['dependencies']\n")) ==
        "the dependencies of `work` are dynamic: its build backend would have to tell them | in pyproject.toml | hint: "
        "write them into "
        "[project] of pyproject.toml");
}

TEST_CASE("folders, archives and repositories become URLs, and the versions asked for become constraints") {
  Place place;
  place.write("libs/a/pyproject.toml", "[project]\nname = 'a'\nversion = '1'\n");
  place.write("libs/sub/inner/setup.py", "");
  place.write("dist/c-1.tar.gz", "");
  place.write(
      "pyproject.toml",
      named(
          R"(dependencies = ["a[x]>=1; python_version < '3.12'", "b", "c", "d>2", "e", "f", "g @ git+https://git.example/g.git"]
[tool.pkg.sources]
a = {path = "libs/a/", editable = true}
b = {path = "libs/sub", subdirectory = "inner", marker = "sys_platform == 'linux'"}
c = {path = "./dist/c-1.tar.gz"}
d = {git = "https://git.example/d.git", tag = "v2"}
e = {git = "git@git.example:group/e.git", branch = "main", subdirectory = "py"}
f = {url = "https://files.example/f.zip", subdirectory = "f"}
)"));
  const auto requirements = asked(place);
  REQUIRE_MESSAGE(requirements.ok(), (requirements.ok() ? "" : where(requirements.error())));
  const auto root = "file://" + place.folder.path().string();
  CHECK(texts(requirements->requirements) ==
        lines({"a[x] @ " + root + "/libs/a ; python_version < \"3.12\"",
               "b @ " + root + "/libs/sub#subdirectory=inner ; sys_platform == \"linux\"",
               "b; sys_platform != \"linux\"", "c @ " + root + "/dist/c-1.tar.gz",
               "d @ git+https://git.example/d.git@v2", "e @ git+ssh://git@git.example/group/e.git@main#subdirectory=py",
               "f @ https://files.example/f.zip#subdirectory=f", "g @ git+https://git.example/g.git"}));
  CHECK(texts(requirements->constraints) == lines({"a>=1; python_version < \"3.12\"", "d>2"}));
  CHECK(requirements->editable_urls == std::set<std::string>{root + "/libs/a"});
}

TEST_CASE("settings of builds are read") {
  const auto read = settings(R"([tool.pkg]
build-constraint-dependencies = ["setuptools<70"]
no-build-isolation-package = ["x"]
[tool.pkg.config-settings]
mode = "fast"
flags = ["-a", "-b"]
quick = true
[tool.pkg.config-settings-package.numpy]
blas = "none"
[tool.pkg.extra-build-dependencies]
old = ["cython<3", {requirement = "numpy==1.26"}]
[tool.pkg.extra-build-variables]
old = {CFLAGS = "-O1"}
)");
  using pkg::pep::Name;
  const auto& build = read.build;
  CHECK(texts(build.constraints) == "setuptools<70");
  CHECK(build.config_settings ==
        pkg::builder::ConfigSettings{{"mode", {"fast"}}, {"flags", {"-a", "-b"}}, {"quick", {"true"}}});
  CHECK(build.config_settings_of.at(Name::from_normalized("numpy")) ==
        pkg::builder::ConfigSettings{{"blas", {"none"}}});
  CHECK(texts(build.extra_requirements.at(Name::from_normalized("old"))) == lines({"cython<3", "numpy==1.26"}));
  CHECK(build.extra_variables.at(Name::from_normalized("old")) == pkg::builder::Variables{{"CFLAGS", "-O1"}});
  CHECK(settings_error("[tool.pkg.extra-build-dependencies]\nold = 'x'\n").find("an array") != std::string::npos);

  pkg::ops::BuildOptions options;
  options.config_settings = {{"mode", {"slow"}}};
  pkg::ops::apply_build_settings(build, options);
  pkg::ops::apply_build_settings(build, options);
  CHECK(options.config_settings.at("mode") == std::vector<std::string>{"slow"});
  CHECK(options.config_settings_of.at(Name::from_normalized("numpy")).at("mode") == std::vector<std::string>{"slow"});
  CHECK(options.constraints.size() == 1);
}

TEST_CASE("lock-build-dependencies is a truth value or a list of names") {
  using pkg::pep::Name;
  CHECK(!settings("[tool.pkg]\nlock-build-dependencies = false\n").locked_builds.is_on());
  CHECK(settings("[tool.pkg]\nlock-build-dependencies = true\n").locked_builds.covers(Name::from_normalized("any")));
  const auto named = settings("[tool.pkg]\nlock-build-dependencies = ['A_b']\n").locked_builds;
  CHECK(named.covers(Name::from_normalized("a-b")));
  CHECK(!named.covers(Name::from_normalized("b")));
  CHECK(settings_error("[tool.pkg]\nlock-build-dependencies = 'yes'\n")
            .find("`tool.pkg.lock-build-dependencies` is a string, not true, false or an array of names") !=
        std::string::npos);
  CHECK(settings_error("[tool.pkg]\nlock-build-dependencies = [1]\n").find("lock-build-dependencies") !=
        std::string::npos);
}

TEST_CASE("groups and extras that settings name must exist, but for the default") {
  CHECK(asked_error(named("")) == "no error");
  CHECK(asked_error(named("[dependency-groups]\ntest = []\n[tool.pkg]\ndefault-groups = ['tset']\n")) ==
        "there is no dependency group `tset` | in tool.pkg.default-groups | hint: did you mean `test`?");
  CHECK(asked_error(named("[project.optional-dependencies]\ngpu = []\n[tool.pkg]\nconflicts = [[{extra = 'gpu'}, "
                          "{extra = 'cpu'}]]\n")) ==
        "there is no extra `cpu` | in tool.pkg.conflicts | hint: did you mean `gpu`?");
  CHECK(asked_error(named("dependencies = ['work[nett]']\n[project.optional-dependencies]\nnet = []\n")) ==
        "`work` has no extra `nett` | at pyproject.toml:4 | hint: did you mean `net`?");
  Place place;
  place.write("pyproject.toml", named("[dependency-groups]\nb = []\na = []\n[tool.pkg]\ndefault-groups = 'all'\n"));
  const auto requirements = asked(place);
  REQUIRE_OK(requirements);
  CHECK(texts(requirements->default_groups) == lines({"a", "b"}));
}

TEST_CASE("another user's project file in a folder that everybody may write to does not count, one's own does") {
  if (::geteuid() != 0) return SKIPPED("only root can give files away");
  Place place;
  const auto folder = place.folder.path();
  CHECK_FALSE(pkg::ops::has_project_file(folder));
  place.write("pyproject.toml", "");
  REQUIRE(::chmod(folder.c_str(), 01777) == 0);
  CHECK(pkg::ops::has_project_file(folder));
  REQUIRE(::chown((folder / "pyproject.toml").c_str(), 12345, 12345) == 0);
  CHECK_FALSE(pkg::ops::has_project_file(folder));
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);
  CHECK(pkg::ops::has_project_file(folder));
}
