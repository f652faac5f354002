#include "ops/builds/source_build.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/environment_variable.h"
#include "base/temporary_folder.h"
#include "base/text.h"
#include "base/url.h"
#include "builder/static_metadata.h"
#include "ops/builds/build_phases.h"
#include "ops/builds/met_requirements.h"
#include "ops/session/session.h"
#include "venv/consistency.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

builder::Product product_of(const pep::DistFile& file) {
  return file.editable ? builder::Product::editable : builder::Product::wheel;
}

std::string file_safe(std::string_view text) {
  std::string safe;
  for (const char c : text.substr(0, 60)) safe += is_ascii_alnum(c) || c == '-' || c == '.' ? c : '_';
  return safe;
}

// Where a failed build's log stays: the temporary folder of the system, which cleans itself.
Result<fs::Path> make_log_file(const std::string& title, Reporter& reporter) {
  PKG_TRY_ASSIGN(const auto folder, fs::temporary_folder(environment_variable("TMPDIR")));
  if (!folder.warning.empty()) reporter.warning(folder.warning);
  auto pattern = (folder.path / cat("pkg-build-", file_safe(title), "-XXXXXX")).string();
  const int fd = ::mkstemp(pattern.data());
  if (fd < 0) return fs::errno_error("cannot create", pattern, errno);
  ::close(fd);
  return fs::Path(pattern);
}

std::vector<pep::Requirement> parsed(const std::vector<std::string>& texts, std::vector<std::string>& broken) {
  std::vector<pep::Requirement> requirements;
  for (const auto& text : texts) {
    auto requirement = pep::Requirement::parse(text);
    if (requirement) {
      requirements.push_back(std::move(requirement).value());
    } else {
      broken.push_back(text);
    }
  }
  return requirements;
}

// --check-build-dependencies: what a build without isolation finds in its environment.
Status check_present(const std::vector<pep::Requirement>& requirements, const venv::Environment& environment,
                     const venv::Interpreter& interpreter) {
  PKG_TRY_ASSIGN(const auto dists, venv::installed(environment));
  venv::InstalledSet present(dists);
  std::vector<std::string> missing;
  for (const auto& requirement : requirements) {
    if (!venv::is_satisfied(std::span(&requirement, 1), {}, present, interpreter.target, true))
      missing.push_back(quote(requirement.to_string()));
  }
  if (missing.empty()) return ok_status();
  return make_error(ErrorKind::build, cat("the environment does not meet the build requirements ", join(missing, ", ")),
                    "install them, or build with isolation");
}

}  // namespace

const builder::ConfigSettings& config_settings_for(const pep::Name& name, const BuildOptions& options) {
  const auto own = options.config_settings_of.find(name);
  return own == options.config_settings_of.end() ? options.config_settings : own->second;
}

SourceBuild::SourceBuild(const BuildSetting& setting, pep::DistFile file, fs::TempDir folder)
    : setting_(setting), file_(std::move(file)), folder_(std::move(folder)) {}

SourceBuild::~SourceBuild() {
  process_.reset();
  if (!log_file_.empty() && !failed_) ::unlink(log_file_.c_str());
}

Result<std::unique_ptr<SourceBuild>> SourceBuild::open(const BuildSetting& setting, const pep::DistFile& file) {
  const auto parent = setting.session.cache_dir() / "tmp";
  PKG_TRY(fs::make_dirs(parent));
  PKG_TRY_ASSIGN(auto folder, fs::TempDir::create(parent, "build-"));
  std::unique_ptr<SourceBuild> build(new SourceBuild(setting, file, std::move(folder)));
  const auto into = build->folder_.path() / "source";
  PKG_TRY(fs::make_dirs(into));
  PKG_TRY_ASSIGN(auto* index, setting.session.index());
  PKG_TRY_ASSIGN(build->tree_, index->source_tree(file, into));
  // What is set for one package counts for a source that was named by its place alone, too.
  if (file.project.empty()) build->file_.project = builder::static_name(build->tree_.root).value_or(pep::Name());
  return build;
}

std::string SourceBuild::title() const {
  if (file_.project.empty()) return url::redact(file_.url);
  return file_.version == pep::Version() ? file_.project.str()
                                         : cat(file_.project.str(), " ", file_.version.to_string());
}

const builder::ConfigSettings& SourceBuild::config_settings() const {
  return config_settings_for(file_.project, setting_.options);
}

bool SourceBuild::is_isolated() const {
  return !setting_.options.no_isolation && !setting_.options.no_isolation_of.contains(file_.project);
}

std::optional<std::string> SourceBuild::static_metadata() const {
  const auto source = pep::SourceUrl::parse(file_.url);
  const bool is_sdist = source && source->kind == pep::SourceUrl::Kind::sdist;
  return builder::static_metadata(tree_.root, is_sdist ? builder::TreeKind::sdist : builder::TreeKind::other);
}

