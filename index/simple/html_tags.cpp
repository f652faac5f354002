#include "index/simple/html_tags.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "base/text.h"
#include "base/utf8.h"

namespace pkg::index {
namespace {

bool is_html_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

bool is_raw_text(std::string_view name) {
  constexpr std::array<std::string_view, 9> kRaw = {"script", "style",   "textarea", "title",    "xmp",
                                                    "iframe", "noembed", "noframes", "plaintext"};
  return std::ranges::find(kRaw, name) != kRaw.end();
}

bool is_scalar_value(std::uint32_t code) { return code != 0 && code <= 0x10FFFF && (code < 0xD800 || code >= 0xE000); }

// After "&#": the number's value, and how much of `text` it is. Nothing when there are no digits.
std::optional<std::pair<std::uint32_t, std::size_t>> numeric_reference(std::string_view text) {
  const bool is_hex = !text.empty() && (text[0] == 'x' || text[0] == 'X');
  const int base = is_hex ? 16 : 10;
  std::size_t at = is_hex ? 1 : 0;
  const std::size_t first = at;
  std::uint32_t code = 0;
  for (; at < text.size(); ++at) {
    const int digit = hex::value(text[at]);
    if (digit < 0 || digit >= base) break;
    code =
        std::min<std::uint32_t>(code * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit), 0x110000);
  }
  if (at == first) return std::nullopt;
  if (at < text.size() && text[at] == ';') ++at;
  return std::pair(code, at);
}

struct NamedReference {
  std::string_view name, text;
  bool bare;  // counts without a semicolon too
};
// All names of what URLs and the attributes of pages are made of: ASCII, and the space that does not break.
constexpr std::array<NamedReference, 54> kNamed = {{{"amp", "&", true},
                                                    {"lt", "<", true},
                                                    {"gt", ">", true},
                                                    {"quot", "\"", true},
                                                    {"AMP", "&", true},
                                                    {"LT", "<", true},
                                                    {"GT", ">", true},
                                                    {"QUOT", "\"", true},
                                                    {"nbsp", "\xC2\xA0", true},
                                                    {"apos", "'", false},
                                                    {"num", "#", false},
                                                    {"equals", "=", false},
                                                    {"period", ".", false},
                                                    {"comma", ",", false},
                                                    {"sol", "/", false},
                                                    {"colon", ":", false},
                                                    {"semi", ";", false},
                                                    {"lowbar", "_", false},
                                                    {"UnderBar", "_", false},
                                                    {"plus", "+", false},
                                                    {"percnt", "%", false},
                                                    {"quest", "?", false},
                                                    {"excl", "!", false},
                                                    {"commat", "@", false},
                                                    {"ast", "*", false},
                                                    {"midast", "*", false},
                                                    {"lpar", "(", false},
                                                    {"rpar", ")", false},
                                                    {"lsqb", "[", false},
                                                    {"lbrack", "[", false},
                                                    {"rsqb", "]", false},
                                                    {"rbrack", "]", false},
                                                    {"lcub", "{", false},
                                                    {"lbrace", "{", false},
                                                    {"rcub", "}", false},
                                                    {"rbrace", "}", false},
                                                    {"bsol", "\\", false},
                                                    {"dollar", "$", false},
                                                    {"Hat", "^", false},
                                                    {"grave", "`", false},
                                                    {"DiacriticalGrave", "`", false},
                                                    {"verbar", "|", false},
                                                    {"vert", "|", false},
                                                    {"VerticalLine", "|", false},
                                                    {"Tab", "\t", false},
                                                    {"NewLine", "\n", false},
                                                    {"NonBreakingSpace", "\xC2\xA0", false},
                                                    {"shy", "\xC2\xAD", true},
                                                    {"copy", "\xC2\xA9", true},
                                                    {"reg", "\xC2\xAE", true},
                                                    {"hyphen", "\xE2\x80\x90", false},
                                                    {"dash", "\xE2\x80\x90", false},
                                                    {"ndash", "\xE2\x80\x93", false},
                                                    {"mdash", "\xE2\x80\x94", false}}};

// `rest` begins after '&'. How much of it was a reference; 0: none.
std::size_t decode_reference(std::string_view rest, std::string& out) {
  if (rest.starts_with('#')) {
    const auto number = numeric_reference(rest.substr(1));
    if (!number) return 0;
    append_utf8(out, is_scalar_value(number->first) ? number->first : 0xFFFD);
    return number->second + 1;
  }
  for (const auto& [name, text, bare] : kNamed) {
    if (!rest.starts_with(name)) continue;
    const char next = rest.size() > name.size() ? rest[name.size()] : '\0';
    if (next != ';' && (!bare || next == '=' || is_ascii_alnum(next))) continue;
    out.append(text);
    return name.size() + (next == ';' ? 1 : 0);
  }
  return 0;
}

}  // namespace

