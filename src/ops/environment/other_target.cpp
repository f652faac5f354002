#include "ops/environment/other_target.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "ops/environment/target_platform.h"

namespace pkg::ops {
namespace {

// "312" means 3.12, as pip has it.
Result<pep::Version> parse_python(const std::string& text) {
  const bool is_digits = text.size() > 1 && std::ranges::all_of(text, is_ascii_digit);
  const auto dotted = is_digits ? cat(text.substr(0, 1), ".", text.substr(1)) : text;
  const auto parts = split(dotted, '.');
  const bool is_plain = parts.size() <= 3 && std::ranges::all_of(parts, [](std::string_view part) {
                          const auto number = parse_u64(part);
                          return number && *number < 1000;
                        });
  if (!is_plain)
    return make_error(ErrorKind::bad_data, cat(quote(text), " is no version of Python"), "such as 3.12, 3.12.1 or 312");
  return pep::Version::parse(dotted);
}

void set_version(const pep::Version& python, pep::InterpreterFacts& facts, pep::Target& target) {
  const auto release = python.release();
  const bool same_minor = release.size() > 1 && facts.version.size() > 1 &&
                          release[0] == static_cast<std::uint64_t>(facts.version[0]) &&
                          release[1] == static_cast<std::uint64_t>(facts.version[1]);
  if (!same_minor) facts.abis.clear();
  facts.version.clear();
  for (std::size_t i = 0; i < 2 && i < release.size(); ++i) facts.version.push_back(static_cast<int>(release[i]));
  const auto minor = cat(release[0], ".", release.size() > 1 ? release[1] : 0);
  auto& environment = target.environment;
  environment.python_version = minor;
  if (release.size() > 2 || !same_minor)
    environment.python_full_version = environment.implementation_version =
        release.size() > 2 ? python.to_string() : cat(minor, ".0");
  target.python = pep::Version::try_parse(environment.python_full_version).value_or(python);
}

void set_implementation(const std::string& word, pep::InterpreterFacts& facts, pep::Target& target) {
  auto& environment = target.environment;
  const auto before = facts.implementation;
  if (word == "cp") {
    facts.implementation = environment.implementation_name = "cpython";
    environment.platform_python_implementation = "CPython";
  } else if (word == "pp") {
    facts.implementation = environment.implementation_name = "pypy";
    environment.platform_python_implementation = "PyPy";
  } else {
    facts.implementation = word == "py" ? "python" : word;  // tags only: what markers say of it is not known
  }
  if (facts.implementation != before) facts.abis.clear();
}

std::vector<std::string> platforms_of(const std::vector<std::string>& words, pep::Environment& environment) {
  std::vector<std::string> tags;
  bool is_known = false;
  const auto add = [&](const std::string& tag) {
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  };
  for (const auto& word : words) {
    const auto platform = parse_target_platform(word);
    if (!platform) {
      add(replace_all(replace_all(to_ascii_lower(word), "-", "_"), ".", "_"));
      continue;
    }
    if (!std::exchange(is_known, true)) platform->apply_to(environment);
    for (const auto& tag : platform->tags) add(tag);
  }
  return tags;
}

}  // namespace

Result<pep::Target> target_of(const OtherTarget& other, const venv::Interpreter& interpreter) {
  pep::Target target = interpreter.target;
  if (!other.is_set()) return target;
  auto facts = interpreter.facts;
  if (!other.implementation.empty()) set_implementation(other.implementation, facts, target);
  if (!other.python_version.empty()) {
    PKG_TRY_ASSIGN(const auto python, parse_python(other.python_version));
    set_version(python, facts, target);
  }
  if (!other.abis.empty()) {
    facts.abis = other.abis;
    facts.gil_disabled = std::ranges::any_of(
        other.abis, [](const std::string& abi) { return abi.starts_with("cp") && abi.ends_with('t'); });
  } else if (facts.abis.empty() && facts.implementation == "cpython" && facts.version.size() > 1) {
    facts.abis = {cat("cp", facts.version[0], facts.version[1], facts.gil_disabled ? "t" : "")};
  }
  const auto platforms = other.platforms.empty() ? pep::platform_tags(interpreter.platform)
                                                 : platforms_of(other.platforms, target.environment);
  target.tags = std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts, platforms));
  target.is_other_machine = !other.platforms.empty();
  return target;
}

}  // namespace pkg::ops
