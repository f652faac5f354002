// Where the client follows, and where it does not: over a transport that answers with redirects, as TLS is not needed
// for the decision.

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "index/http/client.h"
#include "support/printers.h"

namespace pkg::index {
namespace {

// Answers every URL of the map with a redirect to its value, all others with a body.
class Redirecting final : public Transport {
 public:
  Redirecting(const std::map<std::string, std::string>& places, std::vector<std::string>& asked,
              std::vector<std::string>& authorizations)
      : places_(places), asked_(asked), authorizations_(authorizations) {}

  void start(Exchange exchange, Done done) override {
    asked_.push_back(exchange.url);
    authorizations_.emplace_back();
    for (const auto& header : exchange.headers)
      if (header.name == "Authorization") authorizations_.back() = header.value;
    ResponseHead head{.status = 200, .headers = {}};
    if (const auto found = places_.find(exchange.url); found != places_.end()) {
      head.status = 302;
      head.headers.push_back({"location", found->second});
    }
    if (exchange.on_head && !exchange.on_head(head).ok()) return done(TransportFailure{});
    if (head.status == 200 && !exchange.on_body("there").ok()) return done(TransportFailure{});
    done(head);
  }

 private:
  const std::map<std::string, std::string>& places_;
  std::vector<std::string>& asked_;
  std::vector<std::string>& authorizations_;
};

struct Caller {
  std::map<std::string, std::string> places;
  std::vector<std::string> asked, authorizations;
  CancelToken cancel;
  Client client{Settings{}, cancel, [this](const TransportSettings&) -> Result<std::unique_ptr<Transport>> {
                  return std::unique_ptr<Transport>(std::make_unique<Redirecting>(places, asked, authorizations));
                }};

  Result<Response> get(const std::string& url) {
    Request request;
    request.url = url;
    request.body_limit_bytes = 1000;
    return client.get(std::move(request));
  }
};

}  // namespace

TEST_CASE("a redirect from https to http is not followed: nothing is sent in the clear") {
  Caller caller;
  caller.places = {{"https://index.example/a", "http://index.example/b"}};
  const auto answer = caller.get("https://index.example/a");
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().kind == ErrorKind::network);
  CHECK(answer.error().message.find("from https to http") != std::string::npos);
  CHECK(caller.asked == std::vector<std::string>{"https://index.example/a"});
}

TEST_CASE("the same holds when the step down comes second, by a name without a scheme or by another host") {
  Caller caller;
  caller.places = {{"https://index.example/a", "//files.example/b"}, {"https://files.example/b", "http://c.example/"}};
  CHECK_FALSE(caller.get("https://index.example/a").ok());
  CHECK(caller.asked == std::vector<std::string>{"https://index.example/a", "https://files.example/b"});
}

TEST_CASE("from http to https, and from https to https elsewhere, a redirect is followed") {
  Caller caller;
  caller.places = {{"http://index.example/a", "https://index.example/b"},
                   {"https://index.example/b", "https://files.example/c"}};
  const auto answer = caller.get("http://index.example/a");
  REQUIRE_OK(answer);
  CHECK(answer->body == "there");
  CHECK(answer->url == "https://files.example/c");
}

TEST_CASE("ten redirects are followed, an eleventh is not") {
  Caller caller;
  const auto at = [](int number) { return cat("https://index.example/", number); };
  for (int i = 0; i < 10; ++i) caller.places[at(i)] = at(i + 1);
  const auto answer = caller.get(at(0));
  REQUIRE_OK(answer);
  CHECK(answer->url == at(10));
  caller.places[at(10)] = at(11);
  CHECK(caller.get(at(0)).error().message.find("more than 10 redirects") != std::string::npos);
}

TEST_CASE("a redirect to anything but http and https is refused") {
  Caller caller;
  caller.places = {{"https://index.example/a", "file:///etc/passwd"},
                   {"https://index.example/b", "ftp://files.example/"}};
  CHECK_FALSE(caller.get("https://index.example/a").ok());
  CHECK_FALSE(caller.get("https://index.example/b").ok());
}

TEST_CASE("credentials in a redirect count for that hop, also where the request had others") {
  Caller caller;
  caller.places = {{"https://a.example/x", "https://ann:pw1@b.example/x"},
                   {"https://b.example/x", "/y"},
                   {"https://b.example/y", "https://c.example/y"},
                   {"https://a.example/own", "https://:pw2@a.example/z"}};
  const auto answer = caller.get("https://me:mine@a.example/x");
  REQUIRE_OK(answer);
  CHECK(answer->url == "https://c.example/y");
  CHECK(caller.asked == std::vector<std::string>{"https://a.example/x", "https://b.example/x", "https://b.example/y",
                                                 "https://c.example/y"});
  const std::string ann = "Basic YW5uOnB3MQ==";
  CHECK(caller.authorizations == std::vector<std::string>{"Basic bWU6bWluZQ==", ann, ann, ""});
  REQUIRE_OK(caller.get("https://me:mine@a.example/own"));
  CHECK(caller.authorizations.back() == "Basic OnB3Mg==");
}

}  // namespace pkg::index
