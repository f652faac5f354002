#include "index/http/access.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "base/text.h"
#include "index/cache/page_cache.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

constexpr const char* kIndex = "https://index.example/simple/";

struct Home {
  test::TempDir dir;
  test::ScopedEnv home{"HOME", dir.path().c_str()};
  test::ScopedEnv config{"XDG_CONFIG_HOME", (dir / "config").c_str()}, netrc{"NETRC", (dir / "netrc").c_str()};
  test::ScopedEnv http{"http_proxy", nullptr}, https{"https_proxy", nullptr}, https_upper{"HTTPS_PROXY", nullptr};
  test::ScopedEnv all{"all_proxy", nullptr}, all_upper{"ALL_PROXY", nullptr};
  Settings settings = plain();

  Settings plain() const {
    Settings made;
    made.state_dir = (dir / "state").string();
    return made;
  }
  std::string of(const std::string& url = kIndex) {
    Credentials credentials(settings, nullptr);
    return Access(settings, credentials).of(url);
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    Home, "a server that is reached by nothing but its address has no access in its keys, and a folder never has") {
  settings.indexes = {{"", kIndex, false}};
  CHECK(of().empty());
  settings.proxy = "http://proxy.example:3128";
  settings.ca_bundle = "/ca.pem";
  CHECK(of("file:///wheels/").empty());
  CHECK_FALSE(fs::exists(dir / "state"));  // no key is made where none is needed
}

TEST_CASE_FIXTURE(Home, "proxy, trust and who we are each change the access") {
  std::set<std::string> seen{of()};
  const auto differs = [&](auto change) {
    settings = plain();
    change();
    return seen.insert(of()).second;
  };
  CHECK(differs([&] { settings.proxy = "http://proxy.example:3128"; }));
  CHECK(differs([&] { settings.proxy = "http://other.example:3128"; }));
  CHECK(differs([&] { settings.trusted_hosts = {"index.example"}; }));
  CHECK_FALSE(differs([&] { settings.trusted_hosts = {"other.example"}; }));
  CHECK(differs([&] { settings.ca_bundle = "/ca.pem"; }));
  CHECK(differs([&] { settings.client_cert = "/client.pem"; }));
  CHECK(differs([&] { settings.proxy_from_environment = false; }));
  CHECK(differs([&] { settings.indexes = {{"", "https://alice:one@index.example/simple/", false}}; }));
  CHECK(differs([&] { settings.indexes = {{"", "https://alice:two@index.example/simple/", false}}; }));
  CHECK(differs([&] { settings.indexes = {{"", "https://bob:one@index.example/simple/", false}}; }));
  CHECK_FALSE(differs([&] { settings.indexes = {{"", "https://alice:one@other.example/simple/", false}}; }));
  REQUIRE(fs::publish(dir / "netrc", "machine index.example login carol password three\n").ok());
  CHECK(differs([] {}));
}

TEST_CASE_FIXTURE(Home, "a proxy of the environment counts; its password does not") {
  const test::ScopedEnv one("https_proxy", "http://user:one@proxy.example");
  const auto first = of();
  CHECK_FALSE(first.empty());
  const test::ScopedEnv two("https_proxy", "http://user:two@proxy.example");
  CHECK(of() == first);
  const test::ScopedEnv other("https_proxy", "http://another:two@proxy.example");
  CHECK(of() != first);
  CHECK(of("http://index.example/simple/").empty());
}

TEST_CASE_FIXTURE(Home, "a password is digested with the user's own key: another user's digests differ") {
  settings.indexes = {{"", "https://alice:one@index.example/simple/", false}};
  const auto first = of();
  CHECK(of() == first);
  settings.state_dir = (dir / "other").string();
  CHECK(of() != first);
}

TEST_CASE("an index has another folder for each way in which it is reached") {
  CHECK(PageCache::index_key(kIndex, "") == PageCache::index_key("https://index.example/simple", ""));
  CHECK(PageCache::index_key(kIndex, "") == PageCache::index_key("https://alice:one@index.example/simple/", ""));
  CHECK(PageCache::index_key(kIndex, "") != PageCache::index_key(kIndex, "proxy"));
}

}  // namespace pkg::index
