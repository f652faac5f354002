#include "ops/session/trusted_projects.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "ops/session/setting_table.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::ops {
namespace {

TEST_CASE("a project is trusted by its real path and by what it asks for, and can be forgotten") {
  const test::TempDir dir;
  const auto state = dir / "state/pkg";
  const auto project = dir / "new\nline";
  REQUIRE_OK(fs::make_dirs(project));
  REQUIRE(::symlink(project.c_str(), (dir / "link").c_str()) == 0);
  const auto digest = trust_digest(std::vector<TrustedWord>{{"proxy", {"http://a"}}});
  const auto other = trust_digest(std::vector<TrustedWord>{{"proxy", {"http://b"}}});
  CHECK_FALSE(is_trusted(project, digest, state));
  REQUIRE_OK(trust_project(dir / "link", digest, state));
  CHECK(is_trusted(project, digest, state));
  CHECK(is_trusted(dir / "link", digest, state));
  CHECK_FALSE(is_trusted(project, other, state));
  CHECK_FALSE(is_trusted(dir / "elsewhere", digest, state));
  struct stat status {};
  REQUIRE(::stat((state / "trusted-projects").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  REQUIRE_OK(trust_project(project, other, state));
  CHECK(trusted_projects(state).value().size() == 1);
  CHECK(untrust_project(project, state).value());
  CHECK_FALSE(untrust_project(project, state).value());
  CHECK_FALSE(is_trusted(project, other, state));
}

TEST_CASE("words that are cut otherwise are other words") {
  const auto digest = [](const std::vector<TrustedWord>& words) { return trust_digest(words); };
  CHECK(digest({{"a", {"b", "c"}}}) != digest({{"a", {"bc"}}}));
  CHECK(digest({{"a", {"b"}}, {"c", {}}}) != digest({{"a", {"b", "c"}}}));
  CHECK(digest({}) == digest({}));
}

TEST_CASE("nothing is trusted by a list that is a link, or that others may write to, or that is damaged") {
  const test::TempDir dir;
  const auto state = dir / "pkg";
  REQUIRE_OK(trust_project(dir / "", "0000000000000000000000000000000000000000000000000000000000000000", state));
  const auto file = state / "trusted-projects";
  CHECK(trusted_projects(state).value().size() == 1);
  REQUIRE(::chmod(file.c_str(), 0622) == 0);
  CHECK_FALSE(trusted_projects(state).ok());
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  REQUIRE(::rename(file.c_str(), (dir / "aside").c_str()) == 0);
  REQUIRE(::symlink((dir / "aside").c_str(), file.c_str()) == 0);
  CHECK_FALSE(trusted_projects(state).ok());
  CHECK_FALSE(trust_project(dir / "", "x", state).ok());
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE_OK(fs::publish(file, "nonsense\n", fs::Durability::none, 0600));
  CHECK_FALSE(trusted_projects(state).ok());
}

TEST_CASE("every setting that a project may not set says so") {
  for (const auto* name :
       {"proxy", "no-proxy-env", "trusted-host", "cert", "client-cert", "client-key", "cache-dir", "keyring-provider",
        "no-verify-hashes", "no-verify-record", "break-system-packages", "user"}) {
    CAPTURE(name);
    REQUIRE(find_setting(name) != nullptr);
    CHECK(find_setting(name)->project_may == ProjectMay::not_set);
  }
  for (const auto* name : {"remote-cache", "remote-cache-key", "remote-cache-trust", "remote-cache-endpoint",
                           "self-update-url", "self-update-key"}) {
    CAPTURE(name);
    CHECK(find_setting(name)->project_may == ProjectMay::never);
  }
  CHECK(find_setting("index-url")->project_may == ProjectMay::set);
  CHECK(find_setting("target") == nullptr);
}

}  // namespace
}  // namespace pkg::ops
