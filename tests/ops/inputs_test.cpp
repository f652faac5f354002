#include "ops/inputs.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/events.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

struct Place {
  pkg::test::TempDir folder;
  pkg::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session{pkg::index::Settings{}, folder.path(), reporter, cancel};

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::Result<pkg::ops::Inputs> read(const pkg::ops::InputOptions& options) { return pkg::ops::read_inputs(options, session); }
};

std::vector<std::string> texts(const std::vector<pkg::pep::Requirement>& requirements) {
  std::vector<std::string> list;
  for (const auto& requirement : requirements) list.push_back(requirement.to_string() + " (" + requirement.origin.to_string() + ")");
  return list;
}

}  // namespace

TEST_CASE("words and nested files become requirements that know where they stood") {
  Place place;
  place.write("req.txt", "a==1\n-r sub/more.txt\n-c con.txt\n");
  place.write("sub/more.txt", "# comment\nb\n-r deep.txt\n");
  place.write("sub/deep.txt", "c[x]>=2\n");
  place.write("con.txt", "b<3\n");
  pkg::ops::InputOptions options;
  options.words = {"z"};
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  CHECK(texts(inputs->requirements) ==
        std::vector<std::string>{"z (the command line)", "a==1 (req.txt:1)", "b (sub/more.txt:2)", "c[x]>=2 (deep.txt:1)"});
  CHECK(texts(inputs->constraints) == std::vector<std::string>{"b<3 (con.txt:1)"});
}

TEST_CASE("a file that includes itself is an error, not a loop") {
  Place place;
  place.write("req.txt", "-r req.txt\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE(!inputs.ok());
  CHECK(inputs.error().message == "`req.txt` includes itself");
}

TEST_CASE("one hash makes all required, and pins too") {
  Place place;
  const std::string hash(64, 'a');
  place.write("req.txt", "a==1 --hash=sha256:" + hash + "\nb==1\n");
  place.write("open.txt", "a>=1 --hash=sha256:" + hash + "\n");
  place.write("weak.txt", "a==1 --hash=md5:" + std::string(32, 'a') + "\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  CHECK(place.read(options).error().message == "hashes are required, and `b==1` (req.txt:2) has none");
  options.requirements_files = {"open.txt"};
  CHECK(place.read(options).error().message == "hashes are required, and `a>=1` (open.txt:1) is not pinned with ==");
  options.requirements_files = {"weak.txt"};
  CHECK(place.read(options).error().message == "the hash algorithm `md5` is not accepted: expected sha256, sha384 or sha512");
}

TEST_CASE("options of a requirements file reach the index settings") {
  Place place;
  place.write("req.txt", "-i https://index.example/simple/\n--extra-index-url https://extra.example/simple/\n-f wheels\n--pre\na\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  CHECK(inputs->prereleases == true);
  const auto& settings = place.session.settings();
  REQUIRE(settings.indexes.size() == 2);
  CHECK(settings.indexes[0].url == "https://extra.example/simple/");
  CHECK(settings.indexes[1].url == "https://index.example/simple/");
  CHECK(settings.find_links == std::vector<std::string>{(place.folder / "wheels").string()});
}

TEST_CASE("the path of a wheel is a URL requirement of its project") {
  Place place;
  place.write("a_b-1.0-py3-none-any.whl", "");
  const auto requirement =
      pkg::ops::requirement_from_word("./a_b-1.0-py3-none-any.whl[x]", place.folder.path(), pkg::Origin::command_line());
  REQUIRE_OK(requirement);
  CHECK(requirement->name.str() == "a-b");
  CHECK(requirement->url.starts_with("file:///"));
  CHECK(requirement->extras.size() == 1);
}

TEST_CASE("what would have to be built is refused by name") {
  Place place;
  std::filesystem::create_directories(place.folder / "tree");
  const auto requirement = pkg::ops::requirement_from_word("./tree", place.folder.path(), pkg::Origin::command_line());
  REQUIRE(!requirement.ok());
  CHECK(requirement.error().message == "`./tree` would have to be built, and this version of pkg installs wheels only");
}

TEST_CASE("the later of --only-binary and --no-binary takes a name back, as in pip") {
  pkg::resolver::FormatControl control;
  REQUIRE_OK(pkg::ops::add_format_control(":all:", true, control));
  REQUIRE_OK(pkg::ops::add_format_control("a,b", false, control));
  CHECK(control.only_binary_all);
  CHECK(control.no_binary.size() == 2);
  REQUIRE_OK(pkg::ops::add_format_control(":none:", true, control));
  CHECK(!control.only_binary_all);
}
