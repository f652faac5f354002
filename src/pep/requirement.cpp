#include "pep/requirement.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "pep/parse_failure.h"
#include "pep/white_space.h"

namespace pkg::pep {

namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_name_char(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }
bool is_operator_char(char c) { return c == '<' || c == '>' || c == '=' || c == '!' || c == '~'; }

constexpr std::string_view kNameForUrl = "a URL or a path needs a name: `name @ URL`";

class Parser {
 public:
  Parser(std::string_view text, ParseFailure& failure) : text_(text), failure_(failure) {}

  bool parse(Requirement& requirement) {
    skip_spaces();
    if (!take_name("a project's name", kNameForUrl, requirement.name, requirement.name_as_written)) return false;
    skip_spaces();
    if (peek() == '[' && !take_extras(requirement)) return false;
    skip_spaces();
    if (peek() == '@') return take_url(requirement) && take_marker(requirement);
    return take_specifiers(requirement) && take_marker(requirement);
  }

  const std::string& hint() const { return hint_; }

 private:
  bool fail(std::string message, std::string_view hint = {}) {
    failure_ = {at_, std::move(message)};
    hint_ = hint;
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }

  bool take_name(std::string_view what, std::string_view advice, Name& name, std::string& as_written) {
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (word.empty() || !is_letter_or_digit(word.front())) return fail(cat("expected ", what), advice);
    auto parsed = Name::parse(word);
    if (!parsed) return fail(cat("a name may not end in `", word.back(), '`'));
    name = std::move(*parsed);
    as_written = word;
    at_ = end;
    return true;
  }

  bool take_extras(Requirement& requirement) {
    ++at_;
    skip_spaces();
    bool first = true;
    while (peek() != ']') {
      if (!first) {
        if (peek() != ',') return fail("expected `,` or `]`");
        ++at_;
        skip_spaces();
      }
      first = false;
      Name extra;
      std::string as_written;
      if (!take_name("an extra's name", {}, extra, as_written)) return false;
      requirement.extras.push_back(std::move(extra));
      requirement.extras_as_written.push_back(std::move(as_written));
      skip_spaces();
    }
    ++at_;
    tidy_extras(requirement);
    return true;
  }

  static void tidy_extras(Requirement& requirement) {
    const auto sort_unique = [](auto& items) {
      std::sort(items.begin(), items.end());
      items.erase(std::unique(items.begin(), items.end()), items.end());
    };
    sort_unique(requirement.extras);
    sort_unique(requirement.extras_as_written);
    const bool same = std::equal(requirement.extras.begin(), requirement.extras.end(),
                                 requirement.extras_as_written.begin(), requirement.extras_as_written.end(),
                                 [](const Name& a, const std::string& b) { return a.str() == b; });
    if (same) requirement.extras_as_written = {};
  }

  bool take_url(Requirement& requirement) {
    ++at_;
    skip_spaces();
    const std::size_t end = std::min(text_.find_first_of(" \t", at_), text_.size());
    if (end == at_) return fail("expected a URL after `@`");
    requirement.url = text_.substr(at_, end - at_);
    at_ = end;
    return true;
  }

  // One specifier's end: a comma, or what ends the list.
  std::size_t specifier_end() const { return std::min(text_.find_first_of(",;)", at_), text_.size()); }

  bool take_specifiers(Requirement& requirement) {
    const bool in_parentheses = peek() == '(';
    if (in_parentheses) ++at_;
    skip_spaces();
    std::vector<Specifier> parts;
    while (is_operator_char(peek())) {
      const std::size_t end = specifier_end();
      const std::string_view piece = text_.substr(at_, end - at_);
      auto specifier = Specifier::try_parse(piece);
      if (!specifier) return fail_at_specifier(piece);
      if (piece.ends_with('\n') || piece.ends_with('\r')) return fail("a requirement may not span lines");
      if (parts.size() == SpecifierSet::kMost)
        return fail(cat("there are more than ", SpecifierSet::kMost, " version specifiers"));
      parts.push_back(std::move(*specifier));
      at_ = end;
      if (peek() != ',') break;
      ++at_;
      skip_spaces();
    }
    requirement.specifiers = SpecifierSet::from_parts(std::move(parts));
    if (!in_parentheses) return true;
    if (peek() != ')') return fail("expected `)`");
    ++at_;
    return true;
  }

  bool fail_at_specifier(std::string_view piece) {
    if (piece.starts_with('=') && !piece.starts_with("=="))
      return fail("`=` is not a version comparison", "write `==` for an exact version");
    const auto shown = strip_spaces(piece);
    if (std::all_of(shown.begin(), shown.end(), is_operator_char))
      return fail(cat("no version follows ", quote(shown)), cat("write one, as in `", shown, "1.2`"));
    return fail(cat(quote(shown), " is not a version specifier"), "specifiers look like `>=1.2`, `==1.2.*` or `~=1.2`");
  }

  // Where something else follows the name: a bare version, or another requirement.
  std::string advice_on_rest(const Requirement& requirement) const {
    const auto rest = text_.substr(at_);
    if (rest.front() == ',') return "each requirement is a word or line of its own";
    if (requirement.specifiers.empty() && Version::parse(rest.substr(0, rest.find_first_of(" ;"))).ok())
      return cat("a version is written ", requirement.name.str(), "==", rest.substr(0, rest.find_first_of(" ;")));
    return {};
  }

  bool take_marker(Requirement& requirement) {
    skip_spaces();
    if (at_ == text_.size()) return true;
    if (peek() != ';') {
      if (!requirement.url.empty()) return fail("expected the end, or `;` and a marker");
      if (text_.substr(at_).starts_with("://")) return fail("this is a URL without a name", std::string(kNameForUrl));
      return fail("expected a version specifier such as `>=1.2`, `;` and a marker, or the end",
                  advice_on_rest(requirement));
    }
    ++at_;
    auto marker = Marker::try_parse(text_.substr(at_), failure_);
    if (!marker) {
      failure_.offset += at_;
      return false;
    }
    requirement.marker = std::move(*marker);
    return true;
  }

  std::string_view text_;
  ParseFailure& failure_;
  std::string hint_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Requirement> Requirement::parse(std::string_view text) {
  Result<Requirement> result = Requirement();
  ParseFailure failure;
  Parser parser(text, failure);
  if (parser.parse(*result)) return result;
  return to_error(failure, "a requirement", text).with_hint(std::string(parser.hint()));
}

std::string Requirement::to_string() const {
  std::string out = name_as_written.empty() ? name.str() : name_as_written;
  if (!extras.empty()) {
    std::vector<std::string> texts = extras_as_written;
    if (texts.empty()) {
      for (const Name& extra : extras) texts.push_back(extra.str());
    }
    append(out, '[', join(texts, ","), ']');
  }
  out += specifiers.to_string();
  if (!url.empty()) append(out, " @ ", url);
  if (!marker.is_trivial()) append(out, url.empty() ? "; " : " ; ", marker.to_string());
  return out;
}

bool Requirement::operator==(const Requirement& other) const {
  return name == other.name && extras == other.extras && specifiers == other.specifiers && url == other.url &&
         marker == other.marker;
}

}  // namespace pkg::pep
