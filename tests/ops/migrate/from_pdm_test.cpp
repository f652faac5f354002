#include "ops/migrate/from_pdm.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

const std::string kProject = "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = [\"a\"]\n";

Result<ops::ImportedProject> read(const std::string& text, const std::string& folder = "/home/u/work") {
  const std::string name = "pyproject.toml";
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, name));
  const auto place = test::import_place(folder);
  return ops::import_pdm(root, name, place);
}

std::string added(const std::string& text) {
  const auto project = read(text);
  auto after = test::written(project, text);
  const auto at = after.find(text);
  return at == 0 ? after.substr(text.size()) : after;
}

}  // namespace

TEST_CASE("development groups of PDM become dependency groups, all of them installed unasked") {
  const auto text =
      kProject + "[tool.pdm.dev-dependencies]\ntest = [\"pytest>=7\"]\nlint = [\"ruff\", \"black; os_name == 'nt'\"]\n";
  CHECK(test::written(read(text), text) ==
        kProject +
            "\n[dependency-groups]\ntest = [\n    \"pytest>=7\",\n]\n"
            "lint = [\n    \"ruff\",\n    'black; os_name == \"nt\"',\n]\n"
            "[tool.pdm.dev-dependencies]\ntest = [\"pytest>=7\"]\nlint = [\"ruff\", \"black; os_name == 'nt'\"]\n"
            "\n[tool.pkg]\ndefault-groups = [\"lint\", \"test\"]\n");
}

TEST_CASE("sources, overrides and excludes of PDM become [tool.pkg]") {
  CHECK(added(kProject +
              "[tool.pdm]\ndistribution = false\n"
              "[tool.pdm.resolution]\nexcludes = [\"bad\"]\nallow-prereleases = true\n"
              "[tool.pdm.resolution.overrides]\nx = \"1.0\"\ny = \">=2\"\nz = \"*\"\n"
              "[[tool.pdm.source]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\ninclude_packages = [\"a\"]\n"
              "[[tool.pdm.source]]\nname = \"local\"\nurl = \"wheels\"\ntype = \"find_links\"\n"
              "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"https://mirror.test/simple\"\n") ==
        "\n[tool.pkg]\nprerelease = \"allow\"\npackage = false\n"
        "exclude-dependencies = [\"bad\"]\nfind-links = [\"wheels\"]\n"
        "override-dependencies = [\"x==1.0\", \"y>=2\", \"z\"]\n"
        "\n[tool.pkg.sources]\na = { index = \"corp\" }\n"
        "\n[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\n"
        "\n[[tool.pkg.index]]\nname = \"pypi\"\nurl = \"https://mirror.test/simple\"\ndefault = true\n");
}

TEST_CASE("editable lines of PDM become sources, named by the folder") {
  const test::TempDir folder;
  test::put_file(folder / "lib/pyproject.toml", "[project]\nname = \"lib\"\nversion = \"1\"\n");
  const auto text = kProject +
                    "[tool.pdm.dev-dependencies]\ndev = [\"-e file:///${PROJECT_ROOT}/lib\", "
                    "\"-e file:///${PROJECT_ROOT}/other#egg=other\", \"-e file:///${PROJECT_ROOT}/nameless\"]\n";
  const auto project = read(text, folder.path().string());
  REQUIRE_OK(project);
  REQUIRE(project->groups.size() == 1);
  std::string names;
  for (const auto& requirement : project->groups[0].requirements) append(names, requirement.to_string(), ' ');
  CHECK(names == "lib other ");
  const auto lib = project->sources.at(pep::Name::from_normalized("lib"));
  CHECK(lib[0].path == "lib");
  CHECK(lib[0].editable);
  CHECK(test::notes(project, text).find("does not say its name; `pkg add -e …` asks it") != std::string::npos);
}

TEST_CASE("what is about PDM itself is named") {
  const auto text = kProject +
                    "[tool.pdm]\nversion = {source = \"scm\"}\n[tool.pdm.scripts]\nx = \"y\"\n"
                    "[tool.pdm.resolution]\nrespect-source-order = true\n"
                    "[[tool.pdm.source]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\nverify_ssl = false\n"
                    "include_packages = [\"my-*\"]\n";
  CHECK(
      test::notes(read(text), text) ==
      "pyproject.toml:11: `verify_ssl` of `corp` is not carried: whom to trust is the user's to say (--trusted-host)\n"
      "pyproject.toml:15: that `my-*` comes from the source `corp` is not carried: a pattern is no name\n"
      "pyproject.toml:10: `respect-source-order` of [tool.pdm.resolution] is not carried\n"
      "pyproject.toml:6: `version` stays in [tool.pdm], where pdm-backend reads it when the project is built\n"
      "pyproject.toml:7: `scripts` is not carried: `pkg run` takes commands as they are\n");
}
