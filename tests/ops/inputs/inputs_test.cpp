#include "ops/inputs/inputs.h"

#include <doctest/doctest.h>

#include <fstream>
#include <utility>

#include "base/url.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

struct Place {
  pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session;

  explicit Place(pkg::index::Settings settings = {}) : session(std::move(settings), folder.path(), reporter, cancel) {}

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::Result<pkg::ops::Inputs> read(const pkg::ops::InputOptions& options) {
    return pkg::ops::read_inputs(options, session);
  }
};

pkg::index::Settings with_index(const std::string& url) {
  pkg::index::Settings settings;
  settings.indexes = {{"", url, false}};
  return settings;
}

std::vector<std::string> texts(const std::vector<pkg::pep::Requirement>& requirements) {
  std::vector<std::string> list;
  for (const auto& requirement : requirements)
    list.push_back(requirement.to_string() + " (" + requirement.origin.to_string() + ")");
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
  CHECK(texts(inputs->requirements) == std::vector<std::string>{"z (the command line)", "a==1 (req.txt:1)",
                                                                "b (sub/more.txt:2)", "c[x]>=2 (sub/deep.txt:1)"});
  CHECK(texts(inputs->constraints) == std::vector<std::string>{"b<3 (con.txt:1)"});
}

TEST_CASE("a file that includes itself is an error, not a loop") {
  Place place;
  place.write("req.txt", "-r req.txt\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE(!inputs.ok());
  CHECK(inputs.error().message == "the requirements file `req.txt` includes itself");
}

TEST_CASE("options of a requirements file reach the index settings") {
  Place place;
  place.write(
      "req.txt",
      "-i https://index.example/simple/\n--extra-index-url https://extra.example/simple/\n-f wheels\n--pre\na\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  CHECK(inputs->releases.all == true);
  REQUIRE(inputs->settings);
  const auto& settings = *inputs->settings;
  REQUIRE(settings.indexes.size() == 2);
  CHECK(settings.indexes[0].url == "https://extra.example/simple/");
  CHECK(settings.indexes[1].url == "https://index.example/simple/");
  CHECK(settings.find_links == std::vector<pkg::SecretUrl>{(place.folder / "wheels").string()});
}

TEST_CASE(
    "-i takes the place of all unnamed indexes, --no-index of all, and a folder of links is looked for beside the file "
    "first") {
  pkg::index::Settings own;
  own.indexes = {{"corp", "https://corp.example/", false},
                 {"", "https://extra.example/", false},
                 {"", "https://default.example/", false}};
  Place place(own);
  place.write("sub/links/a", "");
  place.write("elsewhere/a", "");
  place.write("sub/req.txt", "-i https://index.example/\n-f links\n-f elsewhere\n");
  place.write("off.txt", "--no-index\n-i https://index.example/\n--extra-index-url https://extra.example/\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"sub/req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  const auto& settings = inputs->settings.value();
  REQUIRE(settings.indexes.size() == 2);
  CHECK(settings.indexes[0].name == "corp");
  CHECK(settings.indexes[1].url == "https://index.example/");
  CHECK(settings.find_links ==
        std::vector<pkg::SecretUrl>{(place.folder / "sub/links").string(), (place.folder / "elsewhere").string()});
  options.requirements_files = {"off.txt"};
  const auto off = place.read(options);
  REQUIRE_OK(off);
  CHECK(off->settings.value().indexes.empty());
}

TEST_CASE("reading inputs leaves the session's settings as they were") {
  Place place(with_index("https://own.example/simple/"));
  place.write("req.txt",
              "-i https://index.example/simple/\n-f links\n--trusted-host index.example\nb @ "
              "https://b.example/b-1.tar.gz\na -C x=y\n");
  const auto before = place.session.settings();
  const auto build_options = place.session.build_options();
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  auto& session = pkg::ops::session_for(*inputs, place.session);
  CHECK(place.session.settings() == before);
  CHECK(place.session.build_options() == build_options);
  CHECK(session.settings().indexes.front().url == "https://index.example/simple/");
  CHECK(session.settings().named_urls.contains("https://b.example/b-1.tar.gz"));
  CHECK(session.build_options().config_settings_of.contains(pkg::pep::Name::from_normalized("a")));
}

TEST_CASE("two sets of inputs in one session do not see each other's indexes") {
  Place place(with_index("https://own.example/simple/"));
  place.write("one.txt", "-i https://one.example/simple/\na\n");
  place.write("two.txt", "--extra-index-url https://two.example/simple/\na\n");
  const auto urls_for = [&](const char* file) {
    pkg::ops::InputOptions options;
    options.requirements_files = {file};
    const auto inputs = place.read(options);
    REQUIRE_OK(inputs);
    std::vector<std::string> urls;
    for (const auto& index : pkg::ops::session_for(*inputs, place.session).settings().indexes)
      urls.push_back(index.url.with_credentials());
    return urls;
  };
  CHECK(urls_for("one.txt") == std::vector<std::string>{"https://one.example/simple/"});
  CHECK(urls_for("two.txt") == std::vector<std::string>{"https://two.example/simple/", "https://own.example/simple/"});
}

TEST_CASE("inputs that say nothing of indexes go on with the session that is there") {
  Place place;
  place.write("req.txt", "a\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  CHECK(!inputs->settings);
  CHECK(&pkg::ops::session_for(*inputs, place.session) == &place.session);
}

TEST_CASE("options for the resolver are kept in their order, and what has no meaning is a warning") {
  Place place;
  place.write("req.txt",
              "--no-binary :all:\n--only-binary a\n--prefer-binary\n--all-releases b\n--only-final "
              ":all:\n--use-feature fast-deps\na -C "
              "x=1 -C x=2\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  REQUIRE(inputs->format.size() == 2);
  CHECK(!inputs->format[0].only_binary);
  CHECK(inputs->format[1].value == "a");
  CHECK(inputs->prefer_binary);
  CHECK(inputs->releases.all == false);
  CHECK(inputs->releases.of.at(pkg::pep::Name::from_normalized("b")) == pkg::resolver::Prereleases::allow);
  CHECK(inputs->config_settings.at(pkg::pep::Name::from_normalized("a")) ==
        pkg::builder::ConfigSettings{{"x", {"1", "2"}}});
}

TEST_CASE("editables and sources without a name are told apart from requirements, each once") {
  Place place;
  place.write("lib/pyproject.toml", "[project]\nname = \"Lib\"\nversion = \"1\"\n");
  place.write("old/setup.py", "from setuptools import setup\nsetup()\n");
  place.write("req.txt", "-e ./lib[dev]\n./old -C k=v\n./old -C k=v\ngit+https://git.example/a/b\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  REQUIRE(inputs->requirements.size() == 1);
  CHECK(inputs->requirements[0].name.str() == "lib");
  CHECK(inputs->editable_urls == std::set<std::string>{inputs->requirements[0].url});
  REQUIRE(inputs->unnamed.size() == 2);
  CHECK(inputs->unnamed[0].url == pkg::url::path_to_file_url((place.folder / "old").string()));
  CHECK(inputs->unnamed[0].config_settings == pkg::builder::ConfigSettings{{"k", {"v"}}});
  CHECK(inputs->unnamed[1].url == "git+https://git.example/a/b");
}

TEST_CASE("a constraint has a name and is nothing to install") {
  Place place;
  place.write("old/setup.py", "");
  place.write("unnamed.txt", "./old\n");
  place.write("editable.txt", "-e ./old\n");
  pkg::ops::InputOptions options;
  options.constraints_files = {"unnamed.txt"};
  CHECK(place.read(options).error().message == "unnamed.txt:1: `./old` has no name");
  options.constraints_files = {"editable.txt"};
  CHECK(place.read(options).error().message == "editable.txt:1: an editable is installed, and cannot be a constraint");
}

TEST_CASE("a constraint asks for nothing: it has no extras; an override may") {
  Place place;
  place.write("con.txt", "a==1\nb[x]==2\n");
  place.write("req.txt", "z\n");
  pkg::ops::InputOptions options;
  options.requirements_files = {"req.txt"};
  options.constraints_files = {"con.txt"};
  const auto refused = place.read(options);
  REQUIRE(!refused.ok());
  CHECK(refused.error().message == "con.txt:2: `b[x]==2` has extras, which a constraint cannot ask for");
  CHECK(refused.error().hint == "write `b==2`");
  options.override_files = std::exchange(options.constraints_files, {});
  REQUIRE_OK(place.read(options));
}

TEST_CASE("a group may be for some Pythons: a condition for one Python, markers for all") {
  Place place;
  place.write("pyproject.toml",
              "[dependency-groups]\nall = [{include-group = 'docs'}, 'a']\ndocs = ['b']\n"
              "[tool.uv.dependency-groups]\ndocs = {requires-python = '>=3.9'}\nall = {requires-python = '<3.14'}\n"
              "[tool.pkg.dependency-groups]\ndocs = {requires-python = '>=3.12'}\n");
  pkg::ops::InputOptions options;
  options.groups = {"all"};
  const auto one = place.read(options);
  REQUIRE_OK(one);
  REQUIRE(one->pythons.size() == 1);
  CHECK(one->pythons[0].who == "the dependency group `all`");
  CHECK(one->pythons[0].specifiers.to_string() == "<3.14,>=3.12");
  options.for_all_pythons = true;
  const auto all = place.read(options);
  REQUIRE_OK(all);
  CHECK(all->pythons.empty());
  CHECK(all->requirements.back().to_string() ==
        "a; python_full_version < \"3.14\" and python_full_version >= \"3.12\"");
}

TEST_CASE("a script says what it needs, whatever its name ends in") {
  Place place;
  place.write("tool", "# /// script\n# requires-python = \">=3.12\"\n# dependencies = [\"a>1\"]\n# ///\n");
  place.write("wrong.py", "# /// script\n# dependencies = 1\n# ///\n");
  place.write("none", "print()\n");
  pkg::ops::InputOptions options;
  options.scripts = {"tool"};
  const auto inputs = place.read(options);
  REQUIRE_OK(inputs);
  CHECK(texts(inputs->requirements) == std::vector<std::string>{"a>1 (tool)"});
  REQUIRE(inputs->pythons.size() == 1);
  CHECK(inputs->pythons[0].who == "`tool`");
  CHECK(inputs->pythons[0].specifiers.to_string() == ">=3.12");
  options.scripts = {"none"};
  CHECK(place.read(options).error().message == "`none` has no `# /// script` block");
  options.scripts = {"wrong.py"};
  CHECK(place.read(options).error().context.back() == "at wrong.py:2");
}

TEST_CASE("release control: the later word counts") {
  using pkg::resolver::Prereleases;
  pkg::ops::ReleaseControl control;
  REQUIRE_OK(pkg::ops::add_release_control(":all:", Prereleases::allow, control));
  REQUIRE_OK(pkg::ops::add_release_control("a, b", Prereleases::disallow, control));
  CHECK(control.all == true);
  CHECK(control.of.size() == 2);
  REQUIRE_OK(pkg::ops::add_release_control("a", Prereleases::allow, control));
  CHECK(control.of[*pkg::pep::Name::parse("a")] == Prereleases::allow);
  REQUIRE_OK(pkg::ops::add_release_control(":none:", Prereleases::disallow, control));
  CHECK(control.of.size() == 1);
  CHECK(control.all == true);
  REQUIRE_OK(pkg::ops::add_release_control(":none:", Prereleases::allow, control));
  CHECK(control.of.empty());
  CHECK(!control.all);
  CHECK(!pkg::ops::add_release_control("-", Prereleases::allow, control).ok());
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
