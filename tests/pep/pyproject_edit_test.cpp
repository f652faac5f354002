#include "pep/pyproject_edit.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/toml.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

using Kind = DependencyList::Kind;

Requirement requirement(std::string_view text) {
  const auto parsed = Requirement::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

std::string text_of(Result<std::string> edited) {
  if (edited) return *edited;
  return "error: " + edited.error().message +
         (edited.error().context.empty() ? "" : " | " + edited.error().context.front());
}

std::string inserted(std::string_view text, std::string_view added, const DependencyList& list = {}) {
  return text_of(insert_requirement(text, list, requirement(added), "pyproject.toml"));
}
std::string erased(std::string_view text, std::size_t index, const DependencyList& list = {}) {
  return text_of(erase_requirement(text, list, index, "pyproject.toml"));
}

constexpr std::string_view kProject = "[project]\nname = \"work\"\n";
std::string project(std::string_view rest) { return cat(kProject, rest); }

// Adds, compares, takes out again, and compares with what was there.
void check_both_ways(std::string_view before, std::string_view added, std::size_t index, std::string_view after) {
  CAPTURE(before);
  const auto edited = inserted(project(before), added);
  CHECK(edited == project(after));
  CHECK(erased(edited, index) == project(before));
}

}  // namespace

TEST_CASE("a requirement is added in the layout of the array, and taking it out gives the bytes from before") {
  // One line.
  check_both_ways("dependencies = [\"b\"]\n", "c>=1", 1, "dependencies = [\"b\", \"c>=1\"]\n");
  check_both_ways("dependencies = [\"b\"]\n", "a", 0, "dependencies = [\"a\", \"b\"]\n");
  check_both_ways("dependencies = [ 'b' ]  # why\n", "c", 1, "dependencies = [ 'b', 'c' ]  # why\n");
  check_both_ways("dependencies = [\"b\", ]\n", "c", 1, "dependencies = [\"b\", \"c\", ]\n");
  check_both_ways("dependencies = [\"a\",\"c\"]\n", "b", 1, "dependencies = [\"a\",\"b\", \"c\"]\n");
  check_both_ways("dependencies = []\n", "a", 0, "dependencies = [\n    \"a\",\n]\n");
  // One a line.
  check_both_ways("dependencies = [\n  \"a\",\n  \"c\",\n]\n", "b", 1,
                  "dependencies = [\n  \"a\",\n  \"b\",\n  \"c\",\n]\n");
  check_both_ways("dependencies = [\n  \"a\",\n  \"c\"\n]\n", "d", 2,
                  "dependencies = [\n  \"a\",\n  \"c\",\n  \"d\"\n]\n");
  check_both_ways("dependencies = [\n\t\"b\",\n]\n", "a", 0, "dependencies = [\n\t\"a\",\n\t\"b\",\n]\n");
  check_both_ways("dependencies = [\n  # core\n  \"b\", # this\n  # end\n]\n", "c", 1,
                  "dependencies = [\n  # core\n  \"b\", # this\n  \"c\",\n  # end\n]\n");
  check_both_ways("dependencies = [\n  \"b\" # this\n]\n", "c", 1, "dependencies = [\n  \"b\", # this\n  \"c\"\n]\n");
  check_both_ways("dependencies = [ # list\n  \"b\",\n]\n", "a", 0, "dependencies = [ # list\n  \"a\",\n  \"b\",\n]\n");
  // Several a line, and brackets beside items.
  check_both_ways("dependencies = [\n  \"a\", \"c\",\n  \"d\",\n]\n", "b", 1,
                  "dependencies = [\n  \"a\", \"b\", \"c\",\n  \"d\",\n]\n");
  check_both_ways("dependencies = [\"a\",\n  \"c\"]\n", "d", 2, "dependencies = [\"a\",\n  \"c\",\n  \"d\"]\n");
  check_both_ways("dependencies = [\"b\",\n  \"c\"]\n", "a", 0, "dependencies = [\"a\", \"b\",\n  \"c\"]\n");
  check_both_ways("dependencies = [\"b\",\n  \"c\",]\n", "d", 2, "dependencies = [\"b\",\n  \"c\",\n  \"d\",]\n");
}

TEST_CASE("an array that is not sorted gets the new one at its end") {
  CHECK(inserted(project("dependencies = [\"c\", \"a\"]\n"), "b") == project("dependencies = [\"c\", \"a\", \"b\"]\n"));
  // Sorted means by normal name, whatever the case.
  CHECK(inserted(project("dependencies = [\"Alpha\", \"beta-x\", \"Beta_Y\", \"delta\"]\n"), "Charlie") ==
        project("dependencies = [\"Alpha\", \"beta-x\", \"Beta_Y\", \"Charlie\", \"delta\"]\n"));
}

