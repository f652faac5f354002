#include "ops/edit/edit_project.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/fs.h"
#include "base/text.h"
#include "ops/edit/edited_manifest.h"
#include "ops/edit/init_project.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

using ListKind = pkg::pep::DependencyList::Kind;

// Edits of one pyproject.toml without a lock: no index is asked.
struct Place {
  pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session{pkg::index::Settings{}, folder.path(), reporter, cancel};
  bool raw = false;  // --raw-sources
  std::string tag;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const { return pkg::fs::read_file(folder / name).value(); }

  std::string add(std::vector<std::string> words, pkg::pep::DependencyList list = {}) {
    pkg::ops::AddOptions options;
    options.inputs.words = std::move(words);
    options.edit.list = std::move(list);
    options.edit.frozen = true;
    options.raw = raw;
    options.tag = tag;
    return told(pkg::ops::add_requirements(options, session));
  }
  std::string remove(std::vector<std::string> names, pkg::pep::DependencyList list = {}) {
    pkg::ops::RemoveOptions options;
    options.names = std::move(names);
    options.edit.list = std::move(list);
    options.edit.frozen = true;
    return told(pkg::ops::remove_requirements(options, session));
  }
  static std::string told(const pkg::Result<pkg::ops::EditReport>& report) {
    if (!report) return report.error().message + (report.error().hint.empty() ? "" : " | " + report.error().hint);
    std::string text;
    for (const auto& change : report->changes) text += pkg::cat("[", change.before, " -> ", change.after, "]");
    return text;
  }
};

std::string project(const std::string& rest) { return "[project]\nname = \"work\"\nversion = \"1\"\n" + rest; }

}  // namespace

TEST_CASE("a requirement that is there is merged with the one that is added") {
  struct Row {
    const char* there;
    const char* added;
    const char* after;
  };
  for (const Row& row : {Row{"a>=1", "a", "a>=1"}, Row{"a>=1", "A>=2", "a>=2"}, Row{"a[x]>=1", "a[y]", "a[x,y]>=1"},
                         Row{"a[x]", "a[x]", "a[x]"}, Row{"a>=1; os_name == 'nt'", "a>=2", "a>=2; os_name == \"nt\""},
                         Row{"a>=1; os_name == 'nt'", "a>=2; os_name == \"nt\"", "a>=2; os_name == \"nt\""},
                         Row{"a>=1", "a @ https://files.example/a-1-py3-none-any.whl",
                             "a @ https://files.example/a-1-py3-none-any.whl"}}) {
    CAPTURE(row.added);
    Place place;
    place.raw = true;
    place.write("pyproject.toml", project(pkg::cat("dependencies = [\n  \"", row.there, "\",  # why\n]\n")));
    const auto before = pkg::pep::Requirement::parse(row.there);
    CHECK(place.add({row.added}) == pkg::cat("[", pkg::pep::written_form(*before), " -> ", row.after, "]"));
    const auto now = pkg::pep::listed_requirements(place.read("pyproject.toml"), {}, "pyproject.toml");
    REQUIRE_OK(now);
    CHECK(now->size() == 1);
    CHECK(pkg::pep::written_form(*now->front()) == row.after);
    CHECK(place.read("pyproject.toml").ends_with(",  # why\n]\n"));
  }
}

TEST_CASE("a URL becomes a name with a source, which goes with the last entry of the name") {
  Place place;
  const auto before = project("dependencies = [\"b>=1\"]\n[dependency-groups]\ndev = [\"a\"]\n");
  place.write("pyproject.toml", before);
  place.tag = "v1";
  CHECK(place.add({"a[x] @ git+https://git.example/a.git#subdirectory=py"}) == "[ -> a[x]]");
  const auto source = std::string(
      "\n[tool.pkg.sources]\na = { git = \"https://git.example/a.git\", tag = \"v1\", subdirectory = \"py\" }\n");
  CHECK(place.read("pyproject.toml") == pkg::replace_all(before, "[\"b>=1\"]", "[\"a[x]\", \"b>=1\"]") + source);
  CHECK(place.add({"b"}).starts_with("`b` does not come from git"));
  place.tag.clear();
  CHECK(place.add({"b @ https://files.example/b-1.zip"}) == "[b>=1 -> b>=1]");
  CHECK(place.read("pyproject.toml").ends_with("\nb = { url = \"https://files.example/b-1.zip\" }\n"));
  CHECK(place.remove({"b"}) == "[b>=1 -> ]");
  CHECK(place.remove({"a"}) == "[a[x] -> ]");
  // The group asks for it still.
  CHECK(place.read("pyproject.toml") == pkg::replace_all(before, "[\"b>=1\"]", "[]") + source);
  CHECK(place.remove({"a"}, {ListKind::group, "dev"}) == "[a -> ]");
  CHECK(place.read("pyproject.toml").find("tool.pkg") == std::string::npos);
}

