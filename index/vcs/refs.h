#pragma once
// What git says of a repository's refs, and what a mirror remembers of them. Texts only.

#include <optional>
#include <string>
#include <string_view>

namespace pkg::index::vcs {

bool is_full_commit_id(std::string_view text);  // 40 or 64 hex digits

// In what `git ls-remote` says, "ID<tab>REF" a line: branch, tag (what it points to, not itself), then anything of this
// full name.
std::optional<std::string> listed_commit(std::string_view listing, const std::string& revision);

// Names that were looked up: "ID REVISION" a line, the newest first.
std::optional<std::string> named_commit(std::string_view names, std::string_view revision);
// `names` with this one first. A revision that is not one line is not taken in.
std::string with_named_commit(std::string_view names, std::string_view revision, std::string_view id);

}  // namespace pkg::index::vcs
