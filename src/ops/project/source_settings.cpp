#include "ops/project/source_settings.h"

#include "base/text.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;

std::string* text_field(Source& source, std::string_view key) {
  if (key == "index") return &source.index;
  if (key == "url") return &source.url;
  if (key == "path") return &source.path;
  if (key == "git") return &source.git;
  if (key == "branch") return &source.branch;
  if (key == "tag") return &source.tag;
  if (key == "rev") return &source.rev;
  return key == "subdirectory" ? &source.subdirectory : nullptr;
}

Status read_source_key(const toml::TableEntry& entry, std::string_view what, const TomlReader& reader, Source& source) {
  const auto& [key, value] = entry;
  const auto name = cat(what, '.', key);
  if (auto* field = text_field(source, key)) {
    PKG_TRY_ASSIGN(*field, reader.text(value, name));
    return field->empty() ? Status(reader.wrong(value, cat(quote(name), " is empty"))) : ok_status();
  }
  if (key == "workspace" || key == "editable") {
    PKG_TRY_ASSIGN((key == "workspace" ? source.workspace : source.editable), reader.truth(value, name));
    return ok_status();
  }
  if (key == "extra" || key == "group") {
    PKG_TRY_ASSIGN(const auto text, reader.text(value, name));
    PKG_TRY_ASSIGN((key == "extra" ? source.extra : source.group),
                   pep::Name::parse(text).with([&] { return reader.origin(value).to_string(); }));
    return ok_status();
  }
  if (key == "marker") {
    PKG_TRY_ASSIGN(source.marker, reader.marker(value, name));
    return ok_status();
  }
  static const std::vector<std::string> kKnown{"index",  "url",   "path",         "git",       "branch",
                                               "tag",    "rev",   "subdirectory", "workspace", "editable",
                                               "marker", "extra", "group"};
  return unknown_key(reader, entry, cat('[', what, ']'), kKnown);
}

Result<Source> read_source(const toml::Value& value, std::string_view what, const TomlReader& reader) {
  Source source;
  source.origin = reader.origin(value);
  PKG_TRY(
      each_entry(value, what, reader, [&](const auto& entry) { return read_source_key(entry, what, reader, source); }));
  const int places =
      !source.index.empty() + !source.url.empty() + !source.path.empty() + !source.git.empty() + source.workspace;
  if (places != 1) {
    return reader.wrong(value, cat(quote(what), places == 0 ? " names no" : " names more than one",
                                   " place: exactly one of `index`, `url`, `path`, `git`, `workspace` is given"));
  }
  if (!source.extra.empty() && !source.group.empty())
    return reader.wrong(value, cat(quote(what), " has both `extra` and `group`: a source is for one list"));
  const int revisions = !source.branch.empty() + !source.tag.empty() + !source.rev.empty();
  if (revisions > (source.git.empty() ? 0 : 1)) {
    return reader.wrong(value,
                        cat(quote(what), ": one of `branch`, `tag` and `rev` goes with `git`, and with nothing else"));
  }
  return source;
}

}  // namespace

Result<std::map<pep::Name, std::vector<Source>>> read_sources(const toml::Value& value, const TomlReader& reader) {
  std::map<pep::Name, std::vector<Source>> all;
  PKG_TRY(each_entry(value, "tool.pkg.sources", reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, "tool.pkg.sources"));
    auto& sources = all[name];
    if (!sources.empty()) return reader.wrong(entry.second, cat(quote(name.str()), " has sources twice"));
    const auto what = cat("tool.pkg.sources.", entry.first);
    const auto add = [&](const toml::Value& one) -> Status {
      PKG_TRY_ASSIGN(auto source, read_source(one, what, reader));
      sources.push_back(std::move(source));
      return ok_status();
    };
    if (entry.second.as_array() == nullptr) return add(entry.second);
    if (entry.second.as_array()->empty()) return reader.wrong(entry.second, cat(quote(what), " is empty"));
    return each_item(entry.second, what, reader, add);
  }));
  return all;
}

}  // namespace pkg::ops
