// The environment of a build: an allow-list, so that nothing of the caller's secrets and moods gets in. docs/builds.md#environment.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/text.h"
#include "builder/build_process.h"

namespace pkg::builder {
namespace {

constexpr std::array<std::string_view, 58> kNames = {
    // who and where
    "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SHELL", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
    // compilers and linkers
    "CC", "CXX", "CPP", "LD", "AR", "AS", "NM", "RANLIB", "STRIP", "OBJCOPY", "OBJC", "FC", "F77", "F90", "CFLAGS", "CXXFLAGS", "CPPFLAGS",
    "LDFLAGS", "FFLAGS", "FCFLAGS", "LDSHARED", "LDCXXSHARED", "ARCHFLAGS", "LIBS", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH", "LD_LIBRARY_PATH", "LD_RUN_PATH", "SYSROOT",
    // build tools
    "MAKE", "MAKEFLAGS", "MAX_JOBS", "NINJA", "JAVA_HOME", "SWIG_LIB", "NPY_NUM_BUILD_JOBS", "SKBUILD_BUILD_OPTIONS", "CYTHON_TRACE",
    "SOURCE_DATE_EPOCH", "PBR_VERSION", "BLAS", "LAPACK",
    // trust and proxies, the latter without credentials: see passes_proxy
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"};

constexpr std::array<std::string_view, 32> kPrefixes = {"LC_",        "PKG_CONFIG",    "CMAKE_",
                                                        "CARGO_",     "RUST",          "SETUPTOOLS_",
                                                        "DISTUTILS_", "HATCH_",        "POETRY_DYNAMIC_VERSIONING_",
                                                        "PDM_BUILD_", "SCIKIT_BUILD_", "SKBUILD_",
                                                        "MESON",      "MATURIN_",      "CCACHE_",
                                                        "SCCACHE_",   "CIBW_",         "CUDA",
                                                        "NVCC_",      "ROCM_",         "MKL",
                                                        "OPENBLAS",   "NPY_",          "HDF5_",
                                                        "MPI",        "CONDA_BUILD_",  "NIX_",
                                                        "OPENSSL_",   "PYO3_",         "GOROOT",
                                                        "LLVM_",      "VCPKG_"};

constexpr std::array<std::string_view, 7> kProxies = {"http_proxy", "https_proxy", "all_proxy",  "no_proxy",
                                                      "ftp_proxy",  "rsync_proxy", "socks_proxy"};

// Words of names that hold credentials, whatever their beginning.
constexpr std::array<std::string_view, 8> kSecretWords = {"TOKEN",      "PASSWORD", "PASSWD", "SECRET",
                                                          "CREDENTIAL", "AUTH",     "APIKEY", "PASSPHRASE"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// KEY as a word of its own: "CARGO_KEY", "SIGNING_KEY_FILE", not "KEYBOARD".
bool sounds_secret(std::string_view name) {
  const std::string loud = upper(name);
  for (const auto word : kSecretWords)
    if (loud.find(word) != std::string::npos) return true;
  for (const auto part : split(loud, '_'))
    if (part == "KEY" || part == "KEYS") return true;
  return false;
}

bool holds_credentials(std::string_view url) {
  const auto scheme = url.find("://");
  const auto rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
}

bool is_listed(std::string_view name) {
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_proxy(std::string_view name) {
  const std::string lower = to_ascii_lower(name);
  return std::find(kProxies.begin(), kProxies.end(), lower) != kProxies.end();
}

bool passes(std::string_view name, std::string_view value) {
  if (sounds_secret(name)) return false;
  if (is_proxy(name)) return !holds_credentials(value);
  return is_listed(name) && !(value.find("://") != std::string_view::npos && holds_credentials(value));
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
    return std::any_of(variables_.begin(), variables_.end(), [&](const auto& variable) { return variable.first == name; });
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
  environment.set("TERM", "dumb");
  environment.set("PYTHONNOUSERSITE", "1");
  environment.set("PYTHONDONTWRITEBYTECODE", "1");
  environment.set_if_absent("LANG", "C.UTF-8");
  set_jobs(environment, jobs);
  for (const auto& [name, value] : extra) environment.set(name, value);
  return std::move(environment).take();
}

}  // namespace pkg::builder
