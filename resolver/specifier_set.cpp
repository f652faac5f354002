#include "resolver/specifier_set.h"

#include <algorithm>

namespace pkg::resolver {

namespace {

using pubgrub::Value;
using pubgrub::VersionSet;

struct Block {
  Value begin = 0, end = 0;  // positions, newest first
};

// The versions with the same epoch and release as `bound`: the only ones for which pre, post, dev and local matter.
Block same_release(std::span<const pep::Version> versions, const pep::Version& bound) {
  const pep::Version base = bound.base_version();
  const auto begin = std::partition_point(versions.begin(), versions.end(),
                                          [&](const pep::Version& v) { return v.base_version() > base; });
  const auto end =
      std::partition_point(begin, versions.end(), [&](const pep::Version& v) { return v.base_version() == base; });
  return {static_cast<Value>(begin - versions.begin()), static_cast<Value>(end - versions.begin())};
}

// The versions whose release starts as `bound` does, in its first `segments` numbers.
Block same_prefix(std::span<const pep::Version> versions, const pep::Version& bound, std::size_t segments) {
  const auto begin = std::partition_point(versions.begin(), versions.end(), [&](const pep::Version& v) {
    return v > bound && !v.same_prefix(bound, segments);
  });
  const auto end = std::partition_point(begin, versions.end(),
                                        [&](const pep::Version& v) { return v.same_prefix(bound, segments); });
  return {static_cast<Value>(begin - versions.begin()), static_cast<Value>(end - versions.begin())};
}

void insert_one_by_one(const pep::Specifier& specifier, std::span<const pep::Version> versions, Block block,
                       Value offset, VersionSet& out) {
  for (Value i = block.begin; i < block.end; ++i)
    if (specifier.contains(versions[i])) out.insert(offset + i);
}

void insert_for(const pep::Specifier& specifier, std::span<const pep::Version> versions, Value offset,
                VersionSet& out) {
  const Value count = static_cast<Value>(versions.size());
  using enum pep::Operator;
  if (specifier.op == arbitrary || count < 8) {
    insert_one_by_one(specifier, versions, {0, count}, offset, out);
    return;
  }
  if (specifier.op == compatible) {
    insert_one_by_one(specifier, versions,
                      same_prefix(versions, specifier.version, specifier.version.release_size() - 1), offset, out);
    return;
  }
  if (specifier.wildcard) {
    const Block block = same_prefix(versions, specifier.version, specifier.version.release_size());
    if (specifier.op == equal) {
      out.insert_range(offset + block.begin, offset + block.end);
    } else {
      out.insert_range(offset, offset + block.begin);
      out.insert_range(offset + block.end, offset + count);
    }
    return;
  }
  const Block block = same_release(versions, specifier.version);
  if (specifier.op == greater || specifier.op == greater_equal || specifier.op == not_equal)
    out.insert_range(offset, offset + block.begin);
  if (specifier.op == less || specifier.op == less_equal || specifier.op == not_equal)
    out.insert_range(offset + block.end, offset + count);
  insert_one_by_one(specifier, versions, block, offset, out);
}

}  // namespace

void insert_matching(const pep::SpecifierSet& specifiers, std::span<const pep::Version> versions, Value offset,
                     VersionSet& out, pubgrub::SetArena& scratch) {
  const auto count = static_cast<Value>(versions.size());
  if (specifiers.empty()) {
    out.insert_range(offset, offset + count);
    return;
  }
  const auto mark = scratch.mark();
  VersionSet all = scratch.empty(out.bits());
  bool first = true;
  for (const pep::Specifier& specifier : specifiers.parts()) {
    const auto before = scratch.mark();
    VersionSet one = scratch.empty(out.bits());
    insert_for(specifier, versions, offset, one);
    if (first)
      all.unite(one);
    else
      all.intersect(one);
    first = false;
    scratch.release(before);
  }
  out.unite(all);
  scratch.release(mark);
}

}  // namespace pkg::resolver
