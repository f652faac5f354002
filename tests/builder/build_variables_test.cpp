#include "builder/build_variables.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <map>

#include "base/text.h"
#include "builder/source_tree.h"
#include "builder/variable_lists.h"

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

std::map<std::string, std::string> seen(const builder::VariableRules& rules = {}) {
  return as_map(builder::build_variables({}, 0, rules, {}));
}

// That projects document for their builds.
constexpr std::string_view kSwitches[] = {"MYSQLCLIENT_CFLAGS",
                                          "MYSQLCLIENT_LDFLAGS",
                                          "MULTIDICT_NO_EXTENSIONS",
                                          "YARL_NO_EXTENSIONS",
                                          "AIOHTTP_NO_EXTENSIONS",
                                          "FROZENLIST_NO_EXTENSIONS",
                                          "GRPC_PYTHON_BUILD_SYSTEM_OPENSSL",
                                          "GRPC_PYTHON_BUILD_SYSTEM_ZLIB",
                                          "DISABLE_SQLALCHEMY_CEXT",
                                          "PYYAML_FORCE_CYTHON",
                                          "STATIC_DEPS",
                                          "WITH_XML2_CONFIG",
                                          "LXML_STATIC_INCLUDE_DIRS",
                                          "GDAL_CONFIG",
                                          "GDAL_VERSION",
                                          "PROJ_DIR",
                                          "GEOS_CONFIG",
                                          "PYCURL_SSL_LIBRARY",
                                          "PYCURL_CURL_CONFIG",
                                          "UWSGI_PROFILE",
                                          "UWSGI_EMBED_PLUGINS",
                                          "SODIUM_INSTALL",
                                          "GEVENTSETUP_EMBED",
                                          "CARES_EMBED",
                                          "PYCARES_USE_SYSTEM_LIB",
                                          "FLASH_ATTENTION_SKIP_CUDA_BUILD",
                                          "FLASH_ATTENTION_FORCE_BUILD",
                                          "TORCH_CUDA_ARCH_LIST",
                                          "FORCE_CUDA",
                                          "DS_BUILD_OPS",
                                          "VLLM_TARGET_DEVICE",
                                          "NVTE_FRAMEWORK",
                                          "XFORMERS_BUILD_TYPE",
                                          "BUILD_CUDA_EXT",
                                          "GGML_CUDA",
                                          "FORCE_CMAKE",
                                          "CASS_DRIVER_NO_CYTHON",
                                          "MSGPACK_PUREPYTHON",
                                          "SYSTEM_SASS",
                                          "ENABLE_HEADLESS",
                                          "ENABLE_CONTRIB",
                                          "H5PY_SETUP_REQUIRES",
                                          "NETCDF4_DIR",
                                          "SKLEARN_BUILD_PARALLEL",
                                          "SCIPY_USE_PYTHRAN",
                                          "USE_CYTHON",
                                          "VERSIONEER_OVERRIDE",
                                          "VERSION",
                                          "GITHUB_REF",
                                          "CI",
                                          "FORCE_SYSTEM_PROTOBUF",
                                          "PROTOC",
                                          "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION",
                                          "AIRFLOW_HOME",
                                          "PYO3_CONFIG_FILE",
                                          "CRYPTOGRAPHY_OPENSSL_NO_LEGACY",
                                          "ZMQ_PREFIX",
                                          "PG_CONFIG",
                                          "ORACLE_HOME",
                                          "SNAPPY_DIR",
                                          "ARROW_HOME",
                                          "PYARROW_WITH_PARQUET",
                                          "PYARROW_CMAKE_OPTIONS",
                                          "ICU_VERSION",
                                          "PYICU_CFLAGS",
                                          "ROCKSDB_DIR",
                                          "LEVELDB",
                                          "JPEG_ROOT",
                                          "ZLIB_ROOT",
                                          "DBUS_PYTHON_USE_AUTOTOOLS",
                                          "DISTRIB",
                                          "MACOSX_DEPLOYMENT_TARGET",
                                          "_PYTHON_HOST_PLATFORM",
                                          "PYTHON_CFLAGS",
                                          "SYSROOT",
                                          "ANDROID_NDK",
                                          "CROSS_COMPILE",
                                          "EM_CONFIG",
                                          "OPT",
                                          "BASECFLAGS",
                                          "F_UFMT_ENDIAN",
                                          "FFTW_DIR",
                                          "EIGEN3_INCLUDE_DIR",
                                          "BOOST_ROOT",
                                          "Boost_ROOT",
                                          "Python_ROOT_DIR",
                                          "PYTHON_INCLUDE_DIR",
                                          "PYTHONHASHSEED",
                                          "PYTHONUTF8",
                                          "CONDA_PREFIX",
                                          "NODE_OPTIONS",
                                          "GIT_AUTHOR_NAME",
                                          "TOKENIZERS_PARALLELISM",
                                          "AUTHORS",
                                          "TRAVIS",
                                          "GITLAB_CI",
                                          "JENKINS_URL",
                                          "RUNNER_OS",
                                          "AWS_REGION",
                                          "AWS_DEFAULT_REGION",
                                          "GOOGLE_CLOUD_PROJECT",
                                          "BUILD_NUMBER"};