std::string decode_references(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    const auto ampersand = text.find('&');
    out.append(text.substr(0, ampersand));
    if (ampersand == std::string_view::npos) return out;
    text.remove_prefix(ampersand + 1);
    const auto used = decode_reference(text, out);
    if (used == 0) out.push_back('&');
    text.remove_prefix(used);
  }
}

const HtmlTags::Attribute* HtmlTags::Tag::find(std::string_view wanted) const {
  const auto found = std::ranges::find(attributes, wanted, &Attribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

const HtmlTags::Tag* HtmlTags::next() {
  while (true) {
    at_ = text_.find('<', at_);
    if (at_ == std::string_view::npos || at_ + 1 >= text_.size()) {
      at_ = text_.size();
      return nullptr;
    }
    const char c = text_[at_ + 1];
    if (c == '!') {
      skip_markup_declaration();
    } else if (c == '?') {
      skip_to(">");
    } else if (c == '/') {
      skip_end_tag();
    } else if (!is_ascii_alpha(c)) {
      ++at_;
    } else if (read_start_tag()) {
      return &tag_;
    }
  }
}

void HtmlTags::skip_to(std::string_view marker) {
  const auto end = text_.find(marker, at_);
  at_ = end == std::string_view::npos ? text_.size() : end + marker.size();
}

void HtmlTags::skip_markup_declaration() {
  if (text_.substr(at_, 4) != "<!--") return skip_to(">");
  at_ += 4;
  for (const std::string_view empty : {std::string_view(">"), std::string_view("->")}) {
    if (text_.substr(at_).starts_with(empty)) {
      at_ += empty.size();
      return;
    }
  }
  while (true) {
    at_ = text_.find("--", at_);
    if (at_ == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const auto end = text_.substr(at_ + 2, 2);
    if (end.starts_with('>') || end == "!>") {
      at_ += end[0] == '>' ? 3 : 4;
      return;
    }
    ++at_;
  }
}

void HtmlTags::skip_end_tag() {
  if (at_ + 2 < text_.size() && is_ascii_alpha(text_[at_ + 2])) {
    at_ += 2;
    (void)read_start_tag();  // attributes of an end tag are read, so that a '>' in quotes does not end it
    return;
  }
  skip_to(">");
}

void HtmlTags::skip_space() {
  while (at_ < text_.size() && is_html_space(text_[at_])) ++at_;
}

bool HtmlTags::read_start_tag() {
  const bool is_end_tag = text_[at_] != '<';
  const std::size_t name_at = is_end_tag ? at_ : at_ + 1;
  at_ = name_at;
  while (at_ < text_.size() && !is_html_space(text_[at_]) && text_[at_] != '/' && text_[at_] != '>') ++at_;
  const auto name = text_.substr(name_at, at_ - name_at);
  tag_.name = to_ascii_lower(name);
  const bool keep = !is_end_tag && (tag_.name == "a" || tag_.name == "base" || tag_.name == "meta");
  tag_.attributes.clear();
  while (read_attribute(keep)) {
  }
  if (at_ >= text_.size()) return false;  // an unfinished tag is no tag
  ++at_;
  if (!is_end_tag && is_raw_text(tag_.name)) skip_raw_text(tag_.name);
  return keep;
}

// Stands at '>' or at the end when there is no further attribute.
bool HtmlTags::read_attribute(bool keep) {
  while (at_ < text_.size() && (is_html_space(text_[at_]) || text_[at_] == '/')) ++at_;
  if (at_ >= text_.size() || text_[at_] == '>') return false;
  const std::size_t name_at = at_++;  // a leading '=' belongs to the name
  while (at_ < text_.size() && !is_html_space(text_[at_]) && text_[at_] != '/' && text_[at_] != '>' &&
         text_[at_] != '=')
    ++at_;
  const auto name = text_.substr(name_at, at_ - name_at);
  skip_space();
  std::string_view value;
  const bool has_value = at_ < text_.size() && text_[at_] == '=';
  if (has_value) {
    ++at_;
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      const auto end = text_.find(text_[at_], at_ + 1);
      value = text_.substr(at_ + 1, end == std::string_view::npos ? 0 : end - at_ - 1);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
    } else {
      const std::size_t value_at = at_;
      while (at_ < text_.size() && !is_html_space(text_[at_]) && text_[at_] != '>') ++at_;
      value = text_.substr(value_at, at_ - value_at);
    }
  }
  if (keep && tag_.attributes.size() < 64)
    tag_.attributes.push_back({to_ascii_lower(name), decode_references(value), has_value});
  return true;
}

void HtmlTags::skip_raw_text(std::string_view name) {
  if (name == "plaintext") {
    at_ = text_.size();
    return;
  }
  while (true) {
    at_ = text_.find("</", at_);
    if (at_ == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const auto end = at_ + 2 + name.size();
    const bool ends = end < text_.size() && (is_html_space(text_[end]) || text_[end] == '/' || text_[end] == '>');
    if (ends && equals_ignoring_case(text_.substr(at_ + 2, name.size()), name)) return;
    at_ += 2;
  }
}

}  // namespace pkg::index
