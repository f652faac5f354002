#include "ops/pythons/python_catalog.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;
using ops::parse_python_catalog;

namespace {

const std::string kHash(64, 'a');
const venv::PythonPlatform kHost{"linux", "x86_64", "gnu"};

std::string entry(const std::string& version, const std::string& more = {}, const std::string& url = "x.tar.gz") {
  return cat(R"({"implementation": "cpython", "version": ")", version,
             R"(", "platform": "linux-x86_64", "libc": "gnu", "url": ")", url, R"(", "sha256": ")", kHash, "\"", more,
             "}");
}

std::string catalog(const std::string& entries, const std::string& more = {}) {
  return cat(R"({"schema": 1, )", more, R"("pythons": [)", entries, "]}");
}

std::string address(const std::string& text, const std::string& mirror = {},
                    const std::string& from = "https://a.test/c/catalogue.json") {
  const auto parsed = parse_python_catalog(text, from, mirror);
  return parsed.ok() ? parsed->entries.at(0).url.with_credentials() : parsed.error().message;
}

std::string best(const std::string& text, const std::string& request) {
  const auto parsed = parse_python_catalog(text, "https://a.test/", "");
  REQUIRE_OK(parsed);
  const auto* found = parsed->best(*venv::parse_request(request), kHost);
  return found == nullptr ? "none" : cat(found->key.name(), found->build.empty() ? "" : " ", found->build);
}

}  // namespace

TEST_CASE("addresses are relative to the catalogue, to its base, or whole") {
  CHECK(address(catalog(entry("3.13.5"))) == "https://a.test/c/x.tar.gz");
  CHECK(address(catalog(entry("3.13.5"), R"("base": "releases", )")) == "https://a.test/c/releases/x.tar.gz");
  CHECK(address(catalog(entry("3.13.5"), R"("base": "https://b.test/d/", )")) == "https://b.test/d/x.tar.gz");
  CHECK(address(catalog(entry("3.13.5", "", "https://c.test/y.tar.gz"))) == "https://c.test/y.tar.gz");
  CHECK(address(catalog(entry("3.13.5")), "", "file:///p/c.json") == "file:///p/x.tar.gz");
}

TEST_CASE("a mirror takes the place of the base, and of nothing else") {
  const auto based = catalog(entry("3.13.5"), R"("base": "https://b.test/d/", )");
  CHECK(address(based, "https://m.test/copy") == "https://m.test/copy/x.tar.gz");
  CHECK(address(based, "file:///m") == "file:///m/x.tar.gz");
  const auto whole = [](const char* url) {
    return catalog(entry("3.13.5", "", url), R"("base": "https://b.test/d/", )");
  };
  CHECK(address(whole("https://b.test/d/e/y.tar.gz"), "https://m.test") == "https://m.test/e/y.tar.gz");
  CHECK(address(whole("https://b.test/d///evil.test/y"), "https://m.test") == "https://m.test///evil.test/y");
  CHECK(address(whole("https://c.test/y.tar.gz"), "https://m.test").find("outside of its base") != std::string::npos);
}

TEST_CASE("what names no build, no archive and no hash is refused") {
  const auto refusal = [](const std::string& text) { return address(text); };
  CHECK(refusal("[]") == "the catalogue of Pythons is no object");
  CHECK(refusal(R"({"schema": 2, "pythons": []})").find("schema 2") != std::string::npos);
  CHECK(refusal(R"({"schema": 1})").find("`pythons`") != std::string::npos);
  for (const char* version : {"3.13", "../x", "3.13.5/x", "3.13.5-1", "three", "3.13.5.1", "3.13.5+x", ""}) {
    CAPTURE(version);
    CHECK(refusal(catalog(entry(version))).starts_with("the catalogue of Pythons has an entry"));
  }
  CHECK(refusal(catalog(entry("3.13.5", R"(, "variant": "fast")"))).find("`fast`") != std::string::npos);
  CHECK(refusal(catalog(entry("3.13.5", R"(, "size": 0)"))).find("0 bytes") != std::string::npos);
  CHECK(refusal(catalog(entry("3.13.5", R"(, "size": -5)"))).find("size") != std::string::npos);
  CHECK(refusal(catalog(entry("3.13.5", R"(, "size": 99999999999)"))).find("bytes") != std::string::npos);
  CHECK(refusal(catalog(entry("3.13.5", "", "ftp://x/y"))).find("expected https") != std::string::npos);
  CHECK(refusal(catalog(entry("3.13.5", "", "file:///etc/x"))).find("from a server") != std::string::npos);
}

TEST_CASE("the newest final release of what is asked for is taken, of one version the latest build") {
  const auto text =
      catalog(cat(entry("3.13.4"), ",", entry("3.13.5", R"(, "build": "20250101")"), ",",
                  entry("3.13.5", R"(, "build": "20250612")"), ",", entry("3.14.0rc2"), ",",
                  entry("3.13.6", R"(, "variant": "freethreaded")"), ",", entry("3.13.7", R"(, "variant": "debug")")));
  CHECK(best(text, "3.13") == "cpython-3.13.5-linux-x86_64-gnu 20250612");
  CHECK(best(text, "3.13.4") == "cpython-3.13.4-linux-x86_64-gnu");
  CHECK(best(text, ">=3.12") == "cpython-3.13.5-linux-x86_64-gnu 20250612");
  CHECK(best(text, "cpython") == "cpython-3.13.5-linux-x86_64-gnu 20250612");
  CHECK(best(text, "3.14") == "cpython-3.14.0rc2-linux-x86_64-gnu");
  CHECK(best(text, "3.14.0rc2") == "cpython-3.14.0rc2-linux-x86_64-gnu");
  CHECK(best(text, "3.13t") == "cpython-3.13.6+freethreaded-linux-x86_64-gnu");
  CHECK(best(text, "3.13+debug") == "cpython-3.13.7+debug-linux-x86_64-gnu");
  CHECK(best(text, "3.13td") == "none");
  CHECK(best(text, "pypy3.13") == "none");
  CHECK(best(text, "cpython-3.13-linux-aarch64") == "none");
  CHECK(best(text, "cpython-3.13-linux-x86_64-gnu") == "cpython-3.13.5-linux-x86_64-gnu 20250612");
}

TEST_CASE("an upgrade stays within the version and the variant") {
  const auto parsed =
      parse_python_catalog(catalog(cat(entry("3.13.5"), ",", entry("3.13.6", R"(, "variant": "freethreaded")"), ",",
                                       entry("3.14.1"), ",", entry("3.13.7rc1"))),
                           "https://a.test/", "");
  REQUIRE_OK(parsed);
  const auto like = [&](const char* name) {
    const auto* found = parsed->best_like(*venv::parse_python_key(name));
    return found == nullptr ? "none" : found->key.name();
  };
  CHECK(like("cpython-3.13.1-linux-x86_64-gnu") == "cpython-3.13.5-linux-x86_64-gnu");
  CHECK(like("cpython-3.13.1+freethreaded-linux-x86_64-gnu") == "cpython-3.13.6+freethreaded-linux-x86_64-gnu");
  CHECK(like("cpython-3.13.7a1-linux-x86_64-gnu") == "cpython-3.13.7rc1-linux-x86_64-gnu");
  CHECK(like("cpython-3.12.1-linux-x86_64-gnu") == "none");
  std::string newest;
  for (const auto* one : parsed->newest(kHost)) append(newest, one->key.version, one->key.variant(), " ");
  CHECK(newest == "3.14.1 3.13.6freethreaded 3.13.5 ");
}
