#include "resolver/wheel_metadata.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "pep/variant.h"
#include "resolver/parent_rules.h"

namespace pkg::resolver {

namespace {

// Wheels with one metadata, and where they can be installed.
struct Variant {
  std::shared_ptr<const pep::Metadata> metadata;
  MarkerSet environments = MarkerSpace::kNone;
};

// As far as the index says it. What a wheel asks for may depend on which variant it is, so that one text is two.
bool has_same_metadata(const pep::DistFile& a, const pep::DistFile& b) {
  if (a.variant_label() != b.variant_label()) return false;
  return !a.metadata_hash || !b.metadata_hash || a.metadata_hash->hex == b.metadata_hash->hex;
}

// The first of `files` that has the metadata of `file`; nullptr for a source, and where there is none.
const pep::DistFile* same_among(std::span<const pep::DistFile* const> files, const pep::DistFile& file) {
  if (file.kind != pep::DistKind::wheel) return nullptr;
  const auto same = std::ranges::find_if(files, [&](const auto* one) { return has_same_metadata(*one, file); });
  return same == files.end() ? nullptr : *same;
}

std::set<std::string> texts_of(const pep::Metadata& metadata) {
  std::set<std::string> texts;
  for (const pep::Requirement& requirement : metadata.requires_dist) texts.insert(requirement.to_string());
  return texts;
}

bool says_the_same(const pep::Metadata& a, const pep::Metadata& b) {
  return a.provides_extra == b.provides_extra && texts_of(a) == texts_of(b);
}

// Each requirement where a wheel that has it may be installed; in the order of the variants.
std::shared_ptr<const pep::Metadata> joined(const std::vector<Variant>& variants, ForkWorld& world) {
  MarkerSpace& space = world.space();
  struct Wanted {
    const pep::Requirement* requirement;
    MarkerSet where;
  };
  std::vector<Wanted> all;
  std::map<std::string, std::size_t> known;
  MarkerSet anywhere = MarkerSpace::kNone;
  auto result = std::make_shared<pep::Metadata>(*variants.front().metadata);
  for (const auto& [metadata, environments] : variants) {
    anywhere = space.either(anywhere, environments);
    for (const pep::Requirement& requirement : metadata->requires_dist) {
      const auto [at, is_new] = known.try_emplace(requirement.to_string(), all.size());
      if (is_new) all.push_back({&requirement, MarkerSpace::kNone});
      all[at->second].where = space.either(all[at->second].where, environments);
    }
    for (const pep::Name& extra : metadata->provides_extra)
      if (std::ranges::find(result->provides_extra, extra) == result->provides_extra.end())
        result->provides_extra.push_back(extra);
  }
  anywhere = space.both(anywhere, world.everything());
  result->requires_dist = {};
  for (const auto& [requirement, where] : all) {
    const MarkerSet here = space.both(where, anywhere);
    if (here == MarkerSpace::kNone) continue;
    pep::Requirement one = *requirement;
    if (here != anywhere) one.marker = pep::both(one.marker, space.marker(space.simplify(here, anywhere)));
    result->requires_dist.push_back(std::move(one));
  }
  return result;
}

}  // namespace

bool metadata_differs(std::span<const pep::DistFile* const> files) {
  const pep::DistFile& first = *files.front();
  return first.kind == pep::DistKind::wheel && std::ranges::any_of(files, [&](const pep::DistFile* file) {
           return file->kind == pep::DistKind::wheel && !has_same_metadata(first, *file);
         });
}

std::vector<const pep::DistFile*> wheels_that_differ(std::span<const pep::DistFile* const> files) {
  std::vector<const pep::DistFile*> different{files.front()};
  if (files.front()->kind != pep::DistKind::wheel) return different;
  for (const pep::DistFile* const file : files)
    if (file->kind == pep::DistKind::wheel && same_among(different, *file) == nullptr) different.push_back(file);
  return different;
}

Result<std::shared_ptr<const pep::Metadata>> joined_metadata(std::shared_ptr<const pep::Metadata> first,
                                                             std::span<const pep::DistFile* const> files,
                                                             PackageSource& source, const Problem& problem,
                                                             ForkWorld& world) {
  const auto different = wheels_that_differ(files);
  if (different.size() < 2) return first;
  auto& known = world.joined_metadata(*files.front(), *files.back(), files.size());
  if (known != nullptr) return known;
  std::vector<Variant> variants;
  std::map<const pep::DistFile*, std::size_t> variant_of;  // of those that differ
  source.want_metadata(std::span(different).subspan(1));
  for (const pep::DistFile* const file : different) {
    std::shared_ptr<const pep::Metadata> metadata = first;
    if (file != files.front()) {
      PKG_TRY_ASSIGN(auto answer, source.metadata(*file));
      metadata = with_rules(std::move(answer.metadata), problem, &world);
      if (metadata == nullptr || !metadata->broken_requirements.empty()) continue;
    }
    const auto same = std::ranges::find_if(
        variants, [&](const Variant& variant) { return says_the_same(*variant.metadata, *metadata); });
    variant_of.emplace(file, static_cast<std::size_t>(same - variants.begin()));
    if (same == variants.end()) variants.push_back({std::move(metadata)});
  }
  if (variants.size() > 1) {
    for (const pep::DistFile* const file : files) {
      const auto variant = variant_of.find(same_among(different, *file));
      if (variant == variant_of.end()) continue;
      MarkerSet& where = variants[variant->second].environments;
      where = world.space().either(where, world.coverage().of(*file));
    }
    known = joined(variants, world);
  } else {
    known = std::move(first);
  }
  return known;
}

}  // namespace pkg::resolver
