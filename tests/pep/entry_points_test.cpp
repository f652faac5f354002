#include "pep/entry_points.h"

#include "support/printers.h"

namespace pkg::pep {
namespace {

std::string scripts_error(std::string_view text) {
  const auto entries = parse_entry_points(text);
  if (!entries.ok()) return entries.error().message;
  const auto scripts = scripts_of(*entries);
  return scripts.ok() ? "accepted" : scripts.error().message;
}

}  // namespace

TEST_CASE("entries of all groups are read in order") {
  const auto entries = parse_entry_points(
      "# made by hand\n[console_scripts]\npip = pip._internal.cli:main\nwith-extra = a.b : c.d [x, y]\n\n; "
      "next\n[plugins]\n  deep =\n    "
      "pkg.mod\nodd = what is this\n");
  REQUIRE_OK(entries);
  CHECK(*entries == std::vector<EntryPoint>{{"console_scripts", "pip", "pip._internal.cli", "main", {}},
                                            {"console_scripts", "with-extra", "a.b", "c.d", {"x", "y"}},
                                            {"plugins", "deep", "pkg.mod", "", {}},
                                            {"plugins", "odd", "what is this", "", {}}});
}

TEST_CASE("console and GUI scripts are taken out, equal ones once") {
  const auto entries = parse_entry_points(
      "[gui_scripts]\ng = a:b\n[console_scripts]\nc = a:b.c\n[console_scripts]\nc = a:b.c\n[other]\nx = y\n");
  REQUIRE_OK(entries);
  const auto scripts = scripts_of(*entries);
  REQUIRE_OK(scripts);
  CHECK(*scripts == std::vector<Script>{{"g", "a", "b", ScriptKind::gui}, {"c", "a", "b.c", ScriptKind::console}});
}

TEST_CASE("a script name is a plain file name") {
  for (const std::string& name :
       std::vector<std::string>{"../evil", "a/b", "a\\b", ".", "..", "a\tb", "\xff", std::string(256, 'a')}) {
    CAPTURE(name);
    CHECK(scripts_error("[console_scripts]\n" + name + " = a:b\n").find("has a name that is not a plain file name") !=
          std::string::npos);
  }
  CHECK(scripts_error("[console_scripts]\ncaf\xc3\xa9 au lait = a:b\n") == "accepted");
}

TEST_CASE("a script stands for a module and a function, both dotted identifiers") {
  CHECK(scripts_error("[console_scripts]\na = b\n") ==
        "the script `a` of entry_points.txt stands for `b`, expected `module:function`");
  CHECK(scripts_error("[console_scripts]\na = b:c;import os\n") ==
        "the script `a` of entry_points.txt stands for `b:c;import os`, expected `module:function`");
  CHECK(scripts_error("[console_scripts]\na = b..c:d\n") ==
        "the script `a` of entry_points.txt stands for `b..c:d`, expected `module:function`");
  CHECK(scripts_error("[console_scripts]\na = b:1c\n") ==
        "the script `a` of entry_points.txt stands for `b:1c`, expected `module:function`");
  CHECK(scripts_error("[console_scripts]\na = b:c\n[gui_scripts]\na = b:c\n") ==
        "the script `a` is defined twice in entry_points.txt");
}

TEST_CASE("a line that is no entry is refused, and the message names it") {
  CHECK(scripts_error("a = b\n") ==
        "entry_points.txt is malformed in line 1: an entry stands before the first section");
  CHECK(scripts_error("[x]\nnonsense\n") == "entry_points.txt is malformed in line 2: `nonsense` has no `=`");
  CHECK(scripts_error("[x]\n= b\n") == "entry_points.txt is malformed in line 2: an entry has no name");
  CHECK(scripts_error("[]\n") == "entry_points.txt is malformed in line 1: `[]` is not a section");
}

}  // namespace pkg::pep
