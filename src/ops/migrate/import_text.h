#pragma once
// An ImportedProject as the text of a pyproject.toml: a new one, or what is missing put into the one that is there.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

struct ImportText {
  std::string text;
  std::vector<ImportNote> notes;  // of what was there and differs
};

// `old`: the text that is there. All that it says stays, layout and comments too; only `dynamic` of [project] loses
// what is static now. `fallback_name`: for a project that has none. conflict: a list of requirements is there with
// other ones · bad_data: `old` is no pyproject.toml · unsupported: it is written in a way that cannot be edited.
Result<ImportText> import_text(const ImportedProject& project, const std::optional<std::string>& old,
                               const std::string& file_name, std::string_view fallback_name);

}  // namespace pkg::ops