TEST_CASE("a line that would get too long is broken, one a line") {
  const std::string many = "dependencies = [\"" + std::string(45, 'a') + "\", '" + std::string(45, 'b') + "']\n";
  CHECK(inserted(project(many), "cc") == project("dependencies = [\n    \"" + std::string(45, 'a') + "\",\n    '" +
                                                 std::string(45, 'b') + "',\n    \"cc\",\n]\n"));
}

TEST_CASE("quotes are those of the neighbours, unless the text needs others") {
  CHECK(inserted(project("dependencies = ['b']\n"), "c") == project("dependencies = ['b', 'c']\n"));
  CHECK(inserted(project("dependencies = [\"b\"]\n"), "c; sys_platform == 'win32'") ==
        project("dependencies = [\"b\", 'c; sys_platform == \"win32\"']\n"));
}

TEST_CASE("bounds are written as people write them") {
  CHECK(written_form(requirement("a!=1.5,<2,>=1")) == "a>=1,<2,!=1.5");
  CHECK(written_form(requirement("A_b[y,x]~=1.2 ; os_name=='nt'")) == "A_b[x,y]~=1.2; os_name == \"nt\"");
  CHECK(written_form(requirement("a @ https://files.example/a-1-py3-none-any.whl ; os_name=='nt'")) ==
        "a @ https://files.example/a-1-py3-none-any.whl ; os_name == \"nt\"");
  CHECK(inserted(project("dependencies = [\"b\"]\n"), "c<2,>=1") == project("dependencies = [\"b\", \"c>=1,<2\"]\n"));
}

TEST_CASE("line ends of the file are kept, a byte order mark and a missing last line end too") {
  CHECK(inserted("\xef\xbb\xbf[project]\r\nname = \"x\"\r\ndependencies = [\r\n  \"b\",\r\n]\r\n# end", "c") ==
        "\xef\xbb\xbf[project]\r\nname = \"x\"\r\ndependencies = [\r\n  \"b\",\r\n  \"c\",\r\n]\r\n# end");
  CHECK(inserted("[project]\r\nname = \"x\"", "c") ==
        "[project]\r\nname = \"x\"\r\ndependencies = [\r\n    \"c\",\r\n]");
}

TEST_CASE("a missing array is made at the end of its table, with the indentation of other arrays") {
  CHECK(inserted(project("\n# about the build\n[build-system]\nrequires = [\n  \"x\",\n]\n"), "a") ==
        project("dependencies = [\n  \"a\",\n]\n\n# about the build\n[build-system]\nrequires = [\n  \"x\",\n]\n"));
  CHECK(inserted("[project.scripts]\nx = \"y:z\"\n[project]\n[tool.a]\n", "a") ==
        "[project.scripts]\nx = \"y:z\"\n[project]\ndependencies = [\n    \"a\",\n]\n[tool.a]\n");
}

TEST_CASE("missing tables for extras and groups are made behind those of the project") {
  const auto text =
      project("version = \"1\"  # the first\n\n[project.urls]\nhome = \"x\"\n\n# tools\n[tool.a]\nb = 1\n");
  CHECK(inserted(text, "a", {Kind::extra, "Fast IO"}) ==
        project("version = \"1\"  # the first\n\n[project.optional-dependencies]\n\"Fast "
                "IO\" = [\n    \"a\",\n]\n\n[project.urls]\nhome = \"x\"\n\n# "
                "tools\n[tool.a]\nb = 1\n"));
  CHECK(inserted(text, "a", {Kind::group, "dev"}) ==
        project("version = \"1\"  # the first\n\n[project.urls]\nhome = \"x\"\n\n[dependency-groups]\ndev = [\n    "
                "\"a\",\n]\n\n# "
                "tools\n[tool.a]\nb = 1\n"));
  CHECK(inserted("[tool.a]\nb = 1\n", "a", {Kind::group, "dev"}) ==
        "[tool.a]\nb = 1\n\n[dependency-groups]\ndev = [\n    \"a\",\n]\n");
  CHECK(inserted("", "a", {Kind::group, "dev"}) == "[dependency-groups]\ndev = [\n    \"a\",\n]\n");
  CHECK(inserted(project("[dependency-groups]\ntest = []\n"), "a", {Kind::group, "dev"}) ==
        project("[dependency-groups]\ntest = []\ndev = [\n    \"a\",\n]\n"));
}

