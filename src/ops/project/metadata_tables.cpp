#include "ops/project/metadata_tables.h"

#include <utility>

#include "base/text.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;

Status read_member(const toml::TableEntry& entry, const std::string& table, const TomlReader& reader,
                   DependencyMetadata& metadata) {
  const auto& [key, value] = entry;
  const auto what = cat("dependency-metadata.", key);
  if (key == "name") {
    PKG_TRY_ASSIGN(metadata.name, reader.name(value, what));
  } else if (key == "version") {
    PKG_TRY_ASSIGN(const auto text, reader.text(value, what));
    metadata.version = pep::Version::try_parse(text);
    if (!metadata.version) return reader.wrong(value, cat(quote(text), " is no version"));
  } else if (key == "requires-dist") {
    PKG_TRY_ASSIGN(metadata.requires_dist, reader.requirements(value, what));
  } else if (key == "requires-python") {
    PKG_TRY_ASSIGN(const auto text, reader.text(value, what));
    metadata.requires_python = pep::SpecifierSet::try_parse(text);
    if (!metadata.requires_python) return reader.wrong(value, cat(quote(text), " is no version specifier"));
  } else if (key == "provides-extra") {
    PKG_TRY_ASSIGN(metadata.provides_extra, reader.names(value, what));
  } else {
    static const std::vector<std::string> kKnown{"name", "version", "requires-dist", "requires-python",
                                                 "provides-extra"};
    return unknown_key(reader, entry, cat("[[", table, "]]"), kKnown);
  }
  return ok_status();
}

}  // namespace

Result<std::vector<DependencyMetadata>> read_dependency_metadata(const toml::Value& value, const std::string& key,
                                                                 const TomlReader& reader) {
  std::vector<DependencyMetadata> all;
  const auto read_one = [&](const toml::Value& item) -> Status {
    auto& metadata = all.emplace_back();
    PKG_TRY(
        each_entry(item, key, reader, [&](const auto& entry) { return read_member(entry, key, reader, metadata); }));
    if (metadata.name.empty()) return reader.wrong(item, cat("[[", key, "]] lacks `name`"));
    return ok_status();
  };
  PKG_TRY(each_item(value, key, reader, read_one));
  return all;
}

}  // namespace pkg::ops