// Under these names clouds, CI systems and package servers keep what nobody else may see.
constexpr std::string_view kTokens[] = {"AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN",
                                        "AWS_SECURITY_TOKEN",
                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                        "AWS_WEB_IDENTITY_TOKEN_FILE",
                                        "AZURE_CLIENT_SECRET",
                                        "ARM_CLIENT_SECRET",
                                        "ARM_ACCESS_KEY",
                                        "AZURE_STORAGE_CONNECTION_STRING",
                                        "AZURE_STORAGE_SAS_TOKEN",
                                        "AZURE_DEVOPS_EXT_PAT",
                                        "SYSTEM_ACCESSTOKEN",
                                        "ENDPOINT_AUTH_SYSTEMVSSCONNECTION",
                                        "GOOGLE_APPLICATION_CREDENTIALS",
                                        "GOOGLE_CREDENTIALS",
                                        "CLOUDSDK_AUTH_ACCESS_TOKEN",
                                        "GOOGLE_API_KEY",
                                        "DIGITALOCEAN_ACCESS_TOKEN",
                                        "DIGITALOCEAN_TOKEN",
                                        "HEROKU_API_KEY",
                                        "CLOUDFLARE_API_TOKEN",
                                        "HCLOUD_TOKEN",
                                        "ALICLOUD_ACCESS_KEY",
                                        "OCI_CLI_KEY_CONTENT_KEY",
                                        "VAULT_TOKEN",
                                        "CONSUL_HTTP_TOKEN",
                                        "GITHUB_TOKEN",
                                        "GH_TOKEN",
                                        "GH_PAT",
                                        "ACTIONS_RUNTIME_TOKEN",
                                        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                                        "ACTIONS_RUNTIME_URL",
                                        "CI_JOB_TOKEN",
                                        "CI_JOB_JWT",
                                        "CI_JOB_JWT_V2",
                                        "CI_REGISTRY_PASSWORD",
                                        "CI_DEPLOY_PASSWORD",
                                        "CI_BUILD_TOKEN",
                                        "GITLAB_PRIVATE_TOKEN",
                                        "CIRCLE_OIDC_TOKEN",
                                        "BUILDKITE_AGENT_ACCESS_TOKEN",
                                        "BITBUCKET_STEP_OIDC_TOKEN",
                                        "DRONE_NETRC_PASSWORD",
                                        "encrypted_0a6446eb3ae3_key",
                                        "TWINE_PASSWORD",
                                        "FLIT_PASSWORD",
                                        "POETRY_PYPI_TOKEN_PYPI",
                                        "POETRY_HTTP_BASIC_MINE_PASSWORD",
                                        "HATCH_INDEX_AUTH",
                                        "NPM_TOKEN",
                                        "NODE_AUTH_TOKEN",
                                        "CARGO_REGISTRY_TOKEN",
                                        "ANACONDA_API_TOKEN",
                                        "HF_TOKEN",
                                        "CODECOV_TOKEN",
                                        "SENTRY_AUTH_TOKEN",
                                        "SENTRY_DSN",
                                        "SONAR_TOKEN",
                                        "SLACK_WEBHOOK_URL",
                                        "SLACK_BOT_TOKEN",
                                        "OPENAI_API_KEY",
                                        "ANTHROPIC_API_KEY",
                                        "STRIPE_SECRET_KEY",
                                        "DATADOG_API_KEY",
                                        "PGPASSWORD",
                                        "MYSQL_PWD",
                                        "DB_PASS",
                                        "REDIS_PASSWORD",
                                        "SSHPASS_PASS",
                                        "GPG_PASSPHRASE",
                                        "SIGNING_KEY",
                                        "SESSION_COOKIE",
                                        "MY_CREDS"};

}  // namespace

