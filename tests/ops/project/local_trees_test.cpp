#include "ops/project/local_trees.h"

#include <doctest/doctest.h>

#include <fstream>

#include "ops/project/dynamic_members.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

struct Place {
  pkg::test::TempDir folder;
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::ops::Project open() {
    auto project = pkg::ops::open_project(folder.path());
    REQUIRE_OK(project);
    return std::move(project).value();
  }
};

constexpr const char* kProject = "[build-system]\nrequires = []\n[project]\nname = \"work\"\nversion = \"1\"\n";

}  // namespace

TEST_CASE("a member installed in place looks the same while nothing changes that its build could see") {
  Place place;
  place.write("pyproject.toml", kProject);
  const auto look = [&](bool editable = true) {
    const auto project = place.open();
    return pkg::ops::look_of_member(project.member(), editable);
  };
  const auto before = look(), built = look(false);
  place.write("pyproject.toml",
              std::string("# a comment\n") + kProject + "[dependency-groups]\ndev = []\n[tool.pkg]\npackage = true\n");
  place.write("src/work.py", "x = 1\n");
  CHECK(look() == before);
  CHECK(look(false) != built);
  place.write("pyproject.toml", std::string(kProject) + "[tool.backend]\nx = 1\n");
  CHECK(look() != before);
  place.write("pyproject.toml", kProject);
  CHECK(look() == before);
  place.write("setup.py", "");
  CHECK(look() != before);
}

TEST_CASE("caches and version control are no part of a tree") {
  Place place;
  place.write("lib/pyproject.toml", "");
  place.write("lib/lib/__init__.py", "x = 1\n");
  const auto look = [&] { return pkg::ops::look_of_tree(place.folder / "lib", false); };
  const auto before = look();
  place.write("lib/.git/HEAD", "x");
  place.write("lib/lib/__pycache__/a.pyc", "x");
  place.write("lib/build/lib/x.py", "x");
  place.write("lib/lib.egg-info/PKG-INFO", "x");
  CHECK(look() == before);
  place.write("lib/lib/__init__.py", "x = 22\n");
  CHECK(look() != before);
}

TEST_CASE("folders that requirements come from are found, members are not among them") {
  Place place;
  place.write(
      "pyproject.toml",
      "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = [\"u @ file:///opt/u#subdirectory=x\"]\n"
      "[tool.pkg.workspace]\nmembers = [\"m\"]\n[tool.pkg.sources]\na = {path = \"libs/a\", subdirectory = \"b\"}\n"
      "m = {path = \"m\"}\nw = {path = \"w-1-py3-none-any.whl\"}\n");
  place.write("m/pyproject.toml", "[project]\nname = \"m\"\nversion = \"1\"\n");
  CHECK(pkg::ops::source_folders(place.open()) ==
        std::vector<std::filesystem::path>{"/opt/u/x/", place.folder / "libs/a/b/"});
}

TEST_CASE("what a backend tells of dependencies is taken apart by extras") {
  const auto metadata = pkg::pep::Metadata::parse(
      "Metadata-Version: 2.1\nName: work\nVersion: 1\nProvides-Extra: plot\nProvides-Extra: fast\nRequires-Dist: a>=1\n"
      "Requires-Dist: b; sys_platform == 'win32'\nRequires-Dist: c; extra == 'plot' and python_version < '3.12'\n"
      "Requires-Dist: d; extra == 'plot' or extra == 'fast'\n");
  REQUIRE_OK(metadata);
  pkg::pep::ProjectTable table;
  pkg::ops::put_requirements(*metadata, "pyproject.toml", table);
  const auto texts = [](const std::vector<pkg::pep::Requirement>& list) {
    std::string text;
    for (const auto& requirement : list) text += requirement.to_string() + "\n";
    return text;
  };
  CHECK(texts(table.dependencies) == "a>=1\nb; sys_platform == \"win32\"\n");
  REQUIRE(table.optional_dependencies.size() == 2);
  CHECK(table.optional_dependencies[0].first.str() == "plot");
  CHECK(texts(table.optional_dependencies[0].second) == "c; python_version < \"3.12\"\nd\n");
  CHECK(texts(table.optional_dependencies[1].second) == "d\n");
}
