#include "ops/migrate/from_poetry.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

Result<ops::ImportedProject> read(const std::string& text) {
  const std::string name = "pyproject.toml";
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, name));
  const auto place = test::import_place();
  return ops::import_poetry(root, name, place);
}

// What is new in the file.
std::string added(const std::string& text) {
  const auto after = test::written(read(text), text);
  const auto at = after.find(text);
  return at == std::string::npos ? after : after.substr(0, at) + after.substr(at + text.size());
}

// The dependencies that lines of [tool.poetry.dependencies] become.
std::string dependencies(const std::string& lines) {
  const auto project = read("[tool.poetry]\nname = \"work\"\n[tool.poetry.dependencies]\n" + lines);
  if (!project) return "error: " + project.error().message;
  std::string out;
  for (const auto& requirement : project->dependencies) append(out, out.empty() ? "" : " | ", requirement.to_string());
  return out;
}

}  // namespace

TEST_CASE("a project of Poetry 1 gets a [project] on top, and keeps what poetry-core reads") {
  CHECK(added("[tool.poetry]\n"
              "name = \"my-work\"\nversion = \"1.2\"\ndescription = \"does it\"\n"
              "authors = [\"Ann Lee <ann@host.test>\", \"Bo\"]\nlicense = \"MIT\"\nreadme = \"README.md\"\n"
              "homepage = \"https://host.test\"\nkeywords = [\"a\"]\n"
              "packages = [{include = \"work\"}]\n"
              "[tool.poetry.urls]\nIssues = \"https://host.test/issues\"\n"
              "[tool.poetry.dependencies]\npython = \"^3.9\"\nrequests = \"^2.31\"\n"
              "plotter = {version = \"~1.4\", optional = true}\n"
              "[tool.poetry.extras]\nplot = [\"plotter\"]\n"
              "[tool.poetry.scripts]\nwork = \"work.cli:main\"\n"
              "[tool.poetry.plugins.\"work.plugins\"]\nx = \"work.x:X\"\n"
              "[tool.poetry.group.test.dependencies]\npytest = \"*\"\n"
              "[tool.poetry.group.docs]\noptional = true\n[tool.poetry.group.docs.dependencies]\nsphinx = \">=7\"\n"
              "[tool.poetry.dev-dependencies]\nblack = {version = \"*\", allow-prereleases = true}\n"
              "[build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n") ==
        "[project]\n"
        "name = \"my-work\"\n"
        "version = \"1.2\"\n"
        "description = \"does it\"\n"
        "readme = \"README.md\"\n"
        "requires-python = \">=3.9,<4.0\"\n"
        "license = { text = \"MIT\" }\n"
        "authors = [{ name = \"Ann Lee\", email = \"ann@host.test\" }, { name = \"Bo\" }]\n"
        "keywords = [\"a\"]\n"
        "dependencies = [\n"
        "    \"requests>=2.31,<3.0\",\n"
        "]\n"
        "\n"
        "[project.optional-dependencies]\n"
        "plot = [\n"
        "    \"plotter>=1.4,<1.5\",\n"
        "]\n"
        "\n"
        "[project.urls]\n"
        "Homepage = \"https://host.test\"\n"
        "Issues = \"https://host.test/issues\"\n"
        "\n"
        "[project.scripts]\n"
        "work = \"work.cli:main\"\n"
        "\n"
        "[project.entry-points.\"work.plugins\"]\n"
        "x = \"work.x:X\"\n"
        "\n"
        "[dependency-groups]\n"
        "dev = [\n"
        "    \"black\",\n"
        "]\n"
        "test = [\n"
        "    \"pytest\",\n"
        "]\n"
        "docs = [\n"
        "    \"sphinx>=7\",\n"
        "]\n"
        "\n"
        "\n"
        "[tool.pkg]\n"
        "default-groups = [\"dev\", \"test\"]\n"
        "\n"
        "[tool.pkg.prerelease-package]\n"
        "black = \"allow\"\n");
}

