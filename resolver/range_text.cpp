#include "resolver/range_text.h"

#include "base/text.h"

namespace pkg::resolver {

using pubgrub::Value;
using pubgrub::VersionSet;

namespace {

constexpr std::size_t kMostRuns = 4;

struct Run {
  std::size_t newest = 0, oldest = 0, members = 0;
};

}  // namespace

std::string list_text(const std::vector<std::string>& items, std::string_view last_word) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) append(text, i + 1 < items.size() ? std::string(", ") : cat(" ", last_word, " "));
    append(text, items[i]);
  }
  return text;
}

std::string few_text(const std::set<std::string>& items) {
  std::vector<std::string> shown(items.begin(), items.end());
  if (shown.size() > 4) {
    const std::string others = cat(shown.size() - 3, " others");
    shown.resize(3);
    shown.push_back(others);
  }
  return list_text(shown);
}

std::string requirement_text(const pep::Requirement& requirement) {
  pep::Requirement bare = requirement;
  bare.marker = {};
  return bare.to_string();
}

std::string origin_text(const pep::Requirement& requirement) {
  if (requirement.origin == Origin{}) return "";
  return cat(requirement.is_override ? " (overridden at " : " (", requirement.origin.to_string(), ")");
}

Phrase RangeText::versions(const Project& project, const VersionSet& values, const std::string& extra,
                           bool exact) const {
  std::vector<bool> member(project.versions.size());
  for (Value i = 0; i < project.version_count(); ++i) member[i] = values.contains(i);
  return describe(project, member, extra, exact, "and");
}

Phrase RangeText::others(const Project& project, const VersionSet& values) const {
  std::vector<bool> member(project.versions.size());
  for (Value i = 0; i < project.version_count(); ++i) member[i] = !values.contains(i);
  return describe(project, member, "", false, "or");
}

Phrase RangeText::describe(const Project& project, const std::vector<bool>& member, const std::string& extra,
                           bool exact, std::string_view last_word) const {
  const std::string name = extra.empty() ? project.name.str() : cat(project.name.str(), "[", extra, "]");
  const VersionSet& lasting = solver_.solution().lasting_domain(project.id);
  const auto matters = [&](Value i) {
    if (project.prereleases.contains(i)) return false;
    return exact || lasting.contains(i);
  };
  std::vector<Run> runs;
  std::vector<std::string> parts;
  bool anything_newer = false, open = false, anything_older = false, anything_else = false;
  std::size_t total = 0;
  for (Value i = project.direct_count(); i < project.version_count(); ++i) {
    if (member[i]) {
      ++total;
      anything_older = false;
      if (open)
        runs.back().oldest = i, ++runs.back().members;
      else
        runs.push_back({i, i, 1});
      open = true;
    } else if (matters(i)) {
      if (runs.empty()) anything_newer = true;
      open = false;
      anything_older = anything_else = true;
    }
  }
  for (Value i = 0; i < project.direct_count(); ++i) {
    if (member[i])
      parts.push_back(cat(name, " @ ", project.direct_urls[i]));
    else if (exact || lasting.contains(i))
      anything_else = true;
  }
  if (!anything_else && total > 1) return {cat("all versions of ", name), true};
  bool named = false;
  const std::size_t shown = runs.size() > kMostRuns ? kMostRuns - 1 : runs.size();
  std::size_t told = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    const Run& run = runs[i];
    const std::string newest = project.versions[run.newest].to_string(),
                      oldest = project.versions[run.oldest].to_string();
    std::string part = named ? "" : name + " ";
    named = true;
    told += run.members;
    if (run.members == 1)
      append(part, newest);
    else if (i == 0 && !anything_newer)
      append(part, oldest, " and newer");
    else if (i + 1 == runs.size() && !anything_older)
      append(part, newest, " and older");
    else if (run.members == 2)
      append(part, oldest, " and ", newest);
    else
      append(part, oldest, " to ", newest);
    parts.push_back(std::move(part));
  }
  if (shown < runs.size()) parts.push_back(cat(total - told, " other versions"));
  if (parts.empty()) return {cat("no version of ", name), false};
  return {list_text(parts, last_word), total + (parts.size() - (named ? 1 : 0)) > 1};
}

}  // namespace pkg::resolver
