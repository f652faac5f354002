#pragma once
// A transcript: what was typed and what came out, as text that people read. Its form is told in README.md beside it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::test {

// What a command wrote and how it ended.
struct Outcome {
  std::string out, err;
  int exit_code = 0;
};

// One entry: a line, and the lines that belong to it.
struct TranscriptEntry {
  bool is_step = false;                 // "$ …"; else a set-up line
  std::vector<std::string> words;       // of the line, without "$"; quotes taken off
  std::string block;                    // of set-up: the indented lines below it
  std::optional<Outcome> expected;      // of steps; absent: nothing is written down yet
  std::size_t first_line = 0, end = 0;  // where it stands: lines [first_line, end)
};

// `root` replaces [ROOT] in words and blocks. Throws std::runtime_error with the line of what it does not understand.
std::vector<TranscriptEntry> parse_transcript(std::string_view text, const std::string& root);

// Whether `text` is what `pattern` says: [..] stands for anything within a line, [...] for lines, [HASH] for
// hexadecimal digits, [TIME] for a number with or without a unit.
bool matches(std::string_view pattern, std::string_view text);
bool matches(const Outcome& expected, const Outcome& actual);

// `text` with placeholders for what differs from run to run: hashes and times.
std::string with_placeholders(std::string_view text);

// The lines below a step's own: stdout, "stderr:" and stderr, "exit N".
std::string expectation_text(const Outcome& outcome);

}  // namespace pkg::test
