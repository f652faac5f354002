#include "ops/migrate/import_values.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "builder/static_metadata.h"
#include "lock/locked_source.h"
#include "ops/edit/edit_sources.h"
#include "pep/filename.h"
#include "pep/pyproject_edit.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// Host and path, as two spellings of one address have them.
std::string address(std::string_view text) {
  auto url = url::Url::parse(text);
  if (!url) return {};
  auto path = url->path;
  while (path.ends_with('/')) path.pop_back();
  return cat(url->host, ':', url->port, path);
}

stdfs::path absolute(std::string_view path, const stdfs::path& from) {
  auto whole = (from / stdfs::path(path) / "").lexically_normal();
  return whole.parent_path();
}

bool same_place(const Source& a, const Source& b) { return source_table(a) == source_table(b) && a.marker == b.marker; }

// What is written may be read by more people than the file that it comes from.
void drop_login(ImportedProject& project, const pep::Name& name, const Source& source, std::string& text) {
  if (!text.starts_with("http")) return;  // the user of ssh:// is part of the address
  const auto url = url::Url::parse(text);
  if (!url || (!url->has_user && !url->has_password)) return;
  text = url->without_credentials();
  project.note(cat("the login in the address of ", quote(name.str()), " is not carried: `pkg auth login` keeps one"),
               source.origin);
}

void drop_login(ImportedProject& project, const pep::Name& name, Source& source) {
  drop_login(project, name, source, source.git);
  drop_login(project, name, source, source.url);
}

// "name[extra]" of a fragment.
std::optional<pep::Requirement> requirement_of_egg(std::string_view egg) {
  if (egg.empty()) return std::nullopt;
  auto requirement = pep::Requirement::parse(egg);
  return requirement ? std::optional(std::move(requirement).value()) : std::nullopt;
}

std::optional<pep::Requirement> named(const pep::Name& name) {
  pep::Requirement requirement;
  requirement.name = name;
  requirement.name_as_written = name.str();
  return requirement;
}

// The requirement of a path or URL, told by its text and the folder that it names.
std::optional<pep::Requirement> requirement_of_place(const std::string& url) {
  const auto place = pep::SourceUrl::parse(url);
  if (!place) return std::nullopt;
  if (auto found = requirement_of_egg(place->egg)) return found;
  if (place->kind == pep::SourceUrl::Kind::wheel) {
    const auto wheel = pep::WheelName::parse(url::file_name(place->url));
    return wheel ? named(wheel->name) : std::nullopt;
  }
  if (place->kind != pep::SourceUrl::Kind::folder) return std::nullopt;
  const auto path = url::file_url_to_path(place->url);
  if (!path) return std::nullopt;
  const auto name = builder::static_name(stdfs::path(*path) / place->subdirectory);
  return name ? named(*name) : std::nullopt;
}

// "./lib[x]" → "./lib", "x".
std::pair<std::string, std::string> without_extras(const std::string& text) {
  const auto open = text.rfind('[');
  if (open == std::string::npos || !text.ends_with(']')) return {text, {}};
  return {text.substr(0, open), text.substr(open)};
}

bool has_vcs(std::string_view text) {
  return text.starts_with("git+") || text.starts_with("hg+") || text.starts_with("svn+") || text.starts_with("bzr+");
}

// The URL that a path or URL of a requirements file means; its extras stay behind in `extras`. As pip has it, a path is
// relative to the project; one that is not there, to the file that names it.
std::string url_of(const std::string& text, const stdfs::path& from, const ImportPlace& place, std::string& extras) {
  if (url::is_url(text) || has_vcs(text)) return text;
  auto [path, brackets] = without_extras(text);
  std::string fragment;
  if (const auto hash = path.find('#'); hash != std::string::npos) {
    fragment = path.substr(hash);
    path.erase(hash);
  }
  extras = brackets;
  const bool is_in_project = fs::exists(place.folder / path);
  return url::path_to_file_url(absolute(path, is_in_project ? place.folder : from).native()) + fragment;
}

bool looks_like_place(const std::string& text) {
  return url::is_url(text) || text.starts_with('.') || text.starts_with('/') || has_vcs(text);
}

}  // namespace

bool is_true(const toml::Value& table, std::string_view key) {
  const auto* value = table.get(key);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

std::string toml_array(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const auto& text : texts) quoted.push_back(toml::quote_string(text));
  const auto line = cat('[', join(quoted, ", "), ']');
  if (line.size() <= 80) return line;
  return cat("[\n    ", join(quoted, ",\n    "), ",\n]");
}

std::string specifiers_text(const pep::SpecifierSet& specifiers) {
  pep::Requirement requirement;
  requirement.name_as_written = "x";
  requirement.specifiers = specifiers;
  return pep::written_form(requirement).substr(1);
}

void set_default_groups(ImportedProject& project, std::vector<std::string> groups, bool has_dev) {
  std::ranges::sort(groups);
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  const auto usual = has_dev ? std::vector<std::string>{"dev"} : std::vector<std::string>{};
  if (groups != usual) project.settings.emplace_back("default-groups", toml_array(groups));
}

