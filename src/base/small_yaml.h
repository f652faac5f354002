#pragma once
// A small part of YAML, as people write it in settings files: block mappings and lists, plain and quoted scalars, flow
// lists of scalars, comments. Whatever else YAML has (anchors, tags, block scalars, flow mappings, several documents)
// is refused rather than guessed at.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pkg::yaml {

struct Value;
struct Entry;
using List = std::vector<Value>;
using Mapping = std::vector<Entry>;  // in source order, keys differ

inline constexpr std::size_t kDeepest = 16;

// A scalar is its text: what is a number or a truth is the reader's business. An absent value ("key:") is empty text.
struct Value {
  std::variant<std::string, List, Mapping> data;
  int line = 0;  // 1-based

  const std::string* as_text() const { return std::get_if<std::string>(&data); }
  const List* as_list() const { return std::get_if<List>(&data); }
  const Mapping* as_mapping() const { return std::get_if<Mapping>(&data); }
  // The member of a mapping; nullptr when this is no mapping or has no such key.
  const Value* get(std::string_view key) const;
};
struct Entry {
  std::string key;
  Value value;
};

// The root is a mapping; an empty text is an empty one. bad_data with file:line: no YAML, a key twice, nesting deeper
// than kDeepest · unsupported with file:line: YAML beyond this part.
Result<Value> parse(std::string_view text, std::string_view file_name);

}  // namespace pkg::yaml
