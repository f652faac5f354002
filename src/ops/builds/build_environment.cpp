#include "ops/builds/build_environment.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "ops/fetch/fetch.h"
#include "ops/solve/live_source.h"
#include "ops/solve/solve.h"
#include "venv/create.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kReady = ".pkg-ready";  // written last: an environment without it was cut short
constexpr double kLockWait_s = 600;

using Wheels = std::vector<std::shared_ptr<const pep::UnpackedWheel>>;

Result<std::vector<resolver::Pin>> pins_for(std::vector<pep::Requirement> requirements, const BuildOptions& options,
                                            const venv::Interpreter& interpreter, SourceBuilder& nested,
                                            Session& session) {
  if (requirements.empty()) return std::vector<resolver::Pin>();
  resolver::Problem problem;
  problem.requirements = std::move(requirements);
  problem.constraints = options.constraints;
  problem.targets = {interpreter.target};
  problem.policy = options.policy;
  PKG_TRY_ASSIGN(auto* index, session.index());
  const SourceBuilderWhenNeeded builds = [&nested] { return Result<SourceBuilder*>(&nested); };
  LiveSource source(*index, {}, builds);
  PKG_TRY_ASSIGN(auto resolution, solve(problem, source, session));
  return std::move(resolution.pins);
}

Result<Wheels> wheels_of(std::span<const resolver::Pin> pins, const BuildOptions& options, SourceBuilder& nested,
                         Session& session) {
  std::vector<const resolver::Pin*> wanted;
  for (const auto& pin : pins) {
    if (!pin.files.empty()) wanted.push_back(&pin);
  }
  return fetch_with(
      wanted, options.policy.hashes, [&nested] { return Result<SourceBuilder*>(&nested); }, session);
}

std::string key_of(const Wheels& wheels, const venv::Interpreter& interpreter) {
  std::vector<std::string> parts;
  for (const auto& wheel : wheels) parts.push_back(hash::to_hex(wheel->manifest.wheel_sha256));
  std::ranges::sort(parts);
  const auto& base = interpreter.is_virtual() ? interpreter.real_executable : interpreter.executable;
  parts.push_back(
      cat("1\n", base.native(), "\n", interpreter.target.environment.python_full_version, "\n", interpreter.soabi));
  return hash::to_hex(hash::sha256(join(parts, "\n")));
}

Status fill(const venv::Environment& environment, const Wheels& wheels, Session& session) {
  venv::Change change;
  for (const auto& wheel : wheels) change.install.push_back({wheel, false, std::nullopt});
  venv::ApplyOptions apply;
  apply.compile_bytecode = false;
  apply.verify_record = session.settings().verify_record;
  PKG_TRY(venv::apply(change, environment, apply, session.state_key(), session.reporter(), session.cancel()));
  return ok_status();
}

Result<venv::Environment> make(const fs::Path& folder, const Wheels& wheels, const venv::Interpreter& interpreter,
                               Session& session) {
  PKG_TRY(fs::make_dirs(folder.parent_path()));
  PKG_TRY_ASSIGN(const auto lock,
                 fs::FileLock::acquire(fs::Path(folder.native() + ".lock"), fs::LockMode::exclusive, kLockWait_s));
  if (fs::exists(folder / kReady)) return venv::open_environment(folder, session.cache_dir());  // made while we waited
  PKG_TRY(fs::remove_tree(folder));
  PKG_TRY_ASSIGN(const auto base, venv::probe(interpreter.real_executable, session.cache_dir()));
  venv::CreateOptions create;
  create.folder = folder;
  PKG_TRY_ASSIGN(auto environment, venv::create(base, create));
  PKG_TRY(fill(environment, wheels, session));
  PKG_TRY(fs::publish(folder / kReady, ""));
  return environment;
}

}  // namespace

Result<BuildEnvironment> build_environment(std::vector<pep::Requirement> requirements, const BuildOptions& options,
                                           const venv::Interpreter& interpreter, SourceBuilder& nested,
                                           Session& session) {
  PKG_TRY_ASSIGN(const auto pins, pins_for(std::move(requirements), options, interpreter, nested, session));
  return environment_of(pins, options, interpreter, nested, session);
}

Result<BuildEnvironment> environment_of(std::span<const resolver::Pin> pins, const BuildOptions& options,
                                        const venv::Interpreter& interpreter, SourceBuilder& nested, Session& session) {
  PKG_TRY_ASSIGN(const auto wheels, wheels_of(pins, options, nested, session));
  auto key = key_of(wheels, interpreter);
  const auto folder = session.cache_dir() / "build-envs-v1" / key;
  const bool ready = fs::exists(folder / kReady);
  PKG_TRY_ASSIGN(const auto environment, ready ? venv::open_environment(folder, session.cache_dir())
                                               : make(folder, wheels, interpreter, session));
  return BuildEnvironment{std::move(key), environment.python, environment.layout.scripts};
}

}  // namespace pkg::ops
