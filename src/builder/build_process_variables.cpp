// The environment of a build: an allow-list, so that none of the caller's secrets and habits get in.
// docs/builds.md#environment.
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/fs.h"
#include "base/secrets.h"
#include "base/text.h"
#include "builder/build_process.h"

namespace pkg::builder {
namespace {

constexpr std::string_view kNames[] = {
    // who and where
    "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
    // compilers and linkers
    "CC", "CXX", "CPP", "LD", "AR", "AS", "NM", "RANLIB", "STRIP", "OBJCOPY", "OBJC", "FC", "F77", "F90", "CFLAGS",
    "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "FFLAGS", "FCFLAGS", "LDSHARED", "LDCXXSHARED", "ARCHFLAGS", "LIBS", "CPATH",
    "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "LD_RUN_PATH",
    // build tools
    "MAKE", "MAKEFLAGS", "MAX_JOBS", "NINJA", "SAMU", "JAVA_HOME", "GOROOT", "GOPATH", "GOCACHE", "SWIG_LIB",
    "SOURCE_DATE_EPOCH", "PBR_VERSION", "BLAS", "LAPACK",
    // trust
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
    // proxies, by which cargo and the like reach the network; in both cases of letters
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};

constexpr std::string_view kPrefixes[] = {
    "LC_",           "PKG_CONFIG", "CMAKE_",   "MESON",      "SKBUILD_",
    "SCIKIT_BUILD_", "CCACHE_",    "SCCACHE_",                                              // tools
    "CARGO_",        "RUST",       "MATURIN_", "PYO3_",      "LLVM_",                       // Rust
    "SETUPTOOLS_",   "DISTUTILS_", "HATCH_",   "PDM_BUILD_", "POETRY_DYNAMIC_VERSIONING_",  // backends
    "CUDA",          "NVCC_",      "ROCM_",    "MKL",        "OPENBLAS",
    "NPY_",          "HDF5_",      "MPI",      "OPENSSL_",   "NIX_",
    "VCPKG_"};  // libraries

bool is_listed(std::string_view name) {
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool passes(std::string_view name, std::string_view value) {
  if (!is_listed(name) || sounds_secret(name)) return false;
  // A jobserver's descriptors do not reach the build.
  if (name == "MAKEFLAGS" && value.find("--jobserver") != std::string_view::npos) return false;
  return !holds_credentials(value, is_proxy_name(name));
}

class Environment {
 public:
  void set(std::string_view name, std::string value) {
    for (auto& [known, old] : variables_) {
      if (known != name) continue;
      old = std::move(value);
      return;
    }
    variables_.emplace_back(name, std::move(value));
  }
  void set_if_absent(std::string_view name, std::string value) {
    if (!has(name)) set(name, std::move(value));
  }
  bool has(std::string_view name) const {
    return std::any_of(variables_.begin(), variables_.end(),
                       [&](const auto& variable) { return variable.first == name; });
  }
  Variables take() && { return std::move(variables_); }

 private:
  Variables variables_;
};

void pass_on(Environment& environment, std::string& path) {
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto mark = entry.find('=');
    if (mark == 0 || mark == std::string_view::npos) continue;
    const auto name = entry.substr(0, mark);
    const auto value = entry.substr(mark + 1);
    if (name == "PATH")
      path = value;
    else if (passes(name, value))
      environment.set(name, std::string(value));
  }
}

void set_jobs(Environment& environment, int jobs) {
  if (jobs <= 0) return;
  const std::string count = cat(jobs);
  environment.set_if_absent("MAKEFLAGS", cat("-j", count));
  for (const auto* name : {"CMAKE_BUILD_PARALLEL_LEVEL", "CARGO_BUILD_JOBS", "MAX_JOBS", "NPY_NUM_BUILD_JOBS"})
    environment.set_if_absent(name, count);
}

}  // namespace

Variables build_variables(const std::filesystem::path& scripts, int jobs, const Variables& extra) {
  Environment environment;
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  pass_on(environment, path);
  environment.set("PATH", scripts.empty() ? path : cat(scripts.native(), ':', path));
  // Where tools look for "the" Python that was activated, the build environment's has to be it.
  if (!scripts.empty() && fs::exists(scripts.parent_path() / "pyvenv.cfg"))
    environment.set("VIRTUAL_ENV", scripts.parent_path().native());
  environment.set("TERM", "dumb");
  environment.set("PYTHONNOUSERSITE", "1");
  environment.set("PYTHONDONTWRITEBYTECODE", "1");
  environment.set_if_absent("LANG", "C.UTF-8");
  set_jobs(environment, jobs);
  for (const auto& [name, value] : extra) environment.set(name, value);
  return std::move(environment).take();
}

}  // namespace pkg::builder
