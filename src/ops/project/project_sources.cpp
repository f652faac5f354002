#include "ops/project/project_sources.h"

#include <algorithm>
#include <iterator>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/project/own_project.h"
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

Error overlap(const pep::Name& name, const Source& source) {
  return at(source.origin, ErrorKind::bad_data,
            cat("two sources of ", quote(name.str()), " are for the same environments"),
            source.is_for_one_list()
                ? "say in [tool.pkg] conflicts which extras and groups are never selected together, or give each a "
                  "`marker`, and no two that hold together"
                : "give each a `marker`, and no two that hold together");
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

// Those of `all` that count for what is written in the list, those for this list alone first.
std::vector<const Source*> counting_in(const WrittenIn& list, const std::vector<Source>& all) {
  std::vector<const Source*> own, common;
  for (const auto& source : all) {
    if (!source.is_for_one_list())
      common.push_back(&source);
    else if (source.extra == list.extra && source.group == list.group)
      own.push_back(&source);
  }
  own.insert(own.end(), common.begin(), common.end());
  return own;
}

// Environments, and the source that is for them; nullptr: none is.
struct SourcePart {
  const Source* source;
  pep::Marker marker;
};

// Each environment has the first source that is for it. Of two for the same list none may be hidden by the other.
Result<std::vector<SourcePart>> parts_of(const pep::Name& name, const std::vector<const Source*>& sources) {
  resolver::MarkerSpace space;
  std::vector<SourcePart> parts;
  auto seen = resolver::MarkerSpace::kNone, seen_of_list = seen;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Source& source = *sources[i];
    if (i > 0 && source.is_for_one_list() != sources[i - 1]->is_for_one_list())
      seen_of_list = resolver::MarkerSpace::kNone;
    const auto where = space.of(source.marker);
    if (!space.disjoint(seen_of_list, where)) return overlap(name, source);
    const auto here = space.without(where, seen);
    if (here != resolver::MarkerSpace::kNone)
      parts.push_back({&source, here == where ? source.marker : space.marker(here)});
    seen = space.either(seen, where);
    seen_of_list = space.either(seen_of_list, where);
  }
  const auto rest = space.without(resolver::MarkerSpace::kAll, seen);
  if (rest != resolver::MarkerSpace::kNone) parts.push_back({nullptr, space.marker(rest)});
  return parts;
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

}  // namespace

Status add_with_sources(const pep::Requirement& requirement, const WrittenIn& list, const Member& member,
                        const Project& project, const pep::Marker& condition, ProjectRequirements& asked) {
  const auto [all, folder] = sources_of(requirement.name, member, project);
  const auto sources = all == nullptr ? std::vector<const Source*>() : counting_in(list, *all);
  if (!requirement.url.empty()) {
    if (!sources.empty()) {
      return at(requirement.origin, ErrorKind::bad_data,
                cat(quote(requirement.name.str()), " is asked for by URL, and has a source too (",
                    sources.front()->origin.to_string(), ')'));
    }
    PKG_TRY(pep::SourceUrl::parse(requirement.url).with(cat("at ", requirement.origin.to_string())));
  }
  const auto add = [&](std::vector<pep::Requirement>& into, pep::Requirement one, const pep::Marker& marker) {
    one.marker = pep::both(pep::both(one.marker, marker), condition);
    into.push_back(std::move(one));
  };
  const auto comes_from_index = [](const Source* source) { return !source->index.empty(); };
  if (std::ranges::all_of(sources, comes_from_index)) {
    add(asked.requirements, requirement, {});
    return ok_status();
  }
  PKG_TRY_ASSIGN(const auto parts, parts_of(requirement.name, sources));
  for (const auto& part : parts) {
    if (part.source == nullptr || comes_from_index(part.source)) {
      add(asked.requirements, requirement, part.marker);
      continue;
    }
    PKG_TRY_ASSIGN(auto one, from_source(requirement, *part.source, *folder));
    if (part.source->editable) asked.editable_urls.insert(one.url);
    add(asked.requirements, std::move(one), part.marker);
  }
  // A URL leaves no room for versions.
  if (!requirement.specifiers.empty()) {
    auto versions = requirement;
    versions.extras.clear();
    versions.extras_as_written.clear();
    add(asked.constraints, std::move(versions), {});
  }
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

namespace {

// An index source, and where it counts.
struct PlacedIndex {
  const Source* source;
  const Member* writer;
  pep::Marker where;
};

pep::Marker where_it_counts(const Source& source, const WhenAsked& when_asked) {
  if (!source.group.empty()) return pep::both(source.marker, pep::in_dependency_groups(source.group));
  if (source.extra.empty()) return source.marker;
  const auto asked = when_asked.find(source.extra);
  return pep::both(source.marker, asked == when_asked.end() ? pep::in_extras(source.extra) : asked->second);
}

// Two indexes for one project never count together: neither of two for all lists, nor of two for one.
Status check_indexes_apart(const pep::Name& name, const std::vector<PlacedIndex>& places,
                           const std::vector<std::vector<resolver::ConflictItem>>& conflicts) {
  if (places.size() < 2) return ok_status();
  resolver::MarkerSpace space;
  const auto selectable = space.at_most_one_of(resolver::memberships_of(conflicts));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto here = space.both(selectable, space.of(places[i].where));
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      const auto& [a, a_writer, a_where] = places[i];
      const auto& [b, b_writer, b_where] = places[j];
      if (a->index == b->index || a->is_for_one_list() != b->is_for_one_list() ||
          space.disjoint(here, space.of(b_where)))
        continue;
      if (a_writer == b_writer) return overlap(name, *b);
      return at(b->origin, ErrorKind::conflict,
                cat("members of the workspace take ", quote(name.str()), " from two indexes: ", quote(a->index),
                    " and ", quote(b->index)));
    }
  }
  return ok_status();
}

}  // namespace

