#include "pep/pyproject_edit.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "pep/toml_array_edit.h"
#include "pep/toml_insert.h"
#include "pep/toml_reader.h"
#include "pep/toml_scan.h"

namespace pkg::pep {
namespace {

using Kind = DependencyList::Kind;
using Path = std::vector<std::string>;

Path table_of(const DependencyList& list) {
  switch (list.kind) {
    case Kind::project:
      return {"project"};
    case Kind::extra:
      return {"project", "optional-dependencies"};
    case Kind::group:
      return {"dependency-groups"};
    case Kind::script:
      break;
  }
  return {};
}

bool has_named_lists(const DependencyList& list) { return list.kind == Kind::extra || list.kind == Kind::group; }

bool is_key_of(const DependencyList& list, std::string_view key) {
  return has_named_lists(list) ? normalize_name(key) == normalize_name(list.name) : key == "dependencies";
}

std::string new_key(const DependencyList& list) {
  return has_named_lists(list) ? toml::quote_key(list.name) : "dependencies";
}

Error cannot_edit(const DependencyList& list, const std::string& file_name, std::string_view why) {
  return make_error(ErrorKind::unsupported,
                    cat("cannot edit ", quote(to_string(list)), " of ", quote(file_name), ": ", why),
                    "edit the file by hand");
}

// ---- what the file says: by base/toml

const toml::Value* find_table(const toml::Value& root, const Path& path) {
  const toml::Value* table = &root;
  for (const auto& part : path) table = table == nullptr ? nullptr : table->get(part);
  return table;
}

// The array of the list, and the key it is under; nullptr: there is none.
const toml::TableEntry* find_entry(const toml::Value& root, const DependencyList& list) {
  const auto* table = find_table(root, table_of(list));
  const auto* members = table == nullptr ? nullptr : table->as_table();
  if (members == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(*members, [&](const toml::TableEntry& entry) { return is_key_of(list, entry.first); });
  return found == members->end() ? nullptr : &*found;
}

// Takes the list away, and tables that only it made.
void remove_list(toml::Value& root, const DependencyList& list) {
  std::vector<toml::Value*> tables{&root};
  const auto path = table_of(list);
  for (const auto& part : path) {
    auto* members = std::get_if<toml::Table>(&tables.back()->data);
    if (members == nullptr) return;
    const auto found = std::ranges::find(*members, part, &toml::TableEntry::first);
    if (found == members->end()) return;
    tables.push_back(&found->second);
  }
  auto* members = std::get_if<toml::Table>(&tables.back()->data);
  if (members == nullptr) return;
  std::erase_if(*members, [&](const toml::TableEntry& entry) { return is_key_of(list, entry.first); });
  for (std::size_t i = path.size(); i > 0 && std::get<toml::Table>(tables[i]->data).empty(); --i) {
    std::erase_if(std::get<toml::Table>(tables[i - 1]->data),
                  [&](const toml::TableEntry& entry) { return entry.first == path[i - 1]; });
  }
}

// ---- one edit of one list

class Editor {
 public:
  Editor(std::string_view text, const DependencyList& list, const std::string& file_name)
      : text_(text), list_(list), file_(file_name) {}

  Status open() {
    PKG_TRY_ASSIGN(root_, toml::parse(text_, file_));
    scan_ = scan_toml(text_);
    const auto* entry = find_entry(root_, list_);
    if (entry == nullptr) return ok_status();
    const TomlReader reader(file_);
    if (entry->second.as_array() == nullptr) return reader.wrong_type(entry->second, to_string(list_), "an array");
    for (const auto& item : *entry->second.as_array()) PKG_TRY(add_item(item, reader));
    return find_array(entry->first);
  }

  const std::vector<std::optional<Requirement>>& items() const { return items_; }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& value : values_) texts.push_back(value.as_string() == nullptr ? "" : *value.as_string());
    return texts;
  }

  Result<std::string> insert(const Requirement& requirement) {
    const auto index = place_of(requirement.name);
    auto expected = values_;
    expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(index), toml::Value{written_form(requirement)});
    if (!array_) return insert_list(requirement, std::move(expected));
    const auto item = quoted_like(text_, *array_, written_form(requirement));
    return checked(insert_array_item(text_, *array_, index, item), std::move(expected));
  }

  Result<std::string> replace(std::size_t index, std::string_view requirement) {
    auto expected = values_;
    expected[index] = toml::Value{std::string(requirement)};
    ScannedArray only = *array_;
    only.items = {array_->items[index]};
    const auto item = quoted_like(text_, only, requirement);
    return checked(replace_array_item(text_, *array_, index, item), std::move(expected));
  }

