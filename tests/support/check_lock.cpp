#include "support/check_lock.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "pep/filename.h"

namespace pkg::test {

namespace {

using resolver::Pin;

bool accepts_python(const pep::SpecifierSet& requires_python, const pep::Version& python, bool strict) {
  if (strict) return requires_python.contains(python);
  for (const pep::Specifier& part : requires_python.parts()) {
    using enum pep::Operator;
    if (part.op == greater && !part.contains(python)) return false;
    if ((part.op == greater_equal || part.op == compatible || part.op == equal) && python < part.version) return false;
  }
  return true;
}

class Checker {
 public:
  Checker(const resolver::Problem& problem, const resolver::Resolution& resolution, resolver::PackageSource& world,
          const LockTarget& target)
      : problem_(problem), resolution_(resolution), world_(world), target_(target) {
    for (const std::size_t index : project(resolution, target)) {
      const auto [at, is_new] = pins_.emplace(resolution.pins[index].name, index);
      if (!is_new)
        complain(at->first.str(), " has two versions: ", resolution.pins[at->second].version.to_string(), " and ",
                 resolution.pins[index].version.to_string());
    }
    python_ = pep::Version::parse(target.environment.python_full_version).value().base_version();
  }

  std::vector<std::string> run() {
    for (const pep::Requirement& requirement : problem_.requirements) follow(-1, requirement, {});
    while (!work_.empty()) {
      const auto [name, extra] = work_.back();
      work_.pop_back();
      const auto index = pins_.find(name);
      const auto metadata = metadata_of(resolution_.pins[index->second]);
      if (metadata == nullptr || problem_.policy.no_deps) continue;
      for (const pep::Requirement& requirement : asked_by(*metadata))
        follow(static_cast<int>(index->second), requirement, extra);
    }
    for (const auto& [name, index] : pins_) check_pin(resolution_.pins[index]);
    return std::move(complaints_);
  }

 private:
  template <class... Parts>
  void complain(const Parts&... parts) {
    std::string text = cat(parts...);
    if (std::find(complaints_.begin(), complaints_.end(), text) == complaints_.end())
      complaints_.push_back(std::move(text));
  }

  bool holds(const pep::Marker& marker, const pep::Name& extra) const {
    if (marker.is_trivial()) return true;
    const std::vector<pep::Name> extras = extra.empty() ? std::vector<pep::Name>() : std::vector<pep::Name>{extra};
    return marker.evaluate({.environment = target_.environment,
                            .extras = extras,
                            .lock_extras = target_.extras,
                            .lock_groups = target_.groups,
                            .is_lock_file = true});
  }

  // What a release asks for as the problem's rules for its project have it: said once more, in the plainest way.
  std::vector<pep::Requirement> asked_by(const pep::Metadata& metadata) const {
    std::vector<pep::Requirement> asked;
    std::set<pep::Name> stated;
    for (const pep::Requirement& requirement : metadata.requires_dist) {
      stated.insert(requirement.name);
      add_ruled(metadata, requirement.name, &requirement, asked);
    }
    for (const resolver::ParentRule& rule : problem_.parent_rules)
      for (const pep::Requirement& requirement : rule.dependencies)
        if (is_about(rule, metadata) && stated.insert(requirement.name).second)
          add_ruled(metadata, requirement.name, nullptr, asked);
    return asked;
  }

  static bool is_about(const resolver::ParentRule& rule, const pep::Metadata& metadata) {
    return rule.parent.name == metadata.name && rule.parent.specifiers.contains(metadata.version);
  }

  void add_ruled(const pep::Metadata& metadata, const pep::Name& name, const pep::Requirement* stated,
                 std::vector<pep::Requirement>& asked) const {
    std::vector<const pep::Requirement*> of_versions, of_all;
    for (const resolver::ParentRule& rule : problem_.parent_rules) {
      if (!is_about(rule, metadata)) continue;
      if (std::find(rule.excludes.begin(), rule.excludes.end(), name) != rule.excludes.end()) return;
      for (const pep::Requirement& instead : rule.dependencies)
        if (instead.name == name) (rule.parent.specifiers.empty() ? of_all : of_versions).push_back(&instead);
    }
    const auto& ruled = of_versions.empty() ? of_all : of_versions;
    if (ruled.empty() && stated != nullptr) asked.push_back(*stated);
    for (const pep::Requirement* instead : ruled) {
      asked.push_back(*instead);
      if (stated == nullptr) continue;
      asked.back().marker = pep::both(stated->marker, instead->marker);
      if (instead->extras.empty()) asked.back().extras = stated->extras;
    }
  }

