#include "ops/migrate/from_setup.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "ops/migrate/setup_cfg.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

// A backend that has built: its metadata.
class Answer final : public ops::SourceBuilder {
 public:
  explicit Answer(std::string metadata) : metadata_(std::move(metadata)) {}
  Result<pep::DistFile> locate(const std::string&, bool) override { return no(); }
  Result<ops::NamedSource> source(const std::string& url, bool) override {
    asked = url;
    if (metadata_.empty()) return make_error(ErrorKind::build, "the backend failed");
    PKG_TRY_ASSIGN(auto metadata, pep::Metadata::parse(metadata_));
    ops::NamedSource source;
    source.metadata = std::make_shared<pep::Metadata>(std::move(metadata));
    return source;
  }
  Result<index::MetadataResult> metadata(const pep::DistFile&) override { return no(); }
  Result<pep::DistFile> wheel(const pep::DistFile&) override { return no(); }
  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const>) override { return no(); }
  Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile&, const ops::PinsForBuild&) override {
    return no();
  }
  const ops::BuildOptions& options() const override { return options_; }
  const pep::Target& target() const override { return target_; }
  void keep_commits(std::map<std::string, std::string>) override {}
  std::string asked;

 private:
  static Error no() { return make_error(ErrorKind::unsupported, "not asked"); }
  std::string metadata_;
  ops::BuildOptions options_;
  pep::Target target_;
};

Result<ops::ImportedProject> cfg(const std::string& text, const std::filesystem::path& folder = "/nowhere") {
  return ops::import_setup_cfg(text, "setup.cfg", folder);
}

}  // namespace

TEST_CASE("metadata, options, extras and entry points of a setup.cfg") {
  CHECK(test::written(cfg("# ours\n[metadata]\nname = my_work\nversion = 1.2\ndescription = does it\n"
                          "long_description = file: README.md\nauthor = Ann\nauthor-email = ann@host.test\n"
                          "license = MIT\nurl = https://host.test\nproject_urls =\n    Issues = https://host.test/i\n"
                          "keywords = a, b\nclassifiers =\n    Topic :: Utilities\n    Typing :: Typed\n"
                          "[options]\npackages = find:\npython_requires = >=3.8\n"
                          "install_requires =\n    requests>=2  # needed\n    # not this\n    six; os_name == 'nt'\n"
                          "[options.extras_require]\nplot = plotter>=1\n"
                          "[options.entry_points]\nconsole_scripts =\n    work = my_work.cli:main\n"
                          "my.plugins =\n    x = my_work.x:X\n")) ==
        "[project]\nname = \"my_work\"\nversion = \"1.2\"\ndescription = \"does it\"\nreadme = \"README.md\"\n"
        "requires-python = \">=3.8\"\nlicense = { text = \"MIT\" }\n"
        "authors = [{ name = \"Ann\", email = \"ann@host.test\" }]\nkeywords = [\"a\", \"b\"]\n"
        "classifiers = [\"Topic :: Utilities\", \"Typing :: Typed\"]\n"
        "dependencies = [\n    \"requests>=2\",\n    'six; os_name == \"nt\"',\n]\n"
        "\n[project.optional-dependencies]\nplot = [\n    \"plotter>=1\",\n]\n"
        "\n[project.urls]\nHomepage = \"https://host.test\"\nIssues = \"https://host.test/i\"\n"
        "\n[project.scripts]\nwork = \"my_work.cli:main\"\n"
        "\n[project.entry-points.\"my.plugins\"]\nx = \"my_work.x:X\"\n"
        "\n[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n");
}

TEST_CASE("attr: and file: of a setup.cfg become [tool.setuptools.dynamic]") {
  CHECK(test::written(cfg("[metadata]\nname = work\nversion = attr: work.__version__\n"
                          "description = file: ABOUT\n[options]\ninstall_requires = file: requirements.txt\n"
                          "setup_requires = cython\n")) ==
        "[project]\nname = \"work\"\ndynamic = [\"version\", \"description\", \"dependencies\"]\n"
        "\n[build-system]\nrequires = [\"setuptools>=61\", \"cython\"]\nbuild-backend = \"setuptools.build_meta\"\n"
        "\n[tool.setuptools.dynamic]\nversion = { attr = \"work.__version__\" }\n"
        "description = { file = [\"ABOUT\"] }\ndependencies = { file = [\"requirements.txt\"] }\n");
}

