// The way of an installation: the words become wishes (requirements in their whole form), the wishes a resolution, the
// resolution a lock, the lock an environment in a folder of its own; what programs are in it is found out, and with the
// receipt written ToolChange::take() makes it the tool. Nothing is changed in place: an upgrade, another --with,
// another Python all end in the same steps, and files are links into the store, so that a new environment costs little.
//
// An environment is made only where something differs: the lock, the interpreter or the wishes. A folder of this
// machine may hold other files than when it was installed, so a tool that comes from one is always made again.

#include "ops/tools/install_tool.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/user_programs.h"
#include "lock/lock_resolution.h"
#include "lock/pylock.h"
#include "ops/environment/python_wish.h"
#include "ops/tools/installed_tools.h"
#include "ops/tools/known_tools.h"
#include "ops/tools/tool_programs.h"
#include "ops/tools/tool_resolution.h"
#include "ops/tools/tool_words.h"
#include "pep/direct_url.h"
#include "venv/create.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// What the tool is before a change.
struct Before {
  stdfs::path environment;
  std::optional<ToolReceipt> receipt;  // absent: it cannot be read
  std::string lock;                    // empty: it cannot be read
  bool is_whole = false;
};

// Removed at the end of its life, unless it is kept.
class NewFolder {
 public:
  explicit NewFolder(stdfs::path path) : path_(std::move(path)) {}
  ~NewFolder() {
    if (!is_kept_) (void)fs::remove_tree(path_);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  const stdfs::path& path() const { return path_; }
  void keep() { is_kept_ = true; }

 private:
  stdfs::path path_;
  bool is_kept_ = false;
};

bool is_whole(const stdfs::path& environment) {
  std::error_code failed;
  return fs::exists(environment / "pyvenv.cfg") && stdfs::exists(environment / "bin/python", failed);
}

std::optional<Before> look_at(const ToolPlaces& places, const pep::Name& name) {
  const auto environment = tool_environment(places, name);
  if (!environment) return std::nullopt;
  Before before{*environment, std::nullopt, {}, is_whole(*environment)};
  if (auto receipt = read_receipt(*environment); receipt && receipt->name == name)
    before.receipt = std::move(receipt).value();
  if (auto lock = fs::read_file_at_most(*environment / kToolLock, limits::kLock)) before.lock = std::move(lock).value();
  return before;
}

std::vector<resolver::Preference> preferences_of(const Before& before) {
  const auto lock = lock::parse_pylock(before.lock, kToolLock);
  return lock ? lock::preferences_of(*lock) : std::vector<resolver::Preference>();
}

// Versions of an environment, by name.
std::map<std::string, std::string> versions_in(std::span<const venv::InstalledDist> installed) {
  std::map<std::string, std::string> versions;
  for (const auto& dist : installed) versions[dist.name.str()] = dist.version.to_string();
  return versions;
}

std::vector<ChangedDist> differences(const std::map<std::string, std::string>& before,
                                     const std::map<std::string, std::string>& after, const pep::Name& tool) {
  using Kind = ChangedDist::Kind;
  std::vector<ChangedDist> changes;
  for (const auto& [name, version] : after) {
    const auto old = before.find(name);
    if (old != before.end() && old->second == version) continue;
    ChangedDist change{Kind::added, name, {}, version, {}, name == tool.str()};
    if (old != before.end()) {
      const auto was = pep::Version::try_parse(old->second), is = pep::Version::try_parse(version);
      change.old_version = old->second;
      change.kind = was && is && *is < *was ? Kind::downgraded : Kind::upgraded;
    }
    changes.push_back(std::move(change));
  }
  for (const auto& [name, version] : before)
    if (!after.contains(name)) changes.push_back({Kind::removed, name, version, {}, {}, name == tool.str()});
  std::ranges::sort(changes, {}, &ChangedDist::name);
  return changes;
}

// Programs of the tool and of the packages that are named beside it.
Result<std::vector<ToolProgram>> find_programs(const ToolWishes& wishes, std::span<const venv::InstalledDist> installed,
                                               const venv::Environment& environment, const ToolPlaces& places) {
  std::vector<ToolProgram> programs;
  std::vector<pep::Name> packages{wishes.requirement.name};
  packages.insert(packages.end(), wishes.executables_from.begin(), wishes.executables_from.end());
  for (const auto& package : packages) {
    PKG_TRY_ASSIGN(const auto names, programs_of(package, installed, environment));
    for (const auto& name : names) programs.push_back({name, package, places.programs / name});
  }
  std::ranges::stable_sort(programs, {}, &ToolProgram::name);  // the tool's own goes first
  const auto is_same = [](const ToolProgram& a, const ToolProgram& b) { return a.name == b.name; };
  programs.erase(std::unique(programs.begin(), programs.end(), is_same), programs.end());
  return programs;
}

// Which others have programs, where the tool itself has none.
Error no_programs(const pep::Name& tool, std::span<const venv::InstalledDist> installed,
                  const venv::Environment& environment) {
  std::vector<std::string> others;
  for (const auto& dist : installed) {
    const auto names = programs_of(dist, environment);
    if (dist.name != tool && names && !names->empty())
      others.push_back(cat(quote(dist.name.str()), " (", join(*names, ", "), ")"));
  }
  const auto hint = others.empty()
                        ? cat("it is a library: `pkg add ", tool.str(), "` puts it into a project")
                        : cat("programs of what it needs: --with-executables-from NAME, of ", join(others, ", "));
  return make_error(ErrorKind::not_found, cat(quote(tool.str()), " has no programs"), hint);
}

pep::Requirement without_credentials(pep::Requirement requirement) {
  if (!requirement.url.empty()) requirement.url = pep::strip_credentials(requirement.url);
  requirement.origin = {};
  return requirement;
}

ToolWishes without_credentials(ToolWishes wishes) {
  wishes.requirement = without_credentials(std::move(wishes.requirement));
  for (auto& requirement : wishes.with) requirement = without_credentials(std::move(requirement));
  return wishes;
}

// Where `name @ https://…` is in the receipt without credentials, and the user names them again: these count.
bool are_same(const ToolWishes& wishes, const ToolReceipt& receipt) {
  return without_credentials(wishes) == receipt.wishes;
}

std::map<std::string, std::string> versions_of(const stdfs::path& folder, Session& session) {
  const auto environment = venv::open_environment(folder, session.cache_dir());
  if (!environment) return {};
  const auto installed = venv::installed(*environment);
  return installed ? versions_in(*installed) : std::map<std::string, std::string>();
}

// Links that somebody removed are made again by the next installation.
bool are_linked(const ToolReceipt& receipt, const ToolPlaces& places) {
  return std::ranges::all_of(receipt.programs, [&](const ToolProgram& program) {
    return program.link.parent_path() == places.programs &&
           user_programs::holder(program.link, places.home) == user_programs::Holder::ours;
  });
}

// One installation, from wishes on.
class Making {
 public:
  Making(const ToolChange& change, const ResolveOptions& resolve, const venv::ApplyOptions& apply, bool force)
      : change_(change), resolve_(resolve), apply_(apply), force_(force) {}

