#include "support/license_expression.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "support/spdx.h"

namespace pkg::pep {
namespace {

constexpr std::string_view kReference = "LicenseRef-";

// "LicenseRef-" and letters, digits, dots and dashes.
std::optional<std::string> license_reference(std::string_view word) {
  if (word.size() <= kReference.size() || !equals_ignoring_case(word.substr(0, kReference.size()), kReference))
    return std::nullopt;
  const auto name = word.substr(kReference.size());
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-'; }))
    return std::nullopt;
  return cat(kReference, name);
}

std::optional<std::string> license(std::string_view word) {
  if (auto reference = license_reference(word)) return reference;
  if (const auto id = spdx_license(word)) return std::string(*id);
  if (!word.ends_with('+')) return std::nullopt;
  const auto id = spdx_license(word.substr(0, word.size() - 1));  // "this version or later"
  return id ? std::optional(cat(*id, "+")) : std::nullopt;
}

// Takes the words one after the other; what may come next is the only state besides the depth of parentheses.
class Normalizer {
 public:
  explicit Normalizer(std::string_view text) : text_(text) {}

  Result<std::string> run() {
    std::size_t at = 0;
    while (at < text_.size()) {
      if (is_ascii_space(text_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at + 1;
      if (text_[at] != '(' && text_[at] != ')') {
        while (end < text_.size() && !is_ascii_space(text_[end]) && text_[end] != '(' && text_[end] != ')') ++end;
      }
      PKG_TRY(take(text_.substr(at, end - at)));
      at = end;
    }
    if (next_ == Next::license || next_ == Next::exception) return refused("it ends too early");
    if (depth_ != 0) return refused("a parenthesis is not closed");
    return std::move(out_);
  }

 private:
  enum class Next { license, exception, operator_or_with, operator_only };

  Error refused(std::string_view why) const {
    return make_error(ErrorKind::bad_data, cat(quote(text_), " is not a license expression: ", why));
  }

  void put(std::string_view word) {
    if (!out_.empty() && out_.back() != '(' && word != ")") out_.push_back(' ');
    out_.append(word);
  }

  Status take(std::string_view word) {
    switch (next_) {
      case Next::license:
        return take_license(word);
      case Next::exception:
        return take_exception(word);
      default:
        return take_operator(word);
    }
  }

  Status take_license(std::string_view word) {
    if (word == "(") {
      ++depth_;
      put(word);
      return ok_status();
    }
    const auto id = license(word);
    if (!id) return refused(cat(quote(word), " is not a known license"));
    put(*id);
    next_ = Next::operator_or_with;
    return ok_status();
  }

  Status take_exception(std::string_view word) {
    const auto id = spdx_exception(word);
    if (!id) return refused(cat(quote(word), " is not a known exception"));
    put(*id);
    next_ = Next::operator_only;
    return ok_status();
  }

  Status take_operator(std::string_view word) {
    if (word == ")" && depth_ > 0) {
      --depth_;
      put(word);
      next_ = Next::operator_only;
    } else if (equals_ignoring_case(word, "and") || equals_ignoring_case(word, "or")) {
      put(equals_ignoring_case(word, "or") ? "OR" : "AND");
      next_ = Next::license;
    } else if (equals_ignoring_case(word, "with") && next_ == Next::operator_or_with) {
      put("WITH");
      next_ = Next::exception;
    } else {
      return refused(cat("expected AND, OR or the end, found ", quote(word)));
    }
    return ok_status();
  }

  std::string_view text_;
  std::string out_;
  std::size_t depth_ = 0;
  Next next_ = Next::license;
};

}  // namespace

Result<std::string> normalize_license_expression(std::string_view text) { return Normalizer(text).run(); }

}  // namespace pkg::pep
