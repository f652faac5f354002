#pragma once
// The edge to the network: one HTTP exchange, without redirects, retries or credentials. curl_transport implements it,
// and the fake of tests.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret_url.h"

namespace pkg::index {

struct Header {
  std::string name, value;  // names of responses are lower-case
};

// What came before the body.
struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;
  // That it came through, as messages call it, where it may have answered itself; empty: none, or a tunnel.
  std::string proxy;
  const std::string* find(std::string_view lower_case_name) const;  // the last of that name; nullptr: none
};

struct Exchange {
  std::string method;           // empty: GET; "HEAD", "PUT", "POST"
  std::string url;              // without credentials and fragment
  std::vector<Header> headers;  // Accept-Encoding among them where one is wanted: bodies come as they are sent
  double delay_s = 0;           // wait so long before sending
  double deadline_s = 0;        // for the whole exchange; 0: none
  double stall_s = 0;           // without a byte for so long it fails; 0: TransportSettings::timeout_s
  bool urgent = true;           // someone waits for it: goes before those nobody waits for
  std::string_view body;        // of PUT and POST
  std::shared_ptr<const void> body_owner;  // keeps `body` until `done` was called
  // Called on the transport's thread. An error from either ends the exchange with it.
  std::function<Status(const ResponseHead&)> on_head;
  std::function<Status(std::string_view)> on_body;
};

// How an exchange that brought no complete response failed.
struct TransportFailure {
  Error error;                       // network, interrupted, or what a callback returned
  bool may_retry = false;            // not for TLS identity, bad URLs, callbacks' errors
  std::uint64_t received_bytes = 0;  // of the body
  bool timed_out = false;            // no connection, or too few bytes, for as long as `timeout_s` says
};

class Transport {
 public:
  virtual ~Transport() = default;  // fails what is under way; no callback runs after it
  using Done = std::function<void(std::variant<ResponseHead, TransportFailure>)>;
  // `done` is called once, on the transport's thread. Threads: any.
  virtual void start(Exchange exchange, Done done) = 0;
};

struct TransportSettings {
  std::vector<std::string> trusted_hosts;
  std::string ca_bundle, client_cert, client_key;
  SecretUrl proxy;
  std::set<std::string> client_cert_origins;  // Url::origin(): where the client certificate is shown, and nowhere else
  bool proxy_from_environment = true;
  std::string user_agent;
  double timeout_s = 15;
  int connections = 50;
};

// Makes the transport of a client at its first request. make_curl_transport is the program's; tests have their own.
using MakeTransport = std::function<Result<std::unique_ptr<Transport>>(const TransportSettings&)>;

}  // namespace pkg::index