std::string person(std::string_view name, std::string_view email) {
  if (name.empty() && email.empty()) return {};
  std::string out = "{";
  if (!name.empty()) append(out, " name = ", toml::quote_string(name));
  if (!email.empty()) append(out, name.empty() ? "" : ",", " email = ", toml::quote_string(email));
  return out + " }";
}

std::string people_array(const std::vector<std::string>& people) {
  std::vector<std::string> tables;
  for (const auto& text : people) {
    const auto open = text.find('<'), close = text.rfind('>');
    const bool has_mail = open != std::string::npos && close != std::string::npos && open < close;
    const auto name = trim(std::string_view(text).substr(0, has_mail ? open : text.size()));
    const auto email = has_mail ? trim(std::string_view(text).substr(open + 1, close - open - 1)) : std::string_view();
    auto table = person(name, email);
    if (!table.empty()) tables.push_back(std::move(table));
  }
  const auto line = cat('[', join(tables, ", "), ']');
  return line.size() <= 80 ? line : cat("[\n    ", join(tables, ",\n    "), ",\n]");
}

bool is_default_index(std::string_view url, const ImportPlace& place) {
  const auto wanted = address(url);
  return !wanted.empty() && wanted == address(place.default_index);
}

bool has_index(const ImportedProject& project, std::string_view name) {
  return std::ranges::find(project.indexes, name, &ImportedIndex::name) != project.indexes.end();
}

bool add_index(ImportedProject& project, const ImportPlace& place, ImportedIndex index, const Origin& origin) {
  if (is_default_index(index.url, place)) return true;
  const auto shown = quote(index.name.empty() ? url::redact(index.url) : index.name);
  auto url = url::Url::parse(index.url);
  if (!url || url->host.empty()) {
    project.note(cat("the index ", shown, " is not carried: its address is no URL"), origin);
    return false;
  }
  const bool had_credentials = url->has_user || url->has_password;
  auto address = url->without_credentials();
  if (address.find("${") != std::string::npos || address.find("%24%7B") != std::string::npos) {
    project.note(cat("the index ", shown, " is not carried: its address names a variable"), origin);
    return false;
  }
  if (had_credentials) {
    project.note(cat("the login of the index ", shown,
                     " is not carried: give it with `pkg auth login` or in "
                     "PKG_INDEX_NAME_USERNAME and PKG_INDEX_NAME_PASSWORD"),
                 origin);
  }
  if (has_index(project, index.name)) return true;
  index.url = std::move(address);
  if (project.indexes.size() < kMostImported) project.indexes.push_back(std::move(index));
  return true;
}

void add_source(ImportedProject& project, const pep::Name& name, Source source) {
  drop_login(project, name, source);
  auto& sources = project.sources[name];
  const auto is_same = [&](const Source& other) { return same_place(other, source); };
  if (std::ranges::any_of(sources, is_same)) return;
  const bool may_differ = !source.marker.is_trivial() &&
                          std::ranges::none_of(sources, [](const Source& s) { return s.marker.is_trivial(); });
  if (sources.empty() || may_differ) {
    sources.push_back(std::move(source));
    return;
  }
  project.note(cat("a second source of ", quote(name.str()), " is not carried: a project has one for each environment"),
               source.origin);
}

std::string moved_path(std::string_view path, const stdfs::path& from, const ImportPlace& place) {
  return lock::path_from(absolute(path, from).native(), place.folder.native());
}

bool is_project_folder(std::string_view path, const stdfs::path& from, const ImportPlace& place) {
  return absolute(path, from) == absolute("", place.folder);
}

std::optional<ImportedLine> import_line(const std::string& text, bool editable, const Origin& origin,
                                        const stdfs::path& from, const ImportPlace& place, ImportedProject& project) {
  ImportedLine line;
  if (!editable && !looks_like_place(text)) {
    auto requirement = pep::Requirement::parse(text);
    if (!requirement) {
      project.note(cat(quote(text), " is not carried: it is no requirement"), origin);
      return std::nullopt;
    }
    line.requirement = std::move(requirement).value();
    line.requirement.origin = origin;
    if (line.requirement.url.empty()) return line;
  } else {
    std::string extras;
    const auto url = url_of(text, from, place, extras);
    if (url.starts_with("file:")) {
      const auto path = url::file_url_to_path(url.substr(0, url.find('#')));
      if (path && is_project_folder(*path, from, place)) {
        if (!extras.empty()) project.note(cat(quote(text), " is the project itself: its extras are"), origin);
        return std::nullopt;
      }
    }
    auto requirement = requirement_of_place(url);
    if (!requirement) {
      project.note(cat(quote(url::redact(text)), " is not carried: it does not say its name; `pkg add ",
                       editable ? "-e " : "", "…` asks it"),
                   origin);
      return std::nullopt;
    }
    if (auto with = pep::Requirement::parse(cat(requirement->name_as_written, extras)); with && !extras.empty())
      requirement = std::move(with).value();
    line.requirement = *std::move(requirement);
    line.requirement.origin = origin;
    line.requirement.url = url;
  }
  auto source = source_from_url(line.requirement.url, editable, place.folder);
  if (!source) return line;
  source->origin = origin;
  line.requirement.url.clear();
  line.source = std::move(source);
  return line;
}

}  // namespace pkg::ops