  // A requirement of the root (parent -1) or of a pin, asked for through `extra` (empty: without one).
  void follow(int parent, const pep::Requirement& requirement, const pep::Name& extra) {
    if (!holds(requirement.marker, extra)) return;
    const auto& excludes = problem_.excludes;
    if (std::find(excludes.begin(), excludes.end(), requirement.name) != excludes.end()) return;
    bool is_overridden = false;
    for (const pep::Requirement& instead : problem_.overrides) {
      if (instead.name != requirement.name || requirement.is_override) continue;
      is_overridden = true;
      if (holds(instead.marker, {}))
        meet(parent, instead, instead.extras.empty() ? requirement.extras : instead.extras);
    }
    if (!is_overridden) meet(parent, requirement, requirement.extras);
  }

  void meet(int parent, const pep::Requirement& requirement, const std::vector<pep::Name>& extras) {
    const std::string who = parent < 0 ? "the root" : pin_text(resolution_.pins[static_cast<std::size_t>(parent)]);
    const auto at = pins_.find(requirement.name);
    if (at == pins_.end()) {
      complain(who, " needs ", requirement.to_string(), ", which is missing");
      return;
    }
    const Pin& pin = resolution_.pins[at->second];
    const bool is_met = requirement.url.empty()
                            ? requirement.specifiers.contains(pin.version)
                            : pin.direct && !pin.files.empty() && pin.files.front().url == requirement.url;
    if (!is_met) complain(who, " needs ", requirement.to_string(), ", not met by ", pin_text(pin));
    if (std::none_of(pin.required_by.begin(), pin.required_by.end(),
                     [&](const resolver::Edge& edge) { return edge.parent == parent; }))
      complain("no edge from ", who, " to ", pin_text(pin));
    if (parent >= 0) {
      const auto& children = resolution_.pins[static_cast<std::size_t>(parent)].dependencies;
      if (std::find(children.begin(), children.end(), static_cast<int>(at->second)) == children.end())
        complain(pin_text(pin), " is no dependency of ", who);
    }
    reach(requirement.name, {});
    for (const pep::Name& extra : extras) {
      if (std::find(pin.extras.begin(), pin.extras.end(), extra) == pin.extras.end())
        complain(pin_text(pin), " lacks the extra ", extra.str(), ", which ", who, " asks for");
      reach(requirement.name, extra);
    }
  }

  void reach(const pep::Name& name, const pep::Name& extra) {
    if (reached_.emplace(name, extra).second) work_.emplace_back(name, extra);
  }

  void check_pin(const Pin& pin) {
    if (!reached_.contains({pin.name, pep::Name()})) complain(pin_text(pin), " is unreachable");
    for (const pep::Requirement& constraint : problem_.constraints)
      if (constraint.name == pin.name && holds(constraint.marker, {}) && constraint.url.empty() &&
          !constraint.specifiers.contains(pin.version))
        complain(pin_text(pin), " is against the constraint ", constraint.to_string());
    const auto metadata = metadata_of(pin);
    const resolver::Policy& policy = problem_.policy;
    const bool python_counts = !policy.ignore_requires_python;
    if (python_counts && metadata != nullptr && metadata->has_requires_python &&
        !accepts_python(metadata->requires_python, python_, is_strict()))
      complain(pin_text(pin), " needs Python ", metadata->requires_python.to_string());
    check_files(pin);
  }

  void check_files(const Pin& pin) {
    if (pin.files.empty()) {
      complain(pin_text(pin), " has no file");
      return;
    }
    if (target_.tags != nullptr && !has_file_for(pin, *target_.tags))
      complain(pin_text(pin), " has no file for this target");
    if (!problem_.universe || target_.environment.implementation_name != "cpython")
      return;  // required are files for CPython
    for (const resolver::RequiredEnvironment& required : problem_.universe->required) {
      if (!target_.meets(required.marker) || required.platforms.empty()) continue;
      const auto release = python_.release();
      const pep::InterpreterFacts interpreter{.implementation = "cpython",
                                              .version = {static_cast<int>(release[0]), static_cast<int>(release[1])},
                                              .abis = {cat("cp", release[0], release[1])}};
      if (!has_file_for(pin, pep::TagSet(interpreter, required.platforms)))
        complain(pin_text(pin), " has no file for ", required.name);
    }
  }

  bool is_strict() const {
    return problem_.universe ? problem_.universe->strict_requires_python : problem_.policy.strict_requires_python;
  }

  bool has_file_for(const Pin& pin, const pep::TagSet& tags) const {
    return std::any_of(pin.files.begin(), pin.files.end(), [&](const pep::DistFile& file) {
      const auto requires_python = pep::SpecifierSet::try_parse(file.requires_python);
      if (!problem_.policy.ignore_requires_python && requires_python &&
          !accepts_python(*requires_python, python_, is_strict()))
        return false;
      if (file.kind == pep::DistKind::sdist) return problem_.policy.format.sdists_allowed(pin.name);
      const auto wheel = pep::WheelName::parse(file.file_name);
      return wheel.ok() && tags.rank(wheel->interpreters, wheel->abis, wheel->platforms).has_value();
    });
  }

