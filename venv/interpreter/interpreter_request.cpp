#include "venv/interpreter/interpreter_request.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::venv {
namespace {

// Implementation names and their short forms. "python" asks for none in particular.
struct KnownName {
  std::string_view prefix, implementation;
};
constexpr KnownName kNames[] = {{"cpython", "cpython"}, {"python", ""},    {"pypy", "pypy"}, {"graalpy", "graalpy"},
                                {"pyston", "pyston"},   {"cp", "cpython"}, {"pp", "pypy"}};

bool is_prefix_of(const std::vector<int>& prefix, const std::vector<int>& whole) {
  const std::size_t common = std::min(prefix.size(), whole.size());
  return std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(common), whole.begin());
}

// "312" after cp or pp: 3.12.
std::vector<int> packed_version(std::string_view digits) {
  if (digits.size() < 2 || digits.find('.') != std::string_view::npos) return {};
  const auto minor = parse_u64(digits.substr(1));
  if (!is_ascii_digit(digits[0]) || !minor || *minor > 1000) return {};
  return {digits[0] - '0', static_cast<int>(*minor)};
}

std::vector<int> exact_version(std::string_view text) {
  std::vector<int> numbers;
  for (const auto part : split(text, '.')) {
    const auto number = parse_u64(part);
    if (!number || *number > 100000) return {};
    numbers.push_back(static_cast<int>(*number));
  }
  return numbers.size() <= 3 ? numbers : std::vector<int>{};
}

bool is_specifier(std::string_view text) {
  return !text.empty() && std::string_view("<>=!~").find(text.front()) != std::string_view::npos;
}

// The part after the implementation's name.
bool parse_version_part(std::string_view text, InterpreterRequest& request) {
  if (text.empty()) return true;
  if (is_specifier(text)) {
    auto set = pep::SpecifierSet::parse(text);
    if (!set) return false;
    request.specifiers = std::move(*set);
    return true;
  }
  if (text.size() > 1 && text.ends_with('t') && is_ascii_digit(text[text.size() - 2])) {
    request.gil_disabled = true;
    text.remove_suffix(1);
  }
  request.version = exact_version(text);
  return !request.version.empty();
}

}  // namespace

std::vector<int> leading_version(std::string_view text) {
  std::vector<int> numbers;
  for (const auto part : split(text, '.')) {
    std::size_t digits = 0;
    while (digits < part.size() && is_ascii_digit(part[digits])) ++digits;
    const auto number = parse_u64(part.substr(0, digits));
    if (!number || *number > 100000) break;
    numbers.push_back(static_cast<int>(*number));
    if (digits < part.size()) break;
  }
  return numbers;
}

bool InterpreterRequest::may_be(std::string_view its_implementation, const std::vector<int>& its_version) const {
  if (!implementation.empty() && !its_implementation.empty() && implementation != its_implementation) return false;
  return is_prefix_of(version, its_version);
}

bool InterpreterRequest::accepts(const ProbedFacts& facts) const {
  if (!implementation.empty() && facts.environment.implementation_name != implementation) return false;
  if (facts.gil_disabled != gil_disabled.value_or(false) && (gil_disabled || !is_any())) return false;
  const std::vector<int> full(std::begin(facts.version), std::end(facts.version));
  if (!version.empty() && (version.size() > full.size() || !is_prefix_of(version, full))) return false;
  if (!specifiers) return true;
  const auto parsed = pep::Version::try_parse(facts.environment.python_full_version);
  return parsed && specifiers->contains(*parsed);
}

std::optional<InterpreterRequest> parse_request(std::string_view text) {
  InterpreterRequest request;
  request.text = text;
  const std::string lower = to_ascii_lower(trim(text));
  std::string_view rest = lower;
  if (rest.find('/') != std::string_view::npos) return std::nullopt;
  for (const auto& known : kNames) {
    if (!rest.starts_with(known.prefix)) continue;
    request.implementation = known.implementation;
    rest.remove_prefix(known.prefix.size());
    if (!rest.empty() && (rest.front() == '@' || rest.front() == '-')) rest.remove_prefix(1);
    if (known.prefix.size() == 2) {
      request.version = packed_version(rest);
      if (!request.version.empty()) return request;
    }
    break;
  }
  if (!parse_version_part(rest, request)) return std::nullopt;
  // "312" is 3.12; no Python has a major version of two digits.
  if (request.version.size() == 1 && request.version[0] >= 10)
    request.version = packed_version(std::to_string(request.version[0]));
  return request;
}

}  // namespace pkg::venv
