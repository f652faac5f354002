#pragma once
// Normalised project and extra names (PEP 503, PEP 685; name-normalization spec).

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::pep {

// True for the grammar of project names: letters, digits, and ".-_" inside.
bool is_valid_name(std::string_view text);
// Lower-case, runs of "-_." to one "-"; does not check the grammar.
std::string normalize_name(std::string_view text);

// A project's or extra's name in normal form. Compared by that form.
class Name {
 public:
  Name() = default;
  static Result<Name> parse(std::string_view text);                                // bad_data on an invalid name
  static Name from_normalized(std::string text) { return Name(std::move(text)); }  // precondition: already normal
  const std::string& str() const { return text_; }
  std::string with_underscores() const;  // as file names spell it: "-" to "_"
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

inline std::string to_string(const Name& name) { return name.str(); }

}  // namespace pkg::pep

template <>
struct std::hash<pkg::pep::Name> {
  std::size_t operator()(const pkg::pep::Name& name) const noexcept { return std::hash<std::string>{}(name.str()); }
};
