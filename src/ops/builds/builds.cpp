#include "ops/builds/builds.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/sources_digest.h"
#include "ops/builds/build_jobs.h"
#include "ops/builds/build_key.h"
#include "ops/builds/editable_checkout.h"
#include "ops/builds/source_build.h"
#include "ops/builds/variable_rules.h"
#include "ops/session/session.h"
#include "ops/solve/name_words.h"
#include "pep/filename.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kKeptOpen = 8;  // builds whose metadata was prepared, and whose wheel may be asked for next

std::string label_of(const pep::DistFile& file) {
  if (file.project.empty()) return url::redact(file.url);
  return file.version == pep::Version() ? file.project.str() : cat(file.project.str(), " ", file.version.to_string());
}

std::string question(const pep::DistFile& file) { return cat(file.editable ? "e " : "", file.url); }

Result<std::shared_ptr<const pep::Metadata>> parse_metadata(const std::string& text) {
  PKG_TRY_ASSIGN(auto metadata, pep::Metadata::parse(text));
  return std::make_shared<const pep::Metadata>(std::move(metadata));
}

// What a source says of itself must be what it was taken for.
std::string mismatch(const pep::DistFile& file, const pep::Metadata& metadata) {
  if (!file.project.empty() && metadata.name != file.project)
    return cat("says it is ", quote(metadata.name.str()), ", not ", quote(file.project.str()));
  if (file.version != pep::Version() && metadata.version != file.version)
    return cat("says its version is ", metadata.version.to_string(), ", not ", file.version.to_string());
  return {};
}

}  // namespace

struct Builds::State {
  State(Session& given, BuildOptions asked, venv::Interpreter python, const venv::Environment* where)
      : session(given),
        options(std::move(asked)),
        interpreter(std::move(python)),
        environment(where == nullptr ? std::nullopt : std::optional(*where)),
        variables(variable_rules(options, session.settings())),
        setting{session, options, variables, interpreter, environment ? &*environment : nullptr} {}

  Session& session;
  const BuildOptions options;
  const venv::Interpreter interpreter;
  const std::optional<venv::Environment> environment;
  const builder::VariableRules variables;
  const BuildSetting setting;
  BuildJobs jobs;

  // The build of `file`, opened before or now.
  Result<std::unique_ptr<SourceBuild>> open(const pep::DistFile& file);
  void tell_held_back();
  void keep_open(const pep::DistFile& file, std::unique_ptr<SourceBuild> build);
  Status check_allowed(const pep::DistFile& file) const;
  Result<fs::Path> own_folder();  // for wheels that are not kept
  fs::Path checkouts() const;

  // On which other machines what is built here holds.
  const std::string& fleet() {
    std::call_once(fleet_known, [this] {
      const auto release = fs::read_file_at_most("/etc/os-release", limits::kOneLine);
      fleet_text = fleet_of(interpreter, release ? *release : std::string());
    });
    return fleet_text;
  }
  const std::string& indexes() {  // where build requirements are looked for
    std::call_once(indexes_known, [this] { indexes_digest = index::sources_digest(session.settings()); });
    return indexes_digest;
  }

  std::once_flag indexes_known, fleet_known, held_back_told;
  std::string indexes_digest, fleet_text;
  std::mutex mutex;
  std::vector<std::pair<std::string, std::unique_ptr<SourceBuild>>> opened;  // oldest first
  std::map<std::string, std::string> locked_commits;
  std::optional<fs::TempDir> folder;
  int compilers = static_cast<int>(core_count());  // for each build
  int made = 0;
};

Result<std::unique_ptr<SourceBuild>> Builds::State::open(const pep::DistFile& file) {
  {
    const std::lock_guard lock(mutex);
    const auto found =
        std::ranges::find(opened, question(file), &std::pair<std::string, std::unique_ptr<SourceBuild>>::first);
    if (found != opened.end()) {
      auto build = std::move(found->second);
      opened.erase(found);
      return build;
    }
  }
  std::call_once(held_back_told, [this] { tell_held_back(); });
  return SourceBuild::open(setting, file);
}

void Builds::State::tell_held_back() {
  const auto names = builder::variables_held_back(variables);
  if (names.empty()) return;
  session.reporter().note(cat("builds do not get the variables ", join(names, ", "),
                              ", which may hold secrets (`--build-variable NAME` lets one through)"));
}

void Builds::State::keep_open(const pep::DistFile& file, std::unique_ptr<SourceBuild> build) {
  std::unique_ptr<SourceBuild> oldest;  // ends outside the lock
  const std::lock_guard lock(mutex);
  opened.emplace_back(question(file), std::move(build));
  if (opened.size() > kKeptOpen) {
    oldest = std::move(opened.front().second);
    opened.erase(opened.begin());
  }
}

