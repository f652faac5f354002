#include "index/vcs/refs.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/text.h"

namespace pkg::index::vcs {
namespace {

struct NamedLine {
  std::string_view id, revision;
};

std::optional<NamedLine> named_line(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_full_commit_id(line.substr(0, space))) return std::nullopt;
  return NamedLine{line.substr(0, space), line.substr(space + 1)};
}

}  // namespace

bool is_full_commit_id(std::string_view text) { return (text.size() == 40 || text.size() == 64) && hex::is_hex(text); }

std::optional<std::string> listed_commit(std::string_view listing, const std::string& revision) {
  const std::array<std::string, 5> wanted = {cat("refs/heads/", revision), cat("refs/tags/", revision, "^{}"),
                                             cat("refs/tags/", revision), cat("refs/", revision), revision};
  std::array<std::string_view, 5> found;
  for (const auto line : split_lines(listing)) {
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos || !is_full_commit_id(line.substr(0, tab))) continue;
    const auto ref = line.substr(tab + 1);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (ref == wanted[i]) found[i] = line.substr(0, tab);
    if (ref == cat(revision, "^{}")) found[4] = line.substr(0, tab);  // "refs/tags/x" in full: its commit
  }
  const auto best = std::find_if(found.begin(), found.end(), [](std::string_view id) { return !id.empty(); });
  return best == found.end() ? std::nullopt : std::optional<std::string>(*best);
}

std::optional<std::string> named_commit(std::string_view names, std::string_view revision) {
  for (const auto line : split_lines(names))
    if (const auto named = named_line(line); named && named->revision == revision) return std::string(named->id);
  return std::nullopt;
}

std::string with_named_commit(std::string_view names, std::string_view revision, std::string_view id) {
  std::string text;
  if (revision.find_first_of("\r\n") == std::string_view::npos) append(text, id, ' ', revision, '\n');
  for (const auto line : split_lines(names))
    if (const auto named = named_line(line); named && named->revision != revision) append(text, line, '\n');
  return text;
}

}  // namespace pkg::index::vcs