  Result<ToolReport> make(const ToolWishes& wishes, const std::optional<Before>& before, Session& given) const {
    auto& session = session_for(wishes, given);
    const auto& name = wishes.requirement.name;
    PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(wishes, before, session));
    session.make_builds_later([interpreter](Session& own) {
      own.make_builds(interpreter, nullptr);
      return ok_status();
    });
    const bool prefers_old = before && !resolve_.upgrade && !force_;
    const auto preferred = prefers_old ? preferences_of(*before) : std::vector<resolver::Preference>();
    PKG_TRY_ASSIGN(auto resolution, resolve_tool(wishes, resolve_, preferred, interpreter, session));
    NewFolder folder(change_.new_environment(name));
    PKG_TRY_ASSIGN(const auto lock, tool_lock(resolution, folder.path()));
    if (before && !force_ && !resolution.has_local_tree && is_as_before(*before, wishes, interpreter, lock))
      return report_unchanged(*before, std::move(resolution.solved.warnings));

    venv::CreateOptions create;
    create.folder = folder.path();
    create.prompt = name.str();
    PKG_TRY_ASSIGN(const auto environment, venv::create(interpreter, create));
    PKG_TRY_ASSIGN(const auto filled, fill_environment(environment, lock, apply_, *resolution.solved.session));
    PKG_TRY_ASSIGN(const auto installed, venv::installed(environment));
    PKG_TRY_ASSIGN(auto receipt, receipt_for(wishes, interpreter, installed, environment));