Status Builds::State::check_allowed(const pep::DistFile& file) const {
  if (!options.no_build && !options.no_build_of.contains(file.project)) return ok_status();
  return make_error(ErrorKind::build, cat(quote(label_of(file)), " would have to be built, and building is off"),
                    options.no_build ? "leave out --no-build" : "leave out --no-build-package");
}

Result<fs::Path> Builds::State::own_folder() {
  const std::lock_guard lock(mutex);
  if (!folder) {
    PKG_TRY_ASSIGN(folder, fs::TempDir::create(session.cache_dir() / "tmp", "wheels-"));
  }
  auto path = folder->path() / cat(made++);
  PKG_TRY(fs::make_dirs(path));
  return path;
}

fs::Path Builds::State::checkouts() const {
  if (!options.checkouts.empty()) return session.working_folder() / options.checkouts;
  return (environment ? environment->layout.prefix : session.working_folder()) / "src";
}

Builds::Builds(Session& session, BuildOptions options, venv::Interpreter interpreter,
               const venv::Environment* environment)
    : state_(std::make_shared<State>(session, std::move(options), std::move(interpreter), environment)) {}
Builds::Builds(std::shared_ptr<State> state, BuildJobs::Job* asking) : state_(std::move(state)), asking_(asking) {}
Builds::~Builds() = default;

std::unique_ptr<SourceBuilder> make_source_builder(Session& session, const venv::Interpreter& interpreter,
                                                   const venv::Environment* environment) {
  return std::make_unique<Builds>(session, session.build_options(), interpreter, environment);
}

const BuildOptions& Builds::options() const { return state_->options; }
const pep::Target& Builds::target() const { return state_->interpreter.target; }
void Builds::keep_commits(std::map<std::string, std::string> commits) { state_->locked_commits = std::move(commits); }

// A step of one build: `key` may be learnt on the way, when the archive is here.
class BuildStep {
 public:
  BuildStep(std::shared_ptr<Builds::State> state, const pep::DistFile& file, BuildJobs::Job& self)
      : state_(std::move(state)), file_(file), nested_(Builds(state_, &self)) {}

  Result<BuildAnswer> metadata() {
    PKG_TRY_ASSIGN(auto* index, state_->session.index());
    learn_key(*index, nullptr, {});
    if (auto known = from_cache(*index)) return *std::move(known);
    PKG_TRY(state_->check_allowed(file_));
    PKG_TRY_ASSIGN(auto build, open(*index));
    if (auto known = from_cache(*index)) return answer(build->tree(), *std::move(known));
    auto text = build->static_metadata();
    auto key = static_key();
    if (!text) {
      PKG_TRY(find_environment(*build, *index, static_cast<int>(core_count())));
      if (auto known = from_cache(*index)) return answer(build->tree(), *std::move(known));
      PKG_TRY_ASSIGN(text, build->prepared_metadata(nested_));
      key = exact_;
    }
    if (!text) {
      PKG_TRY_ASSIGN(const auto wheel, keep_wheel(*build, *index));
      PKG_TRY_ASSIGN(auto found, index->metadata(wheel));
      if (found.metadata == nullptr)
        return make_error(ErrorKind::build, cat("the wheel of ", quote(label_of(file_)), " ", found.reason));
      return answer(build->tree(), {std::move(found.metadata), wheel, {}, {}});
    }
    auto parsed = parse_metadata(*text);
    if (!parsed)
      return BuildAnswer{nullptr, std::nullopt, cat("has metadata that cannot be read: ", parsed.error().message), {}};
    if (!key.empty()) index->keep_built_metadata(key, *text);
    auto found = answer(build->tree(), {*std::move(parsed), std::nullopt, {}, {}});
    state_->keep_open(file_, std::move(build));
    return found;
  }

  Result<BuildAnswer> wheel() {
    PKG_TRY_ASSIGN(auto* index, state_->session.index());
    learn_key(*index, nullptr, {});
    if (auto known = kept_wheel(*index)) return *std::move(known);
    PKG_TRY(state_->check_allowed(file_));
    PKG_TRY_ASSIGN(auto build, open(*index));
    if (auto known = kept_wheel(*index)) return answer(build->tree(), *std::move(known));
    PKG_TRY(find_environment(*build, *index, state_->compilers));
    if (auto known = kept_wheel(*index)) return answer(build->tree(), *std::move(known));
    PKG_TRY_ASSIGN(auto wheel, keep_wheel(*build, *index));
    return answer(build->tree(), {nullptr, std::move(wheel), {}, {}});
  }

