#include "resolver/policy.h"

#include <utility>

#include "base/text.h"

namespace pkg::resolver {

std::optional<Prereleases> parse_prereleases(std::string_view word) {
  if (word == "if-necessary" || word == "if-necessary-or-explicit") return Prereleases::if_necessary;
  for (const auto one : {Prereleases::allow, Prereleases::disallow, Prereleases::explicit_only})
    if (word == word_for(one)) return one;
  return std::nullopt;
}

std::string_view word_for(Prereleases prereleases) {
  switch (prereleases) {
    case Prereleases::allow:
      return "allow";
    case Prereleases::disallow:
      return "disallow";
    case Prereleases::explicit_only:
      return "explicit";
    case Prereleases::if_necessary:
      break;
  }
  return "if-necessary";
}

bool FormatControl::wheels_allowed(const pep::Name& name) const {
  if (no_binary.contains(name)) return false;
  return only_binary.contains(name) || !no_binary_all;
}

bool FormatControl::sdists_allowed(const pep::Name& name) const {
  if (only_binary.contains(name)) return false;
  return no_binary.contains(name) || !only_binary_all;
}

Status add_variant_rule(std::string_view text, VariantRules& rules) {
  if (trim(text) == "none") {
    rules.none = true;
  } else {
    auto property = pep::VariantProperty::parse(text);
    if (!property) {
      auto error = std::move(property).error();
      error.kind = ErrorKind::usage;
      return error;
    }
    pep::add_property(*property, rules.named);
  }
  if (rules.none && !rules.named.empty())
    return make_error(ErrorKind::usage, "`none` leaves wheel variants out: no property can be named beside it");
  return ok_status();
}

std::optional<std::int64_t> Policy::cut_off_of(const pep::DistFile& file) const {
  if (file.url.starts_with("file:") || file.url.starts_with(pep::kInstalledScheme)) return std::nullopt;
  if (const auto own = exclude_newer_of.find(file.project); own != exclude_newer_of.end()) return own->second;
  if (const auto of_index = exclude_newer_of_index.find(file.index); of_index != exclude_newer_of_index.end())
    return of_index->second;
  return exclude_newer;
}

bool Policy::is_cut_off(const pep::DistFile& file) const {
  if (!has_cut_off()) return false;
  const auto limit = cut_off_of(file);
  return limit && (!file.upload_time || *file.upload_time >= *limit);
}

}  // namespace pkg::resolver
