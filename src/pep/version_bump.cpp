#include "pep/version_bump.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace pkg::pep {
namespace {

constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();

struct Word {
  std::string_view text;
  VersionPart part;
};
constexpr auto kWords = std::to_array<Word>({{"major", VersionPart::major},
                                             {"minor", VersionPart::minor},
                                             {"patch", VersionPart::patch},
                                             {"stable", VersionPart::stable},
                                             {"alpha", VersionPart::alpha},
                                             {"beta", VersionPart::beta},
                                             {"rc", VersionPart::rc},
                                             {"post", VersionPart::post},
                                             {"dev", VersionPart::dev}});

std::string_view word_of(VersionPart part) { return std::ranges::find(kWords, part, &Word::part)->text; }

// A version being changed.
struct Draft {
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> release;
  PreKind pre = PreKind::none;
  std::uint64_t pre_number = 0;
  std::optional<std::uint64_t> post, dev;

  std::string text() const {
    constexpr std::string_view kNames[]{"", "a", "b", "rc"};
    auto text = epoch == 0 ? std::string() : cat(epoch, '!');
    for (std::size_t i = 0; i < release.size(); ++i) append(text, i == 0 ? "" : ".", release[i]);
    if (pre != PreKind::none) append(text, kNames[static_cast<std::size_t>(pre)], pre_number);
    if (post) append(text, ".post", *post);
    if (dev) append(text, ".dev", *dev);
    return text;
  }
  bool has_huge_number() const {
    return epoch == kLargest || std::ranges::find(release, kLargest) != release.end() ||
           (pre != PreKind::none && pre_number == kLargest) || post == kLargest || dev == kLargest;
  }
};

enum class Kind { release, pre, post, dev };
Kind kind_of(VersionPart part) {
  if (part <= VersionPart::stable) return Kind::release;
  if (part <= VersionPart::rc) return Kind::pre;
  return part == VersionPart::post ? Kind::post : Kind::dev;
}

void raise_release(Draft& draft, const VersionBump& bump) {
  draft.pre = PreKind::none;
  draft.post.reset();
  draft.dev.reset();
  if (bump.part == VersionPart::stable) return;
  const auto index = static_cast<std::size_t>(bump.part);
  if (draft.release.size() <= index) draft.release.resize(index + 1, 0);
  auto& number = draft.release[index];
  number = bump.to.value_or(number + 1);
  std::fill(draft.release.begin() + static_cast<std::ptrdiff_t>(index) + 1, draft.release.end(), 0);
}

void raise_pre(Draft& draft, const VersionBump& bump) {
  const auto kind = bump.part == VersionPart::alpha  ? PreKind::a
                    : bump.part == VersionPart::beta ? PreKind::b
                                                     : PreKind::rc;
  const auto next = draft.pre == kind ? draft.pre_number + 1 : 1;
  draft.pre = kind;
  draft.pre_number = bump.to.value_or(next);
  draft.post.reset();
  draft.dev.reset();
}

void apply(Draft& draft, const VersionBump& bump) {
  switch (kind_of(bump.part)) {
    case Kind::release:
      return raise_release(draft, bump);
    case Kind::pre:
      return raise_pre(draft, bump);
    case Kind::post:
      draft.post = bump.to.value_or(draft.post ? *draft.post + 1 : 1);
      draft.dev.reset();
      return;
    case Kind::dev:
      draft.dev = bump.to.value_or(draft.dev ? *draft.dev + 1 : 1);
      return;
  }
}

Status check_kinds(std::span<const VersionBump> bumps) {
  for (std::size_t i = 1; i < bumps.size(); ++i) {
    if (kind_of(bumps[i - 1].part) != kind_of(bumps[i].part)) continue;
    return make_error(ErrorKind::usage,
                      cat("a version is not bumped by ", quote(word_of(bumps[i - 1].part)), " and ",
                          quote(word_of(bumps[i].part)), " at once"),
                      "one of major, minor, patch and stable; one of alpha, beta and rc; post; dev");
  }
  return ok_status();
}

}  // namespace

std::vector<std::string> bump_words() {
  std::vector<std::string> words;
  for (const auto& word : kWords) words.emplace_back(word.text);
  return words;
}

Result<VersionBump> parse_bump(std::string_view text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto found = std::ranges::find(kWords, name, &Word::text);
  if (found == kWords.end()) {
    const auto words = bump_words();
    const auto near = nearest(name, words);
    return make_error(ErrorKind::usage, cat(quote(name), " is no part of a version to bump"),
                      near ? cat("did you mean ", quote(*near), '?') : cat("one of ", join(words, ", ")));
  }
  VersionBump bump{found->part, std::nullopt};
  if (equals == std::string_view::npos) return bump;
  const auto digits = text.substr(equals + 1);
  bump.to = parse_u64(digits);
  if (!bump.to || *bump.to == kLargest || bump.part == VersionPart::stable)
    return make_error(ErrorKind::usage, cat(quote(text), " sets no part of a version"), "write it as in `patch=7`");
  return bump;
}

Result<Version> bumped(const Version& version, std::span<const VersionBump> bumps) {
  std::vector<VersionBump> ordered(bumps.begin(), bumps.end());
  std::ranges::stable_sort(ordered, {}, [](const VersionBump& bump) { return bump.part; });
  PKG_TRY(check_kinds(ordered));
  Draft draft{version.epoch(),      version.release(), version.pre_kind(),
              version.pre_number(), version.post(),    version.dev()};
  if (draft.has_huge_number())
    return make_error(ErrorKind::unsupported, cat("a number of ", quote(version.to_string()), " is too large to raise"),
                      "give the new version in full");
  for (const auto& bump : ordered) apply(draft, bump);
  PKG_TRY_ASSIGN(auto result, Version::parse(draft.text()));
  if (result > version.strip_local()) return result;
  if (!ordered.empty() && ordered.front().part == VersionPart::stable && result == version)
    return make_error(ErrorKind::usage, cat(quote(version.to_string()), " is a stable version already"));
  const bool needs_release = !ordered.empty() && kind_of(ordered.front().part) != Kind::release;
  return make_error(
      ErrorKind::usage, cat(quote(result.to_string()), " is no newer version than ", quote(version.to_string())),
      needs_release ? cat("raise the release, too: `--bump patch --bump ", word_of(ordered.front().part), '`')
                    : std::string("give the version in full to go back"));
}

}  // namespace pkg::pep
