#include <doctest/doctest.h>
#include <stdlib.h>

#include <map>

#include "builder/build_process.h"
#include "builder/source_tree.h"

using namespace pkg;

namespace {

// Variables of this process for the length of a test.
class WithVariables {
 public:
  explicit WithVariables(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      const char* old = ::getenv(name.c_str());
      before_[name] = old != nullptr ? std::optional<std::string>(old) : std::nullopt;
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  ~WithVariables() {
    for (const auto& [name, value] : before_)
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  WithVariables(const WithVariables&) = delete;
  WithVariables& operator=(const WithVariables&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

std::map<std::string, std::string> as_map(const builder::Variables& variables) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : variables) CHECK(out.emplace(name, value).second);
  return out;
}

}  // namespace

TEST_CASE("a build gets the variables of compilers and tools, and no others") {
  const WithVariables set({{"PATH", "/bin"},
                           {"CFLAGS", "-O1"},
                           {"CMAKE_ARGS", "-DX=1"},
                           {"SETUPTOOLS_SCM_PRETEND_VERSION", "3"},
                           {"LC_ALL", "C"},
                           {"CARGO_HOME", "/cargo"},
                           {"SOURCE_DATE_EPOCH", "1"},
                           {"MY_OWN", "1"},
                           {"PYTHONPATH", "/x"},
                           {"PIP_INDEX_URL", "x"},
                           {"UV_INDEX", "x"},
                           {"PKG_INDEX_URL", "x"},
                           {"VIRTUAL_ENV", "/venv"},
                           {"PYTHONHOME", "/x"},
                           {"LD_PRELOAD", "/x.so"},
                           {"PKG_CONFIG_PATH", "/p"}});
  const auto variables = as_map(builder::build_variables({}, 0, {}));
  CHECK(variables.at("PATH") == "/bin");
  for (const auto* name : {"CFLAGS", "CMAKE_ARGS", "SETUPTOOLS_SCM_PRETEND_VERSION", "LC_ALL", "CARGO_HOME",
                           "SOURCE_DATE_EPOCH", "PKG_CONFIG_PATH"}) {
    CAPTURE(name);
    CHECK(variables.count(name) == 1);
  }
  for (const auto* name : {"MY_OWN", "PYTHONPATH", "PIP_INDEX_URL", "UV_INDEX", "PKG_INDEX_URL", "VIRTUAL_ENV",
                           "PYTHONHOME", "LD_PRELOAD", "MAKEFLAGS"}) {
    CAPTURE(name);
    CHECK(variables.count(name) == 0);
  }
  CHECK(variables.at("PYTHONNOUSERSITE") == "1");
  CHECK(variables.at("PYTHONDONTWRITEBYTECODE") == "1");
  CHECK(variables.at("TERM") == "dumb");
}

TEST_CASE("no credential reaches a build") {
  const std::map<std::string, std::string> secrets = {
      {"CARGO_REGISTRIES_MINE_TOKEN", "s"},
      {"CARGO_REGISTRY_CREDENTIAL_PROVIDER", "s"},
      {"MATURIN_PASSWORD", "s"},
      {"HATCH_INDEX_AUTH", "s"},
      {"SCCACHE_S3_KEY", "s"},
      {"https_proxy", "http://me:s@proxy.example:1"},
      {"HTTP_PROXY", "me:s@proxy.example"},
      {"CARGO_HTTP_PROXY", "me:s@proxy.example"},
      {"CMAKE_ARGS", "-DA=http://a.example/ -DB=https://me:s@b.example/x"}};
  const WithVariables set(secrets);
  const auto variables = as_map(builder::build_variables({}, 0, {}));
  for (const auto& secret : secrets) {
    CAPTURE(secret.first);
    CHECK(variables.count(secret.first) == 0);
  }
}

TEST_CASE("a proxy without a password passes") {
  const WithVariables set({{"https_proxy", "http://proxy.example:3128"}, {"no_proxy", "localhost,.example"}});
  const auto variables = as_map(builder::build_variables({}, 0, {}));
  CHECK(variables.at("https_proxy") == "http://proxy.example:3128");
  CHECK(variables.at("no_proxy") == "localhost,.example");
}

TEST_CASE("jobs are told to the build tools where the user told them nothing") {
  const WithVariables set({{"CARGO_BUILD_JOBS", "7"}, {"MAKEFLAGS", " -j --jobserver-auth=3,4"}});
  const auto variables = as_map(builder::build_variables({}, 2, {}));
  CHECK(variables.at("MAKEFLAGS") == "-j2");
  CHECK(variables.at("CMAKE_BUILD_PARALLEL_LEVEL") == "2");
  CHECK(variables.at("CARGO_BUILD_JOBS") == "7");
}

TEST_CASE("the scripts of the build environment come first, and extra variables win") {
  const test::TempDir dir;
  const WithVariables set({{"PATH", "/usr/bin"}, {"CFLAGS", "-O1"}});
  const auto plain = as_map(builder::build_variables(dir / "bin", 1, {{"CFLAGS", "-O3"}, {"MY_TOKEN", "wanted"}}));
  CHECK(plain.at("PATH") == (dir / "bin").native() + ":/usr/bin");
  CHECK(plain.at("CFLAGS") == "-O3");
  CHECK(plain.at("MY_TOKEN") == "wanted");
  CHECK(plain.count("VIRTUAL_ENV") == 0);
  REQUIRE_OK(fs::publish(dir / "pyvenv.cfg", ""));
  CHECK(as_map(builder::build_variables(dir / "bin", 1, {})).at("VIRTUAL_ENV") == dir.path().native());
}
