#include "base/dotenv.h"

#include <algorithm>

#include "base/text.h"

namespace pkg {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_name_char(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_'; }

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const Getenv& environment,
         std::map<std::string, std::string>& variables)
      : text_(text), file_(file), environment_(environment), variables_(variables) {
    for (const auto& [name, value] : variables) bytes_ += name.size() + value.size();
  }

  Status run() {
    if (text_.find('\0') != std::string_view::npos) return wrong("there is a zero byte: this is no text");
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    while (at_ < text_.size()) PKG_TRY(read_line());
    return ok_status();
  }

 private:
  bool at_end() const { return at_ == text_.size() || text_[at_] == '\n'; }
  char next() const { return text_[at_]; }
  void skip_blanks() {
    while (at_ < text_.size() && (next() == ' ' || next() == '\t' || next() == '\r')) ++at_;
  }
  void end_line() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ == text_.size()) return;
    ++at_;
    ++line_;
  }

  Status read_line() {
    skip_blanks();
    if (!at_end() && next() != '#') PKG_TRY(read_variable());
    end_line();
    return ok_status();
  }

  std::string_view read_name() {
    const auto begin = at_;
    while (at_ < text_.size() && is_name_char(next())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Status read_variable() {
    auto name = read_name();
    if (name == "export" && !at_end() && (next() == ' ' || next() == '\t')) {
      skip_blanks();
      name = read_name();
    }
    skip_blanks();
    if (name.empty() || is_ascii_digit(name.front()) || at_end() || next() != '=')
      return wrong("expected NAME=value, with a name of letters, digits and `_`");
    ++at_;
    skip_blanks();
    const auto begins = line_;
    value_.clear();
    if (!at_end() && next() == '\'') {
      PKG_TRY(read_single_quoted(name));
    } else if (!at_end() && next() == '"') {
      PKG_TRY(read_double_quoted(name));
    } else {
      PKG_TRY(read_bare(name));
    }
    return keep(std::string(name), begins);
  }

  Status read_single_quoted(std::string_view name) {
    const auto end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return wrong(cat("the quote that ", quote(name), " begins with is not closed"));
    value_ = text_.substr(at_ + 1, end - at_ - 1);
    line_ += static_cast<int>(std::ranges::count(value_, '\n'));
    at_ = end + 1;
    return nothing_behind(name);
  }

  Status read_double_quoted(std::string_view name) {
    const auto begins = line_;
    for (++at_; at_ < text_.size();) {
      const char c = next();
      if (c == '"') {
        ++at_;
        return nothing_behind(name);
      }
      if (c == '\n') ++line_;
      if (c == '\\' && at_ + 1 < text_.size()) {
        take_escaped(text_[at_ + 1]);
        at_ += 2;
      } else {
        PKG_TRY(take(name));
      }
    }
    line_ = begins;
    return wrong(cat("the quote that ", quote(name), " begins with is not closed"));
  }

  void take_escaped(char c) {
    constexpr std::string_view kSigns = "nrt\\\"$", kMeant = "\n\r\t\\\"$";
    const auto known = kSigns.find(c);
    if (c == '\n')
      ++line_;
    else if (known != std::string_view::npos)
      value_ += kMeant[known];
    else
      append(value_, "\\", std::string(1, c));
  }

  // To the end of the line, or to a comment.
  Status read_bare(std::string_view name) {
    std::size_t kept = 0;  // what is not white space at the end
    while (!at_end()) {
      const char c = next();
      if (c == '#' && (value_.empty() || is_ascii_space(text_[at_ - 1]))) break;
      if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '$') {
        value_ += '$';
        at_ += 2;
      } else {
        PKG_TRY(take(name));
      }
      if (!is_ascii_space(c)) kept = value_.size();
    }
    value_.resize(kept);
    return ok_status();
  }

  // One byte, or the value of a variable.
  Status take(std::string_view name) {
    if (text_.substr(at_).starts_with("${")) {
      PKG_TRY(take_variable(name));
    } else {
      value_ += next();
      ++at_;
    }
    return value_.size() > kLongestVariable ? too_long(name) : ok_status();
  }

  Status take_variable(std::string_view name) {
    at_ += 2;
    const std::string wanted(read_name());
    std::string_view otherwise;
    const auto end = std::min(text_.find_first_of("}\n", at_), text_.size());
    const bool has_otherwise = text_.substr(at_).starts_with(":-");
    if (has_otherwise) otherwise = text_.substr(at_ + 2, end - std::min(end, at_ + 2));
    const bool is_closed = end < text_.size() && text_[end] == '}' && (has_otherwise || end == at_);
    if (wanted.empty() || is_ascii_digit(wanted.front()) || !is_closed)
      return wrong(cat("in the value of ", quote(name), ": expected ${NAME} or ${NAME:-text}"))
          .with("`\\$` is a dollar sign");
    at_ = end + 1;
    const char* known = environment_(wanted.c_str());
    const auto before = variables_.find(wanted);
    const std::string_view value = known != nullptr             ? std::string_view(known)
                                   : before != variables_.end() ? std::string_view(before->second)
                                                                : std::string_view();
    value_ += value.empty() ? otherwise : value;
    return ok_status();
  }

  Status nothing_behind(std::string_view name) {
    skip_blanks();
    if (at_end() || next() == '#') return ok_status();
    return wrong(cat("there is something behind the closing quote of ", quote(name)));
  }

  Status keep(std::string name, int line) {
    if (name.size() + 1 + value_.size() >= kLongestVariable) return too_long(name);
    auto& kept = variables_[name];
    bytes_ += name.size() + value_.size();
    bytes_ -= std::min(bytes_, kept.size());
    if (bytes_ > kMostVariableBytes)
      return make_error(ErrorKind::bad_data, cat(file_, ":", line, ": the variables are more than ",
                                                 kMostVariableBytes >> 10, " KiB together"));
    kept = std::move(value_);
    value_.clear();
    return ok_status();
  }

  Error too_long(std::string_view name) const {
    return wrong(cat("the value of ", quote(name), " is longer than ", kLongestVariable >> 10, " KiB"));
  }

  Error wrong(std::string message) const {
    return make_error(ErrorKind::bad_data, cat(file_, ":", line_, ": ", std::move(message)));
  }

  std::string_view text_;
  const std::string& file_;
  const Getenv& environment_;
  std::map<std::string, std::string>& variables_;
  std::size_t at_ = 0, bytes_ = 0;
  int line_ = 1;
  std::string value_;
};

}  // namespace

Status add_dotenv(std::string_view text, const std::string& file, const Getenv& environment,
                  std::map<std::string, std::string>& variables) {
  return Reader(text, file, environment, variables).run();
}

}  // namespace pkg