TEST_CASE(
    "with a marker that no entry has, a requirement becomes another entry; without one it must be clear which is "
    "meant") {
  Place place;
  place.write("pyproject.toml", project("dependencies = [\"a>=1\"]\n"));
  CHECK(place.add({"a>=3; os_name == 'nt'"}) == "[ -> a>=3; os_name == \"nt\"]");
  CHECK(place.read("pyproject.toml") == project("dependencies = [\"a>=1\", 'a>=3; os_name == \"nt\"']\n"));
  CHECK(place.add({"a>=2"}) == "[a>=1 -> a>=2]");
  place.write("pyproject.toml", project("dependencies = [\"a; os_name == 'nt'\", \"a; os_name != 'nt'\"]\n"));
  CHECK(place.add({"a>=2"}) ==
        "`a` is in project.dependencies 2 times, for different environments | say which with a marker, as it is "
        "written there");
  CHECK(place.remove({"A"}) == "[a; os_name != \"nt\" -> ][a; os_name == \"nt\" -> ]");
  CHECK(place.read("pyproject.toml") == project("dependencies = []\n"));
}

TEST_CASE("the project itself is added to a group by its extras only") {
  Place place;
  place.write("pyproject.toml", project("[project.optional-dependencies]\nx = []\n"));
  CHECK(place.add({"Work"}) == "`work` is the project itself");
  CHECK(place.add({"work[x]"}, {ListKind::group, "dev"}) == "[ -> work[x]]");
}

TEST_CASE("what is not in a list is not removed from it, and the message says where it is") {
  Place place;
  const auto text = project(
      "dependencies = []\n[project.optional-dependencies]\nplot = [\"a\"]\n[dependency-groups]\ndev = [\"a\", "
      "\"b\"]\n");
  place.write("pyproject.toml", text);
  CHECK(place.remove({"a"}) ==
        "`a` is not in project.dependencies of `pyproject.toml` | it is removed with --optional plot, or with --group "
        "dev");
  CHECK(place.remove({"c"}) == "`c` is not in project.dependencies of `pyproject.toml`");
  CHECK(place.remove({"b", "c"}, {ListKind::group, "dev"}) ==
        "`c` is not in dependency-groups.dev of `pyproject.toml`");
  CHECK(place.read("pyproject.toml") == text);
}

TEST_CASE("a file that somebody else changed is not written over") {
  Place place;
  place.write("pyproject.toml", project(""));
  auto manifest = pkg::ops::EditedManifest::open({}, {}, place.session);
  REQUIRE_OK(manifest);
  REQUIRE_OK(manifest->insert({}, *pkg::pep::Requirement::parse("a")));
  place.write("pyproject.toml", project("# another hand\n"));
  const auto written = manifest->write();
  REQUIRE(!written.ok());
  CHECK(written.error().message == "`pyproject.toml` was changed by somebody else meanwhile");
  CHECK(place.read("pyproject.toml") == project("# another hand\n"));
}

TEST_CASE("a link to a pyproject.toml stays a link") {
  Place place;
  place.write("real.toml", project("dependencies = [\"b\"]\n"));
  std::filesystem::create_symlink("real.toml", place.folder / "pyproject.toml");
  CHECK(place.add({"c"}) == "[ -> c]");
  CHECK(std::filesystem::is_symlink(place.folder / "pyproject.toml"));
  CHECK(place.read("real.toml") == project("dependencies = [\"b\", \"c\"]\n"));
}

TEST_CASE("what an undo remembers comes back, and what was not there goes") {
  Place place;
  place.write("there", "old");
  {
    pkg::ops::Undo undo;
    REQUIRE_OK(undo.remember(place.folder / "there"));
    REQUIRE_OK(undo.remember(place.folder / "new"));
    place.write("there", "changed");
    place.write("new", "made");
  }
  CHECK(place.read("there") == "old");
  CHECK(!std::filesystem::exists(place.folder / "new"));
}

TEST_CASE("a new project opens, and a packaged application has a command") {
  Place place;
  pkg::ops::InitOptions options;
  options.folder = "my app";
  options.python = "3.10";
  options.build_backend = "flit_core";
  const auto made = pkg::ops::init_project(options, place.session);
  REQUIRE_OK(made);
  CHECK(pkg::join(made->written, " ") == ".gitignore .python-version README.md pyproject.toml src/my_app/__init__.py");
  CHECK(place.read("my app/pyproject.toml") ==
        "[project]\nname = \"my-app\"\nversion = \"0.1.0\"\ndescription = \"\"\nreadme = "
        "\"README.md\"\nrequires-python = "
        "\">=3.10\"\ndependencies = []\n\n"
        "[project.scripts]\nmy-app = \"my_app:main\"\n\n[build-system]\nrequires = "
        "[\"flit_core>=3.4,<4\"]\nbuild-backend = "
        "\"flit_core.buildapi\"\n");
  const auto project = pkg::ops::open_project(place.folder / "my app");
  REQUIRE_OK(project);
  CHECK(project->member().is_package);
  const auto again = pkg::ops::init_project(options, place.session);
  REQUIRE(!again.ok());
  CHECK(again.error().kind == pkg::ErrorKind::conflict);
}

TEST_CASE("files that are there are kept by init") {
  Place place;
  place.write("main.py", "mine\n");
  pkg::ops::InitOptions options;
  options.name = "work";
  options.python = "3.10";
  const auto made = pkg::ops::init_project(options, place.session);
  REQUIRE_OK(made);
  CHECK(pkg::join(made->kept, " ") == "main.py");
  CHECK(place.read("main.py") == "mine\n");
}
