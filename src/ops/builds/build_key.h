#pragma once
// Under which key the cache keeps what a source was built to: a digest of everything the result depends on, what built
// it included.
//
// Which distributions build a source is known only once its build requirements were resolved. So there are two steps: a
// request (source, settings, and where build requirements are looked for) leads to the build it came to last, and that
// one (source, settings, and the hashes of all distributions in the environment) to the wheel.
// docs/internals/cache-layout.md#built

#include <string>
#include <string_view>

#include "ops/session/build_options.h"
#include "pep/dist_file.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// Source, settings and interpreter. 64 hex digits; empty: what comes of this source is not kept (folders change under
// our feet, builds without isolation depend on their environment), or which settings count is not known before its
// name. `sha256_hex`: of an archive, where its index did not announce it. `variables`: of this process, that matter
// (builder::variables_that_matter).
std::string build_key(const pep::DistFile& file, const std::string& sha256_hex, const BuildOptions& options,
                      const builder::Variables& variables, const venv::Interpreter& interpreter);

// `key`: of build_key. `indexes`: index::sources_digest().
std::string request_key(const std::string& key, const resolver::Policy& policy, const std::string& indexes);
// `environment`: BuildEnvironment::key; kNoEnvironment for what the source's files say.
std::string exact_key(const std::string& key, std::string_view environment);
inline constexpr std::string_view kNoEnvironment = "none";

// On which machines besides this one a build holds, as far as `key` does not say it: those of this libc, system and
// release, whose libraries a wheel may be linked with. `os_release`: the text of /etc/os-release, where there is one.
std::string fleet_of(const venv::Interpreter& interpreter, std::string_view os_release);

}  // namespace pkg::ops