builder::Variables SourceBuild::variables() const {
  builder::Variables variables;
  // What the first build imports, the next finds compiled. In the user's own folder nothing is left behind.
  if (is_isolated() && !tree_.in_place) variables.emplace_back("PYTHONDONTWRITEBYTECODE", "");
  const auto extra = setting_.options.extra_variables.find(file_.project);
  if (extra != setting_.options.extra_variables.end())
    variables.insert(variables.end(), extra->second.begin(), extra->second.end());
  return variables;
}

void SourceBuild::add_readable(builder::ProcessOptions& options) const {
  // Wheels may be linked to from there.
  options.readable = {setting_.session.cache_dir()};
  for (const auto& given : {variables(), setting_.variables.given})
    for (const auto& [name, value] : given)
      for (auto& folder : builder::folders_in(value)) options.readable.push_back(std::move(folder));
}

// Where its requirements are met.
Result<BuildEnvironment> SourceBuild::place_for(std::vector<pep::Requirement> requirements, SourceBuilder& nested) {
  if (is_isolated()) {
    return build_environment(std::move(requirements), setting_.options, setting_.interpreter, nested, setting_.session)
        .with([&] { return cat("while making the environment to build ", quote(title()), " in"); });
  }
  if (setting_.environment == nullptr) {
    return make_error(ErrorKind::unsupported,
                      cat("there is no environment to build ", quote(title()), " in without isolation"));
  }
  if (setting_.options.check_requirements)
    PKG_TRY(check_present(requirements, *setting_.environment, setting_.interpreter));
  return BuildEnvironment{{}, setting_.environment->python, setting_.environment->layout.scripts};
}

Result<builder::BuildProcess> SourceBuild::start_process(const BuildEnvironment& environment) {
  environment_key_ = environment.key;
  builder::ProcessOptions options;
  options.python = environment.python;
  options.tree = tree_.root;
  options.backend = *backend_;
  options.environment = builder::build_variables(environment.scripts, jobs_, setting_.variables, variables());
  options.log_file = log_file_;
  options.timeout_s = setting_.options.timeout_s;
  options.sandbox = setting_.options.sandbox;
  options.writable = {folder_.path()};
  if (tree_.in_place) options.writable.push_back(tree_.root);
  add_readable(options);
  PKG_TRY_ASSIGN(auto process, builder::BuildProcess::start(std::move(options), setting_.session.cancel()));
  if (const auto gap = process.sandbox_gap(); !gap.empty()) setting_.session.reporter().warning(std::string(gap));
  return process;
}

Status SourceBuild::prepare() {
  PKG_TRY_ASSIGN(backend_, builder::backend_of(tree_.root));
  if (!log_file_.empty() && !failed_) ::unlink(log_file_.c_str());
  PKG_TRY_ASSIGN(log_file_, make_log_file(title(), setting_.session.reporter()));
  return ok_status();
}

// Of its files, and of the settings.
std::vector<pep::Requirement> SourceBuild::static_requirements() const {
  auto requirements = backend_->requires_;
  const auto extra = setting_.options.extra_requirements.find(file_.project);
  if (extra != setting_.options.extra_requirements.end())
    requirements.insert(requirements.end(), extra->second.begin(), extra->second.end());
  return requirements;
}

Result<std::vector<pep::Requirement>> SourceBuild::dynamic_requirements(builder::BuildProcess& process,
                                                                        builder::Product product) {
  const auto more = process.requirements(product, config_settings());
  failed_ = !more;
  if (!more) return more.error();
  std::vector<std::string> broken;
  auto dynamic = parsed(*more, broken);
  if (broken.empty()) return dynamic;
  return make_error(ErrorKind::build,
                    cat("the build backend asks for what is no requirement: ", quote(broken.front())));
}

// In the environment that the lock has for it; nullopt: the lock does not speak of it.
Result<std::optional<builder::BuildProcess>> SourceBuild::start_as_locked(SourceBuilder& nested) {
  PKG_TRY_ASSIGN(const auto pins, setting_.options.locked->pins(file_, setting_.interpreter.target));
  if (!pins) return std::optional<builder::BuildProcess>();
  const auto check = [&](const std::vector<pep::Requirement>& requirements) -> Status {
    const auto missing = unmet(requirements, *pins, setting_.interpreter.target);
    if (!missing) return ok_status();
    return make_error(ErrorKind::conflict, cat("to be built, ", quote(title()), " asks for ", *missing),
                      cat("lock again what builds it: pkg lock -P ",
                          file_.project.empty() ? std::string("NAME") : file_.project.str()));
  };
  PKG_TRY(check(static_requirements()));
  PKG_TRY_ASSIGN(const auto environment,
                 environment_of(*pins, setting_.options, setting_.interpreter, nested, setting_.session).with([&] {
                   return cat("while making the locked environment to build ", quote(title()), " in");
                 }));
  PKG_TRY_ASSIGN(auto process, start_process(environment));
  PKG_TRY_ASSIGN(const auto dynamic, dynamic_requirements(process, product_of(file_)));
  PKG_TRY(check(dynamic));
  return std::optional(std::move(process));
}

