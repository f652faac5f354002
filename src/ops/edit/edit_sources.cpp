#include "ops/edit/edit_sources.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "ops/project/settings_table.h"
#include "pep/source_url.h"
#include "pep/toml_insert.h"
#include "pep/toml_scan.h"

namespace pkg::ops {
namespace {

using Path = std::vector<std::string>;

const Path& sources_path() {
  static const Path path{"tool", "pkg", "sources"};
  return path;
}

const toml::Value* sources_of(const toml::Value& root) {
  const toml::Value* table = &root;
  for (const auto& part : sources_path()) table = table == nullptr ? nullptr : table->get(part);
  return table;
}

// The key `name` is written with; nullptr: it has no source.
const std::string* key_of(const toml::Value& root, const pep::Name& name) {
  const auto* table = sources_of(root);
  if (table == nullptr || table->as_table() == nullptr) return nullptr;
  for (const auto& [key, value] : *table->as_table())
    if (pep::normalize_name(key) == name.str()) return &key;
  return nullptr;
}

const pep::ScannedEntry* entry_of(const pep::ScannedToml& scan, const std::string& key) {
  auto path = sources_path();
  path.push_back(key);
  const auto found = std::ranges::find(scan.entries, path, &pep::ScannedEntry::path);
  return found == scan.entries.end() ? nullptr : &*found;
}

Error cannot_edit(const std::string& file_name) {
  return make_error(ErrorKind::unsupported,
                    cat("cannot edit [tool.pkg.sources] of ", quote(file_name), ": its form is not known"),
                    "edit the file by hand");
}

// Takes the source away, and tables that are empty then.
void drop(toml::Value& root, const pep::Name& name) {
  std::vector<toml::Value*> tables{&root};
  for (const auto& part : sources_path()) {
    auto* members = std::get_if<toml::Table>(&tables.back()->data);
    if (members == nullptr) return;
    const auto found = std::ranges::find(*members, part, &toml::TableEntry::first);
    if (found == members->end()) return;
    tables.push_back(&found->second);
  }
  auto* sources = std::get_if<toml::Table>(&tables.back()->data);
  if (sources == nullptr) return;
  std::erase_if(*sources,
                [&](const toml::TableEntry& entry) { return pep::normalize_name(entry.first) == name.str(); });
  for (std::size_t i = sources_path().size(); i > 0 && std::get<toml::Table>(tables[i]->data).empty(); --i) {
    std::erase_if(std::get<toml::Table>(tables[i - 1]->data),
                  [&](const toml::TableEntry& entry) { return entry.first == sources_path()[i - 1]; });
  }
}

// Nothing but the source of `name` may have changed.
Result<std::string> checked(const toml::Value& before, std::string edited, const pep::Name& name,
                            const std::string& file_name) {
  auto parsed = toml::parse(edited, file_name);
  if (!parsed) return cannot_edit(file_name);
  auto old = before;
  drop(old, name);
  drop(*parsed, name);
  if (!pep::same_content(old, *parsed)) return cannot_edit(file_name);
  return edited;
}

// The list of [[tool.pkg.index]]; nullptr: there is none.
const toml::Array* indexes_of(const toml::Value& root) {
  const auto* table = tool_entry(root, "pkg");
  const auto* list = table == nullptr ? nullptr : table->get("index");
  return list == nullptr ? nullptr : list->as_array();
}

std::string text_at(const toml::Value& item, std::string_view key) {
  const auto* value = item.get(key);
  return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

// The line or lines of an entry go; its header too when it had nothing else.
std::string without_entry(std::string_view text, const pep::ScannedToml& scan, const pep::ScannedEntry& entry) {
  auto begin = pep::line_begin(text, entry.key_begin), end = pep::next_line(text, entry.value_end);
  const auto is_neighbour = [&](const pep::ScannedEntry& other) { return other.header == entry.header; };
  const bool is_alone =
      entry.header != pep::ScannedEntry::kNoHeader && std::ranges::count_if(scan.entries, is_neighbour) == 1;
  if (is_alone && scan.headers[entry.header].path == sources_path()) {
    const auto& header = scan.headers[entry.header];
    const auto between = text.substr(pep::next_line(text, header.end), begin - pep::next_line(text, header.end));
    if (trim(between).empty()) begin = pep::line_begin(text, header.begin);
    // And the empty line in front of it.
    if (begin > 0 && pep::line_begin(text, begin - 1) + 1 >= begin - 1 &&
        trim(text.substr(pep::line_begin(text, begin - 1), begin - pep::line_begin(text, begin - 1))).empty())
      begin = pep::line_begin(text, begin - 1);
  }
  return cat(text.substr(0, begin), text.substr(end));
}

}  // namespace

std::string source_table(const Source& source) {
  std::string out = "{";
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) append(out, out.size() == 1 ? " " : ", ", key, " = ", toml::quote_string(value));
  };
  add("index", source.index);
  add("url", source.url);
  add("path", source.path);
  add("git", source.git);
  add("branch", source.branch);
  add("tag", source.tag);
  add("rev", source.rev);
  add("subdirectory", source.subdirectory);
  if (source.workspace) append(out, out.size() == 1 ? " " : ", ", "workspace = true");
  if (source.editable) append(out, out.size() == 1 ? " " : ", ", "editable = true");
  return out + " }";
}

