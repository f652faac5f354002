// Which proxy a request goes through, what it is called, and that it is named where it refuses.

#include "index/http/proxy.h"

#include <doctest/doctest.h>

#include <list>

#include "base/text.h"
#include "index/http/client.h"
#include "index/http/curl_failure.h"
#include "index/http/curl_transport.h"
#include "support/index_server.h"
#include "support/printers.h"
#include "support/scoped_env.h"

namespace pkg::index {
namespace {

// No variable of the machine's own.
struct NoProxies {
  std::list<test::ScopedEnv> variables;
  NoProxies() {
    for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                             "no_proxy", "NO_PROXY", "REQUEST_METHOD"})
      variables.emplace_back(name, nullptr);
  }
  ~NoProxies() {
    while (!variables.empty()) variables.pop_back();  // the last goes first
  }
  void set(const char* name, const std::string& value) { variables.emplace_back(name, value.c_str()); }
};

std::string in_front_of(const std::string& target, const SecretUrl& given = {}) {
  return proxy_in_front_of(url::Url::parse(target).value(), given, true);
}

Result<Response> fetch(const std::string& url) {
  Settings settings;
  settings.retries = 0;
  settings.timeout_s = 2;
  const CancelToken cancel;
  Client client(settings, cancel,
                [&](const TransportSettings& transport) { return make_curl_transport(transport, cancel); });
  Request request;
  request.url = url;
  return client.get(std::move(request));
}

}  // namespace

TEST_CASE_FIXTURE(NoProxies, "HTTP_PROXY in capitals counts for http, after http_proxy, and not under a web server") {
  CHECK(in_front_of("http://index.example/").empty());
  set("HTTP_PROXY", "http://me:secret@upper.example:3128/");
  CHECK(in_front_of("http://index.example/") == "http://upper.example:3128");
  CHECK(in_front_of("https://index.example/").empty());
  CHECK(http_proxy_in_capitals() == "http://me:secret@upper.example:3128/");
  set("REQUEST_METHOD", "GET");
  CHECK(in_front_of("http://index.example/").empty());
  set("REQUEST_METHOD", "");
  set("http_proxy", "lower.example:8080");
  CHECK(in_front_of("http://index.example/") == "http://lower.example:8080");
  set("http_proxy", "");
  CHECK(http_proxy_in_capitals().empty());  // set to nothing: switched off
}

TEST_CASE_FIXTURE(NoProxies, "a proxy of the settings goes before the environment's, and no_proxy names exceptions") {
  set("HTTPS_PROXY", "http://env.example:1");
  CHECK(in_front_of("https://index.example/") == "http://env.example:1");
  CHECK(in_front_of("https://index.example/", "http://given.example:2") == "http://given.example:2");
  set("no_proxy", "other.example, .index.example,10.0.0.1");
  CHECK(in_front_of("https://index.example/").empty());
  CHECK(in_front_of("https://a.index.example/").empty());
  CHECK(in_front_of("https://10.0.0.1/").empty());
  CHECK_FALSE(in_front_of("https://myindex.example/").empty());
  CHECK(is_exempt_from_proxy("anything", "*"));
  CHECK_FALSE(is_exempt_from_proxy("anything", ""));
}

TEST_CASE_FIXTURE(NoProxies, "a request goes through HTTP_PROXY, and who may have refused it is said") {
  test::IndexServer proxy;
  proxy.serve("http://index.invalid/simple/foo/", {.body = "through"});
  set("HTTP_PROXY", proxy.url(""));
  const auto answer = fetch("http://index.invalid/simple/foo/");
  REQUIRE_OK(answer);
  CHECK(answer->body == "through");
  const auto refused = fetch("http://index.invalid/simple/bar/");
  REQUIRE_OK(refused);
  CHECK(status_error(*refused).message == cat("could not fetch `http://index.invalid/simple/bar/`: the proxy `",
                                              proxy.url(""), "`, or the server behind it, answered with status 404"));
}

TEST_CASE_FIXTURE(NoProxies, "a 407 is the proxy's own, and a proxy that is not there is not taken for the server") {
  Response response;
  response.status = 407;
  response.url = "http://index.example/simple/foo/";
  response.proxy = "http://proxy.example:3128";
  CHECK(status_error(response).message ==
        "could not fetch `http://index.example/simple/foo/`: the proxy `http://proxy.example:3128` answered with "
        "status 407");
  CHECK(status_error(response).hint == kProxyCredentials);
  const auto failure = explain_curl_failure(CURLE_COULDNT_CONNECT, "Failed to connect to proxy.example port 3128",
                                            response.url, 0, response.proxy);
  CHECK(failure.message ==
        "the proxy `http://proxy.example:3128` cannot be reached: Failed to connect to proxy.example port 3128");
  CHECK(failure.may_retry);
  CHECK(explain_curl_failure(CURLE_RECV_ERROR, "CONNECT tunnel failed, response 403", "https://index.example/", 403,
                             response.proxy)
            .message == "the proxy `http://proxy.example:3128` answered with status 403");
}

}  // namespace pkg::index
