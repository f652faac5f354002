#include "lock/merge.h"

#include <algorithm>
#include <map>

namespace pkg::lock {
namespace {

using Group = std::vector<const LockedPackage*>;

// One project as each side has it; empty: not there.
struct Sides {
  Group base, ours, theirs;
};

bool same(const Group& a, const Group& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto* left, const auto* right) { return *left == *right; });
}

std::optional<pep::Version> newest(const Group& group) {
  std::optional<pep::Version> out;
  for (const auto* package : group)
    if (package->version && (!out || *out < *package->version)) out = package->version;
  return out;
}

const Group& chosen(const Sides& sides) {
  if (same(sides.ours, sides.theirs) || same(sides.theirs, sides.base)) return sides.ours;
  if (same(sides.ours, sides.base)) return sides.theirs;
  return newest(sides.ours) < newest(sides.theirs) ? sides.theirs : sides.ours;  // no version is less than any
}

void add(const LockFile& lock, Group Sides::*side, std::map<pep::Name, Sides>& out) {
  for (const auto& package : lock.packages) (out[package.name].*side).push_back(&package);
}

const LockFile* unopposed(const LockFile& base, const LockFile& ours, const LockFile& theirs) {
  if (ours == theirs || theirs == base) return &ours;
  return ours == base ? &theirs : nullptr;
}

}  // namespace

MergeResult merge(const LockFile& base, const LockFile& ours, const LockFile& theirs) {
  std::map<pep::Name, Sides> projects;
  add(base, &Sides::base, projects);
  add(ours, &Sides::ours, projects);
  add(theirs, &Sides::theirs, projects);
  MergeResult out;
  out.taken = unopposed(base, ours, theirs);
  out.trivial = out.taken != nullptr;
  for (const auto& [name, sides] : projects) {
    for (const auto* package : chosen(sides))
      if (package->version) out.preferences.push_back({package->name, *package->version, package->marker});
  }
  return out;
}

}  // namespace pkg::lock