TEST_CASE("a group keeps what it includes, and is found by its normal name") {
  const auto text = project("[dependency-groups]\nDev_Tools = [{include-group = \"lint\"}, \"b\"]\nlint = []\n");
  const DependencyList list{Kind::group, "dev-tools"};
  CHECK(inserted(text, "a", list) ==
        project("[dependency-groups]\nDev_Tools = [{include-group = \"lint\"}, \"a\", \"b\"]\nlint = []\n"));
  CHECK(inserted(text, "c", list) ==
        project("[dependency-groups]\nDev_Tools = [{include-group = \"lint\"}, \"b\", \"c\"]\nlint = []\n"));
  CHECK(erased(text, 1, list) == project("[dependency-groups]\nDev_Tools = [{include-group = \"lint\"}]\nlint = []\n"));
  const auto items = listed_requirements(text, list, "pyproject.toml");
  REQUIRE_OK(items);
  REQUIRE(items->size() == 2);
  CHECK(!(*items)[0]);
  CHECK((*items)[1] == requirement("b"));
}

TEST_CASE("removing keeps comments on their own lines and layout") {
  const auto text = project("dependencies = [\n  # first\n  \"a\", # why a\n  \"b\",\n  \"c\" # why c\n]\n");
  CHECK(erased(text, 0) == project("dependencies = [\n  # first\n  \"b\",\n  \"c\" # why c\n]\n"));
  CHECK(erased(text, 1) == project("dependencies = [\n  # first\n  \"a\", # why a\n  \"c\" # why c\n]\n"));
  CHECK(erased(text, 2) == project("dependencies = [\n  # first\n  \"a\", # why a\n  \"b\"\n]\n"));
  CHECK(erased(project("dependencies = [\n  # only\n  \"a\",\n]\n"), 0) == project("dependencies = [\n  # only\n]\n"));
  CHECK(erased(project("dependencies = [\n  \"a\", \"b\",\n  \"c\",\n]\n"), 1) ==
        project("dependencies = [\n  \"a\",\n  \"c\",\n]\n"));
  CHECK(erased(project("dependencies = [\n  \"a\", # a\n  \"b\"]\n"), 1) ==
        project("dependencies = [\n  \"a\" # a\n  ]\n"));
  CHECK(erased(project("dependencies = [\"a\"]\n"), 0) == project("dependencies = []\n"));
}

TEST_CASE("replacing changes the text of one item") {
  const auto text = project("dependencies = [\n  'a', # why\n  \"b\",\n]\n");
  CHECK(text_of(replace_requirement(text, {}, 0, requirement("a>=2"), "pyproject.toml")) ==
        project("dependencies = [\n  'a>=2', # why\n  \"b\",\n]\n"));
  CHECK(text_of(replace_requirement(text, {}, 7, requirement("a>=2"), "pyproject.toml")) ==
        "error: `project.dependencies` has no item 7");
}

TEST_CASE("arrays behind dotted and quoted keys are edited, what stands inline is refused") {
  CHECK(inserted("project.name = \"x\"\nproject.dependencies = [\"a\"]\n", "b") ==
        "project.name = \"x\"\nproject.dependencies = [\"a\", \"b\"]\n");
  CHECK(inserted("[\"project\"]\nname = \"x\"\n'dependencies' = [\"a\"]\n", "b") ==
        "[\"project\"]\nname = \"x\"\n'dependencies' = [\"a\", \"b\"]\n");
  CHECK(inserted("project = {name = \"x\", dependencies = [\"a\"]}\n", "b") ==
        "error: cannot edit `project.dependencies` of `pyproject.toml`: it stands in an inline table");
  CHECK(
      inserted("project.name = \"x\"\n", "b") ==
      "error: cannot edit `project.dependencies` of `pyproject.toml`: its table is written inline or with dotted keys");
  CHECK(inserted(project("optional-dependencies.a = []\n"), "b", {Kind::extra, "c"}) ==
        "error: cannot edit `project.optional-dependencies.c` of `pyproject.toml`: its table is written inline or with "
        "dotted keys");
  CHECK(inserted("[tool.a]\n", "b") == "error: `pyproject.toml` has no [project] table");
  CHECK(inserted("[project]\nname = \"a\"\ndependencies = \"b\"\n", "c") ==
        "error: `project.dependencies` is a string, not an array | at pyproject.toml:3");
}

TEST_CASE("keys that look like the list elsewhere are left alone") {
  const std::string text =
      "[tool.x]\ndependencies = [\"no\"]\ntext = \"\"\"\n[project]\ndependencies = "
      "[]\n\"\"\"\n[[tool.y]]\ndependencies = "
      "['no']\n[project]\nname = 'a'\n"
      "description = '''\ndependencies = [] # ]'''\ndependencies = [\"b[x]; python_version < '3' # \"]\n";
  const auto edited = inserted(replace_all(text, " # \"]", "\"]"), "c");
  CHECK(edited == replace_all(text, " # \"]", "\", \"c\"]"));
}

