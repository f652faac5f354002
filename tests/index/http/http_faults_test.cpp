// What servers do wrong, each ending in one line, in bounded time and memory (docs/concepts/promises.md, 12 and 13).

#include <doctest/doctest.h>

#include <chrono>

#include "base/text.h"
#include "index/http/client.h"
#include "index/http/curl_failure.h"
#include "index/http/curl_transport.h"
#include "support/index_server.h"
#include "support/printers.h"

namespace pkg::index {
namespace {

using test::IndexServer;
using test::Served;

struct Outcome {
  Result<Response> answer;
  double seconds = 0;
};

Outcome fetch(const IndexServer& server, const std::string& path, int retries = 0, std::uint64_t limit = 1 << 20) {
  Settings settings;
  settings.retries = retries;
  settings.timeout_s = 1;
  settings.user_agent = "pkg-test";
  settings.now = 1'800'000'000;
  const CancelToken cancel;
  Client client(settings, cancel,
                [&](const TransportSettings& transport) { return make_curl_transport(transport, cancel); });
  Request request;
  request.url = server.url(path);
  request.decode_body = true;
  request.body_limit_bytes = limit;
  const auto start = std::chrono::steady_clock::now();
  auto answer = client.get(std::move(request));
  return {std::move(answer), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

// Answers that are none; `retried`: may have been an accident.
struct Fault {
  std::string what, raw;
  bool retried;
};

std::vector<Fault> faults() {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  return {
      {"nothing at all", "\r\n", false},
      {"another protocol", "SSH-2.0-OpenSSH_9\r\n", false},
      {"garbage", std::string("\x00\xff\x16\x03\x01garbage", 13), false},
      {"HTTP/0.9", "<html>hello</html>", false},
      {"half a status line", "HTTP/1.1 2", false},
      {"a status that is no number", "HTTP/1.1 abc OK\r\n\r\n", false},
      {"half a head", ok + "Content-Len", true},
      {"no body where one was announced", ok + "Content-Length: 10\r\n\r\n", true},
      {"a body that is too short", ok + "Content-Length: 10\r\n\r\nabc", true},
      {"a length that is no number", ok + "Content-Length: ten\r\n\r\nabc", false},
      {"a negative length", ok + "Content-Length: -5\r\n\r\nabc", false},
      {"a length beyond all numbers", ok + "Content-Length: 99999999999999999999999\r\n\r\nabc", true},
      {"two lengths", ok + "Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc", true},
      {"chunks without an end", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true},
      {"half a chunk", ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nhello", true},
      {"a chunk size that is no number", ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n", false},
      {"a chunk size beyond all numbers",
       ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n", false},
      {"a head without an end", ok + repeated("X-A: b\r\n", 60'000), false},
      {"one endless header", ok + "X-A: " + std::string(600'000, 'a') + "\r\n\r\n", false},
      {"a storm of interim answers",
       repeated("HTTP/1.1 100 Continue\r\n\r\n", 50'000) + ok + "Content-Length: 2\r\n\r\nok", false},
      {"interim answers and no other", repeated("HTTP/1.1 102 Processing\r\n\r\n", 100), true},
      {"an encoding that is none", ok + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", false},
      {"gzip that is cut",
       ok + "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f\x8b\x08" + std::string(7, '\0'), false},
      {"an unknown encoding", ok + "Content-Encoding: zstd-of-tomorrow\r\nContent-Length: 5\r\n\r\nhello", false},
      {"a redirect to nowhere", "HTTP/1.1 302 Found\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n", false},
      {"a redirect to a file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
       false},
      {"a redirect to another protocol",
       "HTTP/1.1 302 Found\r\nLocation: ftp://ftp.example/\r\nContent-Length: 0\r\n\r\n", false},
  };
}

}  // namespace

TEST_CASE("answers that are none end in one line, soon") {
  IndexServer server;
  for (const auto& fault : faults()) {
    CAPTURE(fault.what);
    server.serve("/a", {.raw = fault.raw});
    const auto outcome = fetch(server, "/a");
    CHECK(outcome.seconds < 3);
    if (outcome.answer) {
      // Readable after all: but never with what was not announced.
      CHECK(outcome.answer->body.size() <= 10);
      continue;
    }
    const auto& error = outcome.answer.error();
    CHECK((error.kind == ErrorKind::network || error.kind == ErrorKind::bad_data));
    CHECK(error.message.find('\n') == std::string::npos);
    CHECK(error.message.size() < 500);
    for (const char c : error.message) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST_CASE("what may have been an accident is tried again, the rest is not") {
  IndexServer server;
  for (const auto& fault : faults()) {
    if (!fault.retried) continue;
    CAPTURE(fault.what);
    server.serve("/a", {.raw = fault.raw});
    const auto before = server.count("/a");
    const auto outcome = fetch(server, "/a", 1);
    if (!outcome.answer) CHECK(server.count("/a") - before == 2);
  }
}

TEST_CASE("a server that does not answer is given up after three times its patience") {
  IndexServer server;
  server.serve("/silent", {.body = "x", .delay_ms = 2000});
  const auto outcome = fetch(server, "/silent", 9);
  REQUIRE_FALSE(outcome.answer.ok());
  CHECK(outcome.answer.error().kind == ErrorKind::network);
  CHECK(outcome.answer.error().message.ends_with("(tried 3 times)"));
  CHECK(server.count("/silent") == 3);
}

TEST_CASE("Retry-After is kept to, as seconds and as a date that is past") {
  IndexServer server;
  for (const std::string value : {"1", "Wed, 21 Oct 2015 07:28:00 GMT"}) {
    CAPTURE(value);
    server.serve("/a",
                 {.body = "there", .fail_first = 1, .fail_status = 429, .fail_headers = {{"Retry-After", value}}});
    const auto outcome = fetch(server, "/a", 1);
    REQUIRE_OK(outcome.answer);
    CHECK(outcome.answer->body == "there");
    CHECK(outcome.seconds >= (value[0] == '1' ? 1.0 : 0.0));
    CHECK(outcome.seconds < 3);
  }
}

TEST_CASE("a body over the limit is refused and not asked for again") {
  IndexServer server;
  server.serve("/a", {.body = std::string(300'000, 'x'), .chunked = true});
  const auto outcome = fetch(server, "/a", 2, 100'000);
  REQUIRE_FALSE(outcome.answer.ok());
  CHECK(outcome.answer.error().kind == ErrorKind::bad_data);
  CHECK(server.count("/a") == 1);
}

TEST_CASE("refusals of identity are told for what they are, and not tried again") {
  const std::string url = "https://index.example/simple/x/";
  struct Row {
    CURLcode code;
    const char* detail;
    long proxy;
    const char *message, *hint;
  };
  const Row rows[] = {
      {CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: self-signed certificate in certificate chain", 0,
       "the certificate of `index.example` is not accepted: self-signed certificate in certificate chain",
       "--cert FILE"},
      {CURLE_PEER_FAILED_VERIFICATION, "SSL certificate problem: certificate has expired", 0,
       "the certificate of `index.example` is not accepted: certificate has expired", "clock"},
      {CURLE_PEER_FAILED_VERIFICATION,
       "SSL: no alternative certificate subject name matches target host name 'index.example'", 0,
       "the certificate of `index.example` is not accepted: no alternative certificate subject name matches target "
       "host name "
       "'index.example'",
       "another host name"},
      {CURLE_RECV_ERROR, "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0", 0,
       "the server ended the TLS handshake: OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate "
       "required, errno 0",
       "--client-cert FILE"},
      {CURLE_SSL_CONNECT_ERROR, "error:0A00010B:SSL routines::wrong version number", 0, "the server does not speak TLS",
       "http://"},
      {CURLE_SSL_CERTPROBLEM, "could not load PEM client certificate", 0,
       "the client certificate cannot be used: could not load PEM client certificate", "--client-key"},
      {CURLE_RECV_ERROR, "CONNECT tunnel failed, response 407", 407, "the proxy answered with status 407",
       "USER:PASSWORD"},
      {CURLE_COULDNT_RESOLVE_PROXY, "Unsupported proxy syntax in 'http://joe:secret@['", 0,
       "the proxy's address is not one of http, https, socks5 or socks5h with a host", "HOST:PORT"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.detail);
    const auto failure = explain_curl_failure(row.code, row.detail, url, row.proxy);
    CHECK(failure.message == row.message);
    CHECK(failure.hint.find(row.hint) != std::string::npos);
    CHECK_FALSE(failure.may_retry);
  }
  CHECK(explain_curl_failure(CURLE_RECV_ERROR, "CONNECT tunnel failed, response 502", url, 502).may_retry);
  CHECK(explain_curl_failure(CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL", url, 0).may_retry);
  CHECK(explain_curl_failure(CURLE_RECV_ERROR, "Connection reset by peer", url, 200).may_retry);
  const auto sent = explain_curl_failure(CURLE_SEND_ERROR, "Send failure: Broken pipe", "https://host.example/", 0);
  CHECK(sent.may_retry);
  CHECK(sent.hint.find("--client-cert") != std::string::npos);
  CHECK(explain_curl_failure(CURLE_SEND_ERROR, "Send failure: Broken pipe", "http://host.example/", 0).hint.empty());
}

}  // namespace pkg::index
