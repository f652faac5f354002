#pragma once
// Items put into and taken out of an array of a TOML text, in the layout that is there. Erasing what was inserted gives
// the bytes from before, unless the insertion had to break a long line.

#include <cstddef>
#include <string>
#include <string_view>

#include "pep/toml_scan.h"

namespace pkg::pep {

// `item` is TOML already. Index counts the array's items; insertion: before that item, or at the end. One item a line
// stays one item a line; an empty array becomes one of these; items on one line stay on it until it would be longer
// than 100 bytes.
std::string insert_array_item(std::string_view text, const ScannedArray& array, std::size_t index,
                              std::string_view item);
std::string replace_array_item(std::string_view text, const ScannedArray& array, std::size_t index,
                               std::string_view item);
// A comment behind the item on its line goes with it; comments on lines of their own stay.
std::string erase_array_item(std::string_view text, const ScannedArray& array, std::size_t index);

// A string in the quotes that the array's strings have, as far as its content allows.
std::string quoted_like(std::string_view text, const ScannedArray& array, std::string_view content);

std::string_view newline_of(std::string_view text);  // the first line's end: "\n" or "\r\n"
// An array of one item, on lines of its own; indented as the text's other arrays are.
std::string new_array(std::string_view text, std::string_view item);

}  // namespace pkg::pep