std::optional<Source> source_from_url(const std::string& url, bool editable, const std::filesystem::path& folder) {
  const auto place = pep::SourceUrl::parse(url);
  if (!place) return std::nullopt;
  Source source;
  source.subdirectory = place->subdirectory;
  source.editable = editable;
  if (place->kind == pep::SourceUrl::Kind::vcs) {
    if (place->vcs != "git") return std::nullopt;
    source.git = place->url;
    source.rev = place->revision;
    return source;
  }
  if (place->url.starts_with("file:")) {
    const auto path = url::file_url_to_path(place->url);
    if (!path) return std::nullopt;
    source.path = lock::path_from(*path, folder.native());
    return source;
  }
  source.url = place->url;
  char separator = '#';  // of the fragment, the hashes stay
  for (const auto& hash : place->hashes)
    append(source.url, std::exchange(separator, '&'), hash::name(hash.algorithm), '=', hash.hex);
  return source;
}

bool comes_from_index(const Project& project, const pep::Name& name) {
  const auto is_member = std::ranges::find(project.members, name, &Member::name) != project.members.end();
  const auto is_place = [&](const auto& sources) {
    const auto found = sources.find(name);
    return found != sources.end() && found->second.front().index.empty();
  };
  return !is_member && !is_place(project.settings.sources) && !is_place(project.member().own_sources);
}

Result<std::string> with_source(std::string_view text, const pep::Name& name, const Source& source,
                                const std::string& file_name) {
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, file_name));
  const auto scan = pep::scan_toml(text);
  const auto table = source_table(source);
  if (const auto* key = key_of(root, name)) {
    const auto* entry = entry_of(scan, *key);
    if (entry == nullptr) return cannot_edit(file_name);
    return checked(root, cat(text.substr(0, entry->value_begin), table, text.substr(entry->value_end)), name,
                   file_name);
  }
  const auto line = cat(toml::quote_key(name.str()), " = ", table);
  const auto is_header = [](const pep::ScannedHeader& one) { return one.path == sources_path() && !one.is_array; };
  const auto header = std::ranges::find_if(scan.headers, is_header);
  if (header != scan.headers.end())
    return checked(root,
                   pep::with_table_entry(text, scan, static_cast<std::size_t>(header - scan.headers.begin()), line),
                   name, file_name);
  if (sources_of(root) != nullptr) return cannot_edit(file_name);
  const pep::NewTable added{sources_path(), {"tool", "pkg"}, false};
  return checked(root, pep::with_new_table(text, scan, added, line), name, file_name);
}

Result<std::string> without_source(std::string_view text, const pep::Name& name, const std::string& file_name) {
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, file_name));
  const auto* key = key_of(root, name);
  if (key == nullptr) return std::string(text);
  const auto scan = pep::scan_toml(text);
  const auto* entry = entry_of(scan, *key);
  if (entry == nullptr) return std::string(text);
  return checked(root, without_entry(text, scan, *entry), name, file_name);
}

Result<std::string> with_index(std::string_view text, const std::string& name, const std::string& url,
                               const std::string& file_name) {
  static const Path path{"tool", "pkg", "index"};
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, file_name));
  const auto* list = indexes_of(root);
  const auto present = list == nullptr ? std::span<const toml::Value>() : std::span<const toml::Value>(*list);
  for (const auto& item : present) {
    if (text_at(item, "name") != name) continue;
    const auto address = text_at(item, "url");
    if (address == url) return std::string(text);
    return make_error(ErrorKind::conflict,
                      cat("the index ", quote(name), " of ", quote(file_name), " (line ", item.line, ") is ",
                          quote(url::redact(address)), ", not ", quote(url::redact(url))),
                      "give the other index another name, or change the address in the file");
  }
  const auto scan = pep::scan_toml(text);
  const auto is_header = [](const pep::ScannedHeader& one) { return one.path == path && one.is_array; };
  const bool has_headers = std::ranges::any_of(scan.headers, is_header);
  const std::string newline = text.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
  const auto lines =
      cat("name = ", toml::quote_string(name), newline, "url = ", toml::quote_string(url), newline, "explicit = true");
  const pep::NewTable added{path, has_headers ? path : Path{"tool", "pkg"}, false, true};
  auto edited = pep::with_new_table(text, scan, added, lines);
  const auto parsed = toml::parse(edited, file_name);
  const auto* now = parsed ? indexes_of(*parsed) : nullptr;
  if (now == nullptr || now->size() != present.size() + 1)
    return make_error(ErrorKind::unsupported,
                      cat("cannot add to [[tool.pkg.index]] of ", quote(file_name), ": its form is not known"),
                      "edit the file by hand");
  return edited;
}

}  // namespace pkg::ops