TEST_CASE("a setup.py beside a setup.cfg is not asked, and builds as before") {
  const test::TempDir folder;
  test::put_file(folder / "setup.py", "from setuptools import setup\nsetup()\n");
  const auto project = cfg("[metadata]\nname = work\n[options]\ninstall_requires = a b\n", folder.path());
  CHECK(test::written(project) ==
        "[project]\nname = \"work\"\ndynamic = [\"version\"]\ndependencies = []\n"
        "\n[build-system]\nrequires = [\"setuptools>=61\"]\n");
  CHECK(
      test::notes(project) ==
      "setup.cfg:4: `a b` is not carried: it is no requirement\n"
      "[options] of `setup.cfg` stays: setuptools reads there what it builds; [metadata] and the requirements count no "
      "more\n"
      "`setup.py` was not asked: what it alone says of dependencies counts no more; `pkg import setup.py` asks it\n");
}

TEST_CASE("a setup.cfg that configparser would refuse is refused with its line") {
  CHECK(test::written(cfg("x = 1\n")) == "error: setup.cfg:1: expected `key = value` below a [section], found `x = 1`");
  CHECK(test::written(cfg("[metadata]\nname\n")) ==
        "error: setup.cfg:2: expected `key = value` below a [section], found `name`");
  const auto twice = ops::SetupCfg::parse("[a]\nK-ey: 1\n\n  2 = 3\n[b]\n[a]\nkey = x\nkey = y\n", "setup.cfg");
  REQUIRE_OK(twice);
  CHECK(twice->section("a")->get("k_ey")->value == "1\n2 = 3");
  CHECK(twice->section("a")->get("key")->value == "y");
  CHECK(twice->section("c") == nullptr);
}

TEST_CASE("what the backend says of a setup.py, and what stays there") {
  Answer builds(
      "Metadata-Version: 2.1\nName: Work\nVersion: 1.0\nRequires-Python: >=3.8\nProvides-Extra: plot\n"
      "Provides-Extra: all\nRequires-Dist: requests>=2\nRequires-Dist: plotter>=1 ; extra == 'plot'\n"
      "Requires-Dist: winter; (os_name == 'nt' or os_name == 'ce') and extra == \"plot\"\n"
      "Requires-Dist: odd; extra == 'plot' or extra == 'all'\n");
  const auto project = ops::import_setup_py(
      "from setuptools import setup\nsetup(name='Work', author = 'Ann', url='x', license_files=[],\n"
      "  entry_points={'console_scripts': []})\n",
      "setup.py", "/home/u/work", builds);
  CHECK(builds.asked == "file:///home/u/work");
  CHECK(test::written(project) ==
        "[project]\nname = \"Work\"\nversion = \"1.0\"\nrequires-python = \">=3.8\"\n"
        "dynamic = [\"authors\", \"scripts\", \"gui-scripts\", \"entry-points\"]\n"
        "dependencies = [\n    \"requests>=2\",\n]\n"
        "\n[project.optional-dependencies]\nplot = [\n    \"plotter>=1\",\n"
        "    'winter; os_name == \"nt\" or os_name == \"ce\"',\n]\nall = []\n"
        "\n[build-system]\nrequires = [\"setuptools>=61\"]\n");
  CHECK(test::notes(project) ==
        "`odd; extra == \"plot\" or extra == \"all\"` is not carried: its extra is not plain\n"
        "`setup.py` stays: the project is built with it, and it still gives what `dynamic` names: authors, scripts, "
        "gui-scripts, entry-points\n");
  Answer broken("");
  CHECK(test::written(ops::import_setup_py("", "setup.py", "/home/u/work", broken)) == "error: the backend failed");
}
