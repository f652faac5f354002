#pragma once
// TOML 1.0 through toml++: a plain tree that keeps positions. Dates and times are kept as their text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pkg::toml {

struct Value;
struct TableEntry;
using Array = std::vector<Value>;
using Table = std::vector<TableEntry>;  // in source order

struct DateTime {
  std::string text;  // RFC 3339, as written
  bool operator==(const DateTime&) const = default;
};

struct Value {
  std::variant<std::string, std::int64_t, double, bool, DateTime, Array, Table> data;
  int line = 0, column = 0;  // 1-based

  const std::string* as_string() const { return std::get_if<std::string>(&data); }
  const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&data); }
  const bool* as_bool() const { return std::get_if<bool>(&data); }
  const Array* as_array() const { return std::get_if<Array>(&data); }
  const Table* as_table() const { return std::get_if<Table>(&data); }
  // The member of a table; nullptr when this is no table or has no such key.
  const Value* get(std::string_view key) const;
  std::string_view type_name() const;  // "a string", "an array" …
};

// Not a std::pair: clang 14 cannot take one of a type that is not complete yet.
struct TableEntry {
  TableEntry(std::string key, Value value) : first(std::move(key)), second(std::move(value)) {}
  std::string first;
  Value second;
};

// The root is always a table. bad_data with file:line:column and a caret. Nesting deeper than 64 is refused.
Result<Value> parse(std::string_view text, std::string_view file_name);

// A basic string literal with quotes, as TOML wants it escaped.
std::string quote_string(std::string_view text);
// A key, bare when it may be.
std::string quote_key(std::string_view text);

}  // namespace pkg::toml
