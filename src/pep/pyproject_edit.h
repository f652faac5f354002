#pragma once
// Requirements put into and taken out of pyproject.toml as text: comments, layout, line ends and everything else stay
// byte for byte. docs/reference/project.md#edits
//
// After each edit the text is parsed again and compared: the list must be as asked, all else equal. What cannot be
// edited so is `unsupported`.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/requirement.h"

namespace pkg::pep {

// Which list of requirements. `name`: of the extra or group, found by its normal form, written as given when it is new.
struct DependencyList {
  enum class Kind {
    project,  // [project] dependencies
    extra,    // [project.optional-dependencies]
    group,    // [dependency-groups]
    script,   // dependencies, at the top: the block of a script (PEP 723)
  } kind = Kind::project;
  std::string name;
};
std::string to_string(const DependencyList& list);  // "project.dependencies", "dependency-groups.dev": for messages

// The items of the list in order; nullopt for those of a group that are no requirement. Empty when there is no such
// list.
Result<std::vector<std::optional<Requirement>>> listed_requirements(std::string_view text, const DependencyList& list,
                                                                    const std::string& file_name);

// The same items as they are written; empty for those that are no requirement.
Result<std::vector<std::string>> listed_texts(std::string_view text, const DependencyList& list,
                                              const std::string& file_name);

// A requirement as people write it: lower bounds, upper bounds, exclusions. Parses to an equal one.
std::string written_form(const Requirement& requirement);

// Adds it where it belongs when the list is sorted by name, else at the end; list and table are made when they are
// missing.
Result<std::string> insert_requirement(std::string_view text, const DependencyList& list,
                                       const Requirement& requirement, const std::string& file_name);
// The item `index` of listed_requirements() becomes another, or goes.
Result<std::string> replace_requirement(std::string_view text, const DependencyList& list, std::size_t index,
                                        const Requirement& requirement, const std::string& file_name);
// The same, written as given: a requirement.
Result<std::string> replace_text(std::string_view text, const DependencyList& list, std::size_t index,
                                 std::string_view requirement, const std::string& file_name);
Result<std::string> erase_requirement(std::string_view text, const DependencyList& list, std::size_t index,
                                      const std::string& file_name);

}  // namespace pkg::pep
