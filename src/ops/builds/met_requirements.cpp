#include "ops/builds/met_requirements.h"

#include <algorithm>

#include "base/text.h"
#include "pep/direct_url.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// A branch or tag is met by the commit that was locked for it.
bool is_from(const pep::DistFile& file, const std::string& url) {
  const auto asked = pep::SourceUrl::parse(url), has = pep::SourceUrl::parse(file.url);
  if (!asked || !has || asked->kind != has->kind || asked->subdirectory != has->subdirectory) return false;
  if (asked->kind == pep::SourceUrl::Kind::vcs && asked->revision != file.requested_revision) return false;
  return pep::strip_credentials(asked->url) == pep::strip_credentials(has->url);
}

bool meets(const resolver::Pin& pin, const pep::Requirement& requirement) {
  const auto has_extra = [&](const pep::Name& extra) {
    return std::ranges::find(pin.extras, extra) != pin.extras.end();
  };
  if (!std::ranges::all_of(requirement.extras, has_extra)) return false;
  if (!requirement.url.empty()) return pin.direct && is_from(pin.best_file(), requirement.url);
  const bool is_folder = pin.direct && pin.version == pep::Version();
  return is_folder || requirement.specifiers.contains(pin.version);
}

}  // namespace

std::optional<std::string> unmet(std::span<const pep::Requirement> requirements, std::span<const resolver::Pin> pins,
                                 const pep::Target& target) {
  for (const auto& requirement : requirements) {
    if (!requirement.marker.is_trivial() && !requirement.marker.evaluate({.environment = target.environment})) continue;
    const auto pin = std::ranges::find(pins, requirement.name, &resolver::Pin::name);
    const auto text = quote(requirement.to_string());
    if (pin == pins.end()) return cat(text, ", and the lock has none");
    if (!meets(*pin, requirement))
      return cat(text, ", and the lock has ", pin->name.str(), pin->direct ? " from elsewhere" : " ",
                 pin->direct ? "" : pin->version.to_string());
  }
  return std::nullopt;
}

}  // namespace pkg::ops
