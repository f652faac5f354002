#include "builder/variable_lists.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/text.h"

namespace pkg::builder {
namespace {

constexpr std::string_view kFamiliar[] = {
    // who and where
    "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
    // build tools
    "MAKE", "MAKEFLAGS", "MAX_JOBS", "NINJA", "SAMU", "JAVA_HOME", "GOROOT", "GOPATH", "GOCACHE", "SWIG_LIB",
    "LD_LIBRARY_PATH",
    // trust
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
    // proxies, by which cargo and the like reach the network; in both cases of letters
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};

constexpr std::string_view kFamiliarBeginnings[] = {
    "LC_",           "PKG_CONFIG", "CMAKE_",   "MESON",      "SKBUILD_",
    "SCIKIT_BUILD_",                                                                        // tools
    "CCACHE_",       "SCCACHE_",                                                            //
    "CARGO_",        "RUST",       "MATURIN_", "PYO3_",      "LLVM_",                       // Rust
    "SETUPTOOLS_",   "DISTUTILS_", "HATCH_",   "PDM_BUILD_", "POETRY_DYNAMIC_VERSIONING_",  // backends
    "CUDA",          "NVCC_",      "ROCM_",    "MKL",        "OPENBLAS",
    "NPY_",          "HDF5_",  // libraries
    "MPI",           "OPENSSL_",   "NIX_",     "VCPKG_"};

constexpr std::string_view kCompilers[] = {"CC",
                                           "CXX",
                                           "CPP",
                                           "LD",
                                           "AR",
                                           "AS",
                                           "NM",
                                           "RANLIB",
                                           "STRIP",
                                           "OBJCOPY",
                                           "OBJC",
                                           "FC",
                                           "F77",
                                           "F90",
                                           "CFLAGS",
                                           "CXXFLAGS",
                                           "CPPFLAGS",
                                           "LDFLAGS",
                                           "FFLAGS",
                                           "FCFLAGS",
                                           "LDSHARED",
                                           "LDCXXSHARED",
                                           "ARCHFLAGS",
                                           "LIBS",
                                           "CPATH",
                                           "C_INCLUDE_PATH",
                                           "CPLUS_INCLUDE_PATH",
                                           "LIBRARY_PATH",
                                           "LD_RUN_PATH",
                                           "SOURCE_DATE_EPOCH",
                                           "PBR_VERSION",
                                           "BLAS",
                                           "LAPACK"};

// What works outside the build's own environment, and why it stays out.
constexpr std::string_view kIsolation[] = {
    // where Python's modules are, and programs that it runs when it starts
    "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONEXECUTABLE", "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX", "PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT",
    "PYTHONBREAKPOINT", "PYTHONCASEOK", "PYTHON_PRESITE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT",
    // how much Python says, and whether a warning ends it: meant for one's own programs
    "PYTHONWARNINGS", "PYTHONDEVMODE", "PYTHONVERBOSE", "PYTHONDEBUG", "PYTHONPROFILEIMPORTTIME", "PYTHONDUMPREFS",
    "PYTHONTRACEMALLOC",
    // code in every process, and programs that each shell runs when it starts
    "LD_PRELOAD", "LD_AUDIT", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_PROFILE", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "ENV",
    "PROMPT_COMMAND",
    // a repository that is not the build's: a hook of git sets them
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
    "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    // doors to credentials: agents, programs that ask for passwords, files with logins
    "SSH_AUTH_SOCK", "SSH_ASKPASS", "GIT_ASKPASS", "GPG_AGENT_INFO", "KRB5CCNAME", "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL", "KUBECONFIG", "DOCKER_CONFIG", "NETRC", "PGPASSFILE",
    "VSCODE_GIT_IPC_HANDLE",
    // by which a step of CI changes the next ones
    "GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY",
    // of the terminal and the shell: the log is plain text, and the working folder another one
    "PWD", "OLDPWD", "SHLVL", "_", "TERM", "COLUMNS", "LINES", "FORCE_COLOR", "CLICOLOR_FORCE"};

// ACTIONS_: addresses and tokens of the runner. GIT_CONFIG_: settings in numbered pairs, headers with credentials among
// them.
constexpr std::string_view kIsolationBeginnings[] = {"PIP_", "UV_", "PKG_", "GIT_CONFIG_", "ACTIONS_"};

constexpr std::string_view kTrust[] = {"PATH",
                                       "HOME",
                                       "XDG_CONFIG_HOME",
                                       "SSL_CERT_FILE",
                                       "SSL_CERT_DIR",
                                       "CURL_CA_BUNDLE",
                                       "REQUESTS_CA_BUNDLE",
                                       "GIT_SSL_CAINFO",
                                       "GIT_SSL_NO_VERIFY",
                                       "NODE_EXTRA_CA_CERTS",
                                       "NODE_TLS_REJECT_UNAUTHORIZED",
                                       "LD_LIBRARY_PATH",
                                       "TMPDIR"};

constexpr std::string_view kSwitchBeginnings[] = {"CMAKE_",
                                                  "MESON",
                                                  "SKBUILD_",
                                                  "SCIKIT_BUILD_",  // tools
                                                  "CARGO_BUILD",
                                                  "RUSTFLAGS",
                                                  "MATURIN_",
                                                  "PYO3_",
                                                  "LLVM_CONFIG",  // Rust
                                                  "SETUPTOOLS_SCM_",
                                                  "HATCH_BUILD_",
                                                  "PDM_BUILD_",
                                                  "POETRY_DYNAMIC_VERSIONING_",  // backends
                                                  "PKG_CONFIG",
                                                  "CUDA",
                                                  "TORCH_",
                                                  "NVCC_",
                                                  "ROCM_",
                                                  "MKL",
                                                  "OPENBLAS",
                                                  "NPY_",
                                                  "HDF5_",
                                                  "MPI",
                                                  "OPENSSL_",
                                                  "GRPC_PYTHON_",
                                                  "USE_",
                                                  "WITH_",
                                                  "ENABLE_",
                                                  "DISABLE_",
                                                  "FORCE_",
                                                  "STATIC_"};
constexpr std::string_view kSwitchEndings[] = {"_CFLAGS",        "_CXXFLAGS",  "_CPPFLAGS",    "_LDFLAGS",
                                               "_EXTENSIONS",    "_CEXT",      "_CYTHON",      "_INCLUDE_DIR",
                                               "_INCLUDE_DIRS",  "_LIB_DIR",   "_LIBRARY_DIR", "_DEPLOYMENT_TARGET",
                                               "_TARGET_DEVICE", "_SYSTEM_LIB"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::ranges::find(names, name) != std::end(names);
}
template <std::size_t N>
bool begins_with_one_of(std::string_view name, const std::string_view (&beginnings)[N]) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return name.starts_with(beginning); });
}

