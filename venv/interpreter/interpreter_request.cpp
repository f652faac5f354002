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

// "3.12-linux-x86_64-gnu": what stands behind the version. False: it is something else.
bool take_platform(std::string_view& text, InterpreterRequest& request) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || is_specifier(text)) return true;
  const auto parts = split(text.substr(dash + 1), '-');
  if (parts.size() > 3 || (parts[0] != "linux" && parts[0] != "darwin" && parts[0] != "windows")) return false;
  std::string* const fields[] = {&request.platform.os, &request.platform.arch, &request.platform.libc};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) return false;
    *fields[i] = parts[i];
  }
  text = text.substr(0, dash);
  return true;
}

// "3.13t", "3.13d", "3.13td", "3.13+freethreaded", "3.13+debug": what the build is like.
bool take_variant(std::string_view& text, InterpreterRequest& request) {
  if (const auto plus = text.find('+'); plus != std::string_view::npos) {
    PythonKey said;
    if (plus + 1 == text.size() || !parse_variant(text.substr(plus + 1), said)) return false;
    request.gil_disabled = said.gil_disabled;
    request.debug = said.debug;
    text = text.substr(0, plus);
    return true;
  }
  const auto ends_in = [&](std::string_view letters) {
    return text.size() > letters.size() && text.ends_with(letters) &&
           is_ascii_digit(text[text.size() - letters.size() - 1]);
  };
  const bool is_both = ends_in("td");
  if (is_both || ends_in("t")) request.gil_disabled = true;
  if (is_both || ends_in("d")) request.debug = true;
  if (request.gil_disabled || request.debug) text.remove_suffix(is_both ? 2 : 1);
  return true;
}

// The part after the implementation's name.
bool parse_version_part(std::string_view text, InterpreterRequest& request) {
  if (!take_platform(text, request)) return false;
  if (text.empty()) return true;
  if (is_specifier(text)) {
    auto set = pep::SpecifierSet::parse(text);
    if (!set) return false;
    request.specifiers = std::move(*set);
    return true;
  }
  if (!take_variant(text, request)) return false;
  request.version = exact_version(text);
  if (!request.version.empty()) return true;
  const auto version = pep::Version::try_parse(text);
  if (!version || !is_ascii_digit(text.front()) || text.find('.') == std::string_view::npos) return false;
  auto exactly = pep::SpecifierSet::parse(cat("==", text));
  if (!version->is_prerelease() || !exactly) return false;
  request.specifiers = std::move(*exactly);
  return true;
}

bool asks_for_prerelease(const std::optional<pep::SpecifierSet>& specifiers) {
  return specifiers && std::ranges::any_of(specifiers->to_string(), is_ascii_alpha);
}

bool fits(std::string_view wanted, std::string_view found) { return wanted.empty() || wanted == found; }

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
  if (debug && *debug != facts.debug) return false;
  if (!fits(platform.os, facts.environment.sys_platform) || !fits(platform.arch, facts.environment.platform_machine))
    return false;
  if (!platform.libc.empty() && (platform.libc == "musl") != (facts.musl[0] > 0)) return false;
  if (!specifiers) return true;
  const auto parsed = pep::Version::try_parse(facts.environment.python_full_version);
  return parsed && specifiers->contains(*parsed);
}

bool InterpreterRequest::accepts(const PythonKey& key, bool any_prerelease) const {
  if (!fits(implementation, key.implementation) || (implementation.empty() && key.implementation != "cpython"))
    return false;
  if (gil_disabled.value_or(false) != key.gil_disabled || debug.value_or(false) != key.debug) return false;
  if (!fits(platform.os, key.platform.os) || !fits(platform.arch, key.platform.arch) ||
      !fits(platform.libc, key.platform.libc))
    return false;
  const auto parsed = pep::Version::try_parse(key.version);
  const auto full = leading_version(key.version);
  if (!parsed || full.size() < 2) return false;
  if (!version.empty() && (version.size() > full.size() || !is_prefix_of(version, full))) return false;
  if (parsed->is_prerelease() && !any_prerelease && !asks_for_prerelease(specifiers)) return false;
  return !specifiers || specifiers->contains(*parsed);
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
