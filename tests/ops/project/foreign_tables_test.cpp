#include "ops/project/foreign_tables.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

struct Adopted {
  toml::Value root;
  ops::ForeignTables tables;
  const toml::Value* ours(std::string_view key) const { return root.get("tool")->get("pkg")->get(key); }
};

Adopted adopt(const std::string& text) {
  Adopted adopted;
  auto root = toml::parse(text, "pyproject.toml");
  REQUIRE_OK(root);
  adopted.root = std::move(root).value();
  adopted.tables = ops::adopt_foreign_tables(adopted.root, "pyproject.toml");
  return adopted;
}

std::string refusal(const std::string& text) {
  const auto adopted = adopt(text);
  if (!adopted.tables.refused) return "not refused";
  CHECK(adopted.tables.refused->kind == ErrorKind::unsupported);
  return cat(adopted.tables.refused->message, " | ", join(adopted.tables.refused->context, " | "));
}

}  // namespace

TEST_CASE("keys of both tables keep the words and the lines of [tool.uv]") {
  const auto adopted = adopt(
      "[tool.uv]\nconstraint-dependencies = ['a<2']\nfork-strategy = 'requires-python'\n"
      "no-binary-package = ['b']\nrequired-version = '>=1'\nnovelty = 1\n");
  CHECK(adopted.tables.counted ==
        std::vector<std::string>{"constraint-dependencies", "fork-strategy", "no-binary-package"});
  CHECK(adopted.tables.unknown == std::vector<std::string>{"novelty"});
  CHECK(adopted.ours("constraint-dependencies")->line == 2);
  CHECK(*adopted.ours("fork-strategy")->as_string() == "newest");
  CHECK(adopted.ours("no-binary")->as_array()->size() == 1);
  CHECK(adopted.ours("required-version") == nullptr);
}

TEST_CASE("[tool.pkg] wins by key, by project and by name of the index") {
  const auto adopted = adopt(
      "[tool.pkg]\nenvironments = 'x'\n[tool.pkg.sources]\nA_b = {path = 'ours'}\n"
      "[[tool.pkg.index]]\nname = 'corp'\nurl = 'https://ours.example/'\n"
      "[tool.uv]\nenvironments = ['y']\n[tool.uv.sources]\na-b = {path = 'theirs'}\nc = {path = 'theirs'}\n"
      "[[tool.uv.index]]\nname = 'corp'\nurl = 'https://theirs.example/'\n"
      "[[tool.uv.index]]\nname = 'more'\nurl = 'https://more.example/'\n");
  CHECK(*adopted.ours("environments")->as_string() == "x");
  CHECK(adopted.ours("sources")->as_table()->size() == 2);
  CHECK(*adopted.ours("sources")->get("A_b")->get("path")->as_string() == "ours");
  REQUIRE(adopted.ours("index")->as_array()->size() == 2);
  CHECK(*adopted.ours("index")->as_array()->at(1).get("name")->as_string() == "more");
  CHECK(adopted.tables.counted == std::vector<std::string>{"sources", "index"});
  CHECK(adopted.tables.whole.empty());
}

TEST_CASE("dev-dependencies join the group dev") {
  const auto alone = adopt("[tool.uv]\ndev-dependencies = ['a']\n");
  CHECK(alone.root.get("dependency-groups")->get("dev")->as_array()->size() == 1);
  const auto joined = adopt("[dependency-groups]\ndev = ['b']\n[tool.uv]\ndev-dependencies = ['a']\n");
  CHECK(joined.root.get("dependency-groups")->get("dev")->as_array()->size() == 2);
}

TEST_CASE("no-sources turns sources off, all or some") {
  const auto none = adopt("[tool.uv]\nno-sources = true\n[tool.uv.sources]\na = {path = 'x'}\n");
  CHECK(none.ours("sources") == nullptr);
  const auto some = adopt(
      "[tool.uv]\nno-sources-package = ['A']\n[tool.uv.sources]\na = {path = 'x'}\nb = {path = 'y', package = true}\n");
  REQUIRE(some.ours("sources") != nullptr);
  CHECK(some.ours("sources")->get("a") == nullptr);
  CHECK(some.ours("sources")->get("b")->get("package") == nullptr);
}

TEST_CASE("the Pythons of groups are joined, and [tool.pkg] wins group by group") {
  const auto both = adopt(
      "[tool.uv.dependency-groups]\nDev = {requires-python = '>=3.9'}\ndocs = {requires-python = '>=3.10'}\n"
      "[tool.pkg.dependency-groups]\ndev = {requires-python = '>=3.12'}\n");
  const auto* groups = both.ours("dependency-groups");
  REQUIRE(groups != nullptr);
  CHECK(*groups->get("dev")->get("requires-python")->as_string() == ">=3.12");
  CHECK(*groups->get("docs")->get("requires-python")->as_string() == ">=3.10");
  CHECK(groups->get("Dev") == nullptr);
}

TEST_CASE("what would change the answer and cannot be honoured is refused with its line") {
  CHECK(refusal("[tool.uv]\nindex-strategy = 'unsafe-first-match'\n") ==
        "`tool.uv.index-strategy` asks for the first index with a version that fits, which pkg cannot do | at "
        "pyproject.toml:2");
  CHECK(refusal("[tool.uv.sources]\na = [{path = 'a', package = false}]\n")
            .starts_with("`tool.uv.sources.a.package` takes"));
  CHECK(refusal("[tool.uv.sources]\na = {path = 'a', package = false}\n").starts_with("`tool.uv.sources.a.package`"));
  CHECK(refusal("[tool.uv]\nindex-strategy = 'first-index'\n") == "not refused");
}

TEST_CASE("complaints name the table that the key stands in, and notes what counts") {
  const auto wrong =
      ops::parse_project_file("[project]\nname = 'x'\nversion = '1'\n[tool.uv]\nconflicts = 3\n", "p.toml");
  REQUIRE(!wrong.ok());
  CHECK(wrong.error().message.find("tool.uv.conflicts") != std::string::npos);
  const auto file = ops::parse_project_file(
      "[project]\nname = 'x'\nversion = '1'\n[tool.uv]\nenvironments = ['python_version > \"3\"']\nnovelty = 1\n"
      "[tool.poetry.group.test.dependencies]\na = '*'\n",
      "p.toml");
  REQUIRE_OK(file);
  CHECK(file->settings.notes ==
        std::vector<std::string>{"[tool.uv] of p.toml counts where [tool.pkg] says nothing: `environments`",
                                 "[tool.uv] of p.toml has keys that pkg does not know: `novelty`",
                                 "the groups of [tool.poetry] in p.toml do not count: `pkg import` carries them over"});
}
