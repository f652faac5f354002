#include "pep/toml_value_edit.h"

#include <doctest/doctest.h>

#include "support/printers.h"

namespace pep = pkg::pep;

namespace {

const pep::KeyPath kVersion{"project", "version"};
const pep::KeyPath kMembers{"tool", "pkg", "workspace", "members"};

std::string with_version(const std::string& text) {
  const auto edited = pep::with_string_value(text, kVersion, "2.0", "pyproject.toml");
  return edited ? *edited : "error: " + edited.error().message;
}

std::string with_member(const std::string& text, const char* member = "packages/b") {
  const auto edited = pep::with_string_item(text, kMembers, member, "pyproject.toml");
  return edited ? *edited : "error: " + edited.error().message;
}

}  // namespace

TEST_CASE("one string becomes another, and no other byte changes") {
  struct Row {
    const char* before;
    const char* after;
  };
  for (const Row& row :
       {Row{"[project]\nname = \"a\"\nversion = \"1.0\"\n", "[project]\nname = \"a\"\nversion = \"2.0\"\n"},
        Row{"[project]\nversion='1.0'# why\n", "[project]\nversion='2.0'# why\n"},
        Row{"project.version = \"1.0\"\n", "project.version = \"2.0\"\n"},
        Row{"[project]\r\n\"version\"  =  \"1.0\"  # x\r\n\r\n[tool.x]\r\nversion = \"1.0\"\r\n",
            "[project]\r\n\"version\"  =  \"2.0\"  # x\r\n\r\n[tool.x]\r\nversion = \"1.0\"\r\n"},
        Row{"[project]\nversion = \"\"\"1.0\"\"\"\n", "[project]\nversion = \"2.0\"\n"},
        Row{"# version = \"1.0\"\n[project]\nversion = \"1.\\u0030\"",
            "# version = \"1.0\"\n[project]\nversion = \"2.0\""}}) {
    CAPTURE(row.before);
    CHECK(with_version(row.before) == row.after);
  }
}

TEST_CASE("a value that cannot be edited is left alone, and named") {
  CHECK(with_version("[project]\nname = \"a\"\n") == "error: `pyproject.toml` has no `project.version`");
  CHECK(with_version("[project]\nversion = 1\n") ==
        "error: cannot edit `project.version` of `pyproject.toml`: it is an integer, expected a string");
  CHECK(with_version("project = { version = \"1.0\" }\n") ==
        "error: cannot edit `project.version` of `pyproject.toml`: it stands in an inline table");
  CHECK(with_version("[project\n").starts_with("error: "));
}

TEST_CASE("a string gets to the end of an array in the layout that is there") {
  struct Row {
    const char* before;
    const char* after;
  };
  for (const Row& row :
       {Row{"[tool.pkg.workspace]\nmembers = [\"packages/a\"]\n",
            "[tool.pkg.workspace]\nmembers = [\"packages/a\", \"packages/b\"]\n"},
        Row{"[tool.pkg.workspace]\nmembers = [\n  'packages/a',  # first\n]\nexclude = []\n",
            "[tool.pkg.workspace]\nmembers = [\n  'packages/a',  # first\n  'packages/b',\n]\nexclude = []\n"},
        Row{"[tool.pkg.workspace]\nexclude = []\n",
            "[tool.pkg.workspace]\nexclude = []\nmembers = [\n    \"packages/b\",\n]\n"},
        Row{"[tool.pkg]\nworkspace.members = [\"a\"]\n",
            "[tool.pkg]\nworkspace.members = [\"a\", \"packages/b\"]\n"}}) {
    CAPTURE(row.before);
    CHECK(with_member(row.before) == row.after);
  }
  CHECK(with_member("[tool.pkg]\n") == "error: `pyproject.toml` has no [tool.pkg.workspace]");
  CHECK(with_member("[tool.pkg]\nworkspace = { members = [\"a\"] }\n").find("inline table") != std::string::npos);
  CHECK(with_member("[tool.pkg.workspace]\nmembers = \"a\"\n").find("expected an array") != std::string::npos);
  CHECK(with_member("[tool.pkg.workspace]\nmembers = []\n", "say \"x\"") ==
        "[tool.pkg.workspace]\nmembers = [\n    'say \"x\"',\n]\n");
}
