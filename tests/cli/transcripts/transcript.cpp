#include "transcript.h"

#include <span>
#include <stdexcept>

#include "base/text.h"

namespace pkg::test {
namespace {

[[noreturn]] void fail(std::size_t line, std::string_view what) {
  throw std::runtime_error(cat("line ", line + 1, ": ", what));
}

// Words at spaces; '…' and "…" hold spaces.
std::vector<std::string> words_of(std::string_view line, std::size_t number) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote_mark = 0;
  for (const char c : line) {
    if (quote_mark != 0) {
      if (c == quote_mark)
        quote_mark = 0;
      else
        words.back() += c;
    } else if (c == ' ') {
      in_word = false;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      if (c == '\'' || c == '"')
        quote_mark = c;
      else
        words.back() += c;
    }
  }
  if (quote_mark != 0) fail(number, "a quotation that does not end");
  return words;
}

// The lines of a text, its entries and where reading stands.
class Reader {
 public:
  Reader(std::string_view text, std::string root) : lines_(split_lines(text)), root_(std::move(root)) {}

  std::vector<TranscriptEntry> read() {
    std::vector<TranscriptEntry> entries;
    while (at_ < lines_.size()) {
      const auto line = lines_[at_];
      if (line.empty() || line.starts_with('#'))
        ++at_;
      else
        entries.push_back(line.starts_with("$ ") ? step() : set_up());
    }
    return entries;
  }

 private:
  std::string placed(std::string_view text) const { return replace_all(text, "[ROOT]", root_); }

  TranscriptEntry begin(std::string_view line) {
    TranscriptEntry entry;
    entry.first_line = at_;
    entry.words = words_of(placed(line), at_);
    ++at_;
    return entry;
  }

  // Blank lines count as the block's when an indented line follows.
  TranscriptEntry set_up() {
    auto entry = begin(lines_[at_]);
    std::string blank;
    for (auto i = at_; i < lines_.size() && (lines_[i].empty() || lines_[i].starts_with("  ")); ++i) {
      if (lines_[i].empty()) {
        blank += '\n';
        continue;
      }
      append(entry.block, blank, placed(lines_[i].substr(2)), "\n");
      blank.clear();
      at_ = i + 1;
    }
    entry.end = at_;
    return entry;
  }

  TranscriptEntry step() {
    auto entry = begin(lines_[at_].substr(2));
    entry.is_step = true;
    entry.end = at_;
    if (at_ == lines_.size() || lines_[at_].empty() || lines_[at_].starts_with("$ ")) return entry;
    entry.expected = expectation(entry.first_line);
    entry.end = at_;
    return entry;
  }

  Outcome expectation(std::size_t first) {
    Outcome outcome;
    auto* stream = &outcome.out;
    for (; at_ < lines_.size(); ++at_) {
      const auto line = lines_[at_];
      if (line == "stderr:" && stream == &outcome.out) {
        stream = &outcome.err;
      } else if (const auto code = line.starts_with("exit ") ? parse_u64(line.substr(5)) : std::nullopt) {
        ++at_;
        outcome.exit_code = static_cast<int>(*code);
        return outcome;
      } else {
        append(*stream, line, "\n");
      }
    }
    fail(first, "a step without `exit N`");
  }

  std::vector<std::string_view> lines_;
  std::string root_;
  std::size_t at_ = 0;
};

bool is_hex(char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f'); }

std::size_t hex_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_hex(text[length])) ++length;
  return length;
}

// Of a number at the start: "12", "0.4", "1.5e-05".
std::size_t number_length(std::string_view text) {
  std::size_t length = 0;
  const auto digits = [&] {
    while (length < text.size() && is_ascii_digit(text[length])) ++length;
  };
  digits();
  if (length == 0) return 0;
  if (length + 1 < text.size() && text[length] == '.' && is_ascii_digit(text[length + 1])) {
    ++length;
    digits();
  }
  if (length + 2 < text.size() && text[length] == 'e' && (text[length + 1] == '-' || text[length + 1] == '+')) {
    length += 2;
    digits();
  }
  return length;
}

std::size_t unit_length(std::string_view text) { return text.starts_with("ms") ? 2 : text.starts_with('s') ? 1 : 0; }

bool is_json_seconds(std::string_view before) {
  for (const std::string_view key : {"\"seconds\": ", "\"resolve\": ", "\"install\": "})
    if (before.ends_with(key)) return true;
  return false;
}

// Of a time at `at`: in JSON by its key, elsewhere by its unit.
std::size_t time_length(std::string_view text, std::size_t at) {
  if (at > 0 && (is_ascii_alnum(text[at - 1]) || text[at - 1] == '.')) return 0;
  const auto number = number_length(text.substr(at));
  if (number == 0) return 0;
  if (is_json_seconds(text.substr(0, at))) return number;
  const auto rest = text.substr(at + number);
  const auto unit = unit_length(rest);
  const bool ends = unit > 0 && (rest.size() == unit || !is_ascii_alnum(rest[unit]));
  const bool is_elapsed = rest.starts_with("ms") || text.substr(at, number).find('.') != std::string_view::npos;
  return ends && is_elapsed ? number + unit : 0;
}

bool line_matches(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern.starts_with("[..]")) {
      for (std::size_t skipped = 0; skipped <= text.size(); ++skipped)
        if (line_matches(pattern.substr(4), text.substr(skipped))) return true;
      return false;
    }
    std::size_t taken = 1, length = 1;
    if (pattern.starts_with("[HASH]")) {
      taken = 6;
      length = hex_length(text);
      if (length < 32) return false;
    } else if (pattern.starts_with("[TIME]")) {
      taken = 6;
      length = number_length(text);
      if (length == 0) return false;
      length += unit_length(text.substr(length));
    } else if (text.empty() || text[0] != pattern[0]) {
      return false;
    }
    pattern.remove_prefix(taken);
    text.remove_prefix(length);
  }
  return text.empty();
}

using Lines = std::span<const std::string_view>;

bool lines_match(Lines expected, Lines actual) {
  for (; !expected.empty(); expected = expected.subspan(1), actual = actual.subspan(1)) {
    if (expected[0] == "[...]") {
      for (std::size_t skipped = 0; skipped <= actual.size(); ++skipped)
        if (lines_match(expected.subspan(1), actual.subspan(skipped))) return true;
      return false;
    }
    if (actual.empty() || !line_matches(expected[0], actual[0])) return false;
  }
  return actual.empty();
}

}  // namespace

std::vector<TranscriptEntry> parse_transcript(std::string_view text, const std::string& root) {
  return Reader(text, root).read();
}

bool matches(std::string_view pattern, std::string_view text) {
  const auto expected = split(pattern, '\n'), actual = split(text, '\n');
  return lines_match(expected, actual);
}

bool matches(const Outcome& expected, const Outcome& actual) {
  return expected.exit_code == actual.exit_code && matches(expected.out, actual.out) &&
         matches(expected.err, actual.err);
}

std::string with_placeholders(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto hex = hex_length(text.substr(at)); hex >= 32) {
      result += "[HASH]";
      at += hex;
    } else if (const auto time = time_length(text, at); time > 0) {
      result += "[TIME]";
      at += time;
    } else {
      result += text[at++];
    }
  }
  return result;
}

std::string expectation_text(const Outcome& outcome) {
  auto text = outcome.out;
  if (!outcome.err.empty()) append(text, "stderr:\n", outcome.err);
  append(text, "exit ", outcome.exit_code, "\n");
  return text;
}

}  // namespace pkg::test
