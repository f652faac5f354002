#include "ops/edit/project_version.h"

#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "ops/project/version_source.h"
#include "pep/version_bump.h"

namespace pkg::ops {
namespace {

Error is_dynamic(const VersionReport& report, const std::string& file) {
  return make_error(ErrorKind::unsupported,
                    cat("the version of ", quote(report.project), " is dynamic: it comes from ", report.source),
                    "change it there, or write `version` into [project] and take it out of `dynamic`")
      .with(cat("in ", quote(file)));
}

// Nothing new: nullopt.
Result<std::optional<std::string>> new_version(const VersionOptions& options, const std::string& old) {
  if (!options.value.empty()) {
    PKG_TRY_ASSIGN(const auto version, pep::Version::parse(options.value));
    return std::optional(version.to_string());
  }
  if (options.bumps.empty()) return std::optional<std::string>();
  std::vector<pep::VersionBump> bumps;
  for (const auto& text : options.bumps) {
    PKG_TRY_ASSIGN(const auto bump, pep::parse_bump(text));
    bumps.push_back(bump);
  }
  PKG_TRY_ASSIGN(const auto before, pep::Version::parse(old));
  PKG_TRY_ASSIGN(const auto after, pep::bumped(before, bumps));
  return std::optional(after.to_string());
}

// Members that require this one say in which versions: a lock tells nothing of members, so it stays fresh.
Status check_members(const EditedManifest& manifest, const EditOptions& options, const Session& session) {
  if (options.frozen || manifest.project()->members.size() == 1) return ok_status();
  PKG_TRY_ASSIGN(const auto subject, manifest.subject(options.sync.lock, session));
  const auto asked = requirements_of(subject.project);
  return !asked && asked.error().kind == ErrorKind::conflict ? Status(asked.error()) : ok_status();
}

}  // namespace

Result<VersionReport> project_version(const VersionOptions& options, Session& session) {
  PKG_TRY_ASSIGN(auto manifest, EditedManifest::open({}, options.edit.package, session));
  const auto& member = manifest.project()->member();
  if (!member.pyproject.project)
    return make_error(ErrorKind::not_found, cat(quote(manifest.display_name()), " has no [project] table"),
                      "name a member of the workspace with --package");
  VersionReport report;
  report.project = member.name.str();
  report.file = manifest.path();
  report.dry_run = options.edit.dry_run;
  report.version = member.pyproject.project->version;
  if (report.version.empty()) {
    report.source = source_of_version(member.pyproject.root);
    const bool is_told = options.value.empty() && options.bumps.empty() && !options.wants_value;
    return is_told ? Result<VersionReport>(std::move(report)) : is_dynamic(report, manifest.display_name());
  }
  PKG_TRY_ASSIGN(const auto changed, new_version(options, report.version));
  if (!changed) return report;
  report.old_version = std::exchange(report.version, *changed);
  if (report.version == report.old_version) return report;
  PKG_TRY(manifest.set_version(report.version));
  PKG_TRY(check_members(manifest, options.edit, session));
  auto edit = options.edit;
  edit.frozen = edit.frozen || !fs::exists(manifest.project()->root / "pylock.toml");  // nothing names the old one
  PKG_TRY_ASSIGN(static_cast<EditOutcome&>(report), carry_out_edits({&manifest, 1}, edit, {}, session));
  return report;
}

}  // namespace pkg::ops
