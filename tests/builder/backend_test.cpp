#include "builder/backend.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "builder/source_tree.h"
#include "builder/static_metadata.h"
#include "pep/metadata.h"

using namespace pkg;
using builder::backend_of;
using builder::TreeKind;

namespace {

std::vector<std::string> texts(const std::vector<pep::Requirement>& requirements) {
  std::vector<std::string> out;
  for (const auto& requirement : requirements) out.push_back(requirement.to_string());
  return out;
}

Result<builder::Backend> backend_of_manifest(std::string_view text) {
  const test::SourceTree tree;
  tree.write("pyproject.toml", text);
  return backend_of(tree.root());
}

std::optional<std::string> static_of_manifest(std::string_view text) {
  const test::SourceTree tree;
  tree.write("pyproject.toml", text);
  return builder::static_metadata(tree.root(), TreeKind::other);
}

std::optional<std::string> static_of_pkg_info(std::string_view text) {
  const test::SourceTree tree;
  tree.write("PKG-INFO", text);
  tree.write("setup.py", "");
  return builder::static_metadata(tree.root(), TreeKind::sdist);
}

const std::vector<std::string> kSetuptools = {"setuptools>=40.8.0"};

}  // namespace

TEST_CASE("a project names its backend, what that needs and where it is") {
  const auto backend = backend_of_manifest(
      "[build-system]\nrequires = [\"hatchling>=1\", \"tomli; python_version < '3.11'\"]\nbuild-backend = "
      "\"a.b:c.d\"\nbackend-path = "
      "[\".\", "
      "\"x/../tools\"]\n");
  REQUIRE_OK(backend);
  CHECK(backend->object == "a.b:c.d");
  CHECK(texts(backend->requires_) == std::vector<std::string>{"hatchling>=1", "tomli; python_version < \"3.11\""});
  CHECK(backend->requires_[0].origin.line == 2);
  CHECK(backend->path == std::vector<std::string>{".", "x/../tools"});
  CHECK_FALSE(backend->is_fallback);
}

TEST_CASE("setuptools builds what names no backend") {
  const test::SourceTree legacy;
  legacy.write("setup.py", "");
  const auto backend = backend_of(legacy.root());
  REQUIRE_OK(backend);
  CHECK(backend->object == "setuptools.build_meta:__legacy__");
  CHECK(texts(backend->requires_) == kSetuptools);
  CHECK(backend->is_fallback);
  const auto without_table = backend_of_manifest("[tool.black]\n");
  REQUIRE_OK(without_table);
  CHECK(texts(without_table->requires_) == kSetuptools);
  CHECK(without_table->is_fallback);
  const auto without_backend = backend_of_manifest("[build-system]\nrequires = [\"setuptools\", \"cython\"]\n");
  REQUIRE_OK(without_backend);
  CHECK(without_backend->object == "setuptools.build_meta:__legacy__");
  CHECK(texts(without_backend->requires_) == std::vector<std::string>{"setuptools", "cython"});
  CHECK(without_backend->is_fallback);
}

TEST_CASE("a folder without a project is not found") {
  const test::SourceTree empty;
  const auto backend = backend_of(empty.root());
  REQUIRE_FALSE(backend.ok());
  CHECK(backend.error().kind == ErrorKind::not_found);
}

TEST_CASE("a broken build-system is told with its place") {
  struct Row {
    std::string_view text, message;
    int line;
  };
  for (const Row& row : {
           Row{"\n[build-system]\nbuild-backend = \"x\"\n", "`build-system` lacks `requires`", 2},
           Row{"[build-system]\nrequires = \"x\"\n",
               "`build-system.requires` is a string, not an array of requirements", 2},
           Row{"[build-system]\nrequires = []\nbuild-backend = \"a b\"\n",
               "`build-system.build-backend` is `a b`, expected a module, or a module and an object (`module:object`)",
               3},
           Row{"[build-system]\nrequires = []\nbuild-backend = \"\"\n",
               "`build-system.build-backend` is ``, expected a module, or a module and an object (`module:object`)", 3},
           Row{"[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\"../x\"]\n",
               "`build-system.backend-path` has `../x`, which is no folder inside of the project", 4},
           Row{"[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\"/etc\"]\n",
               "`build-system.backend-path` has `/etc`, which is no folder inside of the project", 4},
           Row{"[build-system]\nrequires = []\nbackend-path = [\".\"]\n",
               "`build-system` has `backend-path` but no `build-backend` that would be there", 3},
       }) {
    CAPTURE(row.text);
    const auto backend = backend_of_manifest(row.text);
    REQUIRE_FALSE(backend.ok());
    CHECK(backend.error().kind == ErrorKind::bad_data);
    CHECK(backend.error().message == row.message);
    REQUIRE_FALSE(backend.error().context.empty());
    CHECK(backend.error().context[0].ends_with(cat("pyproject.toml:", row.line)));
  }
}

TEST_CASE("backend-path may not leave the tree, not even to come back") {
  const test::SourceTree tree;
  const auto name = tree.root().filename().native();
  for (const auto& path : {cat("../", name), cat("../", name, "/sub"), std::string("sub/../../") + name}) {
    CAPTURE(path);
    tree.write("sub/b.py", "");
    tree.write("pyproject.toml",
               cat("[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\"", path, "\"]\n"));
    CHECK_FALSE(backend_of(tree.root()).ok());
  }
}

TEST_CASE("backend-path may not leave the tree by a link") {
  const test::SourceTree tree;
  tree.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"b\"\nbackend-path = [\"out\"]\n");
  std::filesystem::create_directory_symlink("/etc", tree.root() / "out");
  CHECK_FALSE(backend_of(tree.root()).ok());
}

