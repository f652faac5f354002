#pragma once
// Entries of [tool.pkg.sources] and [[tool.pkg.index]] put into and taken out of pyproject.toml as text; everything
// else stays byte for byte.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/project/project.h"
#include "pep/name.h"

namespace pkg::ops {

// `{ path = "../lib", editable = true }`: exactly one place is set.
std::string source_table(const Source& source);

// What a URL requirement is as a source; paths relative to `folder` where they have something in common. nullopt: no
// source can say it (hg, svn, bzr).
std::optional<Source> source_from_url(const std::string& url, bool editable, const std::filesystem::path& folder);

// Whether versions of `name` are to be chosen for the current member: it is neither a member nor from a place of its
// own.
bool comes_from_index(const Project& project, const pep::Name& name);

// The source of `name` is this one. unsupported: sources are written in a way that cannot be edited · bad_data.
Result<std::string> with_source(std::string_view text, const pep::Name& name, const Source& source,
                                const std::string& file_name);
// Without a source of `name`; the same text when it has none, or one that stands in a table of its own. Errors as
// above: unsupported; bad_data (the text is no TOML).
Result<std::string> without_source(std::string_view text, const pep::Name& name, const std::string& file_name);

// With a [[tool.pkg.index]] of this name and address: the same text where it has one, otherwise one more, which only
// sources that name it use (`explicit`). conflict: the name has another address there. Others as above: unsupported;
// bad_data.
Result<std::string> with_index(std::string_view text, const std::string& name, const std::string& url,
                               const std::string& file_name);

}  // namespace pkg::ops
