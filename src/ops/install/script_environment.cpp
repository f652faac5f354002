#include "ops/install/script_environment.h"

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "index/sources_digest.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/pythons/pythons.h"

namespace pkg::ops {

Result<ScriptEnvironment> locked_script_environment(const std::filesystem::path& script,
                                                    const std::filesystem::path& lock) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file(lock));
  return ScriptEnvironment{script.stem().string(), cat("script", '\0', script.native(), '\0', hash::sha256(text))};
}

ScriptEnvironment unlocked_script_environment(const std::filesystem::path& script, const LockSubject& subject,
                                              const Session& session) {
  return {script.stem().string(),
          cat("script", '\0', script.native(), '\0', subject.digest, '\0', index::sources_digest(session.settings()))};
}

Result<venv::Interpreter> script_interpreter(const std::string& python, const pep::SpecifierSet& requires_python,
                                             Session& session) {
  return find_or_install_python(python.empty() ? requires_python.to_string() : python, leave_with_warning(session),
                                session);
}

}  // namespace pkg::ops
