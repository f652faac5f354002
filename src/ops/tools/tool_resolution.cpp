#include "ops/tools/tool_resolution.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "index/sources_digest.h"
#include "ops/environment/python_wish.h"
#include "ops/install/sync_lock.h"
#include "ops/lock/compiled_lock.h"
#include "ops/run/resolution_key.h"
#include "ops/solve/live_source.h"
#include "ops/solve/project_status.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

// Requirements as words, which read_inputs() takes with all that counts besides (own hosts, named URLs …).
InputOptions words_of(const ToolWishes& wishes) {
  InputOptions options;
  const auto& tool = wishes.requirement;
  if (wishes.editable) {
    std::vector<std::string> extras;
    for (const auto& extra : tool.extras) extras.push_back(extra.str());
    options.editables.push_back(cat(tool.url, extras.empty() ? "" : cat("[", join(extras, ","), "]")));
  } else {
    options.words.push_back(tool.to_string());
  }
  for (const auto& requirement : wishes.with) options.words.push_back(requirement.to_string());
  return options;
}

bool is_local_tree(const resolver::Pin& pin) {
  if (!pin.direct || pin.files.empty() || pin.best_file().editable) return false;
  const auto source = pep::SourceUrl::parse(pin.best_file().url);
  return source && source->kind == pep::SourceUrl::Kind::folder;
}

}  // namespace

Result<venv::Interpreter> tool_interpreter(const std::string& python, const ToolPlaces& places, Session& session) {
  PKG_TRY_ASSIGN(const auto wish, python_wish(python, places.home, places.home, session));
  PKG_TRY_ASSIGN(auto found, interpreter_for_new(wish, {}, session));
  if (!found.is_virtual()) return found;
  return venv::probe(found.real_executable, session.cache_dir());
}

const resolver::Pin* ToolResolution::pin_of(const pep::Name& name) const {
  const auto& pins = solved.resolution.pins;
  const auto found = std::ranges::find(pins, name, &resolver::Pin::name);
  return found == pins.end() ? nullptr : &*found;
}

Result<ToolResolution> resolve_tool(const ToolWishes& wishes, const ResolveOptions& options,
                                    std::span<const resolver::Preference> preferred,
                                    const venv::Interpreter& interpreter, Session& given) {
  PKG_TRY_ASSIGN(auto inputs, read_inputs(words_of(wishes), given));
  auto& session = session_for(inputs, given);
  if (!inputs.unnamed.empty()) {
    PKG_TRY_ASSIGN(auto* builds, session.need_builds());
    PKG_TRY(resolve_unnamed(inputs, *builds));
  }
  auto resolve = options;
  if (wishes.prereleases) resolve.policy.prereleases = resolver::Prereleases::allow;
  PKG_TRY(check_pythons(inputs, resolve, interpreter.target));
  PKG_TRY_ASSIGN(const auto problem, make_problem(inputs, resolve, interpreter.target, preferred));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {}, session.builds_when_needed());
  source.set_editables(inputs.editable_urls);
  ToolResolution resolved;
  auto& solved = resolved.solved;
  PKG_TRY_ASSIGN(solved.resolution, solve(problem, source, session));
  solved.warnings = solved.resolution.warnings;
  add_project_warnings(solved.resolution, source, solved.warnings);
  solved.target = interpreter.target;
  solved.python_version = interpreter.target.environment.python_full_version;
  solved.session = &session;
  resolved.key = digest_of(solved.resolution, index::sources_digest(session.settings()));
  for (const auto& pin : solved.resolution.pins) {
    resolved.packages += pin.files.empty() ? 0 : 1;
    resolved.has_local_tree = resolved.has_local_tree || is_local_tree(pin);
  }
  return resolved;
}

std::string tool_origin(const resolver::Pin& pin) {
  if (pin.files.empty()) return {};
  const auto& file = pin.best_file();
  return pin.direct || file.index.empty() ? url::redact(file.url) : file.index;
}

Result<std::string> tool_lock(ToolResolution& resolution, const std::filesystem::path& folder) {
  return compiled_lock(resolution.solved, folder / kToolLock);
}

Result<InstallReport> fill_environment(const venv::Environment& environment, const std::string& lock_text,
                                       const venv::ApplyOptions& apply, Session& session) {
  PKG_TRY(fs::publish(environment.layout.prefix / kToolLock, lock_text));
  return restore_environment(environment, apply, session);
}

Result<InstallReport> restore_environment(const venv::Environment& environment, const venv::ApplyOptions& apply,
                                          Session& session) {
  SyncOptions sync;
  sync.file = (environment.layout.prefix / kToolLock).string();
  sync.environment.folder = environment.layout.prefix;
  sync.apply = apply;
  PKG_TRY_ASSIGN(auto report, sync_lock(sync, session));
  return std::move(report.install);
}

Session& session_for(const ToolWishes& wishes, Session& session) {
  if (wishes.indexes.empty() && wishes.find_links.empty() && !wishes.no_index) return session;
  auto settings = session.settings();
  const auto known = std::exchange(settings.indexes, {});
  for (const auto& wish : wishes.indexes) {
    const auto same = std::ranges::find_if(known, [&](const index::IndexLocation& index) {
      return index.name == wish.name && index.url.without_credentials() == wish.url;
    });
    if (same != known.end())
      settings.indexes.push_back(*same);
    else
      settings.indexes.push_back({.name = wish.name, .url = wish.url, .is_explicit = wish.is_explicit});
  }
  const auto places = std::exchange(settings.find_links, {});
  for (const auto& wish : wishes.find_links) {
    const auto same =
        std::ranges::find_if(places, [&](const SecretUrl& place) { return place.without_credentials() == wish; });
    settings.find_links.push_back(same != places.end() ? *same : SecretUrl(wish));
  }
  settings.no_index = wishes.no_index;
  return session.with(settings, session.build_options());
}

void keep_indexes(const Session& session, ToolWishes& wishes) {
  const auto& settings = session.settings();
  wishes.indexes.clear();
  for (const auto& index : settings.indexes)
    wishes.indexes.push_back({index.name, index.url.without_credentials(), index.is_explicit});
  wishes.find_links.clear();
  for (const auto& place : settings.find_links) {
    const auto text = place.without_credentials();
    wishes.find_links.push_back(url::is_url(text) ? text
                                                  : (session.working_folder() / text).lexically_normal().string());
  }
  wishes.no_index = settings.no_index;
}

}  // namespace pkg::ops
