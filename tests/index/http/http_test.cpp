// The client over libcurl and a loopback server: repeats, redirects, limits, credentials.

#include <doctest/doctest.h>

#include "base/text.h"
#include "index/http/client.h"
#include "index/http/curl_transport.h"
#include "support/index_server.h"
#include "support/printers.h"

namespace pkg::index {
namespace {

using test::IndexServer;

struct Caller {
  Settings settings;
  CancelToken cancel;
  std::optional<Client> client;

  Caller() {
    settings.retries = 2;
    settings.timeout_s = 2;
    settings.user_agent = "pkg-test";
  }
  Result<Response> get(const std::string& url, std::uint64_t limit = 1 << 20) {
    if (!client)
      client.emplace(settings, cancel,
                     [this](const TransportSettings& transport) { return make_curl_transport(transport, cancel); });
    Request request;
    request.url = url;
    request.decode_body = true;
    request.body_limit_bytes = limit;
    return client->get(std::move(request));
  }
};

}  // namespace

TEST_CASE("a body comes whole, with its status and headers") {
  IndexServer server;
  server.serve("/a", {.body = "hello", .headers = {{"X-Note", "1"}}});
  server.serve("/b", {.body = std::string(100'000, 'x'), .chunked = true});
  Caller caller;
  auto answer = caller.get(server.url("/a"));
  REQUIRE_OK(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "hello");
  REQUIRE(answer->header("x-note") != nullptr);
  CHECK(*answer->header("x-note") == "1");
  answer = caller.get(server.url("/b"));
  REQUIRE_OK(answer);
  CHECK(answer->body.size() == 100'000);
  CHECK(server.connections() == 1);
}

TEST_CASE("a busy server is asked again, and what was tried is told when it stays busy") {
  IndexServer server;
  server.serve("/a", {.body = "hello", .fail_first = 2, .fail_headers = {{"Retry-After", "0"}}});
  Caller caller;
  auto answer = caller.get(server.url("/a"));
  REQUIRE_OK(answer);
  CHECK(answer->body == "hello");
  CHECK(server.count("/a") == 3);
  server.serve("/b", {.fail_first = 9, .fail_headers = {{"Retry-After", "0"}}});
  answer = caller.get(server.url("/b"));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().message ==
        cat("could not fetch `", server.url("/b"), "`: the server answered with status 503 (tried 3 times)"));
}

TEST_CASE("a server that asks to come back after more than a minute is not waited for") {
  IndexServer server;
  server.serve("/a", {.fail_first = 9, .fail_headers = {{"Retry-After", "3600"}}});
  Caller caller;
  CHECK_FALSE(caller.get(server.url("/a")).ok());
  CHECK(server.count("/a") == 1);
}

TEST_CASE("a cut answer is asked for again") {
  IndexServer server;
  server.serve("/a", {.body = std::string(5000, 'x'), .cut_after = 100});
  Caller caller;
  const auto answer = caller.get(server.url("/a"));
  REQUIRE_OK(answer);
  CHECK(answer->body.size() == 5000);
}

TEST_CASE("the tries of several requests with one purpose are told together") {
  IndexServer server;
  server.serve("/a", {.fail_first = 9, .fail_headers = {{"Retry-After", "0"}}});
  Caller caller;
  (void)caller.get(server.url("/warm-up"));
  Request request;
  request.url = server.url("/a");
  request.tries = std::make_shared<int>(2);
  const auto answer = caller.client->get(std::move(request));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().message.ends_with("(tried 5 times)"));
  CHECK(server.count("/a") == 3);
}

TEST_CASE("an index that wants credentials always is not asked without, and one that never does gets none") {
  IndexServer server;
  server.serve("/simple/a/", {.body = "hello"});
  Caller caller;
  SUBCASE("always") {
    caller.settings.indexes = {{"corp", server.url("/simple/")}};
    caller.settings.indexes.front().rules.authenticate = Authenticate::always;
    const auto answer = caller.get(server.url("/simple/a/"));
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().message == cat("could not fetch `", server.url("/simple/a/"),
                                        "`: the index `corp` is asked with credentials only, and none are known"));
    CHECK(server.requests().empty());
  }
  SUBCASE("never") {
    auto url = server.url("/simple/");
    url.insert(7, "me:secret@");
    caller.settings.indexes = {{"corp", url}};
    caller.settings.indexes.front().rules.authenticate = Authenticate::never;
    REQUIRE_OK(caller.get(server.url("/simple/a/")));
    CHECK(server.requests().front().header("authorization").empty());
  }
}

TEST_CASE("redirects are followed, ten at most, and credentials stay with their origin") {
  IndexServer first, second;
  first.serve("/a", {.status = 302, .headers = {{"Location", second.url("/b")}}});
  second.serve("/b", {.body = "there"});
  first.serve("/loop", {.status = 301, .headers = {{"Location", "/loop"}}});
  Caller caller;
  auto with_credentials = first.url("/a");
  with_credentials.insert(7, "me:secret@");
  auto answer = caller.get(with_credentials);
  REQUIRE_OK(answer);
  CHECK(answer->body == "there");
  CHECK(answer->url == second.url("/b"));
  CHECK(first.requests().front().header("authorization") == "Basic bWU6c2VjcmV0");
  CHECK(second.requests().front().header("authorization").empty());
  answer = caller.get(first.url("/loop"));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().message.find("more than 10 redirects") != std::string::npos);
  CHECK(answer.error().message.find("secret") == std::string::npos);
}

TEST_CASE("limits hold for what is decoded and for headers") {
  IndexServer server;
  server.serve("/a", {.body = std::string(5000, 'x')});
  server.serve("/b", {.headers = {{"X-Long", std::string(90'000, 'x')},
                                  {"X-Long", std::string(90'000, 'x')},
                                  {"X-Long", std::string(90'000, 'x')}}});
  Caller caller;
  auto answer = caller.get(server.url("/a"), 4999);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().kind == ErrorKind::bad_data);
  CHECK_FALSE(caller.get(server.url("/b")).ok());
}

TEST_CASE("what is no HTTP is an error of one line") {
  IndexServer server;
  server.serve("/a", {.raw = "SSH-2.0-nothing\r\n"});
  Caller caller;
  caller.settings.retries = 0;
  const auto answer = caller.get(server.url("/a"));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().kind == ErrorKind::network);
  CHECK(answer.error().message.find('\n') == std::string::npos);
}

TEST_CASE("cancellation ends what is under way") {
  IndexServer server;
  server.serve("/a", {.body = "late", .delay_ms = 1500});
  Caller caller;
  std::thread canceller([&] { caller.cancel.cancel(); });
  const auto answer = caller.get(server.url("/a"));
  canceller.join();
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().kind == ErrorKind::interrupted);
}

}  // namespace pkg::index
