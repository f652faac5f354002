#include "ops/lock/lock_told.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/hash_file.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "ops/lock/lock_digest.h"
#include "ops/project/local_trees.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Keys of [tool.pkg] that decide what is locked, and that the lock does not tell otherwise.
constexpr std::string_view kToolKeys = "tool.pkg.";
constexpr auto kTold = std::to_array<std::string_view>(
    {"override-dependencies", "constraint-dependencies", "exclude-dependencies", "dependency-metadata",
     "exclude-newer-package", "prerelease-package", "required-environments", "conflicts", "index", "sources"});
constexpr std::size_t kLongestTold = 200;  // of what is longer a digest tells the rest

// Like TOML; URLs without their secrets. The reader bounds the nesting (base/toml.h).
void append_value(std::string& out, const toml::Value& value) {
  if (const auto* table = value.as_table()) {
    const char* before = "{";
    for (const auto& [key, one] : *table) {
      append(out, before, key, " = ");
      append_value(out, one);
      before = ", ";
    }
    out += table->empty() ? "{}" : "}";
  } else if (const auto* array = value.as_array()) {
    const char* before = "[";
    for (const auto& one : *array) {
      out += before;
      append_value(out, one);
      before = ", ";
    }
    out += array->empty() ? "[]" : "]";
  } else if (const auto* text = value.as_string()) {
    const auto shown = text->find("://") == std::string::npos ? *text : url::redact(*text);
    append(out, '\'', replace_all(shown, "\"", "'"), '\'');  // without what has to be escaped in the lock
  } else if (const auto* flag = value.as_bool()) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = value.as_integer()) {
    append(out, *number);
  }
}

std::string told_value(const toml::Value& value) {
  std::string text;
  append_value(text, value);
  if (text.size() <= kLongestTold) return text;
  const auto rest = hash::to_hex(hash::sha256(text)).substr(0, 16);
  auto length = kLongestTold;  // not within a character
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u) --length;
  return cat(text.substr(0, length), "... (", rest, ")");
}

std::string list(const std::vector<pep::Name>& names) {
  std::vector<std::string> texts;
  for (const auto& name : names) texts.push_back(name.str());
  return texts.empty() ? "none" : join(texts, ", ");
}

std::string pythons_text(const pep::GroupPythons& pythons) {
  std::vector<std::string> texts;
  for (const auto& [group, set] : pythons) texts.push_back(cat(quote(set.to_string()), " of ", group.str()));
  return texts.empty() ? "none" : join(texts, ", ");
}

std::vector<std::string> texts_of(const std::vector<pep::Requirement>& requirements, const LockSubject& subject) {
  std::vector<std::string> texts;
  const auto folder = subject.lock_path.parent_path().native();
  for (const auto& requirement : requirements) texts.push_back(lock::requirement_text(requirement, folder));
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

std::string scope_text(const lock::BuildScope& scope) { return scope.all ? "true" : list(scope.names); }

// "--pre", and what is no option by its own name.
std::string shown_key(const std::string& key) { return key.starts_with(kToolKeys) ? key : cat("--", key); }

void compare_options(const Pairs& before, const Pairs& now, std::vector<std::string>& lines) {
  const std::map<std::string, std::string> old(before.begin(), before.end()), fresh(now.begin(), now.end());
  for (const auto& [key, value] : fresh) {
    const auto found = old.find(key);
    if (found == old.end())
      lines.push_back(cat(shown_key(key), " is ", quote(value), " now"));
    else if (found->second != value)
      lines.push_back(cat(shown_key(key), " was ", quote(found->second), ", and is ", quote(value), " now"));
  }
  for (const auto& [key, value] : old) {
    if (!fresh.contains(key)) lines.push_back(cat(shown_key(key), " was ", quote(value), ", and is not given now"));
  }
}

bool is_told_key(const std::string& key) {
  constexpr auto kInputs =
      std::to_array<std::string_view>({"constraint", "override", "exclude", "index-strategy", "no-index"});
  return key.starts_with(kToolKeys) || std::ranges::find(kInputs, key) != kInputs.end();
}

std::vector<std::string> index_urls(const LockSubject& subject) {
  std::vector<std::string> urls;
  for (const auto& index : subject.settings.indexes) urls.push_back(quote(with_slash(index.url.without_credentials())));
  return urls;
}

// Wheels and archives of this machine that are not what was locked.
void add_rebuilt(const lock::LockFile& lock, const LockSubject& subject, std::vector<std::string>& lines) {
  for (const auto& package : lock.packages) {
    if (!package.archive || package.archive->file.path.empty()) continue;
    const auto& file = package.archive->file;
    const auto known = std::ranges::find(file.hashes, "sha256", &std::pair<std::string, std::string>::first);
    if (known == file.hashes.end()) continue;
    const auto now = hash::hex_of_file((subject.lock_path.parent_path() / file.path).lexically_normal());
    if (!now)
      lines.push_back(cat(quote(file.path), " is not there any more"));
    else if (*now != known->second)
      lines.push_back(cat(quote(file.path), " was made again: its sha256 was ", known->second, ", and is ", *now));
  }
}

// Indexes that packages come from, and that are none any more.
void add_lost_indexes(const lock::LockFile& lock, const LockSubject& subject, std::vector<std::string>& lines) {
  const auto urls = index_urls(subject);
  std::set<std::string> lost;
  for (const auto& package : lock.packages) {
    auto url = package.index.empty() ? std::string() : quote(with_slash(package.index));
    if (!url.empty() && std::ranges::find(urls, url) == urls.end()) lost.insert(std::move(url));
  }
  for (const auto& url : lost)
    lines.push_back(cat("packages come from the index ", url, ", and the indexes are now ",
                        urls.empty() ? "none" : join(urls, ", ")));
}

}  // namespace

