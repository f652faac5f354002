// The text worlds of worlds/*.txt (world/world_text.h): what there is, a command, and what comes of it.
//
// PKG_UPDATE_WORLDS=1 writes what came out into the files, to be read before it is kept.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "base/fs.h"
#include "base/text.h"
#include "ops/world/world_text.h"
#include "ops/world/world_verbs.h"
#include "support/printers.h"

namespace pkg::test {
namespace {

namespace stdfs = std::filesystem;

void fill_index(const std::string& body, MemoryIndex& index) {
  for (const auto line : split_lines(body)) {
    if (line.starts_with("! ")) {
      index_command(line, index);
    } else if (!line.empty()) {
      auto parsed = parse_release(line);
      index.add(parsed.name, parsed.version, std::move(parsed.release));
    }
  }
}

void fill_environment(const std::string& folder, const std::string& body, OpsKit& kit) {
  if (!kit.exists(folder + "/pyvenv.cfg")) kit.make_environment(folder);
  for (const auto line : split_lines(body)) {
    const auto parsed = parse_release(line);
    kit.put_installed(parsed.name, parsed.version, parsed.release, !parsed.is_dependency, folder);
  }
}

// "NAME=VALUE"; "NAME" is not set.
void set_variable(OpsKit& kit, const std::string& text) {
  const auto equals = text.find('=');
  const auto value = equals == std::string::npos ? std::string() : kit.without_names(text.substr(equals + 1));
  kit.set_variable(text.substr(0, equals).c_str(), equals == std::string::npos ? nullptr : value.c_str());
}

// Takes the step; what its body should be, where it says what comes out.
std::optional<std::string> take(const WorldStep& step, OpsKit& kit) {
  const auto space = std::min(step.head.find(' '), step.head.size());
  const auto word = step.head.substr(0, space);
  const std::string rest(trim(step.head.substr(space)));
  if (word == "index")
    fill_index(step.body, kit.index);
  else if (word == "environment")
    fill_environment(rest.empty() ? ".venv" : rest, step.body, kit);
  else if (word == "python")
    kit.add_python(std::stoi(rest.substr(rest.find('.') + 1)));
  else if (word == "variable")
    set_variable(kit, rest);
  else if (word == "file")
    kit.write(rest, kit.without_names(step.body));
  else if (word == "serve")
    kit.index.serve(rest, kit.without_names(step.body));
  else if (word == "do")
    return kit.with_names(run_verb(kit.without_names(rest), kit));
  else if (word == "written")
    return kit.with_names(kit.read(rest));
  else
    FAIL("unknown step " << step.head);
  return std::nullopt;
}

// Without what depends on where temporary files are: the folders above, and keys of kept environments.
std::string steady(const std::string& text) {
  constexpr std::string_view kKept = "/environments-v2/";
  std::string result;
  for (const auto given : split_lines(text)) {
    if (given.starts_with("  looked for `/")) continue;
    std::string line(given);
    for (auto at = line.find(kKept); at != std::string::npos; at = line.find(kKept, at + 1)) {
      const auto dash = line.find('-', at + kKept.size());
      if (dash != std::string::npos) line.replace(dash + 1, 32, "KEY");
    }
    append(result, line, "\n");
  }
  return result;
}

bool is_silent(const WorldStep& step) { return step.head.empty() || step.head.starts_with('#'); }

// What the file would say if all of it were true.
std::string run_worlds(const std::string& text) {
  auto steps = parse_steps(text);
  std::unique_ptr<OpsKit> kit;
  std::string title;
  for (auto& step : steps) {
    if (is_silent(step)) continue;
    if (step.head.starts_with("== ")) {
      title = step.head;
      kit.reset();
      kit = std::make_unique<OpsKit>();
      continue;
    }
    CAPTURE(title);
    CAPTURE(step.head);
    REQUIRE(kit != nullptr);
    auto told = take(step, *kit);
    if (!told) continue;
    *told = steady(*told);
    CHECK(*told == step.body);
    step.body = *told;
  }
  return to_string(steps);
}

}  // namespace

TEST_CASE("the verbs do what the text worlds say") {
  std::vector<stdfs::path> files;
  for (const auto& entry : stdfs::directory_iterator(stdfs::path(PKG_SOURCE_DIR) / "tests/ops/worlds"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const auto& file : files) {
    const auto name = file.filename().string();
    SUBCASE(name.c_str()) {
      const auto text = fs::read_file(file);
      REQUIRE_OK(text);
      CHECK(to_string(parse_steps(*text)) == *text);
      const auto told = run_worlds(*text);
      if (std::getenv("PKG_UPDATE_WORLDS") != nullptr) std::ofstream(file, std::ios::binary) << told;
    }
  }
}

}  // namespace pkg::test