TEST_CASE("a build gets what is set, for it and for others") {
  std::map<std::string, std::string> variables;
  for (const auto name : kSwitches) variables.emplace(name, "1");
  const WithVariables set(variables);
  const auto found = seen();
  for (const auto& [name, value] : variables) {
    CAPTURE(name);
    CHECK(found.count(name) == 1);
  }
  CHECK(found.at("PYTHONNOUSERSITE") == "1");
  CHECK(found.at("PYTHONDONTWRITEBYTECODE") == "1");
  CHECK(found.at("TERM") == "dumb");
}

TEST_CASE("a build does not get what leads out of it") {
  std::map<std::string, std::string> variables;
  for (const auto* name : {"PYTHONPATH",
                           "PYTHONHOME",
                           "PYTHONSTARTUP",
                           "PYTHONUSERBASE",
                           "PYTHONWARNINGS",
                           "PYTHONINSPECT",
                           "PIP_INDEX_URL",
                           "PIP_NO_INDEX",
                           "UV_INDEX",
                           "PKG_INDEX_URL",
                           "PKG_CONFIG_FILE",
                           "VIRTUAL_ENV",
                           "LD_PRELOAD",
                           "LD_AUDIT",
                           "BASH_ENV",
                           "ENV",
                           "GIT_DIR",
                           "GIT_WORK_TREE",
                           "GIT_INDEX_FILE",
                           "SSH_AUTH_SOCK",
                           "SSH_ASKPASS",
                           "GIT_ASKPASS",
                           "KUBECONFIG",
                           "NETRC",
                           "GITHUB_ENV",
                           "GITHUB_PATH",
                           "FORCE_COLOR",
                           "GIT_CONFIG_COUNT",
                           "GIT_CONFIG_KEY_0",
                           "GIT_CONFIG_VALUE_0",
                           "BASH_FUNC_cc%%",
                           "PWD",
                           "OLDPWD"})
    variables.emplace(name, "/x");
  const WithVariables set(variables);
  const auto found = seen();
  for (const auto& [name, value] : variables) {
    CAPTURE(name);
    CHECK(found.count(name) == 0);
    CHECK(builder::breaks_isolation(name));
  }
}

TEST_CASE("with --no-build-variables a build gets the variables of compilers and tools, and no others") {
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
                           {"PKG_CONFIG_PATH", "/p"}});
  builder::VariableRules rules;
  rules.familiar_only = true;
  rules.given = {{"ASKED_FOR", "1"}};
  const auto variables = seen(rules);
  CHECK(variables.at("PATH") == "/bin");
  for (const auto* name : {"CFLAGS", "CMAKE_ARGS", "SETUPTOOLS_SCM_PRETEND_VERSION", "LC_ALL", "CARGO_HOME",
                           "SOURCE_DATE_EPOCH", "PKG_CONFIG_PATH", "ASKED_FOR"}) {
    CAPTURE(name);
    CHECK(variables.count(name) == 1);
  }
  for (const auto* name : {"MY_OWN", "PYTHONPATH", "PIP_INDEX_URL", "MAKEFLAGS"}) {
    CAPTURE(name);
    CHECK(variables.count(name) == 0);
  }
}

