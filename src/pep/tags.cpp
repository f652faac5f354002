#include "pep/tags.h"

#include <algorithm>

#include "base/text.h"

// Interpreter and ABI tags, tag sets. Platform tags are in platform_tags.cpp.

namespace pkg::pep {
namespace {

std::string version_digits(std::span<const int> version, std::size_t count) {
  std::string digits;
  for (std::size_t i = 0; i < count && i < version.size(); ++i) append(digits, version[i]);
  return digits;
}

int minor_of(std::span<const int> version) { return version.size() > 1 ? version[1] : -1; }

bool at_least(std::span<const int> version, int major, int minor) {
  if (version.empty()) return false;
  return version[0] != major ? version[0] > major : minor_of(version) >= minor;
}

std::string_view short_implementation(std::string_view implementation) {
  if (implementation == "cpython") return "cp";
  if (implementation == "pypy") return "pp";
  if (implementation == "ironpython") return "ip";
  if (implementation == "jython") return "jy";
  if (implementation == "python") return "py";
  return implementation;
}

// Calls visit(interpreter, abi, platform) for all tags, best first; the three are views. The order is that of the packaging
// specification: own ABI, stable ABI, none; older stable ABIs; then what any Python of this version runs.
template <class Visit>
class TagWriter {
 public:
  TagWriter(const InterpreterFacts& facts, std::span<const std::string> platforms, Visit visit)
      : facts_(facts), platforms_(platforms), visit_(std::move(visit)) {}

  void write() {
    interpreter_ = cat(short_implementation(facts_.implementation), version_digits(facts_.version, 2));
    if (facts_.implementation == "cpython") {
      write_cpython();
    } else {
      write_generic();
    }
    write_compatible();
  }

 private:
  void on_platforms(std::string_view interpreter, std::string_view abi) {
    for (const std::string& platform : platforms_) visit_(interpreter, abi, platform);
  }

  void write_cpython() {
    for (const std::string& abi : facts_.abis) {
      if (abi != "abi3" && abi != "none") on_platforms(interpreter_, abi);
    }
    const bool has_stable_abi = at_least(facts_.version, 3, 2);
    const std::string_view stable = facts_.gil_disabled ? "abi3t" : "abi3";
    if (has_stable_abi) on_platforms(interpreter_, stable);
    on_platforms(interpreter_, "none");
    if (!has_stable_abi) return;
    for (int minor = minor_of(facts_.version) - 1; minor >= 2; --minor) on_platforms(cat("cp", facts_.version[0], minor), stable);
  }

  void write_generic() {
    for (const std::string& abi : facts_.abis) on_platforms(interpreter_, abi);
    if (std::find(facts_.abis.begin(), facts_.abis.end(), "none") == facts_.abis.end()) on_platforms(interpreter_, "none");
  }

  void write_compatible() {
    const auto pythons = python_names();
    for (const std::string& python : pythons) on_platforms(python, "none");
    if (facts_.implementation == "cpython") visit_(interpreter_, "none", "any");
    if (facts_.implementation == "pypy") visit_("pp3", "none", "any");
    for (const std::string& python : pythons) visit_(python, "none", "any");
  }

  // py312, py3, py311 … py30
  std::vector<std::string> python_names() const {
    std::vector<std::string> names;
    if (facts_.version.empty()) return names;
    if (facts_.version.size() > 1) names.push_back(cat("py", version_digits(facts_.version, 2)));
    names.push_back(cat("py", facts_.version[0]));
    for (int minor = minor_of(facts_.version) - 1; minor >= 0; --minor) names.push_back(cat("py", facts_.version[0], minor));
    return names;
  }

  const InterpreterFacts& facts_;
  std::span<const std::string> platforms_;
  Visit visit_;
  std::string interpreter_;
};

template <class Visit>
void for_each_tag(const InterpreterFacts& facts, std::span<const std::string> platforms, Visit visit) {
  TagWriter<Visit>(facts, platforms, std::move(visit)).write();
}

std::vector<std::string> cpython_abis(const AbiFacts& facts) {
  const std::string version = version_digits(facts.version, 2);
  const std::string_view threads = facts.gil_disabled && at_least(facts.version, 3, 13) ? "t" : "";
  const std::string_view debug = facts.debug ? "d" : "";
  if (at_least(facts.version, 3, 8)) {
    // Since 3.8 a debug build loads modules of release builds too.
    std::vector<std::string> abis{cat("cp", version, threads, debug)};
    if (facts.debug) abis.push_back(cat("cp", version, threads));
    return abis;
  }
  const std::string_view pymalloc = facts.pymalloc ? "m" : "";
  const std::string_view ucs4 = facts.ucs4 && !at_least(facts.version, 3, 3) ? "u" : "";
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

bool is_identifier(std::string_view text) {
  if (text.empty() || is_ascii_digit(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_alnum(c) || c == '_'; });
}

// Ignores the case of ASCII letters; '_' and DEL fall together, which costs a comparison and nothing else.
std::uint64_t hash_ignoring_case(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ (static_cast<unsigned char>(c) | 0x20u)) * 0x100000001b3;
  return hash ^ (hash >> 29);
}

// Calls visit(piece) for each '.'-separated piece.
template <class Visit>
void for_each_piece(std::string_view set, Visit visit) {
  while (true) {
    const auto dot = set.find('.');
    visit(set.substr(0, dot));
    if (dot == std::string_view::npos) return;
    set.remove_prefix(dot + 1);
  }
}

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
  for_each_tag(interpreter, platforms, [&tags](std::string_view python, std::string_view abi, std::string_view platform) {
    tags.push_back(Tag{std::string(python), std::string(abi), std::string(platform)});
  });
  return tags;
}

Result<std::vector<Tag>> parse_tag_set(std::string_view text) {
  const auto malformed = [text](std::string_view why) {
    return make_error(ErrorKind::bad_data, cat(quote(text), " is not a compatibility tag: ", why));
  };
  const std::string lower = to_ascii_lower(text);
  const auto parts = split(lower, '-');
  if (parts.size() != 3) return malformed("expected `python-abi-platform`");
  const auto interpreters = split(parts[0], '.'), abis = split(parts[1], '.'), platforms = split(parts[2], '.');
  constexpr std::size_t kMaxTags = 100'000;
  if (interpreters.size() * abis.size() * platforms.size() > kMaxTags) return malformed("it stands for too many tags");
  std::vector<Tag> tags;
  for (const auto interpreter : interpreters) {
    if (!is_identifier(interpreter)) return malformed(cat(quote(interpreter), " is not the name of an interpreter"));
    for (const auto abi : abis) {
      for (const auto platform : platforms) {
        if (abi.empty() || platform.empty()) return malformed("it has an empty part");
        tags.push_back(Tag{std::string(interpreter), std::string(abi), std::string(platform)});
      }
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

std::size_t TagSet::Names::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_ignoring_case(text) & mask;
  while (slots_[slot] != kNone && !equals_ignoring_case(texts_[slots_[slot]], text)) slot = (slot + 1) & mask;
  return slot;
}

void TagSet::Names::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), kNone);
  for (std::uint32_t id = 0; id < texts_.size(); ++id) slots_[slot_of(texts_[id])] = id;
}

