#include "pep/name.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pkg::pep {

namespace {

// What a byte of a name is in its normal form: lower case, '-' for each separator, 0 for what no name has.
constexpr std::array<char, 256> kNormal = [] {
  std::array<char, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c);
  for (int c = 'a'; c <= 'z'; ++c) {
    table[static_cast<std::size_t>(c)] = static_cast<char>(c);
    table[static_cast<std::size_t>(c - 'a' + 'A')] = static_cast<char>(c);
  }
  table['-'] = table['_'] = table['.'] = '-';
  return table;
}();

char normal(char c) { return kNormal[static_cast<unsigned char>(c)]; }
bool is_end(char c) { return normal(c) != 0 && normal(c) != '-'; }

}  // namespace

bool is_valid_name(std::string_view text) {
  if (text.empty() || !is_end(text.front()) || !is_end(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return normal(c) != 0; });
}

std::string normalize_name(std::string_view text) {
  std::string out(text);
  std::size_t size = 0;
  bool in_run = false;
  for (const char c : text) {
    const char lower = normal(c) != 0 ? normal(c) : c;
    const bool separator = normal(c) == '-';
    if (!separator || !in_run) out[size++] = lower;
    in_run = separator;
  }
  out.resize(size);
  return out;
}

Result<Name> Name::parse(std::string_view text) {
  if (!is_valid_name(text)) {
    return make_error(
        ErrorKind::bad_data,
        cat(quote(text),
            " is not a valid name: expected letters, digits and `.-_`, with a letter or digit at both ends"));
  }
  return Name(normalize_name(text));
}

std::string Name::with_underscores() const { return replace_all(text_, "-", "_"); }

}  // namespace pkg::pep