bool is_proxy(std::string_view name) {
  const auto quiet = to_ascii_lower(name);
  return quiet.ends_with("_proxy");
}

// A shell's function, or nothing that a shell can say at all.
bool is_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) { return is_ascii_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

// "MULTIDICT_" of "multidict", "SCIKIT_LEARN_" of "scikit-learn".
std::string beginning_of(std::string_view project) {
  std::string beginning;
  for (const char c : project) beginning += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return replace_all(replace_all(beginning, "-", "_"), ".", "_") + '_';
}

}  // namespace

bool is_familiar_variable(std::string_view name) {
  return is_one_of(name, kFamiliar) || is_one_of(name, kCompilers) || begins_with_one_of(name, kFamiliarBeginnings);
}

bool breaks_isolation(std::string_view name) {
  if (name.starts_with("PKG_CONFIG") && !name.starts_with("PKG_CONFIG_FILE")) return false;  // pkg-config's
  return !is_name(name) || is_one_of(name, kIsolation) || begins_with_one_of(name, kIsolationBeginnings);
}

bool spends_trust(std::string_view name) { return is_one_of(name, kTrust) || is_proxy(name); }

bool changes_what_is_built(std::string_view name, std::string_view project) {
  if (is_one_of(name, kCompilers) || begins_with_one_of(name, kSwitchBeginnings)) return true;
  if (std::ranges::any_of(kSwitchEndings, [&](std::string_view ending) { return name.ends_with(ending); })) return true;
  return !project.empty() && name.starts_with(beginning_of(project));
}

}  // namespace pkg::builder
