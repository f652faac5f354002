#include "pep/specifier_relation.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "pep/version_parts.h"

// Specifiers cut the line of all versions into pieces, and each piece lies as a whole within a set or outside. The cuts
// lie just before or just after the versions that the specifiers name, their first dev-releases, their last
// post-releases and the ends of their prefixes. So it is enough to try, for each cut, the first version after it (and
// the first final one): if a piece holds any version, it holds one of these witnesses.

namespace pkg::pep {

namespace {

Decimal successor(Decimal number) {
  std::size_t i = number.size();
  while (i > 0 && number[i - 1] == '9') number[--i] = '0';
  if (i == 0) return cat('1', number);
  ++number[i - 1];
  return number;
}

class Witnesses {
 public:
  explicit Witnesses(std::initializer_list<const SpecifierSet*> sets) {
    std::vector<VersionParts> named;
    for (const SpecifierSet* set : sets) {
      for (const Specifier& part : set->parts()) {
        if (part.op == Operator::arbitrary) texts_.insert(part.text);
        if (auto parts = parse_version_parts(part.op == Operator::arbitrary ? part.text : part.version.to_string()))
          named.push_back(std::move(*parts));
      }
    }
    Decimal last_epoch = "0";
    for (const VersionParts& parts : named) {
      longest_ = std::max(longest_, parts.release.size());
      if (compare_decimals(parts.epoch, last_epoch) > 0) last_epoch = parts.epoch;
    }
    for (const VersionParts& parts : named) add_around(parts);
    texts_.insert("0.dev0");
    texts_.insert("0");
    texts_.insert(cat(successor(last_epoch), "!0"));
  }

  auto begin() const { return texts_.begin(); }
  auto end() const { return texts_.end(); }

 private:
  void add(VersionParts parts) {
    texts_.insert(parts.local.empty() ? public_text(parts) : cat(public_text(parts), '+', local_text(parts)));
  }

  // The version itself, its first dev-release, its first post-release and that one's first dev-release.
  void add_with_neighbours(VersionParts parts) {
    parts.local.clear();
    parts.dev.reset();
    add(parts);
    parts.dev = "0";
    add(parts);
    if (!parts.post) {
      parts.post = "0";
      add(parts);
      parts.dev.reset();
      add(parts);
    }
  }

  void add_around(const VersionParts& parts) {
    add(parts);
    add_releases(parts);
    VersionParts next = parts;
    next.local.clear();
    add(next);
    next.local = {"some", "other", "label"};
    add(next);
    next.local.clear();
    if (parts.dev) {
      next.dev = successor(*parts.dev);
      add(next);
    }
    add_with_neighbours(parts);
    if (parts.post) {
      next.post = successor(*parts.post);
      add_with_neighbours(next);
    }
    if (parts.pre != PreKind::none) {
      next.post.reset();
      add_with_neighbours(next);
      next.pre_number = successor(parts.pre_number);
      add_with_neighbours(next);
    }
  }

  // The release itself, the ends of all prefixes of it, and one just above its post-releases.
  void add_releases(const VersionParts& parts) {
    VersionParts release;
    release.epoch = parts.epoch;
    for (std::size_t length = 1; length <= parts.release.size(); ++length) {
      release.release.assign(parts.release.begin(), parts.release.begin() + static_cast<std::ptrdiff_t>(length));
      add_with_neighbours(release);
      release.release.back() = successor(release.release.back());
      add_with_neighbours(release);
    }
    release.release = parts.release;
    release.release.resize(longest_ + 1, "0");
    release.release.push_back("1");
    add_with_neighbours(release);
  }

  std::set<std::string> texts_;
  std::size_t longest_ = 0;
};

bool is_considered(const std::string& text, Considered considered) {
  if (considered == Considered::all_versions) return true;
  const auto version = Version::try_parse(text);
  return !version || !version->is_prerelease();
}

bool allows_one(const Specifier& part) {
  return part.op == Operator::arbitrary || (part.op == Operator::equal && !part.wildcard);
}

}  // namespace

bool is_unsatisfiable(const SpecifierSet& set, Considered considered) {
  const Witnesses witnesses({&set});
  return std::none_of(witnesses.begin(), witnesses.end(), [&](const std::string& text) {
    return is_considered(text, considered) && set.contains_text(text);
  });
}

bool is_unsatisfiable(const SpecifierSet& set) { return is_unsatisfiable(set, Considered::all_versions); }

bool is_pin(const SpecifierSet& set) { return std::ranges::any_of(set.parts(), allows_one); }

std::optional<Version> pinned_version(const SpecifierSet& set) {
  const auto parts = set.parts();
  if (parts.size() != 1 || !allows_one(parts[0])) return std::nullopt;
  return parts[0].op == Operator::arbitrary ? Version::try_parse(parts[0].text) : std::optional(parts[0].version);
}

SetRelation relation(const SpecifierSet& a, const SpecifierSet& b) {
  SetRelation result{.subset = true, .superset = true, .disjoint = true};
  for (const std::string& text : Witnesses({&a, &b})) {
    const bool in_a = a.contains_text(text), in_b = b.contains_text(text);
    if (in_a && !in_b) result.subset = false;
    if (in_b && !in_a) result.superset = false;
    if (in_a && in_b) result.disjoint = false;
  }
  return result;
}

}  // namespace pkg::pep
