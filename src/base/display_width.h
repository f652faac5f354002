#pragma once
// How many columns a text takes on a terminal. A bound, not a measure: terminals differ in what they draw wide, and a
// line that is a column too short does no harm where one that is too long wraps.

#include <cstddef>
#include <string>
#include <string_view>

namespace pkg {

// The most columns that `text`, printable UTF-8, takes: two for what East Asian terminals draw wide, and for emoji;
// none for marks that combine with the character before. Bytes that are no UTF-8 count as one each.
std::size_t most_columns(std::string_view text);

// `text` where it takes no more than `columns`, else its beginning and "…" that together do not; whole characters only.
std::string cut_to_columns(std::string_view text, std::size_t columns);

}  // namespace pkg
