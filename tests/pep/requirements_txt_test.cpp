#include "pep/requirements_txt.h"

#include <map>
#include <string>

#include "support/printers.h"

namespace pkg::pep {

namespace {

using Kind = RequirementLine::Kind;

std::optional<std::string> no_variables(std::string_view) { return std::nullopt; }

std::vector<RequirementLine> lines(std::string_view text) {
  const auto parsed = parse_requirements_txt(text, "requirements.txt", [](std::string_view name) {
    return name == "TOKEN" ? std::optional<std::string>("secret") : std::nullopt;
  });
  REQUIRE_OK(parsed);
  return *parsed;
}

Result<RequirementsFile> load(const std::map<std::string, std::string>& files) {
  const auto read = [&](const std::string& name) -> Result<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return make_error(ErrorKind::not_found, "no file " + name);
    return found->second;
  };
  return load_requirements("r.txt", RequirementsRole::requirements, read, no_variables);
}

std::string values(const std::vector<RequirementLine>& all) {
  std::string out;
  for (const RequirementLine& line : all) out += line.origin.to_string() + " " + line.value + "\n";
  return out;
}

}  // namespace

TEST_CASE("comments, continuations and variables are resolved before a line is read") {
  const auto all =
      lines("# head\n\na==1 # why\nb>=2,\\\n  <3\nc==1#not a comment\nhttps://${TOKEN}@e.com/${UNSET}/$x\n");
  REQUIRE(all.size() == 4);
  CHECK(all[0].value == "a==1");
  CHECK(all[0].origin.to_string() == "requirements.txt:3");
  CHECK(all[1].value == "b>=2,  <3");
  CHECK(all[1].origin.line == 4);
  CHECK(all[2].value == "c==1#not a comment");
  CHECK(all[3].value == "https://secret@e.com/${UNSET}/$x");
  CHECK(all[3].origin.line == 7);
}

TEST_CASE("hashes and config settings belong to their requirement") {
  const auto all = lines("a==1 --hash=sha256:aa --hash sha512:bb -C k=v --config-settings x=y=z\n-e ./proj -C a=b\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].hashes == std::vector<std::string>{"sha256:aa", "sha512:bb"});
  CHECK(all[0].config_settings == std::vector<std::pair<std::string, std::string>>{{"k", "v"}, {"x", "y=z"}});
  CHECK(all[1].kind == Kind::editable);
  CHECK(all[1].value == "./proj");
  CHECK(all[1].config_settings.size() == 1);
}

TEST_CASE("options come out in their long form, abbreviated or not") {
  const auto all = lines(
      "-i https://index.example/simple/ --pre\n--extra-index 'a b'\n-f./links\n-r other.txt\n-c 'c "
      "c.txt'\n--no-binary=:all:\n");
  REQUIRE(all.size() == 7);
  CHECK(all[0].option == "--index-url");
  CHECK(all[0].value == "https://index.example/simple/");
  CHECK(all[1].option == "--pre");
  CHECK(all[2].option == "--extra-index-url");
  CHECK(all[2].value == "a b");
  CHECK(all[3].option == "--find-links");
  CHECK(all[3].value == "./links");
  CHECK(all[4].kind == Kind::requirements_file);
  CHECK(all[5].kind == Kind::constraints_file);
  CHECK(all[5].value == "c c.txt");
  CHECK(all[6].value == ":all:");
}

TEST_CASE("what pip refuses is refused with file and line") {
  for (const char* text : {"--unknown", "-x", "a --hash=md5:aa", "a --hash=sha256", "-i", "--pre=1", "a -C novalue",
                           "-r 'open", "--no", "# \xe9"}) {
    CAPTURE(text);
    CHECK(!parse_requirements_txt(text, "r.txt", no_variables).ok());
  }
  const auto failed = parse_requirements_txt("a\n--index-ulr=x\n", "r.txt", no_variables);
  REQUIRE(!failed.ok());
  CHECK(failed.error().message == "a requirements file has no option `--index-ulr`");
  CHECK(failed.error().hint == "did you mean `--index-url`?");
  CHECK(failed.error().context == std::vector<std::string>{"at r.txt:2"});
}

TEST_CASE("byte order marks and coding comments say how to read the bytes") {
  CHECK(lines("\xef\xbb\xbf"
              "a==1")
            .front()
            .value == "a==1");
  CHECK(lines(std::string("\xff\xfe"
                          "a\0\n\0",
                          6))
            .front()
            .value == "a");
  CHECK(lines(std::string("\xfe\xff\xd8\x3d\xde\x00", 6)).front().value == "\xf0\x9f\x98\x80");
  CHECK(lines("# -*- coding: latin-1 -*-\n./caf\xe9\n").front().value == "./caf\xc3\xa9");
  CHECK(!parse_requirements_txt(std::string("\xff\xfe"
                                            "a",
                                            3),
                                "r.txt", no_variables)
             .ok());
}

TEST_CASE("included files stand where they are named, seen from the file that names them") {
  const auto file = load({{"r.txt", "a\n-r sub/s.txt\nb\n-c c.txt\n"},
                          {"sub/s.txt", "s\n-r t.txt\n--pre\n"},
                          {"sub/t.txt", "t\n"},
                          {"c.txt", "a<2\n"}});
  REQUIRE_OK(file);
  CHECK(values(file->requirements) == "r.txt:1 a\nsub/s.txt:1 s\nsub/t.txt:1 t\nr.txt:3 b\n");
  CHECK(values(file->constraints) == "c.txt:1 a<2\n");
  CHECK(file->options.size() == 1);
}

TEST_CASE("a requirements file included from a constraints file holds requirements") {
  const auto file = load({{"r.txt", "-c c.txt\n"}, {"c.txt", "x<1\n-r q.txt\n"}, {"q.txt", "y\n"}});
  REQUIRE_OK(file);
  CHECK(values(file->requirements) == "q.txt:1 y\n");
  CHECK(values(file->constraints) == "c.txt:1 x<1\n");
}

TEST_CASE("a file may be included twice, but not within itself") {
  CHECK(load({{"r.txt", "-r a.txt\n-r a.txt\n"}, {"a.txt", "x\n"}})->requirements.size() == 2);
  const auto circle = load({{"r.txt", "-r sub/a.txt\n"}, {"sub/a.txt", "\n-r ../r.txt\n"}});
  REQUIRE(!circle.ok());
  CHECK(circle.error().message == "the requirements file `sub/../r.txt` includes itself");
  CHECK(circle.error().context == std::vector<std::string>{"included at sub/a.txt:2"});
  CHECK(load({{"r.txt", "-r gone.txt\n"}}).error().kind == ErrorKind::not_found);
}

}  // namespace pkg::pep