TEST_CASE("the block of a script has its dependencies at the top") {
  const DependencyList list{Kind::script, ""};
  CHECK(inserted("", "a", list) == "dependencies = [\n    \"a\",\n]\n");
  CHECK(inserted("requires-python = \">=3.9\"\n", "a", list) ==
        "requires-python = \">=3.9\"\ndependencies = [\n    \"a\",\n]\n");
  CHECK(inserted("# about\n[tool.pkg]\nx = 1\n", "a", list) ==
        "# about\ndependencies = [\n    \"a\",\n]\n\n[tool.pkg]\nx = 1\n");
  CHECK(inserted("dependencies = [\"b\"]\n", "a", list) == "dependencies = [\"a\", \"b\"]\n");
}

namespace {

// Files in every layout that the grammar lets through.
class RandomFile {
 public:
  explicit RandomFile(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  std::string array(const std::vector<std::string>& items) {
    std::string out = "[";
    gap(out);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const char quote = coin() ? '"' : '\'';
      append(out, quote, items[i], quote);
      if (i + 1 < items.size() || coin()) {
        gap(out);
        out += ',';
      }
      gap(out);
    }
    return out + ']';
  }

  std::string file(const std::vector<std::string>& items) {
    newline_ = coin() ? "\n" : "\r\n";
    multi_line_ = below(4) != 0;
    std::string out;
    line(out, "# top");
    if (coin()) line(out, "[tool.a]");
    if (coin()) line(out, "x = { dependencies = [1, \"]\"], y = ''' ' ''' }");
    line(out, "[project]");
    line(out, "name = \"work\"  # [name]");
    if (coin()) line(out, "keywords = [ 'a', [ ], \"b # ]\" ]");
    line(out, "dependencies = " + array(items) + (coin() ? " # end" : ""));
    if (coin()) line(out, "version = '1'");
    if (coin()) line(out, "[[tool.b]]");
    if (coin()) out += "last = \"\"\"\n\"quoted\" # no comment\"\"\"\"";
    return out;
  }

 private:
  void line(std::string& out, std::string_view text) {
    append(out, text, newline_, coin() && multi_line_ ? newline_ : "");
  }
  void gap(std::string& out) {
    while (below(3) == 0) {
      const auto kind = below(multi_line_ ? 4 : 1);
      if (kind <= 1) out += coin() ? " " : "\t";
      if (kind == 2) append(out, newline_, "    ");
      if (kind == 3) append(out, " # \"comment\", ]", newline_, "  ");
    }
  }
  std::mt19937 random_;
  std::string newline_;
  bool multi_line_ = true;
};

std::vector<std::string> listed(std::string_view text) {
  const auto items = listed_requirements(text, {}, "pyproject.toml");
  REQUIRE_OK(items);
  std::vector<std::string> texts;
  for (const auto& item : *items) texts.push_back(item->to_string());
  return texts;
}

}  // namespace

TEST_CASE(
    "whatever the layout, an edit gives the list that was asked for, and taking out what was added the bytes from "
    "before") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    RandomFile random(seed);
    std::vector<std::string> items;
    for (auto count = random.below(5); count > 0; --count)
      items.push_back(cat(static_cast<char>('a' + random.below(26)), random.below(10), ">=", random.below(9)));
    if (random.coin()) std::ranges::sort(items);
    const auto text = random.file(items);
    CAPTURE(text);
    REQUIRE(listed(text) == items);

    const auto added = cat(static_cast<char>('a' + random.below(26)), "x>=1");
    const auto edited = insert_requirement(text, {}, requirement(added), "pyproject.toml");
    REQUIRE_OK(edited);
    const auto now = listed(*edited);
    const auto place = static_cast<std::size_t>(std::ranges::find(now, added) - now.begin());
    auto expected = items;
    REQUIRE(place <= items.size());
    expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(place), added);
    CHECK(now == expected);
    const auto back = erase_requirement(*edited, {}, place, "pyproject.toml");
    REQUIRE_OK(back);
    CAPTURE(*edited);
    if (!items.empty()) {
      CHECK(*back == text);
    }

    if (items.empty()) continue;
    const auto gone = random.below(items.size());
    const auto less = erase_requirement(text, {}, gone, "pyproject.toml");
    REQUIRE_OK(less);
    expected = items;
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(gone));
    CHECK(listed(*less) == expected);
    const auto other = replace_requirement(text, {}, gone, requirement("new==1"), "pyproject.toml");
    REQUIRE_OK(other);
    expected = items;
    expected[gone] = "new==1";
    CHECK(listed(*other) == expected);
  }
}

}  // namespace pkg::pep