  Result<std::string> erase(std::size_t index) {
    auto expected = values_;
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(index));
    return checked(erase_array_item(text_, *array_, index), std::move(expected));
  }

 private:
  Status add_item(const toml::Value& item, const TomlReader& reader) {
    values_.push_back(item);
    if (item.as_string() == nullptr && list_.kind == Kind::group) {
      items_.emplace_back();
      return ok_status();
    }
    PKG_TRY_ASSIGN(auto requirement, reader.requirement(item, to_string(list_)));
    items_.emplace_back(std::move(requirement));
    return ok_status();
  }

  Status find_array(const std::string& key) {
    auto path = table_of(list_);
    path.push_back(key);
    const auto found = std::ranges::find(scan_.entries, path, &ScannedEntry::path);
    if (found == scan_.entries.end()) return cannot_edit(list_, file_, "it stands in an inline table");
    if (text_[found->value_begin] != '[') return cannot_edit(list_, file_, "its form is not known");
    array_ = scan_array(text_, found->value_begin);
    if (array_->items.size() != values_.size()) return cannot_edit(list_, file_, "its form is not known");
    return ok_status();
  }

  // Where a new one belongs: by name when the others are so sorted.
  std::size_t place_of(const Name& name) const {
    std::vector<std::size_t> named;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (items_[i]) named.push_back(i);
    }
    if (named.empty() || !std::ranges::is_sorted(named, {}, [&](std::size_t i) { return items_[i]->name; }))
      return items_.size();
    const auto after = std::ranges::find_if(named, [&](std::size_t i) { return items_[i]->name > name; });
    return after == named.end() ? named.back() + 1 : *after;
  }

  // ---- a list that is not there yet

  Result<std::string> insert_list(const Requirement& requirement, toml::Array expected) {
    const auto line =
        cat(new_key(list_), " = ", new_array(text_, quoted_like(text_, ScannedArray(), written_form(requirement))));
    if (list_.kind == Kind::script) return checked(with_top_entry(text_, scan_, line), std::move(expected));
    const auto table = table_of(list_);
    const auto header = std::ranges::find_if(
        scan_.headers, [&](const ScannedHeader& one) { return one.path == table && !one.is_array; });
    if (header != scan_.headers.end()) {
      const auto index = static_cast<std::size_t>(header - scan_.headers.begin());
      return checked(with_table_entry(text_, scan_, index, line), std::move(expected));
    }
    if (find_table(root_, table) != nullptr)
      return cannot_edit(list_, file_, "its table is written inline or with dotted keys");
    if (list_.kind != Kind::group && root_.get("project") == nullptr) {
      return make_error(ErrorKind::not_found, cat(quote(file_), " has no [project] table"), "make one with `pkg init`");
    }
    const NewTable added{table, {"project"}, list_.kind == Kind::extra};
    return checked(with_new_table(text_, scan_, added, line), std::move(expected));
  }

  // ---- the proof

  Result<std::string> checked(std::string edited, toml::Array expected) const {
    auto parsed = toml::parse(edited, file_);
    if (!parsed) return cannot_edit(list_, file_, "its form is not known");
    const auto* entry = find_entry(*parsed, list_);
    if (entry == nullptr || !same_content(entry->second, toml::Value{std::move(expected)})) {
      return cannot_edit(list_, file_, "its form is not known");
    }
    auto before = root_;
    remove_list(before, list_);
    remove_list(*parsed, list_);
    if (!same_content(before, *parsed)) return cannot_edit(list_, file_, "something else would change");
    return edited;
  }

  std::string_view text_;
  const DependencyList& list_;
  const std::string& file_;
  toml::Value root_;
  ScannedToml scan_;
  std::optional<ScannedArray> array_;
  toml::Array values_;
  std::vector<std::optional<Requirement>> items_;
};

Error no_such_item(const DependencyList& list, std::size_t index) {
  return make_error(ErrorKind::internal, cat(quote(to_string(list)), " has no item ", index));
}

}  // namespace

std::string to_string(const DependencyList& list) {
  switch (list.kind) {
    case Kind::project:
      return "project.dependencies";
    case Kind::extra:
      return cat("project.optional-dependencies.", list.name);
    case Kind::group:
      return cat("dependency-groups.", list.name);
    case Kind::script:
      break;
  }
  return "dependencies";
}

std::string written_form(const Requirement& requirement) {
  if (!requirement.url.empty()) return requirement.to_string();
  const auto rank = [](const Specifier& part) {
    if (part.op == Operator::not_equal) return 2;
    return part.op == Operator::less || part.op == Operator::less_equal ? 1 : 0;
  };
  std::vector<Specifier> parts(requirement.specifiers.parts().begin(), requirement.specifiers.parts().end());
  std::ranges::stable_sort(parts, {}, rank);
  Requirement bare = requirement;
  bare.specifiers = {};
  bare.marker = {};
  auto text = bare.to_string();
  for (std::size_t i = 0; i < parts.size(); ++i) append(text, i == 0 ? "" : ",", parts[i].to_string());
  if (!requirement.marker.is_trivial()) append(text, "; ", requirement.marker.to_string());
  return text;
}

Result<std::vector<std::optional<Requirement>>> listed_requirements(std::string_view text, const DependencyList& list,
                                                                    const std::string& file_name) {
  Editor editor(text, list, file_name);
  PKG_TRY(editor.open());
  return editor.items();
}

Result<std::vector<std::string>> listed_texts(std::string_view text, const DependencyList& list,
                                              const std::string& file_name) {
  Editor editor(text, list, file_name);
  PKG_TRY(editor.open());
  return editor.texts();
}

Result<std::string> insert_requirement(std::string_view text, const DependencyList& list,
                                       const Requirement& requirement, const std::string& file_name) {
  Editor editor(text, list, file_name);
  PKG_TRY(editor.open());
  return editor.insert(requirement);
}

Result<std::string> replace_requirement(std::string_view text, const DependencyList& list, std::size_t index,
                                        const Requirement& requirement, const std::string& file_name) {
  return replace_text(text, list, index, written_form(requirement), file_name);
}

Result<std::string> replace_text(std::string_view text, const DependencyList& list, std::size_t index,
                                 std::string_view requirement, const std::string& file_name) {
  Editor editor(text, list, file_name);
  PKG_TRY(editor.open());
  if (index >= editor.items().size()) return no_such_item(list, index);
  return editor.replace(index, requirement);
}

Result<std::string> erase_requirement(std::string_view text, const DependencyList& list, std::size_t index,
                                      const std::string& file_name) {
  Editor editor(text, list, file_name);
  PKG_TRY(editor.open());
  if (index >= editor.items().size()) return no_such_item(list, index);
  return editor.erase(index);
}

}  // namespace pkg::pep