  // From the world, not from the pin.
  std::shared_ptr<const pep::Metadata> metadata_of(const Pin& pin) {
    const auto [known, is_new] = metadata_.try_emplace(&pin);
    if (is_new) known->second = read_metadata(pin);
    return known->second;
  }

  std::shared_ptr<const pep::Metadata> read_metadata(const Pin& pin) {
    if (pin.direct) {
      if (pin.files.empty()) return nullptr;
      const auto answer = world_.metadata(pin.files.front());
      return answer.ok() ? answer->metadata : nullptr;
    }
    auto& world = index_of(pin.name).empty() ? world_ : world_.from(index_of(pin.name));
    const auto listing = world.listing(pin.name);
    if (listing.ok()) {
      for (std::size_t i = 0; i < (*listing)->releases.size(); ++i) {
        if ((*listing)->releases[i].version != pin.version) continue;
        const auto files = world.files(pin.name, i);
        if (!files.ok() || files->empty()) break;
        for (const pep::DistFile& file : pin.files)
          if (file.index != index_of(pin.name))
            complain(file.file_name, " is of the index `", file.index, "`");
          else if (std::find(files->begin(), files->end(), file) == files->end())
            complain(file.file_name, " is no file of the world");
        const auto* told_by = telling(*files);
        if (told_by == nullptr) return pin.metadata;  // nobody installs it there
        const auto answer = world_.metadata(*told_by);
        if (answer.ok() && answer->metadata != nullptr) return answer->metadata;
      }
    }
    complain(pin_text(pin), " is not in the world");
    return nullptr;
  }

  // The file whose metadata counts for the target; where wheels differ, that of the one which is installed there.
  const pep::DistFile* telling(std::span<const pep::DistFile> files) const {
    if (!files.front().metadata_hash) return &files.front();
    const auto& environment = target_.environment;
    const std::string machine = to_ascii_lower(environment.platform_machine);
    const auto platform = environment.sys_platform == "linux"    ? cat("manylinux_2_17_", machine)
                          : environment.sys_platform == "darwin" ? cat("macosx_11_0_", machine)
                                                                 : cat("win_", machine);
    const auto release = python_.release();
    const pep::TagSet tags({.implementation = "cpython",
                            .version = {static_cast<int>(release[0]), static_cast<int>(release[1])},
                            .abis = {cat("cp", release[0], release[1])}},
                           std::vector<std::string>{platform});
    for (const pep::DistFile& file : files) {
      const auto wheel = pep::WheelName::parse(file.file_name);
      if (wheel.ok() && tags.rank(wheel->interpreters, wheel->abis, wheel->platforms)) return &file;
    }
    return nullptr;
  }

  // The index that the project has to come from for the target; empty: the usual one.
  std::string index_of(const pep::Name& name) const {
    for (const auto& rule : problem_.index_rules)
      if (rule.name == name && target_.meets(rule.where)) return rule.index;
    return {};
  }

  static std::string pin_text(const Pin& pin) { return cat(pin.name.str(), " ", pin.version.to_string()); }

  const resolver::Problem& problem_;
  const resolver::Resolution& resolution_;
  resolver::PackageSource& world_;
  const LockTarget& target_;
  pep::Version python_;
  std::map<pep::Name, std::size_t> pins_;
  std::set<std::pair<pep::Name, pep::Name>> reached_;  // (name, extra or "")
  std::vector<std::pair<pep::Name, pep::Name>> work_;
  std::map<const Pin*, std::shared_ptr<const pep::Metadata>> metadata_;
  std::vector<std::string> complaints_;
};

}  // namespace

bool LockTarget::meets(const pep::Marker& marker) const {
  return marker.is_trivial() ||
         marker.evaluate(
             {.environment = environment, .lock_extras = extras, .lock_groups = groups, .is_lock_file = true});
}

std::vector<std::size_t> project(const resolver::Resolution& resolution, const LockTarget& target) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < resolution.pins.size(); ++i)
    if (target.meets(resolution.pins[i].marker)) indices.push_back(i);
  return indices;
}

std::string projection_text(const resolver::Resolution& resolution, const LockTarget& target) {
  std::string text;
  for (const std::size_t index : project(resolution, target))
    append(text, text.empty() ? "" : ", ", resolution.pins[index].name.str(), " ",
           resolution.pins[index].version.to_string());
  return text;
}

std::vector<std::string> check_lock(const resolver::Problem& problem, const resolver::Resolution& resolution,
                                    resolver::PackageSource& world, const LockTarget& target) {
  return Checker(problem, resolution, world, target).run();
}

}  // namespace pkg::test
