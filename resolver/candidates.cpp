#include "resolver/candidates.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "pep/filename.h"
#include "resolver/wheel_tags.h"

namespace pkg::resolver {

PythonCheck::PythonCheck(const pep::Version& python, const Policy& policy)
    : python_(python.base_version()), strict_(policy.strict_requires_python), ignore_(policy.ignore_requires_python) {}

PythonCheck::PythonCheck(ForkWorld& world, const Fork& fork, const Policy& policy)
    : ignore_(policy.ignore_requires_python), world_(&world), fork_(&fork) {}

bool PythonCheck::accepts_set(MarkerSet pythons) const {
  MarkerSpace& space = world_->space();
  return world_->universe().fewest_versions ? space.implies(fork_->environments, pythons) : !space.disjoint(fork_->environments, pythons);
}

bool PythonCheck::accepts(const pep::SpecifierSet& requires_python) const {
  if (ignore_) return true;
  if (world_ != nullptr) return accepts_set(world_->python_of(requires_python));
  if (strict_) return requires_python.contains(python_);
  for (const pep::Specifier& part : requires_python.parts()) {
    using enum pep::Operator;
    const bool is_lower_bound = part.op == greater_equal || part.op == greater || part.op == compatible || part.op == equal;
    if (!is_lower_bound) continue;
    if (part.op == greater ? !part.contains(python_) : python_ < part.version) return false;
  }
  return true;
}

bool PythonCheck::accepts(const std::string& requires_python) {
  if (ignore_ || requires_python.empty()) return true;
  const auto [known, is_new] = known_.try_emplace(requires_python, true);
  if (is_new) {
    const auto set = pep::SpecifierSet::parse(requires_python);
    known->second = !set.ok() || accepts(*set);
  }
  return known->second;
}

// Order among usable files: wheels before sdists, better tags, higher build numbers, then by name so that the order is always the same.
struct FileChooser::Ranked {
  bool is_sdist = false;
  std::uint32_t tag_rank = 0;
  pep::BuildTag build;
  const pep::DistFile* file = nullptr;
};

namespace {

// A file of which no hash of that kind is announced may still have it: whoever fetches it checks.
bool may_have_hash(const pep::DistFile& file, const std::vector<pep::FileHash>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const pep::FileHash& hash) {
    const auto announced =
        std::find_if(file.hashes.begin(), file.hashes.end(), [&](const pep::FileHash& h) { return h.algorithm == hash.algorithm; });
    return announced == file.hashes.end() || announced->hex == hash.hex;
  });
}

// "for macosx_11_0_arm64, win_amd64 and 3 others", from the wheels' tags.
std::string other_platforms(const std::set<std::string>& tags) {
  std::vector<std::string> shown(tags.begin(), tags.end());
  std::string text;
  const std::size_t limit = shown.size() > 4 ? 3 : shown.size();
  for (std::size_t i = 0; i < limit; ++i) {
    const bool is_last = i + 1 == shown.size();
    append(text, i == 0 ? "" : is_last ? " and " : ", ", shown[i]);
  }
  if (limit < shown.size()) append(text, " and ", shown.size() - limit, " others");
  return text;
}

}  // namespace

std::optional<Reason> FileChooser::objection(const pep::Name& name, const pep::DistFile& file, bool yanked_allowed, Ranked& out) {
  const bool is_wheel = file.kind == pep::DistKind::wheel;
  if (is_wheel ? !policy_.format.wheels_allowed(name) : !policy_.format.sdists_allowed(name))
    return Reason{Unusable::format, is_wheel ? "no sdist, and wheels are not allowed" : "no wheel, and building is not allowed"};
  const auto own_limit = policy_.exclude_newer_of.find(name);
  const auto limit = own_limit != policy_.exclude_newer_of.end() ? own_limit->second : policy_.exclude_newer;
  if (limit && (!file.upload_time || *file.upload_time >= *limit)) return Reason{Unusable::not_yet_uploaded, ""};
  if (file.yanked && !yanked_allowed) return Reason{Unusable::yanked, *file.yanked};
  const auto hashes = policy_.hashes.find(name);
  if (hashes != policy_.hashes.end() && !may_have_hash(file, hashes->second)) return Reason{Unusable::hash, ""};
  if (world_ == nullptr && !python_.accepts(file.requires_python)) return Reason{Unusable::requires_python, file.requires_python};
  out.file = &file;
  out.is_sdist = !is_wheel;
  if (!is_wheel) return std::nullopt;
  const auto tags = wheel_tags(file.file_name);
  if (!tags) return Reason{Unusable::tags, ""};
  if (target_.tags != nullptr) {
    const auto rank = target_.tags->rank(tags->interpreters, tags->abis, tags->platforms);
    if (!rank) return Reason{Unusable::tags, cat(tags->platforms == "any" ? tags->interpreters : tags->platforms)};
    out.tag_rank = *rank;
  } else if (world_ != nullptr && world_->space().disjoint(world_->everything(), world_->coverage().of(file))) {
    return Reason{Unusable::tags, cat(tags->platforms == "any" ? tags->interpreters : tags->platforms)};
  }
  if (tags->has_build) {
    if (const auto parsed = pep::WheelName::parse(file.file_name)) out.build = parsed->build;
  }
  return std::nullopt;
}

void FileChooser::choose(const pep::Name& name, std::span<const pep::DistFile> files, bool yanked_allowed, Candidate& out) {
  if (world_ != nullptr) {
    ChosenFiles& chosen = world_->chosen(files.data(), yanked_allowed);
    if (!chosen.known) choose_anew(name, files, yanked_allowed, chosen);
    choose_in_fork(chosen, out);
    return;
  }
  ChosenFiles chosen;
  choose_anew(name, files, yanked_allowed, chosen);
  out.files = std::move(chosen.files);
  out.has_wheel = chosen.has_wheel;
  out.reason = std::move(chosen.reason);
}

void FileChooser::choose_in_fork(const ChosenFiles& chosen, Candidate& out) {
  out.reason = chosen.reason;
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

void FileChooser::choose_anew(const pep::Name& name, std::span<const pep::DistFile> files, bool yanked_allowed, ChosenFiles& out) {
  out.known = true;
  std::vector<Ranked> usable;
  Reason last{Unusable::no_files, ""};
  std::set<std::string> platforms;
  for (const pep::DistFile& file : files) {
    Ranked ranked;
    auto reason = objection(name, file, yanked_allowed, ranked);
    if (!reason) {
      usable.push_back(std::move(ranked));
      continue;
    }
    if (reason->kind == Unusable::tags) platforms.insert(reason->detail);
    if (reason->kind > last.kind) last = std::move(*reason);
  }
  if (usable.empty()) {
    if (last.kind == Unusable::tags) last.detail = other_platforms(platforms);
    out.reason = std::move(last);
    return;
  }
  std::sort(usable.begin(), usable.end(), [](const Ranked& a, const Ranked& b) {
    if (std::tie(a.is_sdist, a.tag_rank) != std::tie(b.is_sdist, b.tag_rank))
      return std::tie(a.is_sdist, a.tag_rank) < std::tie(b.is_sdist, b.tag_rank);
    if (a.build != b.build) return b.build < a.build;
    return a.file->file_name < b.file->file_name;
  });
  out.files.reserve(usable.size());
  for (const Ranked& ranked : usable) {
    out.files.push_back(ranked.file);
    out.same_python = out.same_python && ranked.file->requires_python == out.files.front()->requires_python;
  }
  out.has_wheel = !usable.front().is_sdist;
}

}  // namespace pkg::resolver
