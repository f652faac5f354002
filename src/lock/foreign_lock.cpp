#include "lock/foreign_lock.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hex.h"
#include "base/json.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "lock/quick_toml.h"

namespace pkg::lock {
namespace {

Error not_the_form(const std::string& file_name, std::string_view kind, const std::string& what) {
  return make_error(ErrorKind::bad_data, cat(quote(file_name), " has not the form of a ", kind, ": ", what));
}

// The text of a member; empty: there is none.
std::string text_at(const toml::Value& table, std::string_view key) {
  const auto* value = table.get(key);
  const auto* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

std::string text_at(const json::Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

pep::Marker marker_of(const std::string& text) {
  auto marker = pep::Marker::parse(text);
  return text.empty() || !marker ? pep::Marker() : std::move(marker).value();
}

// A commit as git names it: what is none is no pin.
bool is_commit(std::string_view text) { return hex::is_lower(text, 40) || hex::is_lower(text, 64); }

std::optional<LockedVcs> git_at(std::string url, std::string revision, const std::string& commit,
                                std::string subdirectory) {
  if (url.empty() || !is_commit(commit)) return std::nullopt;
  if (revision == "HEAD") revision.clear();
  if (url.starts_with("git+")) url.erase(0, 4);
  return LockedVcs{"git", std::move(url), {}, std::move(revision), commit, std::move(subdirectory)};
}

class Pins {
 public:
  void add(const std::string& name, const std::string& version, const std::string& marker,
           std::optional<LockedVcs> vcs) {
    auto parsed_name = pep::Name::parse(name);
    if (!parsed_name) return skip(name, "is no name of a project");
    LockedPackage package;
    package.name = std::move(parsed_name).value();
    package.version = pep::Version::try_parse(version);
    package.marker = marker_of(marker);
    package.vcs = std::move(vcs);
    if (!package.version && !package.vcs)
      return skip(name, version.empty() ? "has no version" : cat("has ", quote(version), ", which is no version"));
    pins_.lock.packages.push_back(std::move(package));
  }

  ForeignPins take() {
    const auto order = [](const LockedPackage& a, const LockedPackage& b) {
      if (a.name != b.name) return a.name < b.name;
      return a.version != b.version && a.version && (!b.version || *a.version > *b.version);
    };
    auto& packages = pins_.lock.packages;
    std::ranges::stable_sort(packages, order);
    packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
    return std::move(pins_);
  }

 private:
  void skip(const std::string& name, std::string_view why) { pins_.skipped.push_back(cat(quote(name), ' ', why)); }
  ForeignPins pins_;
};

// ---- uv: source = { git = "https://host/repo?branch=main&subdirectory=part#COMMIT" }

std::optional<LockedVcs> uv_git(const std::string& text) {
  auto url = url::Url::parse(text);
  if (!url) return std::nullopt;
  std::string revision, subdirectory;
  for (const auto part : split(url->query, '&')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const auto key = part.substr(0, equals);
    auto value = url::percent_decode(part.substr(equals + 1));
    (key == "subdirectory" ? subdirectory : revision) = std::move(value);
  }
  const auto commit = std::exchange(url->fragment, {});
  url->has_fragment = url->has_query = false;
  url->query.clear();
  return git_at(url->to_string(), std::move(revision), commit, std::move(subdirectory));
}

// One of several markers holds.
std::string any_of(const toml::Value* markers) {
  std::string text;
  if (markers == nullptr || markers->as_array() == nullptr) return text;
  for (const auto& marker : *markers->as_array())
    if (marker.as_string() != nullptr) append(text, text.empty() ? "(" : " or (", *marker.as_string(), ')');
  return text;
}

void add_uv(const toml::Value& package, Pins& pins) {
  const auto* source = package.get("source");
  std::optional<LockedVcs> vcs;
  if (source != nullptr) {
    for (const auto* local : {"editable", "virtual", "directory", "path"})
      if (source->get(local) != nullptr) return;
    vcs = uv_git(text_at(*source, "git"));
  }
  pins.add(text_at(package, "name"), text_at(package, "version"), any_of(package.get("resolution-markers")),
           std::move(vcs));
}

// ---- Poetry

void add_poetry(const toml::Value& package, Pins& pins) {
  std::optional<LockedVcs> vcs;
  if (const auto* source = package.get("source")) {
    const auto type = text_at(*source, "type");
    if (type == "directory" || type == "file") return;
    if (type == "git")
      vcs = git_at(text_at(*source, "url"), text_at(*source, "reference"), text_at(*source, "resolved_reference"),
                   text_at(*source, "subdirectory"));
  }
  pins.add(text_at(package, "name"), text_at(package, "version"), text_at(package, "markers"), std::move(vcs));
}

// ---- PDM

void add_pdm(const toml::Value& package, Pins& pins) {
  if (package.get("path") != nullptr) return;
  auto vcs = git_at(text_at(package, "git"), text_at(package, "ref"), text_at(package, "revision"),
                    text_at(package, "subdirectory"));
  pins.add(text_at(package, "name"), text_at(package, "version"), text_at(package, "marker"), std::move(vcs));
}

// ---- Pipenv

void add_pipenv(const std::string& name, const json::Json& package, Pins& pins) {
  if (!package.is_object() || package.contains("path") || package.contains("file")) return;
  auto version = text_at(package, "version");
  while (version.starts_with('=')) version.erase(0, 1);
  // The lock has the commit alone; what was asked for is in the Pipfile.
  auto vcs = git_at(text_at(package, "git"), {}, text_at(package, "ref"), text_at(package, "subdirectory"));
  pins.add(name, version, text_at(package, "markers"), std::move(vcs));
}

Result<ForeignPins> parse_pipfile_lock(std::string_view text, std::string_view kind, const std::string& file_name) {
  PKG_TRY_ASSIGN(const auto root, json::parse(text).with([&] { return cat("while reading ", quote(file_name)); }));
  if (!root.is_object() || !root.contains("_meta")) return not_the_form(file_name, kind, "it has no `_meta`");
  Pins pins;
  for (const auto& [category, packages] : root.items()) {
    if (category == "_meta") continue;
    if (!packages.is_object()) return not_the_form(file_name, kind, cat(quote(category), " is no object"));
    for (const auto& [name, package] : packages.items()) add_pipenv(name, package, pins);
  }
  return pins.take();
}

using AddPackage = void (*)(const toml::Value&, Pins&);

Result<ForeignPins> parse_toml_lock(std::string_view text, std::string_view kind, const std::string& file_name,
                                    AddPackage add) {
  auto root = quick_parse(text);
  if (!root) {
    PKG_TRY_ASSIGN(root, toml::parse(text, file_name));
  }
  Pins pins;
  const auto* packages = root->get("package");
  if (packages == nullptr) return pins.take();  // of a project without dependencies
  if (packages->as_array() == nullptr)
    return not_the_form(file_name, kind, cat("`package` is ", packages->type_name(), ", expected [[package]] tables"));
  for (const auto& package : *packages->as_array()) {
    if (package.as_table() == nullptr)
      return not_the_form(file_name, kind, cat("line ", package.line, ": expected a [[package]] table"));
    add(package, pins);
  }
  return pins.take();
}

}  // namespace

Result<ForeignPins> parse_foreign_lock(std::string_view text, std::string_view kind, const std::string& file_name) {
  if (kind == "uv.lock") return parse_toml_lock(text, kind, file_name, add_uv);
  if (kind == "poetry.lock") return parse_toml_lock(text, kind, file_name, add_poetry);
  if (kind == "pdm.lock") return parse_toml_lock(text, kind, file_name, add_pdm);
  if (kind == "Pipfile.lock") return parse_pipfile_lock(text, kind, file_name);
  return make_error(ErrorKind::unsupported, cat("no reader for locks called ", quote(kind)),
                    "one of uv.lock, poetry.lock, pdm.lock, Pipfile.lock");
}

}  // namespace pkg::lock