TEST_CASE("constraints, extras and markers of a dependency") {
  struct Row {
    const char* line;
    const char* requirement;
  };
  for (const Row& row : {Row{"a = \"*\"", "a"}, Row{"a = \"1.*\"", "a==1.*"}, Row{"a = \"^0.3\"", "a<0.4,>=0.3"},
                         Row{"a = {version = \"^1\", extras = [\"y\", \"x\"]}", "a[x,y]<2,>=1"},
                         Row{"a = {version = \"^1\", python = \"^3.8\"}",
                             "a<2,>=1; python_version >= \"3.8\" and python_version < \"4.0\""},
                         Row{"a = {version = \"*\", platform = \"linux\"}", "a; sys_platform == \"linux\""},
                         Row{"a = {version = \"*\", platform = \"!=win32 || darwin\"}",
                             "a; sys_platform != \"win32\" or sys_platform == \"darwin\""},
                         Row{"a = {version = \"*\", markers = \"os_name == 'nt'\", python = \"<3.11\"}",
                             "a; os_name == \"nt\" and python_version < \"3.11\""},
                         Row{"a = [{version = \"<2\", python = \"<3.8\"}, {version = \"^2\", python = \">=3.8\"}]",
                             "a<2; python_version < \"3.8\" | a<3,>=2; python_version >= \"3.8\""}}) {
    CAPTURE(row.line);
    CHECK(dependencies(row.line) == row.requirement);
  }
}

TEST_CASE("git, paths, URLs and indexes become sources") {
  const auto text = added(
      "[tool.poetry]\nname = \"work\"\nversion = \"1\"\n[tool.poetry.dependencies]\n"
      "a = {git = \"https://host.test/a.git\", branch = \"main\", subdirectory = \"part\"}\n"
      "b = {path = \"../b\", develop = true}\n"
      "c = {url = \"https://host.test/c-1.tar.gz\"}\n"
      "d = {version = \"^1\", source = \"corp\"}\n"
      "e = [{version = \"^1\", markers = \"os_name == 'posix'\"}, {path = \"e\", markers = \"os_name == 'nt'\"}]\n"
      "[[tool.poetry.source]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\npriority = \"explicit\"\n");
  CHECK(text.substr(text.find("dependencies = [")) ==
        "dependencies = [\n    \"a\",\n    \"b\",\n    \"c\",\n    \"d>=1,<2\",\n"
        "    'e>=1,<2; os_name == \"posix\"',\n    'e; os_name == \"nt\"',\n]\n\n"
        "\n[tool.pkg.sources]\n"
        "a = { git = \"https://host.test/a.git\", branch = \"main\", subdirectory = \"part\" }\n"
        "b = { path = \"../b\", editable = true }\n"
        "c = { url = \"https://host.test/c-1.tar.gz\" }\n"
        "d = { index = \"corp\" }\n"
        "e = { path = \"e\", marker = \"os_name == \\\"nt\\\"\" }\n"
        "\n[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\nexplicit = true\n");
}

TEST_CASE("sources by their priority: a primary one stands for the default index, unless that is named too") {
  struct Row {
    const char* sources;
    const char* indexes;
    const char* notes;
  };
  const char* supplemental =
      "pyproject.toml:2: the source `b` is supplemental in Poetry: pkg asks it before the default index, and takes a "
      "project from the first index that has it\n";
  for (const Row& row :
       {Row{"[[tool.poetry.source]]\nname = \"b\"\nurl = \"https://b.test/\"\n", "b default", ""},
        Row{"[[tool.poetry.source]]\nname = \"b\"\nurl = \"https://b.test/\"\npriority = \"primary\"\n"
            "[[tool.poetry.source]]\nname = \"PyPI\"\npriority = \"primary\"\n",
            "b", ""},
        Row{"[[tool.poetry.source]]\nname = \"b\"\nurl = \"https://b.test/\"\npriority = \"supplemental\"\n", "b",
            supplemental},
        Row{"[[tool.poetry.source]]\nname = \"b\"\nurl = \"https://b.test/\"\npriority = \"explicit\"\n", "b explicit",
            ""},
        Row{"[[tool.poetry.source]]\nname = \"b\"\nurl = \"https://index.test/simple\"\n", "", ""}}) {
    CAPTURE(row.sources);
    const auto project = read(std::string("[tool.poetry]\n") + row.sources);
    REQUIRE_OK(project);
    std::string indexes;
    for (const auto& index : project->indexes)
      append(indexes, index.name, index.is_default ? " default" : "", index.is_explicit ? " explicit" : "");
    CHECK(indexes == row.indexes);
    CHECK(test::notes(project) == row.notes);
  }
}

