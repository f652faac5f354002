#include "ops/lock/lock_subject.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "lock/locked_source.h"
#include "ops/lock/lock_digest.h"
#include "ops/project/build_settings.h"
#include "ops/project/project_sources.h"
#include "ops/project/script_project.h"
#include "ops/session/trusted_projects.h"

namespace pkg::ops {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string names_text(const std::set<pep::Name>& names, bool all) {
  std::vector<std::string> texts;
  if (all) texts.emplace_back(":all:");
  for (const auto& name : names) texts.push_back(name.str());
  return join(texts, ",");
}

std::string_view word_for(resolver::Prereleases prereleases) {
  using enum resolver::Prereleases;
  return prereleases == allow           ? "allow"
         : prereleases == disallow      ? "disallow"
         : prereleases == explicit_only ? "explicit"
                                        : "if-necessary";
}

// A duration stays one: the day it is counted from changes with every lock, and is no change of the inputs.
std::string exclude_newer_text(const ResolveOptions& options) {
  const bool is_duration = time::parse_duration(options.exclude_newer).has_value();
  return is_duration ? options.exclude_newer : time::to_rfc3339(*options.policy.exclude_newer);
}

std::string constraints_text(const std::vector<pep::Requirement>& constraints) {
  std::vector<std::string> texts;
  for (const auto& constraint : constraints) texts.push_back(constraint.to_string());
  std::ranges::sort(texts);
  return join(texts, ", ");
}

Pairs options_of(const LockOptions& options, const ResolveOptions& resolve, const ProjectSettings& settings,
                 const BuildOptions& build) {
  const auto& policy = resolve.policy;
  Pairs pairs;
  const auto add = [&](bool differs, std::string_view key, std::string value) {
    if (differs) pairs.emplace_back(key, std::move(value));
  };
  const auto& format = policy.format;
  if (policy.exclude_newer) add(true, "exclude-newer", exclude_newer_text(resolve));
  add(options.fewest_versions.value_or(settings.fewest_versions), "fork-strategy", "fewest");
  add(policy.ignore_requires_python, "ignore-requires-python", "true");
  add(options.mirror_neutral, "mirror-neutral", "true");
  add(format.no_binary_all || !format.no_binary.empty(), "no-binary",
      names_text(format.no_binary, format.no_binary_all));
  add(policy.no_deps, "no-deps", "true");
  add(!build.constraints.empty(), "build-constraint", constraints_text(build.constraints));
  add(build.no_url_dependencies, "no-url-dependencies", "true");
  add(format.only_binary_all || !format.only_binary.empty(), "only-binary",
      names_text(format.only_binary, format.only_binary_all));
  add(policy.prefer_binary, "prefer-binary", "true");
  add(policy.prereleases != resolver::Prereleases::if_necessary, "prerelease",
      std::string(word_for(policy.prereleases)));
  add(policy.order != resolver::Order::highest, "resolution",
      policy.order == resolver::Order::lowest ? "lowest" : "lowest-direct");
  add(options.strict_requires_python, "strict-requires-python", "true");
  std::ranges::sort(pairs);
  return pairs;
}

InputOptions narrowing_inputs(const InputOptions& options) {
  InputOptions narrowing;
  narrowing.constraints_files = options.constraints_files;
  narrowing.override_files = options.override_files;
  narrowing.excludes = options.excludes;
  narrowing.stdin_text = options.stdin_text;
  return narrowing;
}

std::string list(const std::vector<pep::Name>& names) {
  std::vector<std::string> texts;
  for (const auto& name : names) texts.push_back(name.str());
  return texts.empty() ? "none" : join(texts, ", ");
}

std::vector<std::string> texts_of(const std::vector<pep::Requirement>& requirements, const LockSubject& subject) {
  std::vector<std::string> texts;
  const auto folder = subject.lock_path.parent_path().native();
  for (const auto& requirement : requirements) texts.push_back(lock::requirement_text(requirement, folder));
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

void compare_options(const Pairs& before, const Pairs& now, std::vector<std::string>& lines) {
  const std::map<std::string, std::string> old(before.begin(), before.end()), fresh(now.begin(), now.end());
  for (const auto& [key, value] : fresh) {
    const auto found = old.find(key);
    if (found == old.end())
      lines.push_back(cat("--", key, " is ", quote(value), " now"));
    else if (found->second != value)
      lines.push_back(cat("--", key, " was ", quote(found->second), ", and is ", quote(value), " now"));
  }
  for (const auto& [key, value] : old) {
    if (!fresh.contains(key)) lines.push_back(cat("--", key, " was ", quote(value), ", and is not given now"));
  }
}

}  // namespace

std::filesystem::path script_lock_path(const std::filesystem::path& script) {
  auto name = script.stem().string();
  std::ranges::replace(name, '.', '_');  // "pylock.NAME.toml": a NAME has no dots
  return script.parent_path() / cat("pylock.", name, ".toml");
}

Result<LockSubject> read_lock_subject(const LockOptions& options, const Session& session) {
  LockSubject subject;
  subject.is_script = !options.script.empty();
  if (subject.is_script) {
    const auto script = (session.working_folder() / options.script).lexically_normal();
    PKG_TRY_ASSIGN(subject.project, open_script(script));
    subject.lock_path = script_lock_path(script);
  } else {
    PKG_TRY_ASSIGN(subject.project, open_project(session.working_folder()));
    subject.lock_path = subject.project.root / "pylock.toml";
  }
  if (!options.output.empty()) subject.lock_path = (session.working_folder() / options.output).lexically_normal();
  const auto narrowing = narrowing_inputs(options.inputs);
  PKG_TRY_ASSIGN(subject.inputs, read_inputs(narrowing, session));
  subject.resolve = options.resolve;
  subject.settings = subject.inputs.settings.value_or(session.settings());
  subject.build_options = session.build_options();
  if (subject.is_script) subject.build_options.trusts_project_variables = trusts_every_project(process_environment());
  if (subject.is_script) PKG_TRY(apply_script_settings(subject.project, session, subject.settings, subject.resolve));
  apply_build_settings(subject.project.settings.build, subject.build_options);
  subject.options = options_of(options, subject.resolve, subject.project.settings, subject.build_options);
  settle(subject, options);
  return subject;
}

void settle(LockSubject& subject, const LockOptions& options) {
  subject.digest =
      inputs_digest({subject.project, subject.inputs, subject.options, subject.settings, options.mirror_neutral});
  // Faults of sources are reported where requirements are read, not for a lock that is taken as it is.
  if (auto indexes = index_sources(subject.project)) subject.settings.index_of = std::move(indexes).value();
}

Session& session_for(const LockSubject& subject, Session& session) {
  return session.with(subject.settings, subject.build_options);
}

lock::LockHeader lock_header(const LockSubject& subject, const ProjectRequirements& requirements,
                             std::optional<pep::SpecifierSet> requires_python, bool mirror_neutral,
                             const Session& session) {
  lock::LockHeader header;
  header.requires_python = std::move(requires_python);
  header.environments = subject.project.settings.environments;
  header.extras = requirements.extras;
  header.dependency_groups = requirements.groups;
  header.default_groups = requirements.default_groups;
  header.tool.version = lock::kLockToolVersion;
  header.tool.inputs_digest = subject.digest;
  header.tool.options = subject.options;
  header.tool.requirements = texts_of(requirements.requirements, subject);
  header.tool.mirror_neutral = mirror_neutral;
  for (const auto& index : session.settings().indexes) {
    auto address = index.url.without_credentials();
    if (!address.ends_with('/')) address.push_back('/');
    if (!index.name.empty()) header.index_urls.emplace_back(index.name, address);
    header.index_urls.emplace_back(address, address);
  }
  return header;
}

std::vector<std::string> differences(const lock::LockFile& lock, const LockSubject& subject,
                                     const ProjectRequirements& requirements) {
  std::vector<std::string> lines;
  if (lock.tool.version == 0) {
    lines.emplace_back("it was not written by pkg");
    return lines;
  }
  const auto now = texts_of(requirements.requirements, subject);
  auto before = lock.tool.requirements;
  std::ranges::sort(before);
  for (const auto& text : now)
    if (!std::ranges::binary_search(before, text)) lines.push_back(cat(quote(text), " is asked for now"));
  for (const auto& text : before)
    if (!std::ranges::binary_search(now, text)) lines.push_back(cat(quote(text), " is not asked for any more"));
  const auto python_before = lock.requires_python ? lock.requires_python->to_string() : std::string();
  if (!requirements.requires_python.empty() && requirements.requires_python.to_string() != python_before) {
    lines.push_back(cat("requires-python was ", quote(python_before), ", and is ",
                        quote(requirements.requires_python.to_string()), " now"));
  }
  const auto compare = [&](std::string_view what, const std::vector<pep::Name>& old,
                           const std::vector<pep::Name>& fresh) {
    if (old != fresh) lines.push_back(cat("the ", what, " were ", list(old), ", and are ", list(fresh), " now"));
  };
  compare("extras", lock.extras, requirements.extras);
  compare("dependency groups", lock.dependency_groups, requirements.groups);
  compare("default groups", lock.default_groups, requirements.default_groups);
  compare_options(lock.tool.options, subject.options, lines);
  return lines;
}

}  // namespace pkg::ops
