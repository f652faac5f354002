#include "base/foreign_tool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "support/printers.h"

using namespace pkg;

namespace {

bool has(const Variables& variables, std::string_view name) {
  return std::any_of(variables.begin(), variables.end(), [&](const auto& one) { return one.first == name; });
}

}  // namespace

TEST_CASE("a word that a program would take for an option is no argument") {
  REQUIRE_OK(process::check_argument("main", "the revision"));
  REQUIRE_OK(process::check_argument("", "the revision"));
  const auto refused = process::check_argument("-oProxyCommand=x", "the user name of a URL");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::bad_data);
  CHECK(refused.error().message ==
        "the user name of a URL `-oProxyCommand=x` begins with `-`: a program would take it for an option");
  for (const auto& word : {std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f")})
    CHECK_FALSE(process::check_argument(word, "it").ok());
}

TEST_CASE("tools get the variables that are on the list, and proxies without credentials") {
  const std::pair<const char*, const char*> given[] = {
      {"SSH_AUTH_SOCK", "/agent"},    {"PKG_PASSWORD", "s3cret"}, {"https_proxy", "http://me:s3cret@proxy"},
      {"http_proxy", "http://proxy"}, {"MINE_ONE", "1"},          {"OTHER", "1"}};
  for (const auto& [name, value] : given) ::setenv(name, value, 1);
  const auto variables = process::tool_environment({"MINE_*"});
  const auto proxy = process::proxy_with_credentials("https");
  const auto plain = process::proxy_with_credentials("http");
  for (const auto& [name, value] : given) ::unsetenv(name);
  for (const auto* name : {"SSH_AUTH_SOCK", "http_proxy", "MINE_ONE", "PATH"})
    CHECK_MESSAGE(has(variables, name), name);
  for (const auto* name : {"PKG_PASSWORD", "https_proxy", "OTHER"}) CHECK_FALSE_MESSAGE(has(variables, name), name);
  CHECK(proxy == "http://me:s3cret@proxy");
  CHECK(plain.empty());
}

TEST_CASE("names and values that look like credentials are known") {
  for (const auto* name : {"NPM_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "API_KEY", "githubtoken"})
    CHECK_MESSAGE(sounds_secret(name), name);
  for (const auto* name :
       {"MYSQL_PWD", "GH_PAT", "DB_PASS", "CI_JOB_JWT", "HTTP_AUTHORIZATION", "X_AUTH", "SENTRY_DSN"})
    CHECK_MESSAGE(sounds_secret(name), name);
  for (const auto* name : {"KEYBOARD", "HOME", "MONKEY_HOME", "PWD", "GIT_AUTHOR_NAME", "AUTHORS", "THE_AUTHOR",
                           "TOKENIZERS_PARALLELISM", "COMPASS", "PATCH"})
    CHECK_FALSE_MESSAGE(sounds_secret(name), name);
  CHECK(looks_secret("ghp_0123456789012345678901234567890123456789"));
  CHECK(looks_secret("x AKIAIOSFODNN7EXAMPLE"));
  CHECK(looks_secret("Server=a;Password=b"));
  CHECK_FALSE(looks_secret("graph_ghp_0123"));
  CHECK_FALSE(looks_secret("/usr/lib:/opt/lib"));
  CHECK(holds_credentials("https://me:pw@host/x", false));
  CHECK(holds_credentials("me:pw@proxy:8080", true));
  CHECK_FALSE(holds_credentials("me:pw@proxy:8080", false));
  CHECK_FALSE(holds_credentials("https://host/a@b", true));
}
