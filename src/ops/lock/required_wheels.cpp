#include "ops/lock/required_wheels.h"

namespace pkg::ops {
namespace {

resolver::Universe universe_of(const lock::LockHeader& header,
                               const std::vector<resolver::RequiredEnvironment>& required) {
  resolver::Universe universe;
  universe.requires_python = header.requires_python.value_or(pep::SpecifierSet());
  universe.environments = header.environments;
  universe.required = required;
  return universe;
}

}  // namespace

std::vector<const pep::DistFile*> wheels_of(const resolver::Pin& pin) {
  std::vector<const pep::DistFile*> wheels;
  for (const auto& file : pin.files)
    if (file.kind == pep::DistKind::wheel) wheels.push_back(&file);
  return wheels;
}

RequiredWheels::RequiredWheels(const lock::LockHeader& header,
                               const std::vector<resolver::RequiredEnvironment>& required)
    : universe_(universe_of(header, required)),
      coverage_(space_, universe_),
      everywhere_(space_.of_python(universe_.requires_python)) {
  auto environments = resolver::MarkerSpace::kNone;
  for (const auto& marker : universe_.environments) environments = space_.either(environments, space_.of(marker));
  if (!universe_.environments.empty()) everywhere_ = space_.both(everywhere_, environments);
}

bool RequiredWheels::are_there(const resolver::Pin& pin) {
  const auto wheels = wheels_of(pin);
  const auto wanted = space_.both(everywhere_, space_.of(pin.marker));
  for (std::size_t i = 0; i < universe_.required.size(); ++i) {
    const auto& platform = coverage_.platforms()[i];  // the required ones come first
    auto covered = resolver::MarkerSpace::kNone;
    for (const auto* wheel : wheels)
      covered = space_.either(covered, coverage_.of(coverage_.tags_of(wheel->file_name), platform));
    if (!space_.implies(space_.both(wanted, platform.environments), covered)) return false;
  }
  return true;
}

}  // namespace pkg::ops