    ToolReport report;
    const auto versions_before =
        before ? versions_of(before->environment, session) : std::map<std::string, std::string>();
    const auto taken = change_.take(receipt, folder.path(), force_);
    if (taken || tool_environment(change_.places(), name) == folder.path()) folder.keep();  // or the way back failed
    PKG_TRY(taken);
    if (const auto* pin = resolution.pin_of(name)) remember_tool(session.state_dir(), name, tool_origin(*pin));
    report.outcome = before ? ToolOutcome::changed : ToolOutcome::installed;
    report.environment = change_.places().tool(name);
    report.changes = differences(versions_before, versions_in(installed), name);
    if (before && before->receipt) report.old_version = before->receipt->version.to_string();
    report.receipt = std::move(receipt);
    report.warnings = std::move(resolution.solved.warnings);
    report.warnings.insert(report.warnings.end(), filled.warnings.begin(), filled.warnings.end());
    report.is_on_path = user_programs::is_on_path(change_.places().programs);
    return report;
  }

  Result<ToolReport> report_unchanged(const Before& before, std::vector<std::string> warnings) const {
    ToolReport report;
    report.receipt = *before.receipt;
    report.environment = change_.places().tool(report.receipt.name);
    report.old_version = before.receipt->version.to_string();
    report.warnings = std::move(warnings);
    report.is_on_path = user_programs::is_on_path(change_.places().programs);
    return report;
  }

 private:
  // What is written down of an environment that is complete. not_found: there are no programs in it.
  Result<ToolReceipt> receipt_for(const ToolWishes& wishes, const venv::Interpreter& interpreter,
                                  std::span<const venv::InstalledDist> installed,
                                  const venv::Environment& environment) const {
    const auto& name = wishes.requirement.name;
    const auto own = std::ranges::find(installed, name, &venv::InstalledDist::name);
    if (own == installed.end())
      return make_error(ErrorKind::conflict,
                        cat(quote(name.str()), " is not for this Python: its marker leaves it out"));
    ToolReceipt receipt{name,
                        own->version,
                        without_credentials(wishes),
                        interpreter.real_executable,
                        interpreter.target.environment.python_full_version,
                        {}};
    PKG_TRY_ASSIGN(receipt.programs, find_programs(wishes, installed, environment, change_.places()));
    if (receipt.programs.empty()) return no_programs(name, installed, environment);
    return receipt;
  }

  // Where no Python is asked for, a tool keeps its own as long as that is there: which one comes first in PATH differs
  // from shell to shell.
  Result<venv::Interpreter> interpreter_for(const ToolWishes& wishes, const std::optional<Before>& before,
                                            Session& session) const {
    if (wishes.python.empty() && before && before->receipt && before->is_whole) {
      if (auto own = venv::probe(before->receipt->interpreter, session.cache_dir())) return own;
    }
    return tool_interpreter(wishes.python, change_.places(), session);
  }

  bool is_as_before(const Before& before, const ToolWishes& wishes, const venv::Interpreter& interpreter,
                    const std::string& lock) const {
    return before.receipt && before.is_whole && before.lock == lock && are_same(wishes, *before.receipt) &&
           before.receipt->interpreter == interpreter.real_executable &&
           before.receipt->python_version == interpreter.target.environment.python_full_version &&
           are_linked(*before.receipt, change_.places());
  }

  const ToolChange& change_;
  const ResolveOptions& resolve_;
  const venv::ApplyOptions& apply_;
  bool force_;
};

// --python as a receipt keeps it: of a path the whole.
Result<std::string> python_of(const std::string& python, const ToolPlaces& places, Session& session) {
  if (python.empty()) return std::string();
  PKG_TRY_ASSIGN(const auto wish, python_wish(python, places.home, places.home, session));
  return wish.request;
}

