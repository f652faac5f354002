#include "ops/session/auth.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/ops_kit.h"
#include "support/printers.h"

namespace pkg::ops {
namespace {

std::string logins() {
  const auto kept = kept_logins();
  REQUIRE_OK(kept);
  std::string text;
  for (const auto& login : *kept) text += login.user + " at " + login.origin + "\n";
  return text;
}

constexpr auto kNoKeyring = index::KeyringProvider::disabled;

}  // namespace

TEST_CASE("a login is kept for an origin, replaced by another one, and forgotten") {
  const test::OpsKit kit;
  CHECK(logins().empty());
  REQUIRE_OK(keep_login({"https://index.test/simple/", "me", "secret"}, kNoKeyring));
  REQUIRE_OK(keep_login({"https://you@other.test:8443/x", "", "secret"}, kNoKeyring));
  REQUIRE_OK(keep_login({"http://plain.test", "", "secret"}, kNoKeyring));
  CHECK(logins() == "__token__ at http://plain.test\nme at https://index.test\nyou at https://other.test:8443\n");
  REQUIRE_OK(keep_login({"https://index.test/", "them", "other"}, kNoKeyring));
  const auto forgotten = forget_login("https://index.test/anything");
  REQUIRE_OK(forgotten);
  CHECK(forgotten->user == "them");
  CHECK(logins() == "__token__ at http://plain.test\nyou at https://other.test:8443\n");
}

TEST_CASE("a login is for a web address, and its password is not part of one") {
  const test::OpsKit kit;
  const auto error_of = [](const std::string& url) {
    const auto kept = keep_login({url, "me", "secret"}, kNoKeyring);
    REQUIRE(!kept.ok());
    return kept.error().message;
  };
  CHECK(error_of("file:///x") == "`file:///x` is no web address");
  CHECK(error_of("https://me:secret@index.test/") == "a password in the URL can be read by everyone on this machine");
  CHECK(!keep_login({"index.test", "me", "secret"}, kNoKeyring).ok());
  CHECK(logins().empty());
}

TEST_CASE("what was not kept cannot be forgotten") {
  const test::OpsKit kit;
  const auto forgotten = forget_login("https://index.test/");
  REQUIRE(!forgotten.ok());
  CHECK(forgotten.error().kind == ErrorKind::not_found);
}

TEST_CASE("without a keyring program nothing is kept in it") {
  const test::OpsKit kit;
  CHECK(!keep_login({"https://index.test/", "me", "secret"}, index::KeyringProvider::subprocess).ok());
  CHECK(logins().empty());
}

TEST_CASE("the user of an index's URL is read out of it") {
  CHECK(user_in("https://me@index.test/") == "me");
  CHECK(user_in("https://index.test/").empty());
  CHECK(user_in("no address").empty());
}

}  // namespace pkg::ops