TEST_CASE("what cannot be carried is named with its line") {
  const std::string text =
      "[tool.poetry]\nname = \"work\"\nversion = \"one\"\npackages = []\nrequires-poetry = \">2\"\n"
      "[tool.poetry.dependencies]\n"
      "a = \"<1 || >=2,<3 || >=60\"\n"
      "b = {version = \"*\", optional = true}\n"
      "c = {version = \"*\", what = 1}\n"
      "d = {version = \"*\", source = \"none\"}\n"
      "[tool.poetry.extras]\nx = [\"nothing\"]\n"
      "[tool.poetry.scripts]\nrun = {reference = \"bin/run\", type = \"file\"}\n"
      "[[tool.poetry.source]]\nname = \"corp\"\nurl = \"https://me:secret@corp.test/simple\"\n";
  const auto told = test::notes(read(text), text);
  CHECK(told ==
        "pyproject.toml:15: the login of the index `corp` is not carried: give it with `pkg auth login` or in "
        "PKG_INDEX_NAME_USERNAME and PKG_INDEX_NAME_PASSWORD\n"
        "pyproject.toml:14: the script `run` is not carried: it is no `module:function`\n"
        "pyproject.toml:4: `packages` stays in [tool.poetry], where poetry-core reads it when the project is built\n"
        "pyproject.toml:5: `requires-poetry` is not carried: it is about Poetry itself\n"
        "pyproject.toml:7: `<1 || >=2,<3 || >=60` of `a` is more than one range: `!=1.*` is written, which allows what "
        "lies between, too\n"
        "pyproject.toml:9: `what` of `c` is not carried\n"
        "pyproject.toml:10: that `d` comes from the source `none` is not carried: no such source is carried\n"
        "pyproject.toml:12: `nothing` of the extra `x` is not carried: it is no dependency\n"
        "pyproject.toml:8: `b` is not carried: it is optional, and no extra has it\n"
        "the version \"one\" is not carried: it is none that Python packages may have\n");
  CHECK(test::written(read(text), text).find("secret") ==
        text.find("secret") + test::written(read(text), text).find(text));
}

TEST_CASE("a project of Poetry 2 keeps its [project]; [tool.poetry] gives sources, and what is dynamic") {
  const std::string listed =
      "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = [\"a>=1\"]  # mine\n"
      "[tool.poetry.dependencies]\na = {git = \"https://host.test/a.git\"}\nb = \"^1\"\n";
  CHECK(test::written(read(listed), listed) ==
        listed + "\n[tool.pkg.sources]\na = { git = \"https://host.test/a.git\" }\n");
  CHECK(test::notes(read(listed), listed) ==
        "pyproject.toml:7: `b` is not carried: [project] has dependencies, and it is none of them; Poetry ignores it, "
        "too\n");

  const std::string dynamic =
      "[project]\nname = \"work\"\nversion = \"1\"\ndynamic = [\"readme\", \"dependencies\", \"requires-python\"]\n"
      "[tool.poetry.dependencies]\npython = \">=3.9\"\na = \"^1\"\n";
  CHECK(test::written(read(dynamic), dynamic) ==
        "[project]\nname = \"work\"\nversion = \"1\"\ndynamic = [\"readme\"]\nrequires-python = \">=3.9\"\n"
        "dependencies = [\n    \"a>=1,<2\",\n]\n"
        "[tool.poetry.dependencies]\npython = \">=3.9\"\na = \"^1\"\n");
}

TEST_CASE("a second import of the same changes nothing") {
  const std::string text =
      "[tool.poetry]\nname = \"work\"\nversion = \"1\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\na = \"^1\"\n"
      "b = {path = \"b\"}\n[tool.poetry.group.dev.dependencies]\nc = \"*\"\n"
      "[[tool.poetry.source]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\n";
  const auto once = test::written(read(text), text);
  CHECK(once != text);
  CHECK(test::written(read(once), once) == once);
  CHECK(test::notes(read(once), once) == "");
}

TEST_CASE("what Poetry itself would refuse is refused with its line") {
  CHECK(test::written(read("[tool.poetry]\n[tool.poetry.dependencies]\na = 1\n")) ==
        "error: `tool.poetry.dependencies.a` is an integer, not a constraint or a table | at pyproject.toml:3");
  CHECK(dependencies("a = \"newest\"") == "error: `newest` in `newest` is no version constraint of Poetry");
  CHECK(test::written(read("[tool.poetry]\n[[tool.poetry.source]]\nurl = \"https://x.test\"\n")) ==
        "error: [[tool.poetry.source]] lacks `name` | at pyproject.toml:2");
  CHECK(test::written(read("[project]\nname = \"x\"\n")) == "error: `pyproject.toml` has no [tool.poetry]");
}
