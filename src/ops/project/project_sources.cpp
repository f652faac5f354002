#include "ops/project/project_sources.h"

#include <algorithm>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/inputs/own_project.h"
#include "pep/filename.h"
#include "pep/source_url.h"
#include "resolver/marker_space.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// The sources of a name, and the folder their paths are relative to.
struct Sources {
  const std::vector<Source>* list = nullptr;
  const stdfs::path* folder = nullptr;
};

Sources sources_of(const pep::Name& name, const Member& member, const Project& project) {
  if (const auto own = member.own_sources.find(name); own != member.own_sources.end())
    return {&own->second, &member.folder};
  const auto common = project.settings.sources.find(name);
  return common == project.settings.sources.end() ? Sources() : Sources{&common->second, &project.root};
}

Error at(const Origin& origin, ErrorKind kind, std::string message, std::string hint = {}) {
  return make_error(kind, std::move(message), std::move(hint)).with(cat("at ", origin.to_string()));
}

bool is_wheel(std::string_view name) {
  return name.size() > 4 && equals_ignoring_case(name.substr(name.size() - 4), ".whl");
}

// The requirement, met by this wheel and nothing else.
Result<pep::Requirement> from_wheel(const pep::Requirement& requirement, const std::string& file_name, std::string url,
                                    const Source& source) {
  auto wheel = pep::WheelName::parse(file_name);
  if (!wheel) return std::move(wheel).error().with(cat("at ", source.origin.to_string()));
  if (wheel->name != requirement.name) {
    return at(source.origin, ErrorKind::bad_data,
              cat("the source of ", quote(requirement.name.str()), " is ", quote(file_name), ", a wheel of ",
                  quote(wheel->name.str())));
  }
  if (!requirement.specifiers.contains(wheel->version)) {
    return at(source.origin, ErrorKind::conflict,
              cat(quote(requirement.to_string()), " (", requirement.origin.to_string(), ") does not accept version ",
                  wheel->version.to_string(), " of its source ", quote(file_name)));
  }
  auto result = requirement;
  result.specifiers = {};
  result.url = std::move(url);
  return result;
}

Error wrong_place(const pep::Name& name, const Source& source, std::string_view what) {
  return at(source.origin, ErrorKind::bad_data, cat("the source of ", quote(name.str()), ' ', what));
}

// What is built from `place`. Of which version it is, is known when it has been looked at.
pep::Requirement from_tree(const pep::Requirement& requirement, const Source& source, pep::SourceUrl place) {
  if (!source.subdirectory.empty()) place.subdirectory = source.subdirectory;
  auto result = requirement;
  result.specifiers = {};
  result.url = place.to_string();
  return result;
}

Result<pep::Requirement> from_folder(const pep::Requirement& requirement, const Source& source,
                                     const stdfs::path& folder) {
  const auto project = folder / source.subdirectory;
  if (!fs::exists(project / "pyproject.toml") && !fs::exists(project / "setup.py")) {
    return wrong_place(requirement.name, source,
                       cat("is the folder ", quote(source.path), ", which has neither pyproject.toml nor setup.py"));
  }
  pep::SourceUrl place;
  place.kind = pep::SourceUrl::Kind::folder;
  place.url = url::path_to_file_url((folder.has_filename() ? folder : folder.parent_path()).string());
  return from_tree(requirement, source, std::move(place));
}

Result<pep::Requirement> from_path(const pep::Requirement& requirement, const Source& source,
                                   const stdfs::path& folder) {
  const auto path = (folder / source.path).lexically_normal();
  if (!fs::exists(path))
    return at(source.origin, ErrorKind::not_found, cat("no such file or folder: ", quote(source.path)));
  if (fs::is_directory(path)) return from_folder(requirement, source, path);
  if (source.editable) return wrong_place(requirement.name, source, "is to be editable, and is no folder");
  const auto name = path.filename().string();
  if (is_wheel(name)) return from_wheel(requirement, name, url::path_to_file_url(path.string()), source);
  if (!pep::is_archive_name(name))
    return wrong_place(requirement.name, source,
                       cat("is ", quote(source.path), ", expected a folder, a wheel or a source archive"));
  pep::SourceUrl place;
  place.url = url::path_to_file_url(path.string());
  return from_tree(requirement, source, std::move(place));
}

// "git@host:group/repository", as people copy it.
std::string git_url(const std::string& text) {
  const auto colon = text.find(':');
  const bool is_short = text.find("://") == std::string::npos && colon != std::string::npos && text.find('/') > colon;
  const auto address = is_short ? cat("ssh://", text.substr(0, colon), "/", text.substr(colon + 1)) : text;
  return address.starts_with("git+") ? address : cat("git+", address);
}

Result<pep::Requirement> from_git(const pep::Requirement& requirement, const Source& source) {
  if (source.editable) return wrong_place(requirement.name, source, "is to be editable, and is no folder");
  PKG_TRY_ASSIGN(auto place, pep::SourceUrl::parse(git_url(source.git)).with(cat("at ", source.origin.to_string())));
  for (const auto* revision : {&source.branch, &source.tag, &source.rev})
    if (!revision->empty()) place.revision = *revision;
  return from_tree(requirement, source, std::move(place));
}

