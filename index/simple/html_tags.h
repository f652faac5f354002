#pragma once
// Start tags of an HTML text, one after the other (the tokenizer of the HTML standard, as far as finding tags needs
// it).

#include <string>
#include <string_view>
#include <vector>

namespace pkg::index {

class HtmlTags {
 public:
  struct Attribute {
    std::string name;   // lower-case
    std::string value;  // character references decoded
    bool has_value = false;
  };
  struct Tag {
    std::string name;  // lower-case
    std::vector<Attribute> attributes;
    const Attribute* find(std::string_view name) const;  // the first of that name, as the standard has it
  };

  explicit HtmlTags(std::string_view text) : text_(text) {}
  // The next start tag whose name is one of "a", "base" and "meta"; nullptr at the end. Valid until the next call.
  const Tag* next();

 private:
  void skip_markup_declaration();
  void skip_end_tag();
  void skip_to(std::string_view marker);
  bool read_start_tag();  // false: not one of ours (it was skipped), or unfinished
  bool read_attribute(bool keep);
  void skip_raw_text(std::string_view name);
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
  Tag tag_;
};

// "&amp;", "&#62;", "&#x3e;" and the few other references that such pages hold; others stay as they are.
std::string decode_references(std::string_view text);

}  // namespace pkg::index