Result<ToolWishes> wishes_of(const InstallToolOptions& options, const ToolPlaces& places, Session& session) {
  ToolWishes wishes;
  PKG_TRY_ASSIGN(wishes.requirement, settled_word(options.word, options.editable, session));
  wishes.editable = options.editable;
  PKG_TRY_ASSIGN(wishes.with, settled_words(options.with, session));
  PKG_TRY_ASSIGN(const auto from, settled_words(options.executables_from, session));
  for (const auto& requirement : from) {
    wishes.executables_from.push_back(requirement.name);
    if (std::ranges::find(wishes.with, requirement) == wishes.with.end()) wishes.with.push_back(requirement);
  }
  if (options.python) {
    PKG_TRY_ASSIGN(wishes.python, python_of(*options.python, places, session));
  }
  wishes.prereleases = options.resolve.policy.prereleases == resolver::Prereleases::allow;
  if (options.keeps_indexes) keep_indexes(session, wishes);
  return wishes;
}

// Names of sources that do not say them are found by a build, for which any Python will do that a tool may have.
void build_with_tool_python(const std::string& python, const ToolPlaces& places, Session& session) {
  session.make_builds_later([python, places](Session& own) -> Status {
    PKG_TRY_ASSIGN(const auto interpreter, tool_interpreter(python, places, own));
    own.make_builds(interpreter, nullptr);
    return ok_status();
  });
}

// Asked for again as it is: nothing is looked up.
bool is_done(const InstallToolOptions& options, const ToolWishes& wishes, const std::optional<Before>& before,
             const ToolPlaces& places) {
  if (!before || !before->receipt || !before->is_whole || options.force) return false;
  const bool is_local = wishes.requirement.url.starts_with("file:") && !wishes.editable;
  return !is_local && are_same(wishes, *before->receipt) && are_linked(*before->receipt, places);
}

Result<ToolReport> upgrade_one(const UpgradeToolsOptions& options, const pep::Name& name, const ToolChange& change,
                               Session& session) {
  const auto before = look_at(change.places(), name);
  if (!before) return no_such_tool(name, change.places());
  if (!before->receipt) {
    PKG_TRY(read_receipt(before->environment));
    return make_error(ErrorKind::bad_data, cat("the receipt of ", quote(name.str()), " is of another tool"),
                      cat("pkg tool install --force ", name.str()));
  }
  auto wishes = before->receipt->wishes;
  if (options.python) {
    PKG_TRY_ASSIGN(wishes.python, python_of(*options.python, change.places(), session));
  }
  auto resolve = options.resolve;
  resolve.upgrade = true;
  resolve.upgrade_strategy = UpgradeStrategy::eager;
  return Making(change, resolve, options.apply, false).make(wishes, before, session);
}

}  // namespace

Result<ToolReport> install_tool(const InstallToolOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto places, tool_places());
  build_with_tool_python(options.python.value_or(std::string()), places, session);
  PKG_TRY_ASSIGN(auto wishes, wishes_of(options, places, session));
  PKG_TRY_ASSIGN(const auto change, ToolChange::begin(places, session));
  const auto before = look_at(places, wishes.requirement.name);
  if (before && before->receipt && !options.python) wishes.python = before->receipt->wishes.python;
  auto resolve = options.resolve;
  resolve.upgrade = resolve.upgrade || tool_word(options.word).is_latest;
  if (resolve.upgrade) resolve.upgrade_strategy = UpgradeStrategy::eager;
  const Making making(change, resolve, options.apply, options.force);
  if (!resolve.upgrade && is_done(options, wishes, before, places)) return making.report_unchanged(*before, {});
  return making.make(wishes, before, session);
}

Result<std::vector<UpgradedTool>> upgrade_tools(const UpgradeToolsOptions& options, Session& session) {
  std::vector<UpgradedTool> upgraded;
  PKG_TRY_ASSIGN(const auto places, tool_places());
  PKG_TRY_ASSIGN(const auto tools, installed_tools(places));
  auto names = options.names;
  if (names.empty())
    for (const auto& tool : tools) names.push_back(tool.name);
  if (tools.empty()) {  // nothing is made for what cannot be
    for (const auto& name : names) upgraded.push_back({name, no_such_tool(name, places)});
    return upgraded;
  }
  PKG_TRY_ASSIGN(const auto change, ToolChange::begin(places, session));
  for (const auto& name : names) {
    auto report = upgrade_one(options, name, change, session);
    if (!report && report.error().kind == ErrorKind::interrupted) return std::move(report).error();
    upgraded.push_back({name, std::move(report)});
  }
  return upgraded;
}

}  // namespace pkg::ops