std::uint32_t TagSet::Names::intern(std::string_view text) {
  if (texts_.size() * 2 >= slots_.size()) grow();
  std::uint32_t& id = slots_[slot_of(text)];
  if (id == kNone) {
    id = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
  }
  return id;
}

std::uint32_t TagSet::Names::find(std::string_view text) const { return slots_.empty() ? kNone : slots_[slot_of(text)]; }

TagSet::TagSet(std::span<const Tag> ordered) {
  tags_.reserve(ordered.size());
  for (const Tag& tag : ordered) add({interpreters_.intern(tag.interpreter), abis_.intern(tag.abi), platforms_.intern(tag.platform)});
  index_ranks();
}

TagSet::TagSet(const InterpreterFacts& interpreter, std::span<const std::string> platforms) {
  // Neighbouring tags share their interpreter and ABI; the look-up of those is spared by remembering the views.
  std::string_view last_python, last_abi;
  Ids ids{};
  for_each_tag(interpreter, platforms, [&](std::string_view python, std::string_view abi, std::string_view platform) {
    if (python != last_python || tags_.empty()) ids.interpreter = interpreters_.intern(python);
    if (abi != last_abi || tags_.empty()) ids.abi = abis_.intern(abi);
    ids.platform = platforms_.intern(platform);
    last_python = interpreters_.text(ids.interpreter);
    last_abi = abis_.text(ids.abi);
    add(ids);
  });
  index_ranks();
}

namespace {
std::size_t hash_ids(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t mixed = (a << 40 ^ b << 20 ^ c) * 0x9e3779b97f4a7c15;
  return mixed ^ mixed >> 32;
}
}  // namespace

void TagSet::index_ranks() {
  std::size_t capacity = 64;
  while (capacity < tags_.size() * 2) capacity *= 2;
  slots_.assign(capacity, 0);
  for (std::uint32_t rank = 0; rank < tags_.size(); ++rank) {
    const Ids& ids = tags_[rank];
    std::size_t slot = hash_ids(ids.interpreter, ids.abi, ids.platform) & (capacity - 1);
    // Of a tag that is listed twice the first counts.
    while (slots_[slot] != 0 && tags_[slots_[slot] - 1] != ids) slot = (slot + 1) & (capacity - 1);
    if (slots_[slot] == 0) slots_[slot] = rank + 1;
  }
}

std::uint32_t TagSet::rank_of(const Ids& ids) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_ids(ids.interpreter, ids.abi, ids.platform) & mask;
  while (slots_[slot] != 0 && tags_[slots_[slot] - 1] != ids) slot = (slot + 1) & mask;
  return slots_[slot] == 0 ? Names::kNone : slots_[slot] - 1;
}

Tag TagSet::tag(std::size_t rank) const {
  const Ids& ids = tags_[rank];
  return Tag{interpreters_.text(ids.interpreter), abis_.text(ids.abi), platforms_.text(ids.platform)};
}

std::vector<Tag> TagSet::ordered() const {
  std::vector<Tag> tags;
  tags.reserve(size());
  for (std::size_t rank = 0; rank < size(); ++rank) tags.push_back(tag(rank));
  return tags;
}

std::optional<std::uint32_t> TagSet::rank(std::string_view interpreters, std::string_view abis, std::string_view platforms) const {
  std::uint32_t best = Names::kNone;
  for_each_piece(interpreters, [&](std::string_view interpreter_text) {
    const std::uint32_t interpreter = interpreters_.find(interpreter_text);
    if (interpreter == Names::kNone) return;
    for_each_piece(abis, [&](std::string_view abi_text) {
      const std::uint32_t abi = abis_.find(abi_text);
      if (abi == Names::kNone) return;
      for_each_piece(platforms, [&](std::string_view platform_text) {
        const std::uint32_t platform = platforms_.find(platform_text);
        if (platform != Names::kNone) best = std::min(best, rank_of({interpreter, abi, platform}));
      });
    });
  });
  return best == Names::kNone ? std::nullopt : std::optional(best);
}

}  // namespace pkg::pep
