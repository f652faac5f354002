// Lines first: each has an indentation and a content without its comment. Then blocks, by indentation: "- " opens a
// list whose item may begin a block on the same line, "key:" a mapping.
#include "base/small_yaml.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace pkg::yaml {
namespace {

struct Line {
  std::size_t indent = 0;  // of the content; what stands behind "- " is indented by that much more
  std::string_view content;
  int number = 0;
};

// Where a quoted scalar that begins `text` ends, the closing quote included; npos: it is open.
std::size_t end_of_quoted(std::string_view text) {
  const char mark = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (mark == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == mark) {
      if (mark == '\'' && i + 1 < text.size() && text[i + 1] == '\'')
        ++i;
      else
        return i + 1;
    }
  }
  return std::string_view::npos;
}

bool is_quote(char c) { return c == '"' || c == '\''; }

// "# …" at the beginning or behind white space, outside of quotes. A quote counts where a scalar may begin.
std::string_view without_comment(std::string_view text) {
  bool begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || is_ascii_space(text[i - 1]))) return trim(text.substr(0, i));
    if (begins && is_quote(text[i])) {
      const auto length = end_of_quoted(text.substr(i));
      if (length == std::string_view::npos) return trim(text);
      i += length - 1;
      begins = false;
      continue;
    }
    if (!is_ascii_space(text[i])) begins = text[i] == '[' || text[i] == ',' || text[i] == '-' || text[i] == ':';
  }
  return trim(text);
}

// The end of the key that begins `content`, at its ':'; nullopt: this is no "key: value".
std::optional<std::size_t> colon_of(std::string_view content) {
  std::size_t from = 0;
  if (!content.empty() && is_quote(content.front())) {
    from = end_of_quoted(content);
    if (from == std::string_view::npos) return std::nullopt;
    while (from < content.size() && content[from] == ' ') ++from;
    return from < content.size() && content[from] == ':' ? std::optional(from) : std::nullopt;
  }
  for (auto at = content.find(':', from); at != std::string_view::npos; at = content.find(':', at + 1))
    if (at + 1 == content.size() || content[at + 1] == ' ') return at;
  return std::nullopt;
}

bool is_item(std::string_view content) { return content == "-" || content.starts_with("- "); }

class Parser {
 public:
  explicit Parser(std::string_view file_name) : file_(file_name) {}

  Status read_lines(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    int number = 0;
    bool is_ended = false;
    for (const auto raw : split_lines(text)) {
      ++number;
      const auto indent = std::min(raw.find_first_not_of(' '), raw.size());
      const auto content = without_comment(raw.substr(indent));
      if (content.empty()) continue;
      if (is_ended || (content == "---" && !lines_.empty())) return refuse(number, "a second document");
      if (indent < raw.size() && raw[indent] == '\t') return wrong(number, "a tab begins the line, expected spaces");
      if (!is_valid_utf8(content)) return wrong(number, "the line is no UTF-8");
      is_ended = content == "...";
      if (content == "---" || is_ended) continue;
      if (content.front() == '%') return refuse(number, "a directive");
      lines_.push_back({indent, content, number});
    }
    return ok_status();
  }

  Result<Value> root() {
    Value value;
    value.line = 1;
    value.data = Mapping();
    if (lines_.empty()) return value;
    PKG_TRY_ASSIGN(value, block(lines_.front().indent, 0));
    if (at_ < lines_.size()) return wrong(lines_[at_].number, "the line is indented less than the first one");
    if (value.as_mapping() == nullptr) return wrong(value.line, "expected `key: value` at the top");
    return value;
  }

 private:
  Error wrong(int line, std::string_view what) const {
    return make_error(ErrorKind::bad_data, cat(file_, ":", line, ": ", what));
  }
  Error refuse(int line, std::string_view what) const {
    return make_error(ErrorKind::unsupported, cat(file_, ":", line, ": ", what, " is YAML that pkg does not read"),
                      "pkg reads mappings, lists and scalars, as conda writes them");
  }

  // The lines from at_ on that are indented by `indent`: a list, a mapping, or one scalar.
  Result<Value> block(std::size_t indent, std::size_t depth) {
    const auto line = lines_[at_];
    if (depth > kDeepest) return wrong(line.number, cat("blocks are nested deeper than ", kDeepest));
    if (is_item(line.content)) return list(indent, depth);
    if (colon_of(line.content) && line.content.front() != '[' && line.content.front() != '{')
      return mapping(indent, depth);
    ++at_;
    PKG_TRY_ASSIGN(auto value, scalar(line.content, line.number));
    return value;
  }

  Result<Value> list(std::size_t indent, std::size_t depth) {
    Value value;
    value.line = lines_[at_].number;
    List items;
    while (at_ < lines_.size() && lines_[at_].indent == indent && is_item(lines_[at_].content)) {
      auto& line = lines_[at_];
      const auto inner = std::min(line.content.find_first_not_of(' ', 1), line.content.size());
      if (inner < line.content.size()) {
        // What stands behind "- " is a block that begins there.
        line = {indent + inner, line.content.substr(inner), line.number};
        PKG_TRY_ASSIGN(auto item, block(line.indent, depth + 1));
        items.push_back(std::move(item));
      } else {
        PKG_TRY_ASSIGN(auto item, below(indent, depth, false));
        items.push_back(std::move(item));
      }
      PKG_TRY(check_indent(indent));
    }
    value.data = std::move(items);
    return value;
  }