Result<pep::Requirement> from_source(const pep::Requirement& requirement, const Source& source,
                                     const stdfs::path& folder) {
  if (!source.path.empty()) return from_path(requirement, source, folder);
  if (!source.git.empty()) return from_git(requirement, source);
  if (source.workspace) {
    return at(source.origin, ErrorKind::bad_data, cat(quote(requirement.name.str()), " is no member of the workspace"),
              "[tool.pkg.workspace] members lists them");
  }
  if (source.editable) return wrong_place(requirement.name, source, "is to be editable, and is no folder");
  const auto name = url::file_name(source.url);
  if (is_wheel(name)) return from_wheel(requirement, name, source.url, source);
  PKG_TRY_ASSIGN(auto place, pep::SourceUrl::parse(source.url).with(cat("at ", source.origin.to_string())));
  return from_tree(requirement, source, std::move(place));
}

// The environments that no source is for; nullopt: there are none.
std::optional<pep::Marker> elsewhere(const std::vector<Source>& sources) {
  resolver::MarkerSpace space;
  auto rest = resolver::MarkerSpace::kAll;
  for (const auto& source : sources) rest = space.without(rest, space.of(source.marker));
  return rest == resolver::MarkerSpace::kNone ? std::nullopt : std::optional(space.marker(rest));
}

// Of two sources, at most one is for an environment.
Status check_disjoint(const pep::Name& name, const std::vector<Source>& sources) {
  resolver::MarkerSpace space;
  auto seen = resolver::MarkerSpace::kNone;
  for (const auto& source : sources) {
    const auto here = space.of(source.marker);
    if (!space.disjoint(seen, here)) {
      return at(source.origin, ErrorKind::bad_data,
                cat("two sources of ", quote(name.str()), " are for the same environments"),
                "give each a `marker`, and no two that hold together");
    }
    seen = space.either(seen, here);
  }
  return ok_status();
}

bool stays_in_workspace(const Source& source, const stdfs::path& folder, const Member& wanted) {
  return source.workspace || (!source.path.empty() && (folder / source.path / "").lexically_normal() ==
                                                          (wanted.folder / "").lexically_normal());
}

const Source* source_elsewhere(const Sources& sources, const Member& wanted) {
  if (sources.list == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      *sources.list, [&](const Source& source) { return !stays_in_workspace(source, *sources.folder, wanted); });
  return found == sources.list->end() ? nullptr : &*found;
}

Status add_indexes(const std::map<pep::Name, std::vector<Source>>& sources, std::map<pep::Name, std::string>& indexes) {
  for (const auto& [name, list] : sources) {
    for (const auto& source : list) {
      if (source.index.empty()) continue;
      if (!source.marker.is_trivial() || list.size() > 1) {
        return at(source.origin, ErrorKind::unsupported,
                  cat("an index for some environments only is not understood yet: ", quote(name.str())),
                  "give one index without a marker");
      }
      const auto [known, is_new] = indexes.emplace(name, source.index);
      if (!is_new && known->second != source.index) {
        return at(source.origin, ErrorKind::conflict,
                  cat("members of the workspace take ", quote(name.str()), " from two indexes: ", quote(known->second),
                      " and ", quote(source.index)));
      }
    }
  }
  return ok_status();
}

}  // namespace

Status add_with_sources(const pep::Requirement& requirement, const Member& member, const Project& project,
                        const pep::Marker& condition, ProjectRequirements& asked) {
  const auto add = [&](std::vector<pep::Requirement>& list, pep::Requirement one, const pep::Marker& marker) {
    one.marker = pep::both(pep::both(one.marker, marker), condition);
    list.push_back(std::move(one));
  };
  const auto [sources, folder] = sources_of(requirement.name, member, project);
  if (!requirement.url.empty()) {
    if (sources != nullptr) {
      return at(requirement.origin, ErrorKind::bad_data,
                cat(quote(requirement.name.str()), " is asked for by URL, and has a source too (",
                    sources->front().origin.to_string(), ')'));
    }
    PKG_TRY(pep::SourceUrl::parse(requirement.url).with(cat("at ", requirement.origin.to_string())));
  }
  if (sources == nullptr || !sources->front().index.empty()) {
    add(asked.requirements, requirement, {});
    return ok_status();
  }
  const bool everywhere =
      std::ranges::any_of(*sources, [](const Source& source) { return source.marker.is_trivial(); });
  if (sources->size() > 1) PKG_TRY(check_disjoint(requirement.name, *sources));
  for (const auto& source : *sources) {
    PKG_TRY_ASSIGN(auto one, from_source(requirement, source, *folder));
    if (source.editable) asked.editable_urls.insert(one.url);
    add(asked.requirements, std::move(one), source.marker);
  }
  // A URL leaves no room for versions.
  if (!requirement.specifiers.empty()) {
    auto versions = requirement;
    versions.extras.clear();
    versions.extras_as_written.clear();
    add(asked.constraints, std::move(versions), {});
  }
  if (everywhere) return ok_status();
  if (const auto rest = elsewhere(*sources)) add(asked.requirements, requirement, *rest);
  return ok_status();
}

Status check_member_requirement(const pep::Requirement& requirement, const Member& writer, const Member& wanted,
                                const Project& project) {
  const Source* other = source_elsewhere(sources_of(requirement.name, writer, project), wanted);
  if (other != nullptr || !requirement.url.empty()) {
    return at(other != nullptr ? other->origin : requirement.origin, ErrorKind::bad_data,
              cat(quote(requirement.name.str()), " is a member of the workspace (", wanted.file_name,
                  "), and is asked for from elsewhere"));
  }
  return check_own_version(requirement, *wanted.pyproject.project, wanted.file_name);
}

Result<std::map<pep::Name, std::string>> index_sources(const Project& project) {
  std::map<pep::Name, std::string> indexes;
  for (const auto& member : project.members) PKG_TRY(add_indexes(member.own_sources, indexes));
  return indexes;
}

}  // namespace pkg::ops
