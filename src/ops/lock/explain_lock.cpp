#include "ops/lock/explain_lock.h"
#include "ops/project/project_sources.h"

#include "base/fs.h"
#include "base/text.h"
#include "lock/lock_resolution.h"
#include "lock/pylock.h"
#include "ops/lock/lock_steps.h"
#include "ops/lock/project_builds.h"
#include "ops/lock/universal.h"
#include "ops/solve/live_source.h"

namespace pkg::ops {
namespace {

Result<std::vector<ChosenVersion>> locked_versions(const lock::LockFile& lock, const pep::Name& name) {
  std::vector<ChosenVersion> versions;
  bool is_elsewhere = false;
  std::vector<std::string> names;
  for (const auto& package : lock.packages) {
    names.push_back(package.name.str());
    if (package.name != name) continue;
    if (package.version && !package.vcs && !package.directory && !package.archive)
      versions.push_back({*package.version, package.marker});
    else
      is_elsewhere = true;
  }
  if (!versions.empty()) return versions;
  if (is_elsewhere)
    return make_error(ErrorKind::not_found,
                      cat(quote(name.str()), " does not come from an index: there is no newer version"));
  const auto close = nearest(name.str(), names);
  return make_error(ErrorKind::not_found, cat(quote(name.str()), " is not in the lock"),
                    close ? cat("did you mean ", quote(*close), "?") : "");
}

Result<lock::LockFile> read_lock(const std::filesystem::path& path, std::string& text) {
  if (!fs::exists(path)) {
    return make_error(ErrorKind::not_found, cat("there is no ", quote(path.filename().string()), " to explain"),
                      "make it: pkg lock");
  }
  return read_lock_file(path, &text);
}

}  // namespace

Result<ExplainReport> explain_locked(const LockOptions& options, const std::string& word, Session& given) {
  ExplainReport report;
  PKG_TRY_ASSIGN(report.name, pep::Name::parse(word));
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(options, given));
  auto& session = session_for(subject, given);
  std::string text;
  PKG_TRY_ASSIGN(const auto lock, read_lock(subject.lock_path, text));
  report.is_stale = !fits(subject, options, lock::quick_inputs_digest(text));
  PKG_TRY_ASSIGN(const auto chosen, locked_versions(lock, report.name));
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject, options, session));
  const auto pythons = requirements.requires_python.empty() ? lock.requires_python.value_or(pep::SpecifierSet())
                                                            : requirements.requires_python;
  PKG_TRY_ASSIGN(auto asked,
                 universal_problem(subject, options, requirements, pythons, lock::preferences_of(lock), session));
  PKG_TRY_ASSIGN(const auto problem, ready_problem(std::move(asked), session.settings()));
  PKG_TRY(check_indexes(requirements.index_rules, session.settings()));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {}, builds_keeping_commits(lock, subject, requirements, session));
  source.answer_for(problem.own);
  source.follow_formats(problem.policy.format);
  if (session.build_options().no_url_dependencies) source.forbid_url_dependencies();
  source.set_editables(requirements.editable_urls);
  source.replace_metadata(session.build_options().dependency_metadata);
  PKG_TRY_ASSIGN(report.answers, explain_choice(problem, report.name, chosen, source, &session.cancel()));
  return report;
}

}  // namespace pkg::ops
