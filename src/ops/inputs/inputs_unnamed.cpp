// Inputs without a name get it: their sources are looked at, and built as far as metadata needs it.
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/hash_mode.h"
#include "ops/inputs/inputs.h"
#include "ops/session/source_builder.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// The URL by which the source will be asked for: a checkout keeps the revision that was asked for.
std::string url_of(const UnnamedInput& input, const NamedSource& source) {
  const auto parsed = pep::SourceUrl::parse(input.url);
  const bool keeps_form = !parsed || parsed->kind == pep::SourceUrl::Kind::vcs || source.file.url.empty();
  return keeps_form ? input.url : source.file.url;
}

Status name_input(UnnamedInput input, Inputs& inputs, SourceBuilder& builds) {
  PKG_TRY_ASSIGN(const auto source, builds.source(input.url, input.editable));
  pep::Requirement requirement;
  requirement.name = source.file.project;
  requirement.name_as_written =
      source.metadata && !source.metadata->name_text.empty() ? source.metadata->name_text : requirement.name.str();
  requirement.extras = std::move(input.extras);
  requirement.url = url_of(input, source);
  requirement.marker = std::move(input.marker);
  requirement.origin = input.origin;
  if (input.editable) inputs.editable_urls.insert(requirement.url);
  if (!input.config_settings.empty()) inputs.config_settings[requirement.name] = std::move(input.config_settings);
  PKG_TRY(add_hashes(requirement, input.hashes, inputs));
  inputs.requirements.push_back(std::move(requirement));
  return ok_status();
}

}  // namespace

Status resolve_unnamed(Inputs& inputs, SourceBuilder& builds) {
  for (auto& input : std::exchange(inputs.unnamed, {})) {
    const auto origin = input.origin;
    PKG_TRY(
        name_input(std::move(input), inputs, builds).with([&] { return cat("asked for by ", origin.to_string()); }));
  }
  return inputs.require_hashes ? add_url_hashes(inputs) : ok_status();
}

}  // namespace pkg::ops
