#include "resolver/candidates.h"

#include <algorithm>

#include "base/text.h"
#include "pep/filename.h"
#include "pep/old_metadata.h"
#include "resolver/wheel_metadata.h"
#include "resolver/wheel_misfit.h"
#include "resolver/wheel_tags.h"

namespace pkg::resolver {

PythonCheck::PythonCheck(const pep::Version& python, const Policy& policy)
    : python_(python.base_version()), strict_(policy.strict_requires_python), ignore_(policy.ignore_requires_python) {}

PythonCheck::PythonCheck(ForkWorld& world, const Fork& fork, const Policy& policy)
    : ignore_(policy.ignore_requires_python), world_(&world), fork_(&fork) {}

bool PythonCheck::accepts_set(MarkerSet pythons) const {
  MarkerSpace& space = world_->space();
  return world_->universe().fewest_versions ? space.implies(fork_->environments, pythons)
                                            : !space.disjoint(fork_->environments, pythons);
}

bool PythonCheck::accepts(const pep::SpecifierSet& requires_python) const {
  if (ignore_) return true;
  if (world_ != nullptr) return accepts_set(world_->python_of(requires_python));
  if (strict_) return requires_python.contains(python_);
  for (const pep::Specifier& part : requires_python.parts()) {
    using enum pep::Operator;
    const bool is_lower_bound =
        part.op == greater_equal || part.op == greater || part.op == compatible || part.op == equal;
    if (!is_lower_bound) continue;
    if (part.op == greater ? !part.contains(python_) : python_ < part.version) return false;
  }
  return true;
}

bool PythonCheck::accepts(const std::string& requires_python) {
  if (ignore_ || requires_python.empty()) return true;
  const auto [known, is_new] = known_.try_emplace(requires_python, true);
  if (is_new) {
    const auto set = pep::read_requires_python(requires_python);
    known->second = !set || accepts(*set);
  }
  return known->second;
}

// Order among usable files: wheels before sdists, better variants, better tags, higher build numbers, then by name so
// that the order is always the same.
struct FileChooser::Ranked {
  const pep::DistFile* file = nullptr;
  const pep::BuildTag* build = nullptr;                   // null: none
  std::uint32_t tag_rank = 0, variant_rank = UINT32_MAX;  // what is no variant comes last
  bool is_sdist = false;
};

// What the policy says of a project's files.
struct FileChooser::Rules {
  bool wheels_allowed = true, sdists_allowed = true, yanked_allowed = false;
  bool is_cut_off = false;                             // files that are too new do not count
  const std::vector<pep::FileHash>* hashes = nullptr;  // null: any
};

namespace {

// A file of which no hash of that kind is announced may still have it: whoever fetches it checks.
bool may_have_hash(const pep::DistFile& file, const std::vector<pep::FileHash>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const pep::FileHash& hash) {
    const auto announced = std::find_if(file.hashes.begin(), file.hashes.end(),
                                        [&](const pep::FileHash& h) { return h.algorithm == hash.algorithm; });
    return announced == file.hashes.end() || announced->hex == hash.hex;
  });
}

}  // namespace

FileChooser::Rules FileChooser::rules_for(const pep::Name& name, FileOrigin origin) const {
  const bool is_listed = origin != FileOrigin::url;
  Rules rules{policy_.format.wheels_allowed(name), policy_.format.sdists_allowed(name), origin != FileOrigin::release,
              is_listed};
  if (const auto hashes = policy_.hashes.find(name); hashes != policy_.hashes.end()) rules.hashes = &hashes->second;
  return rules;
}

std::optional<Unusable> FileChooser::objection(const Rules& rules, const pep::DistFile& file, Ranked& out) {
  const bool is_wheel = file.kind == pep::DistKind::wheel;
  if (is_wheel ? !rules.wheels_allowed : !rules.sdists_allowed) return Unusable::format;
  if (rules.is_cut_off && policy_.is_cut_off(file)) return Unusable::not_yet_uploaded;
  if (file.yanked && !rules.yanked_allowed) return Unusable::yanked;
  if (rules.hashes != nullptr && !may_have_hash(file, *rules.hashes)) return Unusable::hash;
  if (world_ == nullptr && !python_.accepts(file.requires_python)) return Unusable::requires_python;
  out.file = &file;
  out.is_sdist = !is_wheel;
  if (!is_wheel) return std::nullopt;
  const auto tags = wheel_tags(file.file_name);
  if (!tags) return Unusable::tags;
  if (file.variant != nullptr) out.variant_rank = file.variant->rank;
  if (target_.tags != nullptr) {
    const auto rank = target_.tags->rank(tags->interpreters, tags->abis, tags->platforms);
    if (!rank) return Unusable::tags;
    out.tag_rank = *rank;
  } else if (world_ != nullptr && world_->space().disjoint(world_->everything(), world_->coverage().of(file))) {
    return Unusable::tags;
  }
  if (tags->has_build) {
    if (auto parsed = pep::WheelName::parse(file.file_name))
      out.build = &builds_.emplace_back(std::move(parsed->build));
  }
  return std::nullopt;
}

