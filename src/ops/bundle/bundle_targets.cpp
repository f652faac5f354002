#include "ops/bundle/bundle_targets.h"

#include <algorithm>

#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/target.h"
#include "ops/environment/target_platform.h"

namespace pkg::ops {
namespace {

std::string short_name(const pep::Environment& environment) {
  const auto& name = environment.implementation_name;
  return name == "cpython" ? "cp" : name == "pypy" ? "pp" : name;
}

// Letters, digits and underscores.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(is_ascii_alnum(c) ? to_ascii_lower(c) : '_');
  return out;
}

std::string name_of(const pep::Target& target, const std::string& platform) {
  const auto& environment = target.environment;
  std::string where = cat(environment.sys_platform, "_", environment.platform_machine);
  if (!platform.empty()) {
    const auto parsed = parse_target_platform(platform);
    // A "linux_" tag says nothing of the C library.
    for (std::size_t i = 0; parsed && i < parsed->tags.size(); ++i) {
      where = parsed->tags[i];
      if (!where.starts_with("linux_")) break;
    }
  }
  const bool free_threaded = target.tags && target.tags->size() > 0 && target.tags->tag(0).abi.ends_with('t');
  return cat(short_name(environment), replace_all(environment.python_version, ".", ""), free_threaded ? "t" : "", "-",
             plain(where));
}

// The interpreter of this machine that can build for the target: its own, or one of that version.
std::optional<venv::Interpreter> builder_for(const venv::Interpreter& given, const pep::Target& target,
                                             const std::string& platform, Session& session) {
  if (!platform.empty()) return std::nullopt;
  const auto fits = [&](const venv::Interpreter& interpreter) {
    const auto& environment = interpreter.target.environment;
    return environment.python_version == target.environment.python_version &&
           environment.implementation_name == target.environment.implementation_name;
  };
  if (fits(given)) return given;
  const auto found = venv::find_interpreter(target.environment.python_version, session.cache_dir(), no_leave());
  return found && fits(*found) ? std::optional(*found) : std::nullopt;
}

}  // namespace

Result<std::vector<BundleTarget>> bundle_targets(const BundleTargetOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(options.python, session));
  const auto versions = options.python_versions.empty() ? std::vector<std::string>{""} : options.python_versions;
  const auto platforms = options.platforms.empty() ? std::vector<std::string>{""} : options.platforms;
  std::vector<BundleTarget> targets;
  for (const auto& version : versions) {
    for (const auto& platform : platforms) {
      BundleTarget target;
      PKG_TRY_ASSIGN(target.target, target_for(options.python, version, session, platform));
      target.name = name_of(target.target, platform);
      if (std::ranges::find(targets, target.name, &BundleTarget::name) != targets.end()) continue;
      PKG_TRY_ASSIGN(target.marker, marker_of(target.target.environment));
      target.builder = builder_for(interpreter, target.target, platform, session);
      targets.push_back(std::move(target));
    }
  }
  return targets;
}

}  // namespace pkg::ops
