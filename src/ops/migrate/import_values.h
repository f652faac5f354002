#pragma once
// What the readers of other tools' files share: indexes, sources, people, and values as TOML.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "ops/migrate/imported_project.h"

namespace pkg::ops {

// A real file has far fewer; each list is compared with itself.
inline constexpr std::size_t kMostImported = 10'000;

// The value at the end of the path; nullptr: there is none.
template <class Keys = std::initializer_list<std::string_view>>
const toml::Value* value_at(const toml::Value& root, const Keys& path) {
  const auto* value = &root;
  for (const auto& key : path)
    if (value = value->get(key); value == nullptr) return nullptr;
  return value;
}
// Whether `key` of the table is true.
bool is_true(const toml::Value& table, std::string_view key);

// `["a", "b"]`.
std::string toml_array(const std::vector<std::string>& texts);
// As people write them: lower bounds, upper bounds, exclusions.
std::string specifiers_text(const pep::SpecifierSet& specifiers);
// `default-groups`, where it differs from what pkg does without: `has_dev` says whether there is a group "dev".
void set_default_groups(ImportedProject& project, std::vector<std::string> groups, bool has_dev);
// `[{ name = "Ann", email = "ann@host" }]` of `Ann <ann@host>`; what has neither is left out.
std::string people_array(const std::vector<std::string>& people);
std::string person(std::string_view name, std::string_view email);

// The index joins `project`, without the credentials of its URL; a note says how to give them. One that is the default
// index is left out. False, with a note: its URL is none, or names a variable.
bool add_index(ImportedProject& project, const ImportPlace& place, ImportedIndex index, const Origin& origin);
// Whether `url` is the index that pkg asks when nothing is configured.
bool is_default_index(std::string_view url, const ImportPlace& place);
// Whether `project` has an index of that name.
bool has_index(const ImportedProject& project, std::string_view name);

// The source joins those of `name`. One of the name that says something else stays, and a note tells it.
void add_source(ImportedProject& project, const pep::Name& name, Source source);

// `path`, which is relative to `from`, as it is written in `place`'s pyproject.toml.
std::string moved_path(std::string_view path, const std::filesystem::path& from, const ImportPlace& place);
// Whether it is the folder that is written to itself.
bool is_project_folder(std::string_view path, const std::filesystem::path& from, const ImportPlace& place);

// A line of a requirements file: a requirement, a path, a URL, editable or not. Its name is in it, in its fragment, in
// its file name or in the folder that it names; what has none is a note, and nullopt.
struct ImportedLine {
  pep::Requirement requirement;
  std::optional<Source> source;
};
std::optional<ImportedLine> import_line(const std::string& text, bool editable, const Origin& origin,
                                        const std::filesystem::path& from, const ImportPlace& place,
                                        ImportedProject& project);

}  // namespace pkg::ops
