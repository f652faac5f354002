// [tool.uv] in [tool.pkg]'s words. Most keys are the same in both; those that are not are translated entry by entry.
// Three kinds of keys remain: those that cannot change what is locked or installed (they pass), those that can and that
// pkg has no way to honour (an error with its line), and those that nobody here has heard of (a note).
//
// Tables that have one entry for each project, and the list of indexes, are joined: `pkg add --index` writes a first
// [[tool.pkg.index]] without turning off what [tool.uv] lists. Where both say something, [tool.pkg] wins.

#include "ops/project/foreign_tables.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/text.h"
#include "ops/project/settings_table.h"
#include "pep/name.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

using Names = std::span<const std::string_view>;

bool is_among(Names names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

// Mean the same in both tables.
constexpr auto kSame = std::to_array<std::string_view>({"build-constraint-dependencies",
                                                        "conflicts",
                                                        "config-settings",
                                                        "constraint-dependencies",
                                                        "default-groups",
                                                        "dependency-metadata",
                                                        "environments",
                                                        "exclude-dependencies",
                                                        "exclude-newer",
                                                        "extra-index-url",
                                                        "find-links",
                                                        "index-url",
                                                        "no-build",
                                                        "no-build-isolation",
                                                        "no-build-isolation-package",
                                                        "no-build-package",
                                                        "no-index",
                                                        "offline",
                                                        "override-dependencies",
                                                        "package",
                                                        "prerelease",
                                                        "reinstall-package",
                                                        "required-environments",
                                                        "resolution",
                                                        "upgrade",
                                                        "upgrade-package",
                                                        "workspace"});
// The same, too, with one entry for each project or group.
constexpr auto kByProject = std::to_array<std::string_view>({"config-settings-package", "dependency-groups",
                                                             "exclude-newer-package", "extra-build-dependencies",
                                                             "extra-build-variables", "prerelease-package", "sources"});
// Say how that tool works, publishes or fetches: the answer is the same without them.
constexpr auto kHarmless = std::to_array<std::string_view>({"add-bounds",
                                                            "allow-insecure-host",
                                                            "audit",
                                                            "build-backend",
                                                            "cache-dir",
                                                            "cache-keys",
                                                            "check-url",
                                                            "compile-bytecode",
                                                            "concurrent-builds",
                                                            "concurrent-downloads",
                                                            "concurrent-installs",
                                                            "http-proxy",
                                                            "https-proxy",
                                                            "keyring-provider",
                                                            "link-mode",
                                                            "malware-check",
                                                            "managed",
                                                            "native-tls",
                                                            "no-cache",
                                                            "no-proxy",
                                                            "no-progress",
                                                            "pip",
                                                            "preview",
                                                            "preview-features",
                                                            "publish-url",
                                                            "pypy-install-mirror",
                                                            "python-downloads",
                                                            "python-downloads-json-url",
                                                            "python-install-mirror",
                                                            "python-preference",
                                                            "reinstall",
                                                            "required-version",
                                                            "system-certs",
                                                            "trusted-publishing"});

bool same_text(const toml::Value* a, const toml::Value* b) {
  return a != nullptr && b != nullptr && a->as_string() != nullptr && b->as_string() != nullptr &&
         *a->as_string() == *b->as_string();
}

toml::Value* member(toml::Value& value, std::string_view key) {
  return const_cast<toml::Value*>(std::as_const(value).get(key));
}

toml::Table* table_of(toml::Value& value) { return std::get_if<toml::Table>(&value.data); }

// The table of that name in `parent`, made where there is none; nullptr: something else has the name.
toml::Value* need_table(toml::Value& parent, std::string_view key, const toml::Value& place) {
  if (auto* found = member(parent, key)) return found->as_table() != nullptr ? found : nullptr;
  auto* entries = table_of(parent);
  if (entries == nullptr) return nullptr;
  return &entries->emplace_back(std::string(key), toml::Value{toml::Table(), place.line, place.column}).second;
}

toml::Value text_value(std::string text, const toml::Value& place) {
  return {std::move(text), place.line, place.column};
}

class Adoption {
 public:
  Adoption(toml::Value& root, const toml::Value& theirs, const std::string& file) : root_(root), reader_(file) {
    if (auto* tool = member(root, "tool")) ours_ = need_table(*tool, "pkg", theirs);
  }

  ForeignTables run(const toml::Table& theirs) {
    if (ours_ == nullptr) return {};  // [tool.pkg] is no table: its reader says so
    for (const auto& entry : theirs) {
      if (found_.refused) break;
      take(entry, theirs);
    }
    return std::move(found_);
  }

 private:
  void take(const toml::TableEntry& entry, const toml::Table& theirs) {
    const std::string_view key = entry.first;
    if (is_among(kHarmless, key)) return;
    if (is_among(kSame, key)) return count(entry, add(key, entry.second));
    if (key == "sources") return take_sources(entry, theirs);
    if (is_among(kByProject, key)) return count(entry, join_tables(key, entry.second));
    if (key == "index") return count(entry, join_indexes(entry.second));
    if (key == "dev-dependencies") return count(entry, add_to_dev(entry.second));
    if (key == "fork-strategy") return take_fork_strategy(entry);
    if (key == "index-strategy") return take_index_strategy(entry);
    if (key == "no-binary" || key == "no-binary-package") return take_no_binary(entry, theirs);
    if (key == "no-sources" || key == "no-sources-package") return;  // with the sources
    if (key == "torch-backend") return refuse(entry, "chooses an index by the machine");
    found_.unknown.push_back(entry.first);
  }

  void count(const toml::TableEntry& entry, bool counts) {
    if (counts) found_.counted.push_back(entry.first);
  }
  void refuse(const toml::TableEntry& entry, std::string_view why) {
    auto error = reader_.wrong(entry.second, cat("`tool.uv.", entry.first, "` ", why, ", which pkg cannot do"));
    error.kind = ErrorKind::unsupported;
    error.hint = cat("say in [tool.pkg] what is wanted instead, or take the key out of [tool.uv]");
    found_.refused = std::move(error);
  }

  bool has_own(std::string_view key) const {
    return std::ranges::any_of(*ours_->as_table(), [&](const toml::TableEntry& entry) {
      return replace_all(to_ascii_lower(entry.first), "_", "-") == key;
    });
  }
  bool add(std::string_view key, toml::Value value) {
    if (has_own(key)) return false;
    table_of(*ours_)->emplace_back(std::string(key), std::move(value));
    found_.whole.emplace_back(key);
    return true;
  }

  // Entries of theirs whose project ours does not name.
  bool join_tables(std::string_view key, const toml::Value& theirs) {
    auto* own = member(*ours_, key);
    const auto* entries = theirs.as_table();
    if (own == nullptr || entries == nullptr || own->as_table() == nullptr) return add(key, theirs);
    bool counts = false;
    for (const auto& entry : *entries) {
      const auto is_same = [&](const toml::TableEntry& other) {
        return pep::normalize_name(other.first) == pep::normalize_name(entry.first);
      };
      if (std::ranges::any_of(*own->as_table(), is_same)) continue;
      table_of(*own)->push_back(entry);
      counts = true;
    }
    return counts;
  }

  bool join_indexes(const toml::Value& theirs) {
    auto* own = member(*ours_, "index");
    const auto* items = theirs.as_array();
    if (own == nullptr || items == nullptr || own->as_array() == nullptr) return add("index", theirs);
    bool counts = false;
    for (const auto& item : *items) {
      const auto is_same = [&](const toml::Value& other) {
        return same_text(other.get("name"), item.get("name")) || same_text(other.get("url"), item.get("url"));
      };
      if (std::ranges::any_of(*own->as_array(), is_same)) continue;
      std::get<toml::Array>(own->data).push_back(item);
      counts = true;
    }
    return counts;
  }

  // An older form of the group `dev`.
  bool add_to_dev(const toml::Value& theirs) {
    auto* groups = need_table(root_, "dependency-groups", theirs);
    const auto* items = theirs.as_array();
    if (groups == nullptr || items == nullptr) return false;
    auto* dev = member(*groups, "dev");
    if (dev == nullptr) {
      table_of(*groups)->emplace_back("dev", theirs);
    } else if (auto* list = std::get_if<toml::Array>(&dev->data)) {
      list->insert(list->end(), items->begin(), items->end());
    }
    return true;
  }

  void take_sources(const toml::TableEntry& entry, const toml::Table& theirs) {
    auto sources = entry.second;
    const auto setting = [&](std::string_view key) -> const toml::Value* {
      const auto found = std::ranges::find(theirs, key, &toml::TableEntry::first);
      return found == theirs.end() ? nullptr : &found->second;
    };
    if (const auto* off = setting("no-sources"); off != nullptr && off->as_bool() != nullptr && *off->as_bool()) return;
    auto* entries = table_of(sources);
    if (entries == nullptr) return count(entry, add("sources", sources));
    if (const auto* off = setting("no-sources-package"); off != nullptr && off->as_array() != nullptr) {
      std::erase_if(*entries, [&](const toml::TableEntry& source) {
        return std::ranges::any_of(*off->as_array(), [&](const toml::Value& name) {
          return name.as_string() != nullptr &&
                 pep::normalize_name(*name.as_string()) == pep::normalize_name(source.first);
        });
      });
    }
    for (auto& source : *entries) check_source(source);
    if (!found_.refused) count(entry, join_tables("sources", sources));
  }

  // Takes out what says nothing, and refuses what would.
  void check_source(toml::TableEntry& source) {
    if (auto* items = std::get_if<toml::Array>(&source.second.data)) {
      for (auto& item : *items) check_source_item(source.first, item);
    } else {
      check_source_item(source.first, source.second);
    }
  }
  void check_source_item(const std::string& name, toml::Value& item) {
    auto* entries = table_of(item);
    if (entries == nullptr) return;
    for (const auto& entry : *entries) {
      const auto* truth = entry.second.as_bool();
      if (entry.first == "lfs" && truth != nullptr && *truth)
        refuse({cat("sources.", name, ".lfs"), entry.second}, "fetches files with Git LFS");
      else if (entry.first == "package" && truth != nullptr && !*truth)
        refuse({cat("sources.", name, ".package"), entry.second}, "takes a folder's dependencies without the folder");
    }
    std::erase_if(*entries,
                  [](const toml::TableEntry& entry) { return entry.first == "lfs" || entry.first == "package"; });
  }

  void take_fork_strategy(const toml::TableEntry& entry) {
    const auto* text = entry.second.as_string();
    const bool is_newest = text != nullptr && *text == "requires-python";
    count(entry, add("fork-strategy", is_newest ? text_value("newest", entry.second) : entry.second));
  }
  void take_index_strategy(const toml::TableEntry& entry) {
    const auto* text = entry.second.as_string();
    if (text != nullptr && *text == "unsafe-first-match")
      return refuse(entry, "asks for the first index with a version that fits");
    count(entry, add("index-strategy", entry.second));
  }
  // `no-binary = true` and `no-binary-package = [names]` are one list here.
  void take_no_binary(const toml::TableEntry& entry, const toml::Table& theirs) {
    const auto* truth = entry.second.as_bool();
    if (entry.first == "no-binary") {
      if (truth == nullptr || !*truth) return;
      return count(entry, add("no-binary", text_value(":all:", entry.second)));
    }
    const auto all = std::ranges::find(theirs, std::string_view("no-binary"), &toml::TableEntry::first);
    const bool is_all = all != theirs.end() && all->second.as_bool() != nullptr && *all->second.as_bool();
    if (!is_all) count(entry, add("no-binary", entry.second));
  }

  toml::Value& root_;
  toml::Value* ours_ = nullptr;  // [tool.pkg]
  pep::TomlReader reader_;
  ForeignTables found_;
};

const toml::Value* tool_table(const toml::Value& root, std::string_view name) {
  const auto* table = tool_entry(root, name);
  return table == nullptr || table->as_table() == nullptr ? nullptr : table;
}

// Groups of `groups` that [dependency-groups] does not have.
bool has_other_groups(const toml::Value& root, const toml::Value* groups) {
  if (groups == nullptr || groups->as_table() == nullptr) return false;
  const auto* own = root.get("dependency-groups");
  return std::ranges::any_of(*groups->as_table(), [&](const toml::TableEntry& group) {
    return own == nullptr || own->as_table() == nullptr ||
           std::ranges::none_of(*own->as_table(), [&](const toml::TableEntry& known) {
             return pep::normalize_name(known.first) == pep::normalize_name(group.first);
           });
  });
}

// Sources of packages that no [[tool.pkg.index]] has.
bool has_other_indexes(const toml::Value& root, const toml::Value* sources) {
  if (sources == nullptr || sources->as_array() == nullptr) return false;
  const auto* ours = tool_table(root, "pkg");
  const auto* indexes = ours == nullptr ? nullptr : ours->get("index");
  return std::ranges::any_of(*sources->as_array(), [&](const toml::Value& source) {
    const auto* url = source.get("url");
    if (url == nullptr) return false;
    return indexes == nullptr || indexes->as_array() == nullptr ||
           std::ranges::none_of(*indexes->as_array(),
                                [&](const toml::Value& index) { return same_text(index.get("url"), url); });
  });
}

// What other managers' tables say that [project] does not: `pkg import` carries it over.
std::vector<std::string> parts_to_import(const toml::Value& root, std::string_view tool) {
  std::vector<std::string> parts;
  const auto* table = tool_table(root, tool);
  if (table == nullptr) return parts;
  const bool is_poetry = tool == "poetry";
  if (is_poetry && root.get("project") == nullptr && table->get("dependencies") != nullptr)
    parts.emplace_back("dependencies");
  if (has_other_groups(root, table->get(is_poetry ? "group" : "dev-dependencies"))) parts.emplace_back("groups");
  if (has_other_indexes(root, table->get("source"))) parts.emplace_back("indexes");
  return parts;
}

std::string listed(const std::vector<std::string>& keys) {
  std::vector<std::string> quoted;
  for (const auto& key : keys) quoted.push_back(quote(key));
  return join(quoted, ", ");
}

// A key that stands in [tool.uv] is called so in complaints.
Error in_their_words(Error error, const ForeignTables& foreign) {
  for (const auto& key : foreign.whole)
    error.message = replace_all(error.message, cat("tool.pkg.", key), cat("tool.uv.", key));
  return error;
}

}  // namespace

