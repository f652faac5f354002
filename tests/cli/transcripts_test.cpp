// Runs every file of tests/cli/transcripts/*.txt. With PKG_UPDATE_TRANSCRIPTS=1 it writes down what came out where that
// is not what was expected; with PKG_TRANSCRIPT=NAME it runs that one only.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "transcripts/transcript.h"
#include "transcripts/transcript_world.h"

namespace {

namespace stdfs = std::filesystem;
using namespace pkg;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<stdfs::path> transcripts() {
  const auto wanted = variable("PKG_TRANSCRIPT");
  std::vector<stdfs::path> files;
  for (const auto& entry : stdfs::directory_iterator(PKG_SOURCE_DIR "/tests/cli/transcripts")) {
    if (entry.path().extension() == ".txt" && (wanted.empty() || entry.path().stem() == wanted))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// A step that did not do as it was expected to.
struct Difference {
  test::TranscriptEntry step;
  test::Outcome actual;
};

std::vector<Difference> differences(std::string_view text) {
  test::TranscriptWorld world;
  std::vector<Difference> found;
  for (auto& entry : test::parse_transcript(text, world.root())) {
    try {
      if (!entry.is_step) {
        world.set_up(entry);
        continue;
      }
      auto actual = world.run(entry.words);
      if (!entry.expected || !test::matches(*entry.expected, actual))
        found.push_back({std::move(entry), std::move(actual)});
    } catch (const std::exception& problem) {
      throw std::runtime_error(cat("line ", entry.first_line + 1, ": ", problem.what()));
    }
  }
  return found;
}

std::string updated(std::string_view text, const std::vector<Difference>& differences) {
  const auto lines = split_lines(text);
  std::string result;
  std::size_t at = 0;
  for (const auto& [step, actual] : differences) {
    for (; at <= step.first_line; ++at) append(result, lines[at], "\n");
    result += test::with_placeholders(test::expectation_text(actual));
    at = step.end;
  }
  for (; at < lines.size(); ++at) append(result, lines[at], "\n");
  return result;
}

std::string told(const Difference& difference) {
  const auto& [step, actual] = difference;
  return cat("$ ", join(step.words, " "), " (line ", step.first_line + 1, ")\n--- expected\n",
             step.expected ? test::expectation_text(*step.expected) : "(nothing is written down)\n", "--- came out\n",
             test::with_placeholders(test::expectation_text(actual)));
}

}  // namespace

TEST_CASE("commands say and do what their transcripts show") {
  const bool updates = variable("PKG_UPDATE_TRANSCRIPTS") == "1";
  for (const auto& file : transcripts()) {
    CAPTURE(file.filename().string());
    const auto text = fs::read_file(file);
    REQUIRE_OK(text);
    const auto found = differences(*text);
    if (updates && !found.empty()) std::ofstream(file, std::ios::binary) << updated(*text, found);
    if (updates) continue;
    for (const auto& difference : found) {
      const auto message = told(difference);
      FAIL_CHECK(message);
    }
  }
}
