#include "ops/project/settings_table.h"

#include "base/text.h"

namespace pkg::ops {

Error unknown_key(const pep::TomlReader& reader, const toml::TableEntry& entry, std::string_view table,
                  std::span<const std::string> known) {
  auto error = reader.wrong(entry.second, cat(quote(entry.first), " is no setting of ", table));
  if (const auto near = nearest(entry.first, known)) error.hint = cat("did you mean ", quote(*near), '?');
  return error;
}

}  // namespace pkg::ops
