#pragma once
// Steps over a TOML text: what the readers share that look at the text itself (the checks before toml::parse, the
// scanner for edits, the quick reader of lock files).

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace pkg::toml {

inline bool is_bare_key_character(char c) { return is_ascii_alnum(c) || c == '_' || c == '-'; }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Never past the end, where peek() is NUL.
class Cursor {
 public:
  explicit Cursor(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  bool ended() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void step(std::size_t bytes = 1) { at_ = std::min(at_ + bytes, text_.size()); }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }

  // Precondition: peek() is a quote. Over a string of any of the four kinds; one that is not closed ends with its line,
  // or with the text.
  void skip_string() {
    const char quote = peek();
    if (peek(1) == quote && peek(2) == quote) return skip_long_string(quote);
    for (++at_; !ended() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == quote) return step();
      if (text_[at_] == '\\' && quote == '"') ++at_;
    }
    at_ = std::min(at_, text_.size());
  }

 private:
  void skip_long_string(char quote) {
    for (step(3); !ended(); step(text_[at_] == '\\' && quote == '"' ? 2 : 1)) {
      if (text_[at_] != quote || peek(1) != quote || peek(2) != quote) continue;
      step(3);
      for (int extra = 0; extra < 2 && peek() == quote; ++extra) step();  // """" ends with a quote of its own
      return;
    }
  }

 protected:
  std::string_view text_;
  std::size_t at_;
};

}  // namespace pkg::toml
