#pragma once
// Folders by glob: "packages/*", "libs/**/core": `*`, `?` and `[…]` within a part, `**` for any depth.

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::fs {

// One part of a path against one part of a glob; `[!…]` negates, a `[` without `]` is itself.
bool matches_part(std::string_view glob, std::string_view name);
bool has_wildcard(std::string_view glob);

// The folders below `root` that `glob` names, sorted, without duplicates. Wildcards pass over names with a dot in front
// and over links. bad_data: more than 100,000 folders for a `**` · io, not_found: one cannot be listed.
Result<std::vector<std::filesystem::path>> folders_of(const std::filesystem::path& root, std::string_view glob);

}  // namespace pkg::fs
