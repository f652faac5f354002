#include "ops/migrate/from_requirements.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

struct Layout {
  test::TempDir folder;
  void write(const std::string& name, std::string_view text) const { test::put_file(folder / name, text); }
  Result<ops::ImportedProject> read(const std::string& file) const {
    const auto place = test::import_place(folder.path().string());
    return ops::import_requirements(folder / file, place);
  }
};

std::string pins(const ops::ImportedProject& project) {
  std::string out = project.pins_from + ":";
  if (!project.pins) return out;
  for (const auto& package : project.pins->packages)
    append(out, ' ', package.name.str(), ' ', package.version->to_string(),
           package.marker.is_trivial() ? std::string() : cat(" if ", package.marker.to_string()));
  return out;
}

}  // namespace

TEST_CASE("files of a layout by their names: the dependencies first, then groups; .in before .txt") {
  Layout layout;
  for (const auto* name :
       {"requirements.in", "requirements.txt", "dev-requirements.in", "requirements_docs.txt", "requirements/test.in",
        "requirements/test.txt", "requirements/base.in", "constraints.txt", "notes.txt", "requirements-a b.txt"})
    layout.write(name, "");
  std::string found;
  for (const auto& file : ops::requirements_layout(layout.folder.path()))
    append(found, file.path, " (", file.group, ") ", file.compiled, '\n');
  CHECK(found ==
        "requirements.in () requirements.txt\n"
        "requirements/base.in () \n"
        "dev-requirements.in (dev) \n"
        "requirements/test.in (test) requirements/test.txt\n"
        "requirements_docs.txt (docs) \n");
}

TEST_CASE("what is written becomes dependencies and groups, what is compiled becomes pins") {
  Layout layout;
  layout.write("requirements.in", "-c constraints.txt\nflask>=2\nflask>=2\nlib @ git+https://host.test/lib@v1\n");
  layout.write("requirements.txt", "# compiled\nflask==3.0 \\\n    --hash=sha256:" + std::string(64, 'a') +
                                       "\nclick==8.1 ; sys_platform == 'win32'\nlib @ git+https://host.test/lib@v1\n");
  layout.write("constraints.txt", "click<9\n");
  layout.write("dev-requirements.in", "-r requirements.in\n-c requirements.txt\n-r test-requirements.in\nruff\n");
  layout.write("test-requirements.in", "-r more.in\npytest\n");
  layout.write("more.in", "tox\n");
  layout.write("dev-requirements.txt", "ruff==0.1\nflask==3.0\n");
  const auto project = layout.read("requirements.in");
  CHECK(test::written(project) ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"flask>=2\",\n    \"lib\",\n]\n"
        "\n[dependency-groups]\ndev = [\n    { include-group = \"test\" },\n    \"ruff\",\n]\n"
        "test = [\n    \"tox\",\n    \"pytest\",\n]\n"
        "\n[tool.pkg]\nconstraint-dependencies = [\"click<9\"]\n"
        "\n[tool.pkg.sources]\nlib = { git = \"https://host.test/lib\", rev = \"v1\" }\n");
  REQUIRE_OK(project);
  CHECK(pins(*project) ==
        "requirements.txt, dev-requirements.txt: flask 3.0 click 8.1 if sys_platform == \"win32\" ruff 0.1");
  const auto once = test::written(project);
  CHECK(test::written(project, once) == once);
  CHECK(test::notes(project) == "");
}

TEST_CASE("a lone requirements.txt is taken as it is written, and its pins are pointed out") {
  Layout layout;
  layout.write("requirements.txt", "flask==3.0\nclick>=8\n");
  layout.write("requirements-dev.txt", "-r requirements.txt\npytest\n");
  const auto project = layout.read("requirements.txt");
  CHECK(test::written(project) ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"flask==3.0\",\n    \"click>=8\",\n]\n"
        "\n[dependency-groups]\ndev = [\n    \"pytest\",\n]\n");
  CHECK(
      test::notes(project) ==
      "there is no `requirements.in`: 1 pins of `requirements.txt` are written as the requirements that they are; keep "
      "those that the project itself needs\n");
}

