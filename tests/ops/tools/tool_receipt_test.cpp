#include "ops/tools/tool_receipt.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {

pep::Requirement requirement(const char* text) { return pep::Requirement::parse(text).value(); }
pep::Name name(const char* text) { return pep::Name::parse(text).value(); }

ops::ToolReceipt receipt() {
  ops::ToolReceipt made;
  made.name = name("black");
  made.version = *pep::Version::parse("24.1");
  made.wishes.requirement = requirement("black[d]>=24");
  made.interpreter = "/usr/bin/python3.12";
  made.python_version = "3.12.1";
  made.programs = {{"black", name("black"), "/home/u/.local/bin/black"},
                   {"blackd", name("black"), "/home/u/.local/bin/blackd"}};
  return made;
}

std::string fault(const std::string& text) {
  const auto parsed = ops::parse_receipt(text, "r");
  return parsed ? "" : parsed.error().message;
}

// The least there is, with more lines.
std::string with(const std::string& more, const std::string& requirement = "a") {
  return cat("format = 1\nname = \"a\"\nversion = \"1\"\nrequirement = \"", requirement, "\"\n", more);
}

}  // namespace

TEST_CASE("a receipt reads as it was written") {
  auto made = receipt();
  SUBCASE("as little as there can be") {}
  SUBCASE("with everything") {
    made.wishes.with = {requirement("x>=1"), requirement("y @ file:///srv/y")};
    made.wishes.executables_from = {name("x")};
    made.wishes.requirement = requirement("black @ file:///srv/black");
    made.wishes.editable = made.wishes.prereleases = made.wishes.no_index = true;
    made.wishes.python = "3.12 \"quoted\"";
    made.wishes.indexes = {{"corp", "https://corp.example/simple/", true}, {"", "https://x.example/", false}};
    made.wishes.find_links = {"/srv/wheels"};
  }
  const auto read = ops::parse_receipt(ops::write_receipt(made), "r");
  REQUIRE_OK(read);
  CHECK(*read == made);
}

TEST_CASE("a receipt that leads anywhere else than to programs of the user's is refused") {
  CHECK(fault(with("")) == "");
  const auto program = [](const std::string& name, const std::string& link) {
    return with(cat("[[program]]\nname = \"", name, "\"\npackage = \"a\"\nlink = \"", link, "\"\n"));
  };
  CHECK(fault(program("a", "/b/a")) == "");
  CHECK(fault(program("../a", "/b/../a")) == "r:6: `name` is no name of a program");
  CHECK(fault(program(".a", "/b/.a")) == "r:6: `name` is no name of a program");
  CHECK(fault(program("a\\n", "/b/a")) == "r:6: `name` is no name of a program");
  const std::string no_link = "r:8: `link` is no absolute path that ends with the program's name";
  CHECK(fault(program("a", "b/a")) == no_link);
  CHECK(fault(program("a", "/b/c")) == no_link);
  CHECK(fault(program("a", "/b/../a")) == no_link);
  const auto twice = program("a", "/b/a") + "[[program]]\nname = \"a\"\npackage = \"a\"\nlink = \"/c/a\"\n";
  CHECK(fault(twice) == "r:5: `program` names one program twice");
}

TEST_CASE("what is missing or of another type is named with its line") {
  CHECK(fault("") == "r:1: `format` is missing or no number");
  CHECK(fault("format = 1") == "r:1: `name` is missing");
  CHECK(fault("format = 2").starts_with("`r` has format 2, expected 1"));
  CHECK(fault(with("editable = 1")) == "r:5: `editable` is an integer, expected true or false");
  CHECK(fault(with("editable = true")) == "r:5: `editable` needs a requirement with a URL");
  CHECK(fault(with("with = [1]")) == "r:5: `with` holds something that is no string");
  CHECK(fault(with("", "b")) == "r:4: `requirement` is of another project");
  CHECK(fault("format = 1\nname = \"a\"\nversion = \"one\"") != "");
  CHECK(fault(with("later = 3")) == "");
}

TEST_CASE("names of programs are plain file names that a terminal can show") {
  for (const auto* good : {"black", "py.test", "rst2html.py", "a-b_c+d", "x@y"}) CHECK(ops::is_program_name(good));
  for (const auto* bad : {"", ".", "..", ".hidden", "a/b", "a\nb", "a\x1b[31m", "\xff"})
    CHECK_FALSE(ops::is_program_name(bad));
  CHECK_FALSE(ops::is_program_name(std::string(256, 'a')));
}

TEST_CASE("a receipt that others may write to is nobody's") {
  test::TempDir folder;
  const auto path = folder / ops::kReceiptName;
  std::ofstream(path) << ops::write_receipt(receipt());
  ::chmod(path.c_str(), 0644);
  CHECK(ops::read_receipt(folder.path()).ok());
  ::chmod(path.c_str(), 0666);
  const auto read = ops::read_receipt(folder.path());
  REQUIRE(!read);
  CHECK(read.error().kind == ErrorKind::bad_data);
}