std::string FileChooser::detail_of(Unusable kind, const pep::DistFile& file) {
  switch (kind) {
    case Unusable::format:
      return file.kind == pep::DistKind::wheel ? "no sdist, and wheels are not allowed"
                                               : "no wheel, and building is not allowed";
    case Unusable::yanked:
      return *file.yanked;
    case Unusable::requires_python:
      return file.requires_python;
    default:
      return {};
  }
}

// Why none of the files can be used: the last hurdle that one of them came to.
Reason FileChooser::reason_against_all(const Rules& rules, std::span<const pep::DistFile> files) {
  Reason last;
  std::vector<std::string_view> misfits;
  for (const pep::DistFile& file : files) {
    Ranked ranked;
    const auto kind = objection(rules, file, ranked);
    if (kind == Unusable::tags) misfits.push_back(file.file_name);
    if (kind && *kind > last.kind) last = {*kind, detail_of(*kind, file)};
  }
  if (last.kind == Unusable::tags) last.detail = wheel_misfit(misfits, target_);
  return last;
}

void FileChooser::choose(const pep::Name& name, std::span<const pep::DistFile> files, FileOrigin origin,
                         Candidate& out) {
  if (world_ != nullptr) {
    ChosenFiles& chosen = world_->chosen(files.data(), origin != FileOrigin::release);
    if (!chosen.known) choose_anew(name, files, origin, chosen);
    choose_in_fork(chosen, out);
    return;
  }
  ChosenFiles chosen;
  choose_anew(name, files, origin, chosen);
  out.files = std::move(chosen.files);
  out.has_wheel = chosen.has_wheel;
  out.reason = std::move(chosen.reason);
}

void FileChooser::choose_in_fork(const ChosenFiles& chosen, Candidate& out) {
  out.reason = chosen.reason;
  out.metadata_differs = chosen.metadata_differs;
  if (chosen.reason) return;
  for (const pep::DistFile* const file : chosen.files) {
    const bool accepted = python_.accepts(file->requires_python);
    if (chosen.same_python && accepted) {
      out.files = chosen.files;
      break;
    }
    if (chosen.same_python) break;
    if (accepted) out.files.push_back(file);
  }
  if (out.files.empty())
    out.reason = Reason{Unusable::requires_python, chosen.files.front()->requires_python};
  else
    out.has_wheel = out.files.front()->kind == pep::DistKind::wheel;
}

void FileChooser::choose_anew(const pep::Name& name, std::span<const pep::DistFile> files, FileOrigin origin,
                              ChosenFiles& out) {
  out.known = true;
  const Rules rules = rules_for(name, origin);
  std::vector<Ranked> usable;
  usable.reserve(files.size());
  builds_.clear();
  for (const pep::DistFile& file : files) {
    Ranked ranked;
    if (!objection(rules, file, ranked)) usable.push_back(ranked);
  }
  if (usable.empty()) {
    out.reason = reason_against_all(rules, files);
    return;
  }
  std::sort(usable.begin(), usable.end(), [](const Ranked& a, const Ranked& b) {
    if (a.is_sdist != b.is_sdist) return b.is_sdist;
    if (a.variant_rank != b.variant_rank) return a.variant_rank < b.variant_rank;
    if (a.tag_rank != b.tag_rank) return a.tag_rank < b.tag_rank;
    if ((a.build == nullptr) != (b.build == nullptr)) return a.build != nullptr;
    if (a.build != nullptr && *a.build != *b.build) return *b.build < *a.build;
    return a.file->file_name < b.file->file_name;
  });
  out.files.reserve(usable.size());
  for (const Ranked& ranked : usable) {
    out.files.push_back(ranked.file);
    out.same_python = out.same_python && ranked.file->requires_python == out.files.front()->requires_python;
  }
  out.has_wheel = !usable.front().is_sdist;
  out.metadata_differs = world_ != nullptr && metadata_differs(out.files);
}

}  // namespace pkg::resolver
