// The text worlds of worlds/*.txt. A line "install …  => …" has options, then requirements; what comes out is either
// pins ("a 1, b[x] 2", warnings after " ! ") or, beginning with "because", the explanation (headline and hint below it
// when the expectation has them: "error: …", "hint: …").

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "base/time.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

pep::Requirement requirement(std::string_view text, std::string_view origin) {
  auto parsed = pep::Requirement::parse(text);
  REQUIRE_OK(parsed);
  if (origin.empty())
    parsed->origin = Origin::command_line();
  else
    parsed->origin = Origin{.file = std::string(origin), .line = 1};
  return *parsed;
}

pep::Name name_of(std::string_view text) { return pep::Name::from_normalized(pep::normalize_name(text)); }

// --python 3.9  --pre  --no-pre  --lowest  --lowest-direct  --constraint b<2  --override b==1  --exclude b  --prefer
// b==1  --no-deps
// --override-of a<2:b==1  --exclude-of a:b
// --only-binary b  --no-binary b  --prefer-binary  --before 2024-01-01  --ignore-python  --lower-python-only
resolver::Problem problem_of(std::string_view text) {
  resolver::Problem problem;
  std::string python = "3.12.1";
  const auto word = [&] {
    text = trim(text);
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
  };
  while (trim(text).starts_with("--")) {
    const std::string_view option = word();
    resolver::Policy& policy = problem.policy;
    if (option == "--python")
      python = std::string(word());
    else if (option == "--pre")
      policy.prereleases = resolver::Prereleases::allow;
    else if (option == "--no-pre")
      policy.prereleases = resolver::Prereleases::disallow;
    else if (option == "--explicit-pre")
      policy.prereleases = resolver::Prereleases::explicit_only;
    else if (option == "--lowest")
      policy.order = resolver::Order::lowest;
    else if (option == "--lowest-direct")
      policy.order = resolver::Order::lowest_direct;
    else if (option == "--constraint")
      problem.constraints.push_back(requirement(word(), "constraints.txt"));
    else if (option == "--override")
      problem.overrides.push_back(requirement(word(), "overrides.txt"));
    else if (option == "--override-of" || option == "--exclude-of") {
      auto rule = test::parent_rule(word(), option == "--override-of");
      REQUIRE_OK(rule);
      problem.parent_rules.push_back(std::move(*rule));
    } else if (option == "--exclude")
      problem.excludes.push_back(name_of(word()));
    else if (option == "--prefer") {
      const std::string_view pin = word();
      problem.preferences.push_back(
          {name_of(pin.substr(0, pin.find("=="))), pep::Version::parse(pin.substr(pin.find("==") + 2)).value()});
    } else if (option == "--no-deps")
      policy.no_deps = true;
    else if (option == "--only-binary")
      policy.format.only_binary.insert(name_of(word()));
    else if (option == "--no-binary")
      policy.format.no_binary.insert(name_of(word()));
    else if (option == "--prefer-binary")
      policy.prefer_binary = true;
    else if (option == "--before")
      policy.exclude_newer = time::parse_rfc3339(word());
    else if (option == "--ignore-python")
      policy.ignore_requires_python = true;
    else if (option == "--lower-python-only")
      policy.strict_requires_python = false;
    else
      FAIL("unknown option " << std::string(option));
  }
  problem.targets.push_back(test::linux_target(python));
  while (!(text = trim(text)).empty()) {
    const std::size_t comma = text.find(", ");
    problem.requirements.push_back(requirement(trim(text.substr(0, comma)), ""));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 2);
  }
  return problem;
}

std::string answer_text(const std::variant<resolver::Resolution, resolver::Conflict>& answer, bool headline,
                        bool hint) {
  std::string text;
  if (const auto* const conflict = std::get_if<resolver::Conflict>(&answer)) {
    if (headline) append(text, "error: ", conflict->headline, conflict->explanation.empty() ? "" : "\n");
    append(text, conflict->explanation);
    if (hint) append(text, "\nhint: ", conflict->hint);
    return text;
  }
  const auto& resolution = std::get<resolver::Resolution>(answer);
  for (const resolver::Pin& pin : resolution.pins) {
    append(text, text.empty() ? "" : ", ", pin.name.str());
    for (std::size_t i = 0; i < pin.extras.size(); ++i) append(text, i == 0 ? "[" : ",", pin.extras[i].str());
    append(text, pin.extras.empty() ? " " : "] ", pin.version.to_string());
  }
  for (const std::string& warning : resolution.warnings) append(text, " ! ", warning);
  return text.empty() ? "nothing" : text;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("text worlds resolve as they say") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(PKG_SOURCE_DIR) / "tests/resolver/worlds"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const auto& file : files) {
    const std::string text = read(file);
    test::World probe;
    const auto questions = test::load_world(text, probe);
    REQUIRE_OK(questions);
    for (const std::string& question : *questions) {
      test::World world;
      REQUIRE_OK(test::load_world(text, world));
      const std::size_t arrow = question.find("=>");
      REQUIRE(arrow != std::string::npos);
      const std::string expected(trim(question.substr(arrow + 2)));
      const auto answer = resolver::resolve(problem_of(std::string_view(question).substr(8, arrow - 8)), world);
      CAPTURE(file.filename().string());
      CAPTURE(question);
      REQUIRE_OK(answer);
      CHECK(answer_text(*answer, expected.starts_with("error: "), expected.find("\nhint: ") != std::string::npos) ==
            expected);
    }
  }
}
