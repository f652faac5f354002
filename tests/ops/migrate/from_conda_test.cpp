#include "ops/migrate/from_conda.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

Result<ops::ImportedProject> read(const std::string& text) {
  const auto place = test::import_place();
  return ops::import_conda(text, "environment.yml", "/home/u/work", place);
}

std::string python(const std::string& spec) {
  const auto project = read("dependencies:\n  - python" + spec + "\n");
  if (!project) return project.error().message;
  return project->metadata.empty() ? test::notes(project) : project->metadata.front().second;
}

}  // namespace

TEST_CASE("the pip part of a conda environment becomes dependencies, and its Python requires-python") {
  const auto project = read(
      "name: my env\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pip\n  - numpy=1.26\n"
      "  - conda-forge::scipy>=1.11\n  - pip:\n    - requests[socks]>=2 ; os_name == 'nt'\n"
      "    - lib @ git+https://host.test/lib@v1\n    - --extra-index-url https://more.test/simple\n"
      "    - -r more.txt\nprefix: /opt/conda/envs/x\n");
  CHECK(test::written(project) ==
        "[project]\nname = \"my-env\"\nversion = \"0.1.0\"\nrequires-python = \"==3.11.*\"\n"
        "dependencies = [\n    'requests[socks]>=2; os_name == \"nt\"',\n    \"lib\",\n]\n"
        "\n[tool.pkg]\nextra-index-url = [\"https://more.test/simple\"]\n"
        "\n[tool.pkg.sources]\nlib = { git = \"https://host.test/lib\", rev = \"v1\" }\n");
  CHECK(test::notes(project) ==
        "environment.yml:3: `channels` is not carried: it is about conda\n"
        "environment.yml:13: `-r more.txt` is not carried\n"
        "environment.yml:7: conda packages are not carried, as they are no projects of an index: numpy=1.26, "
        "scipy>=1.11\n"
        "`my env` is no name of a project: it is called `my-env`\n");
}

TEST_CASE("the Python of a conda environment, as conda means it") {
  CHECK(python("=3.11") == "\"==3.11.*\"");
  CHECK(python("=3") == "\"==3.*\"");
  CHECK(python(" 3.10.*") == "\"==3.10.*\"");
  CHECK(python("=3.11.4") == "\"==3.11.4\"");
  CHECK(python("=3.11.4=h1234_0") == "\"==3.11.4\"");
  CHECK(python("==3.11.4") == "\"==3.11.4\"");
  CHECK(python(" >=3.9,<3.12") == "\">=3.9,<3.12\"");
  CHECK(python("") == "");
  CHECK(python("=3.9|3.10").find("is no version specifier") != std::string::npos);
}

TEST_CASE("an environment file that is not understood is refused with its line") {
  CHECK(test::written(read("dependencies:\n  - numpy: [a]\n")) ==
        "error: environment.yml:2: `numpy` in `dependencies`: only `pip:` has a list");
  CHECK(test::written(read("dependencies: a\n")) == "error: environment.yml:1: `dependencies` is no list");
  CHECK(test::written(read("dependencies:\n  - pip:\n    - a: b\n")) ==
        "error: environment.yml:3: an item of `pip` is no requirement");
  CHECK(test::written(read("dependencies: &x\n")) ==
        "error: environment.yml:1: an anchor or alias is YAML that pkg does not read");
  CHECK(test::written(read("dependencies:\n  - pip:\n    - --what\n")).find("environment.yml:3") != std::string::npos);
}
