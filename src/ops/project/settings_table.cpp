#include "ops/project/settings_table.h"

#include "base/text.h"

namespace pkg::ops {

const toml::Value* tool_entry(const toml::Value& root, std::string_view name) {
  const auto* tool = root.get("tool");
  return tool == nullptr ? nullptr : tool->get(name);
}

Error unknown_key(const pep::TomlReader& reader, const toml::TableEntry& entry, std::string_view table,
                  std::span<const std::string> known) {
  auto error = reader.wrong(entry.second, cat(quote(entry.first), " is no setting of ", table));
  if (const auto near = nearest(entry.first, known)) error.hint = cat("did you mean ", quote(*near), '?');
  return error;
}

}  // namespace pkg::ops