ForeignTables adopt_foreign_tables(toml::Value& root, const std::string& file_name) {
  const auto* table = tool_table(root, "uv");
  if (table == nullptr) return {};
  const toml::Value theirs = *table;  // the tree grows below
  return Adoption(root, theirs, file_name).run(*theirs.as_table());
}

std::vector<std::string> notes_of(const ForeignTables& foreign, const toml::Value& root, const std::string& file_name) {
  std::vector<std::string> notes;
  if (!foreign.counted.empty())
    notes.push_back(
        cat("[tool.uv] of ", file_name, " counts where [tool.pkg] says nothing: ", listed(foreign.counted)));
  if (!foreign.unknown.empty())
    notes.push_back(cat("[tool.uv] of ", file_name, " has keys that pkg does not know: ", listed(foreign.unknown)));
  for (const std::string_view tool : {"poetry", "pdm"}) {
    const auto parts = parts_to_import(root, tool);
    if (!parts.empty())
      notes.push_back(cat("the ", join(parts, " and "), " of [tool.", tool, "] in ", file_name,
                          " do not count: `pkg import` carries them over"));
  }
  return notes;
}

Result<ProjectFile> parse_project_file(std::string_view text, const std::string& file_name) {
  ProjectFile file;
  PKG_TRY_ASSIGN(file.pyproject, pep::Pyproject::parse(text, file_name));
  auto foreign = adopt_foreign_tables(file.pyproject.root, file_name);
  if (foreign.refused) return *std::move(foreign.refused);
  auto settings = parse_project_settings(file.pyproject, file_name);
  if (!settings) return in_their_words(std::move(settings).error(), foreign);
  file.settings = std::move(settings).value();
  file.settings.notes = notes_of(foreign, file.pyproject.root, file_name);
  return file;
}

}  // namespace pkg::ops
