#include "index/metadata/origin_facts.h"

#include <utility>

#include "base/binary.h"
#include "base/hash.h"
#include "base/time.h"

namespace pkg::index {
namespace {

constexpr std::int64_t kBelievedFor = time::kDay;

// '.' cannot begin a project's name: this bundle is nobody's.
const pep::Name& bundle_name() {
  static const auto name = pep::Name::from_normalized(".origins");
  return name;
}

}  // namespace

OriginFacts::OriginFacts(MetadataCache& cache, std::int64_t now) : cache_(cache), now_(now) {}

void OriginFacts::saw_announcement(const std::string& index) {
  const std::lock_guard lock(mutex_);
  announcing_.insert(index);
}

bool OriginFacts::announces(const std::string& index) {
  const std::lock_guard lock(mutex_);
  return announcing_.count(index) != 0;
}

OriginFacts::Facts& OriginFacts::facts(const std::string& origin) {
  auto& known = origins_[origin];
  if (known.loaded) return known;
  known.loaded = true;
  const auto record = cache_.find(bundle_name(), hash::sha256(origin));
  if (!record) return known;
  BinaryReader r(*record);
  const auto time = r.i64();
  const auto siblings = r.u8(), no_ranges = r.u8();
  if (!r.ok() || time > now_ || now_ - time > kBelievedFor || siblings > 2) return known;
  known.siblings = static_cast<Known>(siblings);
  known.no_ranges = no_ranges == 1;
  return known;
}

void OriginFacts::save(const std::string& origin, const Facts& known) {
  BinaryWriter w;
  w.i64(now_);
  w.u8(static_cast<std::uint8_t>(known.siblings));
  w.u8(known.no_ranges ? 1 : 0);
  (void)cache_.add(bundle_name(), hash::sha256(origin), w.str());  // only saves requests next time
}

Known OriginFacts::siblings(const std::string& origin, bool& waits, std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  auto& known = facts(origin);
  waits = known.siblings == Known::unknown && known.probing;
  if (waits)
    known.waiting.push_back(std::move(then));
  else if (known.siblings == Known::unknown)
    known.probing = true;
  return known.siblings;
}

void OriginFacts::learned_siblings(const std::string& origin, bool has_them, Lasting lasting) {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    auto& known = facts(origin);
    known.siblings = has_them ? Known::yes : Known::no;
    known.probing = false;
    waiting.swap(known.waiting);
    if (lasting == Lasting::yes) save(origin, known);
  }
  for (auto& then : waiting) then();
}

bool OriginFacts::has_no_ranges(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  return facts(origin).no_ranges;
}

void OriginFacts::learned_no_ranges(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  auto& known = facts(origin);
  if (known.no_ranges) return;
  known.no_ranges = true;
  save(origin, known);
}

}  // namespace pkg::index
