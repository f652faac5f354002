#include "cli/output/render_error.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/output/render.h"
#include "cli/output/shortened.h"

namespace pkg::cli {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::interrupted:
      return 130;
    default:
      return 1;
  }
}

namespace {

constexpr std::size_t kMostLines = 12, kAtTheEnds = 4;

// Where it begins, where it ends, and what the user asked for in between.
std::vector<std::string_view> folded(const std::vector<std::string_view>& lines, std::string& note) {
  std::vector<std::string_view> told;
  const auto is_telling = [&](std::size_t i) {
    return i < kAtTheEnds || i + kAtTheEnds >= lines.size() ||
           (told.size() < 2 * kAtTheEnds && lines[i].find("you asked for") != std::string_view::npos);
  };
  std::size_t left_out = 0, place = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_telling(i))
      told.push_back(lines[i]);
    else if (left_out++ == 0)
      place = told.size();
  }
  note = cat("[", left_out, left_out == 1 ? " more step" : " more steps", ": -v tells them]");
  told.insert(told.begin() + static_cast<std::ptrdiff_t>(place), note);
  return told;
}

}  // namespace

json::Json error_json(const Error& error, std::string_view verb) {
  auto value = result_json(verb);
  value["error"] = {{"kind", std::string(kind_name(error.kind))},
                    {"message", error.message},
                    {"context", error.context},
                    {"hint", error.hint.empty() ? json::Json(nullptr) : json::Json(error.hint)}};
  return value;
}

Text render_error(const Error& error, Derivation derivation) {
  Text text(styled("error:", Style::red, Stream::err), " ", shortened(error.message), "\n");
  std::vector<std::string_view> lines;
  for (const auto& line : error.context)
    for (const auto piece : split_lines(line)) lines.push_back(piece);
  std::string note;
  const auto is_step = [](std::string_view line) { return line.starts_with("because "); };
  const bool is_derivation =
      std::ranges::any_of(lines.begin(), lines.begin() + std::min<std::ptrdiff_t>(std::ssize(lines), 2), is_step);
  if (is_derivation && derivation == Derivation::folded && lines.size() > kMostLines) lines = folded(lines, note);
  for (const auto line : lines) append(text, "  ", shortened(line), "\n");
  for (const auto line : split_lines(error.hint))
    append(text, styled("hint:", Style::cyan, Stream::err), " ", shortened(line), "\n");
  return text;
}

}  // namespace pkg::cli
