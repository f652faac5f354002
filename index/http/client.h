#pragma once
// HTTP as the index client needs it: redirects (at most 10, no https to http), credentials per origin (those of a
// Location count for that hop), retries with back-off and Retry-After.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"
#include "index/settings.h"

namespace pkg::index {

enum class Priority : std::uint8_t { waited_for, speculative };

struct Request {
  SecretUrl url;  // its credentials go to its origin only
  std::vector<Header> headers;
  bool decode_body =
      false;  // offers gzip and deflate: for pages. get() undoes them; the others have http/content_coding.h
  std::uint64_t body_limit_bytes = 256u << 20;  // of what is sent, and of what get() makes of it
  Priority priority = Priority::waited_for;
  // With a sink the body is not collected: it gets the pieces, on the transport's thread. Only bodies of 2xx responses
  // reach it. A transfer that fails after the sink got bytes is not tried again here: the caller knows whether it can
  // resume.
  std::function<Status(const ResponseHead&)> on_head;
  std::function<Status(std::string_view)> sink;
  std::set<int> final_statuses;  // that are not tried again, where others of their kind are
  // Counts the tries of several requests that have one purpose, for messages; null: this one's alone.
  std::shared_ptr<int> tries;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;           // empty with a sink; as it was sent
  std::string url;            // where it came from, after redirects; without credentials
  std::string refusal, hint;  // of 401 and 403: who wants other credentials, and what was tried; never a secret
  std::string proxy;          // ResponseHead::proxy
  const std::string* header(std::string_view lower_case_name) const;
};

// For an answer that is not what was asked for: network (not_found for 404 and 410), naming the URL and the status; for
// 401 and 403 what was tried, with a hint.
Error status_error(const Response& response);

// Any complete answer is a Response, 404 and 401 too; an Error is: network (after retries; also 429 and 5xx after
// retries) · interrupted · what the sink returned. Messages name the URL without credentials, what was tried and how
// often. Threads: any. The network library is loaded by the first request.
class Client {
 public:
  using Done = std::function<void(Result<Response>)>;
  using MakeTransport = index::MakeTransport;

  // `reporter` may be null: warnings about credentials that cannot be used.
  Client(const Settings& settings, const CancelToken& cancel, MakeTransport make_transport,
         Reporter* reporter = nullptr);
  ~Client();  // stops
  // Ends what is under way with `interrupted`; every `done` has been called when it returns, and whoever asks later
  // gets `interrupted` at once. For owners of things that ask until their own end.
  void stop();

  // Access::of(): what stands beside an address in the keys of what its answers are kept under.
  std::string access(const std::string& url);
  bool has_login(const std::string& url);  // Access::has_login()

  void start(Request request, Done done);  // `done` on the transport's thread (it must return soon), once
  Result<Response> get(Request request);   // waits, and decodes; not from the transport's thread

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