  Result<Value> mapping(std::size_t indent, std::size_t depth) {
    Value value;
    value.line = lines_[at_].number;
    Mapping entries;
    while (at_ < lines_.size() && lines_[at_].indent == indent && !is_item(lines_[at_].content)) {
      const auto line = lines_[at_];
      const auto colon = colon_of(line.content);
      if (!colon) return wrong(line.number, cat("expected `key: value`, found ", quote(line.content)));
      PKG_TRY_ASSIGN(auto key, scalar(trim(line.content.substr(0, *colon)), line.number));
      if (key.as_text() == nullptr) return refuse(line.number, "a key that is a list");
      const auto is_same = [&](const Entry& entry) { return entry.key == *key.as_text(); };
      if (std::ranges::any_of(entries, is_same))
        return wrong(line.number, cat("the key ", quote(*key.as_text()), " is there twice"));
      if (entries.size() == kMostKeys) return wrong(line.number, cat("more than ", kMostKeys, " keys"));
      const auto rest = trim(line.content.substr(*colon + 1));
      PKG_TRY_ASSIGN(auto member, rest.empty() ? below(indent, depth, true) : scalar_line(rest));
      entries.push_back({*key.as_text(), std::move(member)});
      PKG_TRY(check_indent(indent));
    }
    value.data = std::move(entries);
    return value;
  }

  // A scalar may go on for several lines in YAML; here it may not.
  Status check_indent(std::size_t indent) const {
    if (at_ < lines_.size() && lines_[at_].indent > indent)
      return wrong(lines_[at_].number, "the line is indented more than what it belongs to");
    return ok_status();
  }

  Result<Value> scalar_line(std::string_view text) {
    const int number = lines_[at_++].number;
    return scalar(text, number);
  }

  // What stands below the line at_, which ends with "key:" or is "-": a block that is indented more (a list below a key
  // may be indented as the key is), or nothing.
  Result<Value> below(std::size_t indent, std::size_t depth, bool is_key) {
    Value nothing;
    nothing.line = lines_[at_].number;
    ++at_;
    if (at_ == lines_.size()) return nothing;
    const auto& next = lines_[at_];
    const bool is_inside = next.indent > indent || (is_key && next.indent == indent && is_item(next.content));
    if (!is_inside) return nothing;
    return block(next.indent, depth + 1);
  }

  Result<Value> scalar(std::string_view text, int line) {
    Value value;
    value.line = line;
    if (text.empty()) return value;
    if (is_quote(text.front())) {
      if (end_of_quoted(text) != text.size()) return wrong(line, cat("the quotes of ", quote(text), " do not match"));
      PKG_TRY_ASSIGN(value.data, unquoted(text, line));
      return value;
    }
    if (text.front() == '[') return flow_list(text, line);
    if (text.front() == '{') return refuse(line, "a mapping in braces");
    if (text.front() == '&' || text.front() == '*') return refuse(line, "an anchor or alias");
    if (text.front() == '!') return refuse(line, "a tag");
    if (text.front() == '|' || (text.front() == '>' && (text.size() == 1 || text[1] == '-' || text[1] == '+')))
      return refuse(line, "a scalar of several lines");
    if (text.front() == '@' || text.front() == '`' || text.front() == '?')
      return refuse(line, cat("a scalar that begins with ", quote(text.substr(0, 1))));
    value.data = std::string(text);
    return value;
  }

  Result<std::string> unquoted(std::string_view text, int line) const {
    const char mark = text.front();
    const auto inner = text.substr(1, text.size() - 2);
    if (mark == '\'') return replace_all(inner, "''", "'");
    std::string out;
    for (std::size_t i = 0; i < inner.size(); ++i) {
      if (inner[i] != '\\') {
        out.push_back(inner[i]);
        continue;
      }
      const char next = ++i < inner.size() ? inner[i] : '\0';
      if (next != '"' && next != '\\' && next != '/' && next != 'n' && next != 't')
        return refuse(line, cat("the escape ", quote(cat('\\', next))));
      out.push_back(next == 'n' ? '\n' : next == 't' ? '\t' : next);
    }
    return out;
  }

  // "[a, 'b', c]" on one line.
  Result<Value> flow_list(std::string_view text, int line) {
    Value value;
    value.line = line;
    List items;
    if (text.size() < 2 || text.back() != ']') return refuse(line, "a list in brackets over several lines");
    auto rest = trim(text.substr(1, text.size() - 2));
    while (!rest.empty()) {
      std::size_t end = is_quote(rest.front()) ? end_of_quoted(rest) : 0;
      if (end == std::string_view::npos) return wrong(line, "a quote is not closed");
      end = std::min(rest.find(',', end), rest.size());
      const auto item = trim(rest.substr(0, end));
      if (item.empty() || item.front() == '[' || item.front() == '{' || colon_of(item))
        return refuse(line, "a list in brackets that holds more than scalars");
      PKG_TRY_ASSIGN(auto one, scalar(item, line));
      items.push_back(std::move(one));
      rest = end == rest.size() ? std::string_view() : trim(rest.substr(end + 1));
    }
    value.data = std::move(items);
    return value;
  }

  static constexpr std::size_t kMostKeys = 1000;  // each is compared with those before it
  std::string_view file_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

const Value* Value::get(std::string_view key) const {
  const auto* entries = as_mapping();
  if (entries == nullptr) return nullptr;
  const auto found = std::ranges::find(*entries, key, &Entry::key);
  return found == entries->end() ? nullptr : &found->value;
}

Result<Value> parse(std::string_view text, std::string_view file_name) {
  Parser parser(file_name);
  PKG_TRY(parser.read_lines(text));
  return parser.root();
}

}  // namespace pkg::yaml
