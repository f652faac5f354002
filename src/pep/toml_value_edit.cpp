#include "pep/toml_value_edit.h"

#include <algorithm>

#include "base/text.h"
#include "base/toml.h"
#include "pep/toml_array_edit.h"
#include "pep/toml_insert.h"
#include "pep/toml_scan.h"

namespace pkg::pep {
namespace {

std::string shown(const KeyPath& path) {
  std::string text;
  for (const auto& key : path) append(text, text.empty() ? "" : ".", toml::quote_key(key));
  return text;
}

Error cannot_edit(const KeyPath& path, const std::string& file_name, std::string_view why) {
  return make_error(ErrorKind::unsupported,
                    cat("cannot edit ", quote(shown(path)), " of ", quote(file_name), ": ", why),
                    "edit the file by hand");
}

toml::Value* find(toml::Value& root, const KeyPath& path) {
  auto* value = &root;
  for (const auto& key : path) {
    auto* members = std::get_if<toml::Table>(&value->data);
    if (members == nullptr) return nullptr;
    const auto found = std::ranges::find(*members, key, &toml::TableEntry::first);
    if (found == members->end()) return nullptr;
    value = &found->second;
  }
  return value;
}

const ScannedEntry* entry_at(const ScannedToml& scan, const KeyPath& path) {
  const auto found = std::ranges::find(scan.entries, path, &ScannedEntry::path);
  return found == scan.entries.end() ? nullptr : &*found;
}

// The text says what `wanted` does, and nothing else.
Result<std::string> checked(std::string edited, const toml::Value& wanted, const KeyPath& path,
                            const std::string& file_name) {
  const auto parsed = toml::parse(edited, file_name);
  if (!parsed || !same_content(*parsed, wanted)) return cannot_edit(path, file_name, "its form is not known");
  return edited;
}

std::string quoted(std::string_view text, std::size_t begin, std::string_view value) {
  ScannedArray like;
  like.items.push_back({begin, begin + 1, ScannedItem::kNoComma});
  return quoted_like(text, like, value);
}

// The array is made behind what its table has.
Result<std::string> with_new_list(std::string_view text, const ScannedToml& scan, toml::Value wanted,
                                  const KeyPath& path, std::string_view value, const std::string& file_name) {
  const KeyPath table(path.begin(), path.end() - 1);
  const auto is_table = [&](const ScannedHeader& one) { return one.path == table && !one.is_array; };
  const auto header = std::ranges::find_if(scan.headers, is_table);
  auto* members = find(wanted, table);
  if (members == nullptr || members->as_table() == nullptr)
    return make_error(ErrorKind::not_found, cat(quote(file_name), " has no [", shown(table), ']'));
  if (header == scan.headers.end())
    return cannot_edit(path, file_name, "its table is written inline or with dotted keys");
  toml::Array items;
  items.push_back(toml::Value{std::string(value)});
  std::get<toml::Table>(members->data).emplace_back(path.back(), toml::Value{std::move(items)});
  const auto line = cat(toml::quote_key(path.back()), " = ", new_array(text, toml::quote_string(value)));
  const auto index = static_cast<std::size_t>(header - scan.headers.begin());
  return checked(with_table_entry(text, scan, index, line), wanted, path, file_name);
}

}  // namespace

Result<std::string> with_string_value(std::string_view text, const KeyPath& path, std::string_view value,
                                      const std::string& file_name) {
  PKG_TRY_ASSIGN(auto wanted, toml::parse(text, file_name));
  auto* present = find(wanted, path);
  if (present == nullptr)
    return make_error(ErrorKind::not_found, cat(quote(file_name), " has no ", quote(shown(path))));
  if (present->as_string() == nullptr)
    return cannot_edit(path, file_name, cat("it is ", present->type_name(), ", expected a string"));
  present->data = std::string(value);
  const auto scan = scan_toml(text);
  const auto* entry = entry_at(scan, path);
  if (entry == nullptr) return cannot_edit(path, file_name, "it stands in an inline table");
  return checked(
      cat(text.substr(0, entry->value_begin), quoted(text, entry->value_begin, value), text.substr(entry->value_end)),
      wanted, path, file_name);
}

Result<std::string> with_string_item(std::string_view text, const KeyPath& path, std::string_view value,
                                     const std::string& file_name) {
  PKG_TRY_ASSIGN(auto wanted, toml::parse(text, file_name));
  const auto scan = scan_toml(text);
  auto* present = find(wanted, path);
  if (present == nullptr) return with_new_list(text, scan, std::move(wanted), path, value, file_name);
  if (present->as_array() == nullptr)
    return cannot_edit(path, file_name, cat("it is ", present->type_name(), ", expected an array"));
  const auto count = present->as_array()->size();
  std::get<toml::Array>(present->data).push_back(toml::Value{std::string(value)});
  const auto* entry = entry_at(scan, path);
  if (entry == nullptr) return cannot_edit(path, file_name, "it stands in an inline table");
  const auto array = scan_array(text, entry->value_begin);
  if (array.items.size() != count) return cannot_edit(path, file_name, "its form is not known");
  return checked(insert_array_item(text, array, count, quoted_like(text, array, value)), wanted, path, file_name);
}

}  // namespace pkg::pep
