#include "pep/tags.h"

#include "base/text.h"
#include "pep/tag_order.h"

// Interpreter and ABI tags. Platform tags are in tags_platform.cpp, the set with quick look-up in tags_set.cpp.

namespace pkg::pep {
namespace {

std::vector<std::string> cpython_abis(const AbiFacts& facts) {
  const std::string version = version_digits(facts.version);
  const std::string_view threads = facts.gil_disabled && is_at_least(facts.version, 3, 13) ? "t" : "";
  const std::string_view debug = facts.debug ? "d" : "";
  if (is_at_least(facts.version, 3, 8)) {
    // Since 3.8 a debug build loads modules of release builds too.
    std::vector<std::string> abis{cat("cp", version, threads, debug)};
    if (facts.debug) abis.push_back(cat("cp", version, threads));
    return abis;
  }
  const std::string_view pymalloc = facts.pymalloc ? "m" : "";
  const std::string_view ucs4 = facts.ucs4 && !is_at_least(facts.version, 3, 3) ? "u" : "";
  return {cat("cp", version, threads, debug, pymalloc, ucs4)};
}

// The first `count` '-'-separated words of `text`, joined by '_'.
std::string first_words(std::string_view text, std::size_t count) {
  std::string out;
  for (const auto word : split(text, '-')) {
    if (count-- == 0) break;
    if (!out.empty()) out += '_';
    out += word;
  }
  return out;
}

constexpr std::size_t kAllWords = 1000;

}  // namespace

std::vector<std::string> interpreter_abis(const AbiFacts& facts) {
  if (facts.implementation == "cpython") return cpython_abis(facts);
  const auto pieces = split(facts.ext_suffix, '.');
  if (pieces.size() < 3 || !pieces[0].empty() || pieces[1].empty()) return {};
  const std::string_view soabi = pieces[1];
  if (soabi.starts_with("pypy")) return {first_words(soabi, 2)};
  if (soabi.starts_with("graalpy")) return {first_words(soabi, 3)};
  return {first_words(soabi, kAllWords)};
}

std::vector<Tag> interpreter_tags(const InterpreterFacts& interpreter, std::span<const std::string> platforms) {
  std::vector<Tag> tags;
  visit_tags(interpreter, platforms, [&tags](std::string_view python, std::string_view abi, std::string_view platform) {
    tags.push_back(Tag{std::string(python), std::string(abi), std::string(platform)});
  });
  return tags;
}

}  // namespace pkg::pep