TEST_CASE("no token of a cloud, a CI system or a package server reaches a build, by name or by value") {
  std::map<std::string, std::string> variables;
  for (const auto name : kTokens) variables.emplace(name, cat("canary-", name));
  // The same under names that say nothing.
  variables.emplace("COPY_OF_ONE", cat("canary-", kTokens[0]));
  variables.emplace("WORDS_AROUND", cat("--header=canary-", kTokens[1], " -v"));
  const WithVariables set(variables);
  const auto found = seen();
  for (const auto& [name, value] : found) {
    CAPTURE(name);
    CHECK(value.find("canary-") == std::string::npos);
  }
  const auto held_back = builder::variables_held_back({});
  CHECK(std::ranges::count(held_back, "GITHUB_TOKEN") == 1);
  CHECK(std::ranges::count(held_back, "COPY_OF_ONE") == 1);
}

TEST_CASE("a value in the form of a credential does not pass, whatever its name") {
  const std::string letters(40, 'a');
  std::map<std::string, std::string> variables{{"V1", cat("ghp_", letters)},
                                               {"V2", cat("x=github_pat_", letters)},
                                               {"V3", cat("glpat-", letters)},
                                               {"V4", cat("pypi-AgEIcHlwaS5vcmc", letters)},
                                               {"V5", "AKIAIOSFODNN7EXAMPLE"},
                                               {"V6", cat("xoxb-", letters)},
                                               {"V7", cat("eyJhbGciOiJIUzI1NiJ9", letters)},
                                               {"V8", "-----BEGIN RSA PRIVATE KEY-----"},
                                               {"V9", "Server=db;User=me;Password=hunter2"},
                                               {"V10", "Authorization: Basic bWU6cw=="},
                                               {"V11", "postgres://me:hunter2@db.example/app"},
                                               {"V12", cat("hf_", letters)},
                                               {"V13", "//registry.example/:_authToken=x"},
                                               {"V14", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=x"}};
  const WithVariables set(variables);
  const auto found = seen();
  for (const auto& [name, value] : variables) {
    CAPTURE(value);
    CHECK(found.count(name) == 0);
  }
}

TEST_CASE("what only looks a little like a credential passes") {
  const std::map<std::string, std::string> variables{{"W1", "ghp_short"},
                                                     {"W2", "task-sk-ip"},
                                                     {"W3", "a@b.example"},
                                                     {"W4", "https://host.example/a@b"},
                                                     {"W5", "MYAKIAIOSFODNN7EXAMPLES"},
                                                     {"W6", "/home/me/.config"}};
  const WithVariables set(variables);
  const WithVariables secret(
      std::map<std::string, std::string>{{"SOME_KEY_FOLDER", "/home/me/.config"}, {"FEATURE_TOKEN", "on"}});
  const auto found = seen();
  for (const auto& [name, value] : variables) {
    CAPTURE(value);
    CHECK(found.count(name) == 1);
  }
}

TEST_CASE("passwords that pkg knows do not pass, wherever they stand") {
  const WithVariables set({{"MIRROR", "https://files.example/?p=s3cr3t-pass"},
                           {"PIP_INDEX_URL", "https://me:an0ther%2Fone@host.example/simple/"},
                           {"NOTE", "an0ther/one"}});
  builder::VariableRules rules;
  rules.secrets = {"s3cr3t-pass", "short"};
  const WithVariables harmless(std::map<std::string, std::string>{{"SHORTLY", "shortly"}});
  const auto found = seen(rules);
  CHECK(found.count("MIRROR") == 0);
  CHECK(found.count("NOTE") == 0);
  CHECK(found.count("SHORTLY") == 1);
}

TEST_CASE("a variable that is asked for passes whatever it is called, and wins") {
  const WithVariables set(std::map<std::string, std::string>{{"NPM_TOKEN", "s"}, {"CFLAGS", "-O1"}});
  builder::VariableRules rules;
  rules.given = {{"NPM_TOKEN", "s"}, {"CFLAGS", "-O2"}, {"PYTHONPATH", "/mine"}};
  const auto found = as_map(builder::build_variables({}, 0, rules, {{"CFLAGS", "-O3"}}));
  CHECK(found.at("NPM_TOKEN") == "s");
  CHECK(found.at("CFLAGS") == "-O2");
  CHECK(found.at("PYTHONPATH") == "/mine");
  CHECK(std::ranges::count(builder::variables_held_back(rules), "NPM_TOKEN") == 0);
}

TEST_CASE("what is known to change a build matters, and nothing else does") {
  const WithVariables set({{"CFLAGS", "-O1"},
                           {"MULTIDICT_NO_EXTENSIONS", "1"},
                           {"MULTIDICT_DEBUG", "1"},
                           {"TORCH_CUDA_ARCH_LIST", "8.0"},
                           {"USE_CYTHON", "1"},
                           {"MYSQLCLIENT_LDFLAGS", "-lx"},
                           {"BUILD_NUMBER", "17"},
                           {"CI", "true"},
                           {"HOSTNAME", "a"}});
  builder::VariableRules rules;
  rules.given = {{"ASKED_FOR", "1"}};
  const auto names = [&](std::string_view project) {
    std::vector<std::string> found;
    for (const auto* name : {"CFLAGS", "MULTIDICT_NO_EXTENSIONS", "MULTIDICT_DEBUG", "TORCH_CUDA_ARCH_LIST",
                             "USE_CYTHON", "MYSQLCLIENT_LDFLAGS", "BUILD_NUMBER", "CI", "HOSTNAME", "ASKED_FOR"})
      if (as_map(builder::variables_that_matter(project, rules)).count(name) == 1) found.emplace_back(name);
    return found;
  };
  const std::vector<std::string> other{"CFLAGS",     "MULTIDICT_NO_EXTENSIONS", "TORCH_CUDA_ARCH_LIST",
                                       "USE_CYTHON", "MYSQLCLIENT_LDFLAGS",     "ASKED_FOR"};
  const std::vector<std::string> own{"CFLAGS",     "MULTIDICT_NO_EXTENSIONS", "MULTIDICT_DEBUG", "TORCH_CUDA_ARCH_LIST",
                                     "USE_CYTHON", "MYSQLCLIENT_LDFLAGS",     "ASKED_FOR"};
  CHECK(names("other") == other);
  CHECK(names("multidict") == own);
  CHECK(names("") == other);
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
  const auto variables = as_map(builder::build_variables({}, 0, {}, {}));
  for (const auto& secret : secrets) {
    CAPTURE(secret.first);
    CHECK(variables.count(secret.first) == 0);
  }
}

TEST_CASE("a proxy without a password passes") {
  const WithVariables set({{"https_proxy", "http://proxy.example:3128"}, {"no_proxy", "localhost,.example"}});
  const auto variables = as_map(builder::build_variables({}, 0, {}, {}));
  CHECK(variables.at("https_proxy") == "http://proxy.example:3128");
  CHECK(variables.at("no_proxy") == "localhost,.example");
}

TEST_CASE("jobs are told to the build tools where the user told them nothing") {
  const WithVariables set({{"CARGO_BUILD_JOBS", "7"}, {"MAKEFLAGS", " -j --jobserver-auth=3,4"}});
  const auto variables = as_map(builder::build_variables({}, 2, {}, {}));
  CHECK(variables.at("MAKEFLAGS") == "-j2");
  CHECK(variables.at("CMAKE_BUILD_PARALLEL_LEVEL") == "2");
  CHECK(variables.at("CARGO_BUILD_JOBS") == "7");
}

TEST_CASE("the scripts of the build environment come first, and extra variables win") {
  const test::TempDir dir;
  const WithVariables set({{"PATH", "/usr/bin"}, {"CFLAGS", "-O1"}});
  const auto plain = as_map(builder::build_variables(dir / "bin", 1, {}, {{"CFLAGS", "-O3"}, {"MY_TOKEN", "wanted"}}));
  CHECK(plain.at("PATH") == (dir / "bin").native() + ":/usr/bin");
  CHECK(plain.at("CFLAGS") == "-O3");
  CHECK(plain.at("MY_TOKEN") == "wanted");
  CHECK(plain.count("VIRTUAL_ENV") == 0);
  REQUIRE_OK(fs::publish(dir / "pyvenv.cfg", ""));
  CHECK(as_map(builder::build_variables(dir / "bin", 1, {}, {})).at("VIRTUAL_ENV") == dir.path().native());
}
