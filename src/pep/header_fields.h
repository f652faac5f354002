#pragma once
// "Key: value" files (METADATA, WHEEL) read as CPython's email parser reads them: fields with folding, then a body. No
// copies.

#include <cstddef>
#include <optional>
#include <string_view>

namespace pkg::pep {

struct HeaderField {
  std::string_view key;    // as written
  std::string_view value;  // continuation lines included, with their line ends; no line end after the last
};

// Lines end at \n, \r\n or \r. A line that is neither a field nor a continuation, or an empty one, ends the fields. All
// views are into `text`.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}
  // The next field; nullopt at the end of the fields: then body() is known, and next() is not to be called again.
  std::optional<HeaderField> next();
  std::string_view body() const { return text_.substr(at_); }

 private:
  std::string_view peek_line() const;  // with its line end; empty at the end of the text
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace pkg::pep
