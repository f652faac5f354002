#include "base/shell_words.h"

#include "base/text.h"

namespace pkg {
namespace {

constexpr std::string_view kNeedsShell = "pkg starts no shell: give it one, `sh -c '…'`";

bool begins_name(char c) { return is_ascii_alpha(c) || c == '_'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> run() {
    while (at_ < text_.size()) PKG_TRY(step());
    end_word();
    return std::move(words_);
  }

 private:
  Status step() {
    const char c = text_[at_];
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
        ++at_;
        end_word();
        return ok_status();
      case '\n':
        return line_end();
      case '\'':
        return single_quoted();
      case '"':
        return double_quoted();
      case '\\':
        return escaped();
      case '|':
      case '&':
      case ';':
      case '<':
      case '>':
      case '(':
      case ')':
        return make_error(ErrorKind::bad_data, cat("`", std::string(1, c), "` is for a shell"),
                          cat(kNeedsShell, "; or quote it where it is meant as it is"));
      default:
        PKG_TRY(refuse_expansion());
        add(c);
        ++at_;
        return ok_status();
    }
  }

  // Lines in front of the first word and behind the last one are layout.
  Status line_end() {
    end_word();
    while (at_ < text_.size() && is_ascii_space(text_[at_])) ++at_;
    if (words_.empty() || at_ == text_.size()) return ok_status();
    return make_error(ErrorKind::bad_data, "a command ends with its line, and this one has a second line",
                      "end the first line with a backslash to go on with the command");
  }

  Status single_quoted() {
    const auto end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return unclosed('\'');
    begin_word();
    word_.append(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return ok_status();
  }

  Status double_quoted() {
    begin_word();
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return ok_status();
      }
      PKG_TRY(refuse_expansion());
      const bool escapes = c == '\\' && at_ + 1 < text_.size() &&
                           std::string_view("$`\"\\\n").find(text_[at_ + 1]) != std::string_view::npos;
      if (!escapes) {
        add(c);
        continue;
      }
      if (text_[++at_] != '\n') add(text_[at_]);
    }
    return unclosed('"');
  }

  Status escaped() {
    if (at_ + 1 == text_.size()) return make_error(ErrorKind::bad_data, "there is nothing behind the last backslash");
    const char c = text_[at_ + 1];
    at_ += 2;
    if (c != '\n') add(c);
    return ok_status();
  }

  // What a shell would put something else in the place of.
  Status refuse_expansion() const {
    const char c = text_[at_];
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    const bool expands = c == '`' || (c == '$' && (begins_name(next) || next == '{' || next == '('));
    if (!expands) return ok_status();
    return make_error(ErrorKind::bad_data, cat("`", std::string(1, c), "` is for a shell"),
                      cat(kNeedsShell, "; or keep it as it is with single quotes"));
  }

  static Error unclosed(char quote_sign) {
    return make_error(ErrorKind::bad_data, cat("a quote is not closed: ", std::string(1, quote_sign)));
  }

  void begin_word() { in_word_ = true; }
  void add(char c) {
    in_word_ = true;
    word_ += c;
  }
  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false;  // "" is a word
  std::vector<std::string> words_;
};

}  // namespace

Result<std::vector<std::string>> shell_words(std::string_view text) { return Splitter(text).run(); }

}  // namespace pkg
