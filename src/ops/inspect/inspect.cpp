#include "ops/inspect/inspect.h"

#include <algorithm>
#include <set>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/target.h"
#include "ops/environment/visible_packages.h"
#include "pep/wheel_info.h"
#include "venv/transaction/mend.h"

namespace pkg::ops {
namespace {

struct Opened {
  venv::Environment environment;
  std::vector<venv::InstalledDist> dists;
};

void report_all(const std::vector<std::string>& warnings, Session& session) {
  for (const auto& warning : warnings) session.reporter().warning(warning);
}

Result<Opened> open(const EnvironmentOptions& options, Session& session) {
  PKG_TRY_ASSIGN(auto chosen, choose_environment(options, WhenMissing::fail, Access::read, session));
  Opened opened{std::move(chosen.environment), {}};
  std::vector<std::string> warnings;
  PKG_TRY_ASSIGN(auto packages, visible_packages(opened.environment, session, &warnings));
  opened.dists = std::move(packages).all();
  report_all(warnings, session);
  return opened;
}

Result<pep::Target> inspected_target(const venv::Environment& environment, Session& session) {
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_ask(environment, session));
  return interpreter.target;
}

// Names that some installed distribution needs here.
std::set<pep::Name> required_names(venv::InstalledSet& installed, const pep::Target& target) {
  std::set<pep::Name> names;
  for (const auto& dist : installed.all()) {
    const auto metadata = installed.metadata(dist);
    if (!metadata) continue;
    for (const auto& requirement : (*metadata)->requires_dist) {
      if (requirement.marker.is_trivial() || requirement.marker.evaluate({.environment = target.environment}))
        names.insert(requirement.name);
    }
  }
  return names;
}

// False when the tags of the wheel that was installed are none that this interpreter takes.
bool fits_platform(const venv::InstalledDist& dist, const pep::Target& target) {
  const auto text = fs::read_file_at_most(dist.info / "WHEEL", limits::kSmall);
  if (!text || target.tags == nullptr) return true;
  const auto wheel = pep::WheelInfo::parse(*text);
  if (!wheel || wheel->tags.empty()) return true;
  return std::ranges::any_of(wheel->tags, [&](const std::string& tag) {
    const auto parts = split(tag, '-');
    return parts.size() != 3 || target.tags->rank(parts[0], parts[1], parts[2]);
  });
}

bool is_excluded(const std::vector<std::string>& excluded, const pep::Name& name) {
  return std::ranges::any_of(excluded,
                             [&](const std::string& word) { return pep::normalize_name(word) == name.str(); });
}

// As pip shows them: case counts for nothing, each once.
std::vector<std::string> names_in_order(std::vector<std::string> names) {
  std::ranges::sort(names, {}, [](const std::string& name) { return std::pair(to_ascii_lower(name), name); });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Result<std::vector<venv::InstalledDist>> installed_dists(const ListOptions& options, Session& session) {
  std::vector<venv::InstalledDist> dists;
  if (options.paths.empty()) {
    PKG_TRY_ASSIGN(auto opened, open(options.environment, session));
    dists = std::move(opened.dists);
  } else {
    std::vector<fs::Path> folders;
    std::vector<std::string> warnings;
    for (const auto& path : options.paths) folders.push_back((session.working_folder() / path).lexically_normal());
    PKG_TRY_ASSIGN(dists, venv::installed_in(folders, &warnings));
    report_all(warnings, session);
  }
  venv::read_names(dists);
  return dists;
}

bool is_listed(const ListOptions& options, const venv::InstalledDist& dist) {
  if (is_excluded(options.exclude, dist.name)) return false;
  if (!options.editable_only && !options.exclude_editable) return true;
  return venv::editable_location(dist).has_value() == options.editable_only;
}

Result<Listing> list(const ListOptions& options, bool verbose, Session& session) {
  PKG_TRY_ASSIGN(const auto dists, installed_dists(options, session));
  std::set<pep::Name> required;
  if (options.not_required) {
    PKG_TRY_ASSIGN(const auto target, target_for(options.environment.python, {}, session));
    venv::InstalledSet installed(dists);
    required = required_names(installed, target);
  }
  Listing listing;
  for (const auto& dist : dists) {
    if (required.contains(dist.name) || !is_listed(options, dist)) continue;
    const auto editable = venv::editable_location(dist);
    ListedDist listed{dist.name_as_written,
                      dist.version_as_written,
                      editable ? editable->string() : "",
                      {},
                      dist.info.parent_path().string(),
                      dist.name};
    if (verbose) listed.installer = venv::read_installer(dist);
    listing.dists.push_back(std::move(listed));
  }
  return listing;
}

Result<ShowReport> show(const std::vector<std::string>& names, const EnvironmentOptions& environment, bool files,
                        Session& session) {
  PKG_TRY_ASSIGN(auto opened, open(environment, session));
  venv::read_names(opened.dists);
  PKG_TRY_ASSIGN(const auto target, inspected_target(opened.environment, session));
  venv::InstalledSet installed(opened.dists);
  ShowReport report;
  for (const auto& word : names) {
    const auto* dist = installed.find(pep::Name::from_normalized(pep::normalize_name(word)));
    if (dist == nullptr) {
      report.not_found.push_back(word);
      continue;
    }
    ShownDist shown;
    PKG_TRY_ASSIGN(const auto text, venv::read_metadata_text(*dist));
    PKG_TRY_ASSIGN(shown.metadata, pep::parse_raw_metadata(text));
    shown.name = dist->name_as_written;
    shown.version = dist->version_as_written;
    shown.location = dist->info.parent_path().string();
    shown.installer = venv::read_installer(*dist);
    if (const auto editable = venv::editable_location(*dist)) shown.editable_location = editable->string();
    const auto applies = [&](const pep::Requirement& r) {
      return r.marker.is_trivial() || r.marker.evaluate({.environment = target.environment});
    };
    std::vector<std::string> needs;
    if (const auto metadata = installed.metadata(*dist)) {
      for (const auto& requirement : (*metadata)->requires_dist) {
        if (applies(requirement)) needs.push_back(requirement.name_as_written);
      }
    }
    shown.requires_ = names_in_order(std::move(needs));
    for (const auto& other : opened.dists) {
      const auto metadata = installed.metadata(other);
      if (!metadata) continue;
      if (std::ranges::any_of((*metadata)->requires_dist,
                              [&](const auto& r) { return r.name == dist->name && applies(r); })) {
        shown.required_by.push_back(other.name_as_written);
      }
    }
    shown.required_by = names_in_order(std::move(shown.required_by));
    if (files) {
      const auto record = venv::read_record(*dist);
      shown.has_record = record.ok();
      if (record) {
        for (const auto& row : *record) shown.files.push_back(row.path);
      }
      if (const auto entry_points = fs::read_file_at_most(dist->info / "entry_points.txt", limits::kSmall)) {
        for (const auto line : split_lines(*entry_points)) shown.entry_points.emplace_back(line);
      }
    }
    report.dists.push_back(std::move(shown));
  }
  return report;
}

Result<CheckReport> check(const EnvironmentOptions& environment, Session& session) {
  PKG_TRY_ASSIGN(auto opened, open(environment, session));
  venv::read_names(opened.dists);
  PKG_TRY_ASSIGN(const auto target, inspected_target(opened.environment, session));
  venv::InstalledSet installed(opened.dists);
  std::vector<const venv::InstalledDist*> all;
  for (const auto& dist : opened.dists) all.push_back(&dist);
  CheckReport report;
  report.checked = all.size();
  for (const auto& problem : venv::find_inconsistencies(all, installed, target, venv::find_incomplete(opened.dists)))
    report.problems.push_back(problem.to_string());
  for (const auto& dist : opened.dists) {
    if (!fits_platform(dist, target))
      report.problems.push_back(
          cat(dist.name_as_written, " ", dist.version_as_written, " is not supported on this platform"));
  }
  return report;
}

Result<InspectReport> inspect(const EnvironmentOptions& environment, Session& session) {
  PKG_TRY_ASSIGN(const auto opened, open(environment, session));
  PKG_TRY_ASSIGN(const auto target, inspected_target(opened.environment, session));
  InspectReport report;
  report.environment = target.environment;
  for (const auto& dist : opened.dists) {
    InspectedDist inspected;
    PKG_TRY_ASSIGN(const auto text, venv::read_metadata_text(dist));
    PKG_TRY_ASSIGN(inspected.metadata, pep::parse_raw_metadata(text));
    inspected.metadata_location = dist.info.string();
    inspected.installer = venv::read_installer(dist);
    inspected.requested = venv::is_requested(dist);
    inspected.direct_url = venv::read_direct_url(dist);
    report.dists.push_back(std::move(inspected));
  }
  return report;
}

Result<VerifyReport> verify(const std::vector<std::string>& names, const EnvironmentOptions& environment, Mend mend,
                            Session& session) {
  PKG_TRY_ASSIGN(auto opened, open(environment, session));
  // What the environment only sees is not of pkg's making.
  PKG_TRY_ASSIGN(opened.dists, venv::installed(opened.environment));
  venv::InstalledSet installed(opened.dists);
  std::vector<venv::InstalledDist> chosen;
  for (const auto& word : names) {
    const auto* dist = installed.find(pep::Name::from_normalized(pep::normalize_name(word)));
    if (dist == nullptr) return make_error(ErrorKind::not_found, cat(quote(word), " is not installed"));
    chosen.push_back(*dist);
  }
  if (names.empty()) chosen = opened.dists;
  VerifyReport report;
  if (venv::was_moved(opened.environment)) {
    if (mend == Mend::yes)
      PKG_TRY(mend_if_moved(opened.environment, mend, {}, session));
    else
      report.moved_from = opened.environment.made_at;
  }
  report.checked = chosen.size();
  PKG_TRY_ASSIGN(report.problems, venv::verify(chosen, opened.environment));
  return report;
}

}  // namespace pkg::ops
