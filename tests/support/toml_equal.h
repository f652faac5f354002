#pragma once
// TOML trees compared, with the lines of strings, numbers and the like.

#include <algorithm>

#include "base/toml.h"

namespace pkg::test {

inline bool toml_equal(const toml::Value& a, const toml::Value& b) {
  if (a.data.index() != b.data.index()) return false;
  if (const auto* array = a.as_array())
    return std::equal(array->begin(), array->end(), b.as_array()->begin(), b.as_array()->end(), toml_equal);
  if (const auto* table = a.as_table()) {
    return std::equal(table->begin(), table->end(), b.as_table()->begin(), b.as_table()->end(),
                      [](const auto& left, const auto& right) {
                        return left.first == right.first && toml_equal(left.second, right.second);
                      });
  }
  if (const auto* time = std::get_if<toml::DateTime>(&a.data))
    return a.line == b.line && *time == std::get<toml::DateTime>(b.data);
  if (const auto* text = a.as_string()) return a.line == b.line && *text == *b.as_string();
  if (const auto* number = a.as_integer()) return a.line == b.line && *number == *b.as_integer();
  if (const auto* truth = a.as_bool()) return a.line == b.line && *truth == *b.as_bool();
  return false;  // floats are not read quickly
}

}  // namespace pkg::test