 private:
  // Once the key is known: which build it came to last time. --refresh resolves build requirements again.
  void learn_key(index::Index& index, const pep::DistFile* opened, const std::string& sha256_hex) {
    if (!key_.empty()) return;
    const auto& file = opened != nullptr ? *opened : file_;
    const auto variables = builder::variables_that_matter(file.project.str(), state_->variables);
    key_ = build_key(file, sha256_hex, state_->options, variables, state_->interpreter);
    if (key_.empty()) return;
    const auto& locked = state_->options.locked;
    request_ = request_key(locked ? cat(key_, " ", locked->digest) : key_, state_->options.policy, state_->indexes());
    const auto& settings = state_->session.settings();
    const bool is_refreshed =
        settings.refresh == index::RefreshMode::all ||
        (settings.refresh == index::RefreshMode::listed && settings.refresh_names.contains(file_.project));
    if (!is_refreshed) exact_ = index.known_build(request_, state_->fleet()).value_or(std::string());
  }

  Result<std::unique_ptr<SourceBuild>> open(index::Index& index) {
    PKG_TRY_ASSIGN(auto build, state_->open(file_));
    learn_key(index, &build->file(), build->tree().sha256_hex);
    return build;
  }

  // What builds it, by its build requirements as they resolve now.
  Status find_environment(SourceBuild& build, index::Index& index, int jobs) {
    if (key_.empty()) return ok_status();
    PKG_TRY_ASSIGN(const auto environment, build.environment(nested_, jobs));
    exact_ = exact_key(key_, environment);
    // Only saves work next time; a build that the lock does not fit is none of the locked ones.
    if (!build.was_unlocked()) index.keep_known_build(request_, exact_, state_->fleet());
    return ok_status();
  }

  std::string static_key() const { return key_.empty() ? std::string() : exact_key(key_, kNoEnvironment); }

  std::optional<BuildAnswer> from_cache(index::Index& index) {
    for (const auto& key : {exact_, static_key()}) {
      const auto text = key.empty() ? std::nullopt : index.built_metadata(key);
      if (!text) continue;
      if (auto parsed = parse_metadata(*text)) return BuildAnswer{*std::move(parsed), std::nullopt, {}, {}};
    }
    auto wheel = kept_wheel(index);
    if (!wheel) return std::nullopt;
    auto found = index.metadata(*wheel->wheel);
    if (!found || found->metadata == nullptr) return std::nullopt;
    wheel->metadata = std::move(found->metadata);
    return wheel;
  }

  std::optional<BuildAnswer> kept_wheel(index::Index& index) {
    if (exact_.empty()) return std::nullopt;
    auto wheel = index.built_wheel(exact_, state_->fleet());
    if (!wheel) return std::nullopt;
    return BuildAnswer{nullptr, std::move(wheel), {}, {}};
  }

  Result<pep::DistFile> keep_wheel(SourceBuild& build, index::Index& index) {
    PKG_TRY_ASSIGN(const auto path, build.wheel(nested_, state_->compilers));
    const auto name = pep::WheelName::parse(path.filename().string());
    if (!name) return Error(name.error()).with(cat("while building ", quote(label_of(file_))));
    if (!file_.project.empty() && name->name != file_.project)
      return make_error(ErrorKind::build, cat(quote(label_of(file_)), " was built to ", quote(path.filename().string()),
                                              ", another project's wheel"));
    if (!exact_.empty()) return index.keep_built_wheel(exact_, path, state_->fleet());
    PKG_TRY_ASSIGN(const auto folder, state_->own_folder());
    const auto kept = folder / path.filename();
    std::error_code failed;
    std::filesystem::rename(path, kept, failed);
    if (failed) return fs::errno_error("cannot move", path, failed.value());
    return index.direct_file(url::path_to_file_url(kept.native()));
  }

  static BuildAnswer answer(const index::SourceTree& tree, BuildAnswer found) {
    found.sha256_hex = tree.sha256_hex;
    return found;
  }

  std::shared_ptr<Builds::State> state_;
  const pep::DistFile& file_;
  Builds nested_;
  std::string key_, request_, exact_;  // build_key.h
};

Result<pep::DistFile> Builds::locate(const std::string& url, bool editable) {
  PKG_TRY_ASSIGN(const auto source, pep::SourceUrl::parse(url));
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.editable = editable;
  file.url = source.to_string();
  file.hashes = source.hashes;
  if (source.kind == pep::SourceUrl::Kind::vcs) {
    const auto locked = state_->locked_commits.find(source.to_string());
    auto commit = locked == state_->locked_commits.end() ? std::string() : locked->second;
    if (commit.empty()) {
      PKG_TRY_ASSIGN(auto* index, state_->session.index());
      PKG_TRY_ASSIGN(commit, index->commit_of(source));
    }
    file.requested_revision = source.revision;
    auto exact = source.at(commit);
    if (editable) {
      PKG_TRY_ASSIGN(const auto folder, editable_checkout(exact, state_->checkouts(), state_->session));
      file.url = url::path_to_file_url(folder.lexically_normal().string());
      file.requested_revision.clear();
    } else {
      exact.egg.clear();
      file.url = exact.to_string();
    }
  } else if (source.kind == pep::SourceUrl::Kind::sdist) {
    file.file_name = url::file_name(source.url);
  }
  return file;
}

