#include "base/folder_glob.h"

#include <doctest/doctest.h>

#include "support/printers.h"
#include "support/temp_dir.h"

TEST_CASE("a part of a path matches stars, question marks and sets") {
  struct Row {
    const char* glob;
    const char* name;
    bool matches;
  };
  for (const Row& row :
       {Row{"*", "", true}, Row{"*", "abc", true}, Row{"a*c", "abbbc", true}, Row{"a*c", "abbb", false},
        Row{"a?c", "abc", true}, Row{"a?c", "ac", false}, Row{"[ab]x", "bx", true}, Row{"[!ab]x", "bx", false},
        Row{"[a-c]x", "bx", true}, Row{"[a-c]x", "dx", false}, Row{"[]]", "]", true}, Row{"[a", "[a", true},
        Row{"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false}, Row{"ab", "abc", false}, Row{"", "", true}}) {
    CAPTURE(row.glob);
    CAPTURE(row.name);
    CHECK(pkg::fs::matches_part(row.glob, row.name) == row.matches);
  }
}

TEST_CASE("folders are found by glob, without dotted ones and links") {
  const pkg::test::TempDir place;
  for (const char* name : {"p/a", "p/b/deep/er", "p/.git", "q"}) std::filesystem::create_directories(place / name);
  std::filesystem::create_directory_symlink(place / "q", place / "p/link");
  const auto found = [&](std::string_view glob) {
    const auto folders = pkg::fs::folders_of(place.path(), glob);
    REQUIRE_OK(folders);
    std::vector<std::string> names;
    for (const auto& folder : *folders) names.push_back(folder.lexically_relative(place.path()).string());
    return names;
  };
  CHECK(found("p/*") == std::vector<std::string>{"p/a", "p/b"});
  CHECK(found("p/**") == std::vector<std::string>{"p", "p/a", "p/b", "p/b/deep", "p/b/deep/er"});
  CHECK(found("**/er") == std::vector<std::string>{"p/b/deep/er"});
  CHECK(found("./q/") == std::vector<std::string>{"q"});
  CHECK(found("gone").empty());
}