void add_index_urls(lock::LockHeader& header, const index::Settings& settings) {
  for (const auto& index : settings.indexes) {
    const auto address = with_slash(index.url.without_credentials());
    if (!index.name.empty()) header.index_urls.emplace_back(index.name, address);
    header.index_urls.emplace_back(address, address);
  }
}

lock::LockHeader lock_header(const LockSubject& subject, const ProjectRequirements& requirements,
                             std::optional<pep::SpecifierSet> requires_python, const Session& session) {
  lock::LockHeader header;
  header.requires_python = std::move(requires_python);
  header.environments = subject.project.settings.environments;
  header.extras = requirements.extras;
  header.dependency_groups = requirements.groups;
  header.default_groups = requirements.default_groups;
  header.tool.version = lock::kLockToolVersion;
  header.tool.inputs_digest = subject.digest;
  header.tool.options = subject.options;
  std::ranges::move(told_settings(subject), std::back_inserter(header.tool.options));
  header.tool.requirements = texts_of(requirements.requirements, subject);
  header.tool.mirror_neutral = subject.mirror_neutral;
  header.tool.conflicts = subject.project.settings.conflicts;
  header.tool.group_pythons.assign(requirements.group_pythons.begin(), requirements.group_pythons.end());
  header.tool.build_scope = subject.project.settings.locked_builds;
  add_index_urls(header, session.settings());
  return header;
}

std::vector<std::pair<std::string, std::string>> told_settings(const LockSubject& subject) {
  Pairs pairs;
  const auto add = [&](std::string_view key, std::string value) {
    if (!value.empty()) pairs.emplace_back(key, std::move(value));
  };
  add("constraint", constraints_text(subject.inputs.constraints));
  add("override", constraints_text(subject.inputs.overrides));
  add("exclude", names_text({subject.inputs.excludes.begin(), subject.inputs.excludes.end()}, false));
  add("index-strategy", subject.settings.strategy == index::Strategy::first_index ? "" : "unsafe-best-match");
  add("no-index", subject.settings.no_index ? "true" : "");
  const auto* ours = tool_entry(subject.project.members.front().pyproject.root, "pkg");
  for (const auto key : kTold) {
    const auto* value = ours == nullptr ? nullptr : ours->get(key);
    if (value != nullptr) add(cat(kToolKeys, key), told_value(*value));
  }
  std::ranges::sort(pairs);
  return pairs;
}

std::vector<std::string> differences(const lock::LockFile& lock, const LockSubject& subject,
                                     const ProjectRequirements& requirements) {
  std::vector<std::string> lines;
  if (lock.tool.version == 0) {
    lines.emplace_back("it was not written by pkg");
    return lines;
  }
  const auto now = texts_of(requirements.requirements, subject);
  auto before = lock.tool.requirements;
  std::ranges::sort(before);
  for (const auto& text : now)
    if (!std::ranges::binary_search(before, text)) lines.push_back(cat(quote(text), " is asked for now"));
  for (const auto& text : before)
    if (!std::ranges::binary_search(now, text)) lines.push_back(cat(quote(text), " is not asked for any more"));
  const auto python_before = lock.requires_python ? lock.requires_python->to_string() : std::string();
  if (!requirements.requires_python.empty() && requirements.requires_python.to_string() != python_before) {
    lines.push_back(cat("requires-python was ", quote(python_before), ", and is ",
                        quote(requirements.requires_python.to_string()), " now"));
  }
  const pep::GroupPythons pythons_then(lock.tool.group_pythons.begin(), lock.tool.group_pythons.end());
  if (pythons_then != requirements.group_pythons)
    lines.push_back(cat("requires-python of dependency groups was ", pythons_text(pythons_then), ", and is ",
                        pythons_text(requirements.group_pythons), " now"));
  const auto compare = [&](std::string_view what, const std::vector<pep::Name>& old,
                           const std::vector<pep::Name>& fresh) {
    if (old != fresh) lines.push_back(cat("the ", what, " were ", list(old), ", and are ", list(fresh), " now"));
  };
  compare("extras", lock.extras, requirements.extras);
  compare("dependency groups", lock.dependency_groups, requirements.groups);
  compare("default groups", lock.default_groups, requirements.default_groups);
  const auto scope_before = scope_text(lock.tool.build_scope);
  const auto scope_now = scope_text(subject.project.settings.locked_builds);
  if (scope_before != scope_now)
    lines.push_back(cat("lock-build-dependencies was ", scope_before, ", and is ", scope_now, " now"));
  add_rebuilt(lock, subject, lines);
  add_lost_indexes(lock, subject, lines);
  const auto is_told = [](const auto& pair) { return is_told_key(pair.first); };
  auto options = lock.tool.options, told = options;
  std::erase_if(options, is_told);
  std::erase_if(told, std::not_fn(is_told));
  compare_options(options, subject.options, lines);
  // Locks of earlier versions do not tell these: only where nothing else explains it.
  if (lines.empty()) compare_options(told, told_settings(subject), lines);
  return lines;
}

std::string unnamed_difference(const LockSubject& subject) {
  auto line = std::string("the settings in [tool.pkg], the constraints");
  if (subject.project.settings.locked_builds.is_on()) line += ", what the project is built with";
  if (!source_folders(subject.project).empty()) line += ", a folder or file that is a source";
  append(line, " or the indexes are others than before");
  const auto urls = index_urls(subject);
  return urls.empty() ? line : cat(line, "; the indexes are now ", join(urls, ", "));
}

}  // namespace pkg::ops
