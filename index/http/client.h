#pragma once
// HTTP as the rest of the index client uses it: redirects, credentials, retries, deadlines, offline. docs/cache-layout.md has what is kept
// of it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"
#include "index/settings.h"

namespace pkg::index {

// Threads: any. The network library is loaded and its thread started by the first request.
//
// What is repeated: unreachable, timeout, cut, and the answers 408, 429, 500, 502, 503, 504, up to `settings.retries` times, after a pause
// that doubles (with jitter) or that the server asks for (Retry-After, at most 60 s); never after a sink got its first piece. What is an
// Error: those when they persist (network) · TLS identity, never repeated (network) · more than 10 redirects, or one from https to http
// (network)
//   · limit_bytes (bad_data) · the sink's own Error · offline (not_found) · cancellation (interrupted).
// What is an answer: any other status, 401, 403, 404 and 416 too. Credentials of the URL, of .netrc or of keyring were tried before a 401
// comes out.
class Client {
 public:
  using Done = std::function<void(Result<Response>)>;
  using MakeTransport = std::function<Result<std::unique_ptr<Transport>>()>;

  // `make` is called by the first request; empty: libcurl.
  Client(const Settings& settings, Reporter& reporter, const CancelToken& cancel, MakeTransport make = {});
  ~Client();  // every `done` has been called when it returns; what is under way is interrupted

  Result<Response> get(Request request);  // waits. Not on a thread that runs `done`s
  // `done` is called once, on the transport's thread (return soon; do not wait there for other requests), or before start() returns.
  void start(Request request, Done done, Priority priority = Priority::likely);
  bool offline() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
