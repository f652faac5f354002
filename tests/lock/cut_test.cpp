#include "lock/cut.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "lock/lock_texts.h"
#include "support/printers.h"

namespace {

using namespace pkg;
using test::name;
using test::wheel_package;

// a needs b everywhere and c on Windows; the group dev asks for c (and with it d) on Linux, and for a[x], which needs
// e.
lock::LockFile example() {
  return test::lock_from(cat("dependency-groups = [\"dev\"]\n",
                             wheel_package("a", "1",
                                           "marker = \"sys_platform != 'darwin' or 'dev' in dependency_groups\"\n"
                                           "dependencies = [{ name = \"b\" }, { name = \"c\" }, { name = \"e\" }]\n"),
                             cat("[packages.tool.pkg]\nextras = [\"x\"]\ndependencies = [\n"
                                 "    { name = \"c\", marker = \"sys_platform == 'win32'\" },\n"
                                 "    { name = \"e\", marker = \"extra == 'x'\" },\n]\n"),
                             wheel_package("b", "1"), wheel_package("c", "1", "dependencies = [{ name = \"d\" }]\n"),
                             wheel_package("d", "1"),
                             wheel_package("e", "1", "marker = \"'dev' in dependency_groups\"\n"),
                             "[tool.pkg]\nversion = 1\nrequirements = [\n"
                             "    \"a ; sys_platform != 'darwin'\",\n    \"a[x] ; 'dev' in dependency_groups\",\n"
                             "    \"c ; 'dev' in dependency_groups and sys_platform == 'linux'\",\n]\n"));
}

std::vector<std::string> cut(const lock::ChosenParts& parts, const lock::Cut& how) {
  const auto left = lock::cut_lock(example(), parts, how);
  if (!left) return {left.error().message};
  std::vector<std::string> lines;
  for (const auto& package : left->packages)
    lines.push_back(cat(package.name.str(), " ; ", package.marker.to_string()));
  return lines;
}

using Lines = std::vector<std::string>;
const lock::ChosenParts kDev{.extras = {}, .groups = {name("dev")}};

}  // namespace

TEST_CASE("what only a group needs, and where it needs it, is left of a lock") {
  CHECK(cut(kDev, {.only_groups = true, .pruned = {}}) ==
        Lines{"a ; ", "b ; ", "c ; sys_platform == \"linux\" or sys_platform == \"win32\"",
              "d ; sys_platform == \"linux\" or sys_platform == \"win32\"", "e ; "});
  CHECK(cut({}, {.only_groups = true, .pruned = {}}).empty());
}

TEST_CASE("what is pruned goes, with what nothing else needs") {
  CHECK(cut({}, {.only_groups = false, .pruned = {name("c")}}) ==
        Lines{"a ; sys_platform != \"darwin\"", "b ; sys_platform != \"darwin\""});
  CHECK(cut(kDev, {.only_groups = false, .pruned = {name("a")}}) ==
        Lines{"c ; sys_platform == \"linux\"", "d ; sys_platform == \"linux\""});
  CHECK(cut({}, {.only_groups = false, .pruned = {name("a")}}).empty());
}

TEST_CASE("a lock of another tool does not say what would be left of it") {
  auto foreign = example();
  foreign.tool = {};
  const auto left = lock::cut_lock(foreign, kDev, {.only_groups = true, .pruned = {}});
  REQUIRE_FALSE(left.ok());
  CHECK(left.error().kind == ErrorKind::unsupported);
}

TEST_CASE("what some roots need is left of a lock, where they need it") {
  const auto rooted = [](const std::vector<std::string>& texts) {
    lock::Cut cut;
    cut.roots.emplace();
    for (const auto& text : texts) cut.roots->push_back(*pep::Requirement::parse(text));
    return cut;
  };
  CHECK(cut({}, rooted({"b"})) == Lines{"b ; "});
  CHECK(cut({}, rooted({"a; python_version < '3.12'"})) ==
        Lines{"a ; python_version < \"3.12\" and sys_platform != \"darwin\"",
              "b ; python_version < \"3.12\" and sys_platform != \"darwin\"",
              "c ; python_version < \"3.12\" and sys_platform == \"win32\"",
              "d ; python_version < \"3.12\" and sys_platform == \"win32\""});
  CHECK(cut(kDev, rooted({"a[x]"})) ==
        Lines{"a ; ", "b ; ", "c ; sys_platform == \"win32\"", "d ; sys_platform == \"win32\"", "e ; "});
  CHECK(cut({}, rooted({"nothing-of-it"})).empty());
  CHECK(cut({}, rooted({})).empty());
  auto pruned = rooted({"a", "d"});
  pruned.pruned = {name("c")};
  CHECK(cut(kDev, pruned) == Lines{"a ; ", "b ; ", "d ; "});
}
