#include "ops/project/own_project.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace pkg::ops {
namespace {

pep::Marker in_extra(const pep::Name& extra) {
  return pep::Marker::parse(cat("extra == '", extra.str(), "'")).value();  // a name needs no escaping
}

const std::vector<pep::Requirement>* extra_of(const pep::ProjectTable& project, const pep::Name& extra) {
  for (const auto& [name, requirements] : project.optional_dependencies)
    if (name == extra) return &requirements;
  return nullptr;
}

constexpr std::size_t kDeepest = 500;   // extras that ask for extras
constexpr std::size_t kMost = 100'000;  // extras that name each other twice grow by powers

// Follows references from extra to extra. One that leads back to where it came from adds nothing.
class Expansion {
 public:
  Expansion(const pep::ProjectTable& project, const std::string& file_name)
      : project_(project), file_name_(file_name) {}

  Status add(const pep::Requirement& requirement, const WrittenIn& list, const pep::Marker& condition) {
    auto one = requirement;
    one.marker = pep::both(one.marker, condition);
    if (one.name != project_.name || !one.url.empty()) {
      found_.push_back({std::move(one), list});
      return found_.size() <= kMost ? ok_status() : too_much("more than 100,000 requirements");
    }
    PKG_TRY(check_own_version(requirement, project_, file_name_));
    for (const auto& extra : one.extras) PKG_TRY(follow(extra, one.marker, requirement));
    return ok_status();
  }
  std::vector<ListedRequirement> finish() { return std::move(found_); }

 private:
  Status follow(const pep::Name& extra, const pep::Marker& condition, const pep::Requirement& asking) {
    if (std::ranges::find(path_, extra) != path_.end()) return ok_status();
    const auto* wanted = extra_of(project_, extra);
    if (wanted == nullptr) return no_such_extra(project_, extra).with(cat("at ", asking.origin.to_string()));
    if (path_.size() == kDeepest || ++steps_ > kMost) return too_much("too many extras that ask for each other");
    path_.push_back(extra);
    for (const auto& requirement : *wanted) PKG_TRY(add(requirement, {extra, {}}, condition));
    path_.pop_back();
    return ok_status();
  }
  Status too_much(std::string_view what) const {
    return make_error(ErrorKind::bad_data, cat(quote(project_.name.str()), " has ", what));
  }

  const pep::ProjectTable& project_;
  const std::string& file_name_;
  std::vector<pep::Name> path_;
  std::size_t steps_ = 0;
  std::vector<ListedRequirement> found_;
};

}  // namespace

resolver::OwnProject own_project(const pep::ProjectTable& project) {
  auto metadata = std::make_shared<pep::Metadata>();
  metadata->name = project.name;
  metadata->name_text = project.name.str();
  const auto version = pep::Version::try_parse(project.version);
  metadata->version = version.value_or(pep::Version());
  metadata->version_text = project.version;
  for (const auto& [extra, requirements] : project.optional_dependencies) {
    metadata->provides_extra.push_back(extra);
    for (auto requirement : requirements) {
      requirement.marker = pep::both(requirement.marker, in_extra(extra));
      metadata->requires_dist.push_back(std::move(requirement));
    }
  }
  return {std::move(metadata), version.has_value()};
}

Error no_such_extra(const pep::ProjectTable& project, const pep::Name& extra) {
  std::vector<std::string> known;
  for (const auto& [name, requirements] : project.optional_dependencies) known.push_back(name.str());
  auto error = make_error(ErrorKind::not_found, cat(quote(project.name.str()), " has no extra ", quote(extra.str())));
  if (const auto near = nearest(extra.str(), known)) error.hint = cat("did you mean ", quote(*near), '?');
  return error;
}

Status check_own_version(const pep::Requirement& requirement, const pep::ProjectTable& project,
                         const std::string& file_name) {
  const auto version = pep::Version::try_parse(project.version);  // not of a dynamic one, which is empty
  if (!version || requirement.specifiers.contains(*version)) return ok_status();
  return make_error(ErrorKind::conflict,
                    cat(quote(requirement.to_string()), " does not accept version ", version->to_string(), " of ",
                        quote(project.name.str()), " (", file_name, ')'))
      .with(cat("at ", requirement.origin.to_string()));
}

Result<std::vector<ListedRequirement>> without_self_references(const pep::ProjectTable& project,
                                                               const std::vector<ListedRequirement>& list,
                                                               const std::string& file_name) {
  Expansion expansion(project, file_name);
  for (const auto& [requirement, written_in] : list) PKG_TRY(expansion.add(requirement, written_in, {}));
  return expansion.finish();
}

}  // namespace pkg::ops
