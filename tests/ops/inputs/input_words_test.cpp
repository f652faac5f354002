#include "ops/inputs/input_words.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/text.h"
#include "base/url.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using pkg::ops::WordForm;

struct Place {
  pkg::test::TempDir folder;

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::Result<pkg::ops::Input> input(const std::string& word, WordForm form = WordForm::plain) {
    return pkg::ops::input_from_word(word, {folder.path(), folder / "beside", pkg::Origin::command_line()}, form);
  }
  // A requirement's text, or "? URL[extras] ; marker" for one without a name; the place's folder as "$".
  std::string text(const std::string& word, WordForm form = WordForm::plain) {
    const auto found = input(word, form);
    if (!found) return "error: " + pkg::replace_all(found.error().message, folder.path().string(), "$");
    std::string shown;
    if (const auto* requirement = std::get_if<pkg::pep::Requirement>(&*found)) {
      shown = requirement->to_string();
    } else {
      const auto& unnamed = std::get<pkg::ops::UnnamedInput>(*found);
      shown = "? " + unnamed.url;
      for (const auto& extra : unnamed.extras) shown += " [" + extra.str() + "]";
      if (!unnamed.marker.is_trivial()) shown += " ; " + unnamed.marker.to_string();
      if (unnamed.editable) shown += " editable";
    }
    return pkg::replace_all(shown, pkg::url::path_to_file_url(folder.path().string()), "$");
  }
};

void fill(Place& place) {
  place.write("named/pyproject.toml", "[project]\nname = \"Named.Project\"\nversion = \"1\"\n");
  place.write("old/setup.py", "");
  place.write("empty/file", "");
  place.write("proj/setup.py", "");
  place.write("a_b-1.0-py3-none-any.whl", "");
  place.write("a_b-1.0.tar.gz", "");
  place.write("snapshot.zip", "");
  place.write("beside/near-1.0.tar.gz", "");
}

}  // namespace

TEST_CASE("words are requirements, paths or URLs, as pip reads them") {
  Place place;
  fill(place);
  const std::pair<std::string, std::string> rows[] = {
      {"proj", "proj"},
      {"proj>=1 ; os_name == 'posix'", "proj>=1; os_name == \"posix\""},
      {"./proj", "? $/proj"},
      {"./proj/", "? $/proj"},
      {"./proj[x,y] ; python_version > '3'", "? $/proj [x] [y] ; python_version > \"3\""},
      {"./named[x]", "named-project[x] @ $/named"},
      {"./a_b-1.0-py3-none-any.whl[x]", "a-b[x] @ $/a_b-1.0-py3-none-any.whl"},
      {"a_b-1.0-py3-none-any.whl; os_name == 'nt'", "a-b @ $/a_b-1.0-py3-none-any.whl ; os_name == \"nt\""},
      {"a_b-1.0.tar.gz", "a-b @ $/a_b-1.0.tar.gz"},
      {"snapshot.zip", "? $/snapshot.zip"},
      {"near-1.0.tar.gz", "near @ $/beside/near-1.0.tar.gz"},
      {"file:./old", "? $/old"},
      {"file:old#egg=Old", "old @ $/old"},
      {"x @ ./old", "x @ $/old"},
      {"x[e]@./old", "x[e] @ $/old"},
      {"x @ file:old", "x @ $/old"},
      {"x @ git+https://git.example/r@v1#egg=x&subdirectory=s", "x @ git+https://git.example/r@v1#subdirectory=s"},
      {"https://h.example/archive/v1.zip", "? https://h.example/archive/v1.zip"},
      {"https://h.example/archive/x-1.0.zip", "? https://h.example/archive/x-1.0.zip"},
      {"https://files.example/p/x-1.0.tar.gz#sha256=" + std::string(64, 'a'),
       "x @ https://files.example/p/x-1.0.tar.gz#sha256=" + std::string(64, 'a')},
      {"https://files.example/x-1.0-py3-none-any.whl ; os_name == 'nt'",
       "x @ https://files.example/x-1.0-py3-none-any.whl ; os_name == \"nt\""},
      {"git+https://git.example/r@v1", "? git+https://git.example/r@v1"},
      {"git+https://git.example/r@v1#egg=Name[x]&subdirectory=s",
       "name[x] @ git+https://git.example/r@v1#subdirectory=s"},
      {"git+ssh://git@git.example/a/b.git#egg=name", "name @ git+ssh://git@git.example/a/b.git"},
  };
  for (const auto& [word, expected] : rows) {
    CAPTURE(word);
    CHECK(place.text(word) == expected);
  }
}

TEST_CASE("editables are folders and checkouts, with or without a name in front") {
  Place place;
  fill(place);
  const std::pair<std::string, std::string> rows[] = {
      {"proj", "? $/proj editable"},
      {"./named[dev]", "named-project[dev] @ $/named"},
      {"git+https://git.example/r@main", "? git+https://git.example/r@main editable"},
      {"git+https://git.example/r#egg=r", "r @ git+https://git.example/r"},
      {"git:https://git.example/r#egg=r", "r @ git+https://git.example/r"},
      {"x @ file:old", "x @ $/old"},
      {"name", "error: `name` cannot be editable: it is neither a folder nor a version control URL"},
      {"./a_b-1.0-py3-none-any.whl", "error: `a_b-1.0-py3-none-any.whl` is a wheel, and cannot be editable"},
  };
  for (const auto& [word, expected] : rows) {
    CAPTURE(word);
    CHECK(place.text(word, WordForm::editable) == expected);
  }
}

TEST_CASE("a path with nothing or no project there is told with who asked for it") {
  Place place;
  fill(place);
  CHECK(place.text("./gone") == "error: no such file or folder: `./gone`");
  CHECK(place.text("gone-1.0.tar.gz") == "error: no such file or folder: `gone-1.0.tar.gz`");
  CHECK(place.text("./empty") == "error: `$/empty` is no project: it has neither `pyproject.toml` nor `setup.py`");
  CHECK(place.text("./empty/file") == "error: `./empty/file` is neither a wheel, nor a source archive, nor a folder");
  const auto missing = place.input("./gone");
  REQUIRE(!missing.ok());
  CHECK(missing.error().context.empty());  // the command line: the word is in the message
  const auto gone = pkg::make_error(pkg::ErrorKind::not_found, "gone");
  CHECK(pkg::ops::asked_for_by(pkg::Origin::command_line(), gone).context.empty());
  CHECK(pkg::ops::asked_for_by({.file = "a.txt", .what = {}, .line = 3}, gone).context ==
        std::vector<std::string>{"asked for by a.txt:3"});
}
