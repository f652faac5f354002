#include "ops/lock/lock_subject.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "ops/lock/lock_digest.h"
#include "ops/project/build_settings.h"
#include "ops/project/member_indexes.h"
#include "ops/project/project_sources.h"
#include "ops/project/script_project.h"
#include "ops/session/trusted_projects.h"
#include "pep/direct_url.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kMirrorNeutral = "mirror-neutral";
using Pairs = std::vector<std::pair<std::string, std::string>>;

// A duration stays one: the day it is counted from changes with every lock, and is no change of the inputs.
std::string exclude_newer_text(const ResolveOptions& options) {
  const bool is_duration = time::parse_duration(options.exclude_newer).has_value();
  return is_duration ? options.exclude_newer : time::to_rfc3339(*options.policy.exclude_newer);
}

std::string prereleases_text(const std::map<pep::Name, resolver::Prereleases>& of) {
  std::vector<std::string> texts;
  for (const auto& [name, prereleases] : of) texts.push_back(cat(name.str(), '=', word_for(prereleases)));
  return join(texts, ",");
}

// Of hashes a digest: they are many, and count only where what builds is locked.
std::string build_constraints_text(const BuildOptions& build, const lock::BuildScope& scope) {
  auto text = constraints_text(build.constraints);
  if (!scope.is_on() || build.policy.hashes.empty()) return text;
  std::string all;
  for (const auto& [name, hashes] : build.policy.hashes)
    for (const auto& hash : hashes) append(all, name.str(), " ", hash::name(hash.algorithm), ":", hash.hex, "\n");
  return cat(text, " (hashes ", hash::to_hex(hash::sha256(all)).substr(0, 16), ")");
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
  add(options.mirror_neutral.value_or(false), kMirrorNeutral, "true");
  add(format.no_binary_all || !format.no_binary.empty(), "no-binary",
      names_text(format.no_binary, format.no_binary_all));
  add(policy.no_deps, "no-deps", "true");
  add(!build.constraints.empty(), "build-constraint", build_constraints_text(build, settings.locked_builds));
  add(build.no_url_dependencies, "no-url-dependencies", "true");
  add(format.only_binary_all || !format.only_binary.empty(), "only-binary",
      names_text(format.only_binary, format.only_binary_all));
  add(policy.prefer_binary, "prefer-binary", "true");
  add(policy.prereleases != resolver::Prereleases::if_necessary, "prerelease",
      std::string(word_for(policy.prereleases)));
  add(!policy.prereleases_of.empty(), "prerelease-package", prereleases_text(policy.prereleases_of));
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

}  // namespace

std::string names_text(const std::set<pep::Name>& names, bool all) {
  std::vector<std::string> texts;
  if (all) texts.emplace_back(":all:");
  for (const auto& name : names) texts.push_back(name.str());
  return join(texts, ",");
}

std::string constraints_text(std::vector<pep::Requirement> constraints) {
  std::vector<std::string> texts;
  for (auto& constraint : constraints) {
    if (!constraint.url.empty()) constraint.url = pep::strip_credentials(constraint.url);
    texts.push_back(constraint.to_string());
  }
  std::ranges::sort(texts);
  return join(texts, ", ");
}

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
    PKG_TRY_ASSIGN(subject.project, open_project(session.working_folder(), session.reporter()));
    subject.lock_path = subject.project.root / "pylock.toml";
  }
  if (!options.output.empty()) subject.lock_path = (session.working_folder() / options.output).lexically_normal();
  const auto narrowing = narrowing_inputs(options.inputs);
  PKG_TRY_ASSIGN(subject.inputs, read_inputs(narrowing, session));
  subject.resolve = options.resolve;
  subject.settings = subject.inputs.settings.value_or(session.settings());
  subject.build_options = session.build_options();
  subject.build_options.dependency_metadata.clear();  // a lock is the same for everybody: only the project's counts
  if (subject.is_script) subject.build_options.trusts_project_variables = trusts_every_project(process_environment());
  if (subject.is_script) PKG_TRY(apply_script_settings(subject.project, session, subject.settings, subject.resolve));
  if (!subject.is_script) PKG_TRY(add_member_indexes(subject.project, subject.settings));
  apply_build_settings(subject.project.settings.build, subject.build_options);
  subject.options = options_of(options, subject.resolve, subject.project.settings, subject.build_options);
  subject.mirror_neutral = options.mirror_neutral.value_or(false);
  settle(subject);
  return subject;
}

LockSubject made_neutral(LockSubject subject) {
  if (subject.mirror_neutral) return subject;
  subject.mirror_neutral = true;
  subject.options.emplace_back(kMirrorNeutral, "true");
  std::ranges::sort(subject.options);
  settle(subject);
  return subject;
}

bool fits(const LockSubject& subject, const LockOptions& options, const std::string& digest) {
  return digest == subject.digest || (!options.mirror_neutral && digest == made_neutral(subject).digest);
}

void settle(LockSubject& subject) {
  subject.digest =
      inputs_digest({subject.project, subject.inputs, subject.options, subject.settings, subject.mirror_neutral});
  // Faults of sources are reported where requirements are read, not for a lock that is taken as it is.
  if (const auto rules = index_sources(subject.project)) subject.settings.index_of = indexes_everywhere(*rules);
}

Session& session_for(const LockSubject& subject, Session& session) {
  return session.with(subject.settings, subject.build_options);
}

}  // namespace pkg::ops