Result<std::vector<resolver::IndexRule>> index_sources(const Project& project, const WhenAsked& when_asked) {
  std::map<pep::Name, std::vector<PlacedIndex>> by_name;
  for (const auto& member : project.members)
    for (const auto& [name, list] : member.own_sources)
      for (const auto& source : list)
        if (!source.index.empty()) by_name[name].push_back({&source, &member, where_it_counts(source, when_asked)});
  std::vector<resolver::IndexRule> rules;
  for (auto& [name, places] : by_name) {
    std::ranges::stable_sort(places, std::ranges::greater{},
                             [](const PlacedIndex& one) { return one.source->is_for_one_list(); });
    PKG_TRY(check_indexes_apart(name, places, project.settings.conflicts));
    for (auto& [source, writer, where] : places) {
      const auto is_known = [&, place = &where](const resolver::IndexRule& rule) {
        return rule.name == name && rule.index == source->index && rule.where == *place;
      };
      if (std::ranges::none_of(rules, is_known)) rules.push_back({name, source->index, std::move(where)});
    }
  }
  return rules;
}

std::map<pep::Name, std::string> indexes_everywhere(std::span<const resolver::IndexRule> rules) {
  std::map<pep::Name, std::string> indexes;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool is_first = i == 0 || rules[i - 1].name != rules[i].name;
    if (is_first && rules[i].where.is_trivial()) indexes.emplace(rules[i].name, rules[i].index);
  }
  return indexes;
}

std::vector<resolver::IndexRule> rules_by_environment(std::span<const resolver::IndexRule> rules) {
  const auto everywhere = indexes_everywhere(rules);
  std::vector<resolver::IndexRule> others;
  std::ranges::copy_if(rules, std::back_inserter(others),
                       [&](const resolver::IndexRule& rule) { return !everywhere.contains(rule.name); });
  return others;
}

Status check_indexes(std::span<const resolver::IndexRule> rules, const index::Settings& settings) {
  for (const auto& [name, index, where] : rules) {
    std::vector<std::string> known;
    for (const auto& location : settings.indexes) {
      if (!location.name.empty()) known.push_back(location.name);
    }
    if (!settings.no_index && std::ranges::find(known, index) == known.end()) {
      const auto close = nearest(index, known);
      return make_error(
          ErrorKind::not_found,
          cat(quote(name.str()), " is to come from the index ", quote(index),
              ", and no index of that name is configured"),
          close ? cat("did you mean ", quote(*close), "?") : "name it in [[tool.pkg.index]], or with --index NAME=URL");
    }
  }
  return ok_status();
}

Result<index::Settings> bind_indexes(std::span<const resolver::IndexRule> rules, index::Settings settings) {
  PKG_TRY(check_indexes(rules, settings));
  settings.index_of = indexes_everywhere(rules);
  return settings;
}

}  // namespace pkg::ops