TEST_CASE("a broken [project] is the backend's to complain about") {
  REQUIRE_OK(backend_of_manifest("[build-system]\nrequires = []\nbuild-backend = \"b\"\n[project]\ndescription = 1\n"));
}

TEST_CASE("a [project] with nothing dynamic says all of its metadata") {
  const auto text = static_of_manifest(R"([project]
name = "My.Project"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["one>=1", "two; os_name == 'nt'"]
dynamic = ["readme", "classifiers"]
[project.optional-dependencies]
Extra_A = ["three", "four[x]>1; python_version < '3.9' or os_name == 'nt'", "five @ https://files.example/five-1.tar.gz"]
empty = []
)");
  REQUIRE(text.has_value());
  CHECK(*text ==
        "Metadata-Version: 2.4\nName: My.Project\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: one>=1\n"
        "Requires-Dist: two; os_name == \"nt\"\nProvides-Extra: extra-a\nRequires-Dist: three; extra == \"extra-a\"\n"
        "Requires-Dist: four[x]>1; (python_version < \"3.9\" or os_name == \"nt\") and extra == \"extra-a\"\n"
        "Requires-Dist: five @ https://files.example/five-1.tar.gz ; extra == \"extra-a\"\nProvides-Extra: empty\n");
  const auto metadata = pep::Metadata::parse(*text);
  REQUIRE_OK(metadata);
  CHECK(metadata->requires_dist.size() == 5);
  CHECK(metadata->requires_dist[4].url == "https://files.example/five-1.tar.gz");
}

TEST_CASE("a [project] that leaves something open does not say its metadata") {
  constexpr std::string_view kWhole = "[project]\nname = \"a\"\nversion = \"1\"\n";
  REQUIRE(static_of_manifest(kWhole).has_value());
  for (const auto* field : {"version", "dependencies", "optional-dependencies", "requires-python"}) {
    CAPTURE(field);
    CHECK_FALSE(static_of_manifest(cat(kWhole, "dynamic = [\"", field, "\"]\n")).has_value());
  }
  CHECK_FALSE(static_of_manifest("[project]\nname = \"a\"\n").has_value());
  CHECK_FALSE(static_of_manifest("[project]\nname = \"a\"\nversion = \"x y\"\n").has_value());
  CHECK_FALSE(static_of_manifest("[project]\nname = \"a\"\nversion = \"1\\nRequires-Dist: evil\"\n").has_value());
  CHECK_FALSE(static_of_manifest("[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"==\"]\n").has_value());
  CHECK_FALSE(static_of_manifest("[tool.poetry]\nname = \"a\"\nversion = \"1\"\n").has_value());
  CHECK_FALSE(static_of_manifest("not toml").has_value());
}

TEST_CASE("PKG-INFO of an sdist counts where its version promises it and no field is dynamic") {
  constexpr std::string_view kFields = "Name: a\nVersion: 1\nRequires-Dist: b\n\nA description\n";
  const std::string whole = cat("Metadata-Version: 2.2\n", kFields);
  CHECK(static_of_pkg_info(whole) == whole);
  CHECK(static_of_pkg_info(cat("Metadata-Version: 2.4\nDynamic: License\n", kFields)).has_value());
  CHECK_FALSE(static_of_pkg_info(cat("Metadata-Version: 2.1\n", kFields)).has_value());
  CHECK_FALSE(static_of_pkg_info(kFields).has_value());
  for (const auto* field : {"Requires-Dist", "requires-python", "Provides-Extra", "VERSION"}) {
    CAPTURE(field);
    CHECK_FALSE(static_of_pkg_info(cat("Metadata-Version: 2.2\nDynamic: ", field, '\n', kFields)).has_value());
  }
  CHECK_FALSE(static_of_pkg_info(cat("Metadata-Version: 2.2\nRequires-Dist: ???\n", kFields)).has_value());
  const test::SourceTree folder;
  folder.write("PKG-INFO", whole);
  CHECK_FALSE(builder::static_metadata(folder.root(), TreeKind::other).has_value());
}

TEST_CASE("an sdist whose PKG-INFO leaves things open may still have a [project] that does not") {
  const test::SourceTree tree;
  tree.write("PKG-INFO", "Metadata-Version: 2.1\nName: a\nVersion: 1\n");
  tree.write("pyproject.toml", "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"b\"]\n");
  const auto text = builder::static_metadata(tree.root(), TreeKind::sdist);
  REQUIRE(text.has_value());
  CHECK(text->find("Requires-Dist: b") != std::string::npos);
}

TEST_CASE("the name of a tree is in any of its files") {
  struct Row {
    std::string file, text, name;
  };
  for (const Row& row : {
           Row{"PKG-INFO", "Metadata-Version: 1.0\nName: A_b\nVersion: 1\n", "a-b"},
           Row{"pyproject.toml", "[project]\nname = \"C.d\"\ndynamic = [\"version\"]\n", "c-d"},
           Row{"pyproject.toml", "[tool.poetry]\nname = \"e\"\n", "e"},
           Row{"setup.cfg", "[options]\nname = no\n[metadata]\nversion = 1\nName: f\n", "f"},
           Row{"setup.cfg", "[metadata]\nname = g g\n", ""},
           Row{"setup.cfg", "[metadata]\n  name = h\n", ""},
           Row{"setup.py", "setup(name='i')", ""},
       }) {
    CAPTURE(row.text);
    const test::SourceTree tree;
    tree.write(row.file, row.text);
    const auto name = builder::static_name(tree.root());
    CHECK((name ? name->str() : "") == row.name);
  }
}
