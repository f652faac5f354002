#include "ops/world/world_text.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"

namespace pkg::test {
namespace {

constexpr std::string_view kIndent = "  ";

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (!(text = trim(text)).empty()) {
    const std::size_t comma = text.find(", ");
    items.push_back(trim(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 2);
  }
  return items;
}

void apply_attribute(std::string_view text, ParsedRelease& into) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  const std::string rest(trim(text.substr(space)));
  MemoryRelease& release = into.release;
  if (word == "yanked")
    release.yanked = rest;
  else if (word == "python")
    release.requires_python = rest;
  else if (word == "wheel")
    release.tags.push_back(rest);
  else if (word == "sdist" || word == "sdist-only")
    release.sdist = true;
  else if (word == "uploaded")
    release.upload_time = rest;
  else if (word == "extras")
    for (const auto extra : split_words(rest)) release.provides_extra.emplace_back(extra);
  else if (word == "script")
    append(release.entry_points, release.entry_points.empty() ? "[console_scripts]\n" : "", rest, "\n");
  else if (word == "file")
    release.files.emplace_back(rest, "");
  else if (word == "dependency")
    into.is_dependency = true;
  else
    FAIL("unknown attribute " << std::string(text));
}

void apply_attributes(std::string_view list, ParsedRelease& into) {
  const auto attributes = split_list(list);
  const auto has = [&](std::string_view word) {
    return std::ranges::any_of(attributes, [&](std::string_view attribute) { return attribute.starts_with(word); });
  };
  if (has("wheel ") || has("sdist-only")) into.release.tags.clear();
  for (const auto attribute : attributes) apply_attribute(attribute, into);
}

}  // namespace

std::vector<WorldStep> parse_steps(std::string_view text) {
  std::vector<WorldStep> steps;
  std::size_t blank = 0;  // lines that may be part of a body, or stand between two steps
  for (const auto line : split_lines(text)) {
    if (line.empty()) {
      ++blank;
      continue;
    }
    if (line.starts_with(kIndent)) {
      REQUIRE_MESSAGE(!steps.empty(), std::string(line));
      append(steps.back().body, std::string(blank, '\n'), line.substr(kIndent.size()), "\n");
    } else {
      steps.insert(steps.end(), blank, WorldStep{});
      steps.push_back({std::string(line), {}});
    }
    blank = 0;
  }
  return steps;
}

std::string to_string(const std::vector<WorldStep>& steps) {
  std::string text;
  for (const auto& step : steps) {
    append(text, step.head, "\n");
    if (step.body.empty()) continue;
    for (const auto line : split_lines(step.body)) append(text, line.empty() ? "" : kIndent, line, "\n");
  }
  return text;
}

ParsedRelease parse_release(std::string_view line) {
  ParsedRelease parsed;
  const std::size_t brace = line.find('{'), colon = line.find(':');
  std::string_view head = line.substr(0, std::min(brace, colon)), rest;
  if (brace < colon) {
    const std::size_t end = line.find('}', brace);
    apply_attributes(line.substr(brace + 1, end - brace - 1), parsed);
    rest = line.substr(end + 1);
  } else if (colon != std::string_view::npos) {
    rest = line.substr(colon);
  }
  if (rest.starts_with(":")) rest.remove_prefix(1);
  for (const auto requirement : split_list(rest)) parsed.release.requires_dist.emplace_back(requirement);
  const auto words = split_words(head);
  REQUIRE_MESSAGE(words.size() == 2, std::string(line));
  parsed.name = std::string(words[0]);
  parsed.version = std::string(words[1]);
  for (auto& [path, content] : parsed.release.files) content = cat("# ", parsed.name, " ", parsed.version, "\n");
  return parsed;
}

void index_command(std::string_view line, MemoryIndex& index) {
  const auto words = split_words(line);
  REQUIRE_MESSAGE(words.size() >= 3, std::string(line));
  const auto what = words[1];
  const std::string name(words[2]);
  const auto number = words.size() > 3 ? parse_u64(words[3]).value_or(0) : 0;
  if (what == "fail")
    index.fail(name, static_cast<int>(number));
  else if (what == "break-off")
    index.break_off(name, number);
  else if (what == "corrupt")
    index.corrupt(name);
  else if (what == "copy")
    for (const auto& file : index.files()) {
      if (file.name == name) index.serve(std::string(words.back()), file.bytes);
    }
  else if (what == "quarantine")
    index.quarantine(name);
  else if (what == "archive")
    index.archive(name);
  else if (what == "deprecate")
    index.deprecate(name);
  else
    FAIL("unknown fault " << std::string(line));
}

Words::Words(std::string_view line) {
  bool is_quoted = false, is_word = false;
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ' ' && !is_quoted) {
      is_word = false;
      continue;
    }
    if (!is_word) words_.emplace_back();
    is_word = true;
    if (c != '"') words_.back() += c;
  }
}

bool Words::flag(std::string_view name) { return std::erase(words_, name) > 0; }

std::vector<std::string> Words::values(std::string_view name) {
  std::vector<std::string> values;
  for (auto at = std::ranges::find(words_, name); at != words_.end(); at = std::ranges::find(words_, name)) {
    REQUIRE_MESSAGE(at + 1 != words_.end(), std::string(name) << " wants a value");
    values.push_back(*(at + 1));
    words_.erase(at, at + 2);
  }
  return values;
}

std::string Words::value(std::string_view name) {
  const auto all = values(name);
  return all.empty() ? std::string() : all.back();
}

std::vector<std::string> Words::rest() {
  for (const auto& word : words_) REQUIRE_MESSAGE((word == "-" || !word.starts_with('-')), "unknown option " << word);
  return std::exchange(words_, {});
}

}  // namespace pkg::test