// The same; nullopt, too, and told: what the lock has does not fit, and need not.
Result<std::optional<builder::BuildProcess>> SourceBuild::start_locked(SourceBuilder& nested) {
  const auto* locked = setting_.options.locked.get();
  if (locked == nullptr || !is_isolated() || was_unlocked_) return std::optional<builder::BuildProcess>();
  auto started = start_as_locked(nested);
  if (started || started.error().kind != ErrorKind::conflict || locked->when_unlocked == WhenUnlocked::fail)
    return started;
  was_unlocked_ = true;
  setting_.session.reporter().warning(
      cat(started.error().message, ": its build requirements are resolved as if they were not locked"));
  return std::optional<builder::BuildProcess>();
}

Result<builder::BuildProcess> SourceBuild::start_resolved(SourceBuilder& nested) {
  auto requirements = static_requirements();
  PKG_TRY_ASSIGN(auto place, place_for(requirements, nested));
  PKG_TRY_ASSIGN(auto process, start_process(place));
  PKG_TRY_ASSIGN(const auto dynamic, dynamic_requirements(process, product_of(file_)));
  const auto is_new = [&](const pep::Requirement& one) {
    return std::ranges::find(requirements, one) == requirements.end();
  };
  if (is_isolated() && std::ranges::any_of(dynamic, is_new)) {
    requirements.insert(requirements.end(), dynamic.begin(), dynamic.end());
    PKG_TRY_ASSIGN(place, place_for(std::move(requirements), nested));
    return start_process(place);
  }
  if (!is_isolated() && setting_.options.check_requirements)
    PKG_TRY(check_present(dynamic, *setting_.environment, setting_.interpreter));
  return process;
}

Status SourceBuild::start(SourceBuilder& nested, int jobs) {
  if (process_) return ok_status();
  jobs_ = jobs;
  PKG_TRY(prepare());
  PKG_TRY_ASSIGN(process_, start_locked(nested));
  if (process_) return ok_status();
  PKG_TRY_ASSIGN(process_, start_resolved(nested));
  return ok_status();
}

Result<std::vector<pep::Requirement>> SourceBuild::asked_for(const PinsForBuild& pins_for, SourceBuilder& nested) {
  process_.reset();
  PKG_TRY(prepare());
  auto asked = backend_->requires_;
  PKG_TRY_ASSIGN(const auto pins, pins_for(asked, setting_.interpreter.target));
  PKG_TRY_ASSIGN(const auto environment,
                 environment_of(pins, setting_.options, setting_.interpreter, nested, setting_.session));
  PKG_TRY_ASSIGN(auto process, start_process(environment));
  const auto add = [&](builder::Product product) -> Status {
    PKG_TRY_ASSIGN(const auto more, dynamic_requirements(process, product));
    for (const auto& one : more)
      if (std::ranges::find(asked, one) == asked.end()) asked.push_back(one);
    return ok_status();
  };
  PKG_TRY(add(builder::Product::wheel));
  if (tree_.in_place) PKG_TRY(add(builder::Product::editable));
  return asked;
}

Result<std::string> SourceBuild::environment(SourceBuilder& nested, int jobs) {
  if (jobs != jobs_) process_.reset();  // it runs with another number
  PKG_TRY(start(nested, jobs));
  return environment_key_;
}

namespace {

// A build that is under way, for as long as this lives.
class ShownBuild {
 public:
  ShownBuild(Reporter& reporter, std::string title) : reporter_(reporter), title_(std::move(title)) {
    enter(kPreparingBuild);
  }
  ~ShownBuild() { enter(kBuildEnded); }
  ShownBuild(const ShownBuild&) = delete;
  ShownBuild& operator=(const ShownBuild&) = delete;
  void enter(std::string_view phase) { reporter_.step(std::string(phase), title_, 0, 0); }

 private:
  Reporter& reporter_;
  const std::string title_;
};

}  // namespace

Result<std::optional<std::string>> SourceBuild::prepared_metadata(SourceBuilder& nested) {
  ShownBuild shown(setting_.session.reporter(), title());
  setting_.session.reporter().note(cat("asking the build backend of ", title(), " for its metadata"));
  PKG_TRY(start(nested, static_cast<int>(core_count())));
  shown.enter(kReadingMetadata);
  const auto into = folder_.path() / "metadata";
  auto text = process_->prepare_metadata(product_of(file_), config_settings(), into);
  failed_ = !text;
  if (text && *text) metadata_folder_ = into;
  return text;
}

Result<std::filesystem::path> SourceBuild::wheel(SourceBuilder& nested, int jobs) {
  ShownBuild shown(setting_.session.reporter(), title());
  if (jobs != jobs_) process_.reset();  // several builds at a time: it runs with every processor
  PKG_TRY(start(nested, jobs));
  const auto into = folder_.path() / "wheel";
  PKG_TRY(fs::make_dirs(into));
  shown.enter(kBuilding);
  auto path = process_->build(product_of(file_), config_settings(), into, metadata_folder_);
  failed_ = !path;
  return path;
}

}  // namespace pkg::ops
