// Inputs without a name get it: their sources are looked at, and built as far as metadata needs it.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "lock/partial_marker.h"
#include "ops/inputs/hash_mode.h"
#include "ops/inputs/input_words.h"
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

// What a project asks for, with some of its extras; an extra that asks for the project's own stands for what those ask
// for.
Status add_dependencies(const pep::Metadata& metadata, const UnnamedInput& input, Inputs& inputs) {
  auto chosen = input.all_extras ? metadata.provides_extra : input.extras;
  for (std::size_t next = 0; next < chosen.size(); ++next) {
    if (std::ranges::find(metadata.provides_extra, chosen[next]) == metadata.provides_extra.end())
      return make_error(ErrorKind::not_found,
                        cat(quote(metadata.name.str()), " has no extra ", quote(chosen[next].str())));
    for (const auto& requirement : metadata.requires_dist) {
      const bool is_own = requirement.name == metadata.name &&
                          lock::decide_parts(requirement.marker, {.extras = {}, .groups = {}, .own_extras = chosen});
      for (const auto& extra : requirement.extras)
        if (is_own && std::ranges::find(chosen, extra) == chosen.end()) chosen.push_back(extra);
    }
  }
  for (const auto& stated : metadata.requires_dist) {
    auto marker = lock::decide_parts(stated.marker, {.extras = {}, .groups = {}, .own_extras = chosen});
    if (!marker || stated.name == metadata.name) continue;
    auto& requirement = inputs.requirements.emplace_back(stated);
    requirement.marker = *std::move(marker);
    requirement.origin = input.origin;
  }
  return ok_status();
}

Status name_input(UnnamedInput input, Inputs& inputs, SourceBuilder& builds) {
  PKG_TRY_ASSIGN(const auto source, builds.source(input.url, input.editable));
  if (input.only_dependencies) return add_dependencies(*source.metadata, input, inputs);
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
    if (auto named = name_input(std::move(input), inputs, builds); !named)
      return asked_for_by(origin, std::move(named).error());
  }
  return inputs.require_hashes ? add_url_hashes(inputs) : ok_status();
}

}  // namespace pkg::ops