Result<NamedSource> Builds::source(const std::string& url, bool editable) {
  NamedSource named;
  PKG_TRY_ASSIGN(named.file, locate(url, editable));
  PKG_TRY_ASSIGN(const auto found, ask(named.file, Wanted::metadata));
  if (found.metadata == nullptr) {
    return make_error(found.reason.starts_with("needs itself") ? ErrorKind::conflict : ErrorKind::bad_data,
                      cat(quote(url::redact(url)), " ", found.reason));
  }
  named.metadata = found.metadata;
  named.file.project = found.metadata->name;
  named.file.version = found.metadata->version;
  if (!found.sha256_hex.empty() && named.file.sha256() == nullptr)
    named.file.hashes.insert(named.file.hashes.begin(), pep::FileHash{hash::Algorithm::sha256, found.sha256_hex});
  return named;
}

namespace {

// Names by which something is imported are often held on an index by a project that fails to build on purpose.
void tell_of_placeholder(const pep::DistFile& file, Error& error) {
  if (error.kind != ErrorKind::build || file.index.empty() || !distribution_of_import(file.project)) return;
  const auto advice = advice_on_name(file.project, file.project.str());
  if (error.hint.find(advice) == std::string::npos) append(error.hint, error.hint.empty() ? "" : "\n", advice);
}

}  // namespace

Result<BuildAnswer> Builds::ask(const pep::DistFile& file, Wanted wanted) {
  const auto key = cat(wanted == Wanted::wheel ? "wheel " : "metadata ", question(file));
  return state_->jobs.ask(key, label_of(file), asking_, [&](BuildJobs::Job& self) -> Result<BuildAnswer> {
    BuildStep step(state_, file, self);
    auto answer = wanted == Wanted::wheel ? step.wheel() : step.metadata();
    if (!answer) tell_of_placeholder(file, answer.error());
    return std::move(answer).with([&] { return cat("while building ", quote(label_of(file))); });
  });
}

Result<std::vector<pep::Requirement>> Builds::asked_for(const pep::DistFile& file, const PinsForBuild& pins_for) {
  PKG_TRY(state_->check_allowed(file));
  PKG_TRY_ASSIGN(auto build, state_->open(file));
  return build->asked_for(pins_for, *this).with([&] {
    return cat("while asking what ", quote(label_of(file)), " needs to be built");
  });
}

Result<index::MetadataResult> Builds::metadata(const pep::DistFile& file) {
  PKG_TRY_ASSIGN(const auto found, ask(file, Wanted::metadata));
  if (found.metadata == nullptr) return index::MetadataResult{nullptr, found.reason};
  if (auto wrong = mismatch(file, *found.metadata); !wrong.empty())
    return index::MetadataResult{nullptr, std::move(wrong)};
  return index::MetadataResult{found.metadata, {}};
}

Result<pep::DistFile> Builds::wheel(const pep::DistFile& file) {
  PKG_TRY_ASSIGN(const auto found, ask(file, Wanted::wheel));
  if (!found.wheel) return make_error(ErrorKind::build, cat(quote(label_of(file)), " ", found.reason));
  if (!file.project.empty() && found.wheel->project != file.project)
    return make_error(ErrorKind::build, cat(quote(label_of(file)), " was built to ", quote(found.wheel->file_name),
                                            ", another project's wheel"));
  if (file.version != pep::Version() && found.wheel->version != file.version) {
    return make_error(ErrorKind::build,
                      cat(quote(label_of(file)), " was built to version ", found.wheel->version.to_string()));
  }
  return *found.wheel;
}

Result<std::vector<pep::DistFile>> Builds::wheels(std::span<const pep::DistFile* const> files) {
  const auto limit = state_->options.jobs > 0 ? static_cast<std::size_t>(state_->options.jobs) : core_count();
  const auto at_a_time = std::max<std::size_t>(1, std::min(limit, files.size()));
  state_->compilers = std::max(1, static_cast<int>(core_count() / at_a_time));
  std::vector<std::optional<Result<pep::DistFile>>> found(files.size());
  parallel_for(files.size(), at_a_time, [&](std::size_t i) { found[i] = wheel(*files[i]); });
  std::vector<pep::DistFile> wheels;
  for (auto& one : found) {
    if (!*one) return std::move(*one).error();
    wheels.push_back(std::move(**one));
  }
  return wheels;
}

}  // namespace pkg::ops