TEST_CASE("options of requirements files become settings, without logins") {
  Layout layout;
  layout.write("requirements.in",
               "--index-url https://me:secret@corp.test/simple\n--extra-index-url https://more.test/simple\n"
               "--find-links wheels\n--pre\n--only-binary a,b\n--trusted-host corp.test\n--use-feature x\n"
               "--extra-index-url https://${HOST}/simple\n--require-hashes\nflask\n");
  const auto project = layout.read("requirements.in");
  CHECK(test::written(project) ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"flask\",\n]\n"
        "\n[tool.pkg]\nindex-url = \"https://corp.test/simple\"\nprerelease = \"allow\"\n"
        "extra-index-url = [\"https://more.test/simple\"]\nfind-links = [\"wheels\"]\nonly-binary = [\"a\", \"b\"]\n");
  CHECK(test::notes(project) ==
        "requirements.in:1: the login of `https://corp.test/simple` is not carried: `pkg auth login` keeps one\n"
        "requirements.in:6: `--trusted-host` is not carried: whom to trust is the user's to say\n"
        "requirements.in:7: `--use-feature` is not carried\n"
        "requirements.in:8: `--extra-index-url` is not carried: its address is no URL, or names a variable\n");
}

TEST_CASE("paths and editables are named by their folders; the project itself is no dependency") {
  Layout layout;
  layout.write("libs/near/pyproject.toml", "[project]\nname = \"near\"\nversion = \"1\"\n");
  layout.write("requirements/base.in",
               "-e .\n-e ../libs/near[x]\n./../libs/none\nhttps://host.test/away-1-py3-none-any.whl\n");
  layout.write("pyproject.toml", "[project]\nname = \"work\"\n");
  const auto project = layout.read("requirements/base.in");
  CHECK(test::written(project) ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"near[x]\",\n    \"away\",\n]\n"
        "\n[tool.pkg.sources]\naway = { url = \"https://host.test/away-1-py3-none-any.whl\" }\n"
        "near = { path = \"libs/near\", editable = true }\n");
  CHECK(test::notes(project) ==
        "requirements/base.in:3: `./../libs/none` is not carried: it does not say its name; `pkg add …` asks it\n");
}

TEST_CASE("a path with a plus is a path") {
  Layout layout;
  layout.write("c++lib/pyproject.toml", "[project]\nname = \"near\"\nversion = \"1\"\n");
  layout.write("requirements.in", "-e ./c++lib\n");
  const auto project = layout.read("requirements.in");
  CHECK(test::written(project).find("near = { path = \"c++lib\", editable = true }") != std::string::npos);
  CHECK(test::notes(project) == "");
}

TEST_CASE("files outside of the project are not read, whatever names or links them") {
  Layout layout;
  layout.write("out/secret.txt", "top secret words\n");
  layout.write("in/requirements.in", "-r ../out/secret.txt\n-r https://host.test/r.txt\n-c link.txt\nflask\n");
  std::filesystem::create_symlink("../out/secret.txt", layout.folder / "in/link.txt");
  const auto place = test::import_place((layout.folder / "in").string());
  const auto project = ops::import_requirements(layout.folder / "in/requirements.in", place);
  const auto told = test::notes(project);
  const auto folder = (layout.folder / "in").string();
  CHECK(told == "requirements.in:1: `../out/secret.txt` is not read: it lies outside of `" + folder +
                    "`\nrequirements.in:2: `https://host.test/r.txt` is not read: it lies outside of `" + folder +
                    "`\nrequirements.in:3: `link.txt` is not read: it lies outside of `" + folder + "`\n");
  std::filesystem::create_symlink("../out/secret.txt", layout.folder / "in/dev-requirements.in");
  const auto linked = ops::import_requirements(layout.folder / "in/requirements.in", place);
  CHECK(test::written(linked) == "error: `dev-requirements.in` is a link that leads out of its folder");
}

TEST_CASE("requirements files that include themselves end with an error; what is no requirement is named") {
  Layout layout;
  layout.write("deps.txt", "-r more.txt\n");
  layout.write("more.txt", "-r more.txt\n");
  CHECK(test::written(layout.read("deps.txt")) ==
        "error: `more.txt`: requirements files include each other deeper than 16");
  layout.write("other.txt", "what is this\nflask\n");
  CHECK(test::notes(layout.read("other.txt")) == "other.txt:1: `what is this` is not carried: it is no requirement\n");
  CHECK(test::written(layout.read("none.txt")).starts_with("error: "));
}
