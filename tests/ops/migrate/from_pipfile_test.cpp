#include "ops/migrate/from_pipfile.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

Result<ops::ImportedProject> read(const std::string& text, const std::string& folder = "/home/u/work") {
  const auto place = test::import_place();
  return ops::import_pipfile(text, "Pipfile", folder, place);
}

}  // namespace

TEST_CASE("packages, categories, sources and the Python of a Pipfile") {
  CHECK(
      test::written(read("[[source]]\nurl = \"https://index.test/simple\"\nverify_ssl = true\nname = \"pypi\"\n"
                         "[[source]]\nurl = \"https://corp.test/simple\"\nname = \"corp\"\n"
                         "[packages]\nRequests = \"*\"\nsix = \"==1.16.0\"\nold = \">=1,<2\"\n"
                         "mine = {version = \"~=1.1\", index = \"corp\"}\nusual = {version = \"*\", index = \"pypi\"}\n"
                         "win = {version = \"*\", sys_platform = \"== 'win32'\", extras = [\"gui\"]}\n"
                         "marked = {version = \"*\", markers = \"python_version < '3.11'\"}\n"
                         "lib = {git = \"https://host.test/lib.git\", ref = \"v1\", editable = true}\n"
                         "near = {path = \"./near\", editable = true}\n"
                         "away = {file = \"https://host.test/away-1.zip\"}\n"
                         "[dev-packages]\npytest = \"*\"\n[docs]\nsphinx = \"*\"\n"
                         "[requires]\npython_version = \"3.11\"\n[pipenv]\nallow_prereleases = true\n")) ==
      "[project]\nname = \"work\"\nversion = \"0.1.0\"\nrequires-python = \"==3.11.*\"\n"
      "dependencies = [\n    \"Requests\",\n    \"six==1.16.0\",\n    \"old>=1,<2\",\n    \"mine~=1.1\",\n"
      "    \"usual\",\n    'win[gui]; sys_platform == \"win32\"',\n    'marked; python_version < \"3.11\"',\n"
      "    \"lib\",\n    \"near\",\n    \"away\",\n]\n"
      "\n[dependency-groups]\ndev = [\n    \"pytest\",\n]\ndocs = [\n    \"sphinx\",\n]\n"
      "\n[tool.pkg]\nprerelease = \"allow\"\n"
      "\n[tool.pkg.sources]\n"
      "away = { url = \"https://host.test/away-1.zip\" }\n"
      "lib = { git = \"https://host.test/lib.git\", rev = \"v1\" }\n"
      "mine = { index = \"corp\" }\n"
      "near = { path = \"near\", editable = true }\n"
      "\n[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\nexplicit = true\n");
}

TEST_CASE("the first source of a Pipfile stands for the default index") {
  const auto text =
      test::written(read("[[source]]\nurl = \"https://corp.test/simple\"\nname = \"corp\"\n"
                         "[packages]\na = {version = \"*\", index = \"corp\"}\n"));
  CHECK(text ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"a\",\n]\n"
        "\n[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\ndefault = true\n");
}

TEST_CASE("what a Pipfile says and pkg does not take is named with its line, without logins") {
  const auto project = read(
      "[[source]]\nurl = \"https://${USER}:${PASS}@corp.test/simple\"\nname = \"corp\"\nverify_ssl = false\n"
      "[[source]]\nurl = \"https://$HOST/simple/${PART}\"\nname = \"odd\"\n"
      "[packages]\nwork = {path = \".\", editable = true}\na = {version = \"*\", hashes = []}\n"
      "b = {version = \"*\", index = \"odd\"}\nc = {git = \"https://me:secret@host.test/c\"}\n"
      "[scripts]\nx = \"y\"\n[pipenv]\nsort_pipfile = true\n[requires]\nos = \"linux\"\n");
  CHECK(test::notes(project) ==
        "Pipfile:1: the login of the index `corp` is not carried: give it with `pkg auth login` or in "
        "PKG_INDEX_NAME_USERNAME and PKG_INDEX_NAME_PASSWORD\n"
        "Pipfile:4: `verify_ssl` of `corp` is not carried: whom to trust is the user's to say (--trusted-host)\n"
        "Pipfile:5: the index `odd` is not carried: its address names a variable\n"
        "Pipfile:18: `os` of [requires] is not carried\n"
        "Pipfile:16: `sort_pipfile` of [pipenv] is not carried\n"
        "Pipfile:9: `work` is the project itself, and no dependency of it\n"
        "Pipfile:10: `hashes` of `a` is not carried\n"
        "Pipfile:11: that `b` comes from the source `odd` is not carried: no such source is carried\n"
        "Pipfile:12: the login in the address of `c` is not carried: `pkg auth login` keeps one\n"
        "Pipfile:13: [scripts] is not carried: `pkg run` takes commands as they are\n");
  CHECK(test::written(project).find("secret") == std::string::npos);
}

TEST_CASE("paths of a Pipfile elsewhere are written from the project's folder") {
  const auto project = read("[packages]\na = {path = \"libs/a\"}\n", "/home/u/old");
  CHECK(test::written(project).find("a = { path = \"../old/libs/a\" }") != std::string::npos);
}

TEST_CASE("the commits of Pipfile.lock are of what the Pipfile asks for") {
  const auto project = read("[packages]\na = {git = \"https://host.test/a\", ref = \"main\"}\n");
  REQUIRE_OK(project);
  lock::LockFile pins;
  lock::LockedPackage package;
  package.name = pep::Name::from_normalized("a");
  package.vcs = lock::LockedVcs{"git", "https://host.test/a", {}, {}, std::string(40, 'a'), {}};
  pins.packages.push_back(package);
  ops::name_revisions(*project, pins);
  CHECK(pins.packages[0].vcs->requested_revision == "main");
}

TEST_CASE("what Pipenv would refuse is refused with its line") {
  CHECK(test::written(read("[packages]\na = 1\n")) ==
        "error: `packages.a` is an integer, not a version or a table | at Pipfile:2");
  CHECK(test::written(read("[packages]\na = \"newest\"\n")) ==
        "error: `newest` is no version specifier | at Pipfile:2");
  CHECK(test::written(read("packages = 1\n")) ==
        "error: `packages` is an integer, not a table of packages | at Pipfile:1");
  CHECK(test::written(read("[[source]]\nname = \"x\"\n")) == "error: [[source]] lacks `url` | at Pipfile:1");
}
