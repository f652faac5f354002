#include "conformance/resolver_judge.h"

#include <set>
#include <utility>

#include "base/text.h"
#include "support/pins.h"

namespace pkg::conformance {

namespace {

std::string field(const VectorJson& markers, const char* name) { return markers.value(name, std::string()); }

// "cp312/linux-x86_64-glibc2.35", as all scenarios of the vectors have it; or a list of tags.
std::shared_ptr<const pep::TagSet> tags_of(const VectorJson& tags, const std::string& python) {
  if (tags.is_array()) {
    std::vector<pep::Tag> list;
    for (const VectorJson& text : tags) {
      const std::string tag = text.get<std::string>();  // split() views it
      const auto parts = split(tag, '-');
      list.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2])});
    }
    return std::make_shared<pep::TagSet>(list);
  }
  return tags.is_string() ? test::linux_target(python).tags : nullptr;
}

}  // namespace

pep::Target target_of(const VectorJson& environment) {
  const VectorJson& markers = environment.at("markers");
  pep::Target target;
  target.environment = {.os_name = field(markers, "os_name"),
                        .sys_platform = field(markers, "sys_platform"),
                        .platform_machine = field(markers, "platform_machine"),
                        .platform_python_implementation = field(markers, "platform_python_implementation"),
                        .platform_release = field(markers, "platform_release"),
                        .platform_system = field(markers, "platform_system"),
                        .platform_version = field(markers, "platform_version"),
                        .python_version = field(markers, "python_version"),
                        .python_full_version = field(markers, "python_full_version"),
                        .implementation_name = field(markers, "implementation_name"),
                        .implementation_version = field(markers, "implementation_version")};
  target.python = pep::Version::parse(target.environment.python_full_version).value();
  target.tags = tags_of(environment.value("tags", VectorJson()), target.environment.python_full_version);
  return target;
}

void fill_world(const VectorJson& index, test::World& world) {
  for (const auto& [name, versions] : index.items()) {
    for (const auto& [version, entry] : versions.items()) {
      test::WorldRelease release;
      if (const auto at = entry.find("requires_dist"); at != entry.end() && at->is_array())
        for (const VectorJson& line : *at) release.requires_dist.push_back(line.get<std::string>());
      if (const auto at = entry.find("requires_python"); at != entry.end() && at->is_string())
        release.requires_python = at->get<std::string>();
      if (const auto at = entry.find("provides_extra"); at != entry.end() && at->is_array())
        for (const VectorJson& extra : *at) release.provides_extra.push_back(extra.get<std::string>());
      if (const auto at = entry.find("yanked");
          at != entry.end() && (at->is_string() || (at->is_boolean() && at->get<bool>())))
        release.yanked = at->is_string() ? at->get<std::string>() : std::string();
      if (const auto at = entry.find("files"); at != entry.end())
        for (const VectorJson& file : *at) release.file_names.push_back(file.at("filename").get<std::string>());
      world.add(name, version, std::move(release));
    }
  }
}

std::vector<pep::Requirement> requirements_of(const VectorJson& texts) {
  std::vector<pep::Requirement> requirements;
  for (const VectorJson& text : texts) {
    auto requirement = pep::Requirement::parse(text.get<std::string>());
    if (!requirement) continue;
    requirement->origin = Origin::command_line();
    requirements.push_back(std::move(*requirement));
  }
  return requirements;
}

std::string check_solution(const resolver::Problem& problem, const resolver::Resolution& resolution) {
  const pep::Environment& environment = problem.targets.front().environment;
  std::set<std::pair<pep::Name, pep::Name>> reached;  // (name, extra or "")
  std::vector<std::pair<pep::Name, pep::Name>> work;
  const auto reach = [&](const pep::Name& name, const pep::Name& extra) {
    if (reached.emplace(name, extra).second) work.emplace_back(name, extra);
  };
  std::string wrong;
  const auto meet = [&](const pep::Requirement& requirement, const pep::Name& extra) {
    const std::vector<pep::Name> extras = extra.empty() ? std::vector<pep::Name>() : std::vector<pep::Name>{extra};
    if (!requirement.marker.is_trivial() &&
        !requirement.marker.evaluate({.environment = environment, .extras = extras}))
      return;
    const resolver::Pin* const pin = test::find_pin(resolution, requirement.name);
    if (pin == nullptr)
      wrong = cat(requirement.to_string(), " is missing");
    else if (!requirement.specifiers.contains(pin->version))
      wrong = cat(requirement.to_string(), " is not met by ", pin->version.to_string());
    if (!wrong.empty()) return;
    reach(requirement.name, pep::Name());
    for (const pep::Name& wanted : requirement.extras) reach(requirement.name, wanted);
  };
  for (const pep::Requirement& requirement : problem.requirements) meet(requirement, pep::Name());
  while (!work.empty() && wrong.empty()) {
    const auto [name, extra] = work.back();
    work.pop_back();
    for (const pep::Requirement& requirement : test::find_pin(resolution, name)->metadata->requires_dist)
      meet(requirement, extra);
  }
  if (!wrong.empty()) return wrong;
  for (const resolver::Pin& pin : resolution.pins) {
    if (!reached.contains({pin.name, pep::Name()})) return cat(pin.name.str(), " is superfluous");
    for (const pep::Requirement& constraint : problem.constraints)
      if (constraint.name == pin.name && !constraint.specifiers.contains(pin.version))
        return cat("constraint ", constraint.to_string());
  }
  return "";
}

}  // namespace pkg::conformance
