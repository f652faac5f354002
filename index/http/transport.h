#pragma once
// One HTTP exchange: Request, Response, and the edge to the network. No redirects, no retries, no credentials: those are the Client's
// (client.h).

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::index {

struct Header {
  std::string name, value;
  bool operator==(const Header&) const = default;
};

// Which waiting request goes first: the one somebody waits for, then what will likely be asked for, then guesses.
enum class Priority : std::uint8_t { waited_for, likely, speculative };

enum class Encoding : std::uint8_t {
  identity,    // the bytes as they are stored: files, ranges of files
  compressed,  // gzip or deflate on the way, decoded for the caller: pages, metadata
};

enum class BodyUse : std::uint8_t { read, skip };  // skip: the exchange ends there, well, with an empty body

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;  // empty with a sink
  std::string url;   // of the last redirect, without credentials: what relative references are resolved against
  const std::string* header(std::string_view name) const;  // the last of that name, ASCII case ignored; null: none
};

struct Request {
  std::string method = "GET";
  std::string url;              // without fragment; may carry credentials
  std::vector<Header> headers;  // "Range" and conditions too
  Encoding encoding = Encoding::identity;
  std::uint64_t limit_bytes = 16u << 20;  // of the decoded body: more is bad_data
  double deadline_s = 0;                  // for everything, retries included; 0: none beyond the low-speed abort

  // Called with the head of a final answer (after redirects; may be called again when the request is repeated). Empty: read.
  std::function<BodyUse(const Response& head)> on_head;
  // Takes the body of a 2xx answer piece by piece, on the transport's thread: return soon. An Error ends the request with that Error. After
  // the first piece nothing is repeated: a cut is an Error of kind network, and resuming is the caller's work. Other answers' bodies are
  // dropped.
  std::function<Status(std::string_view)> sink;
};

enum class Fault : std::uint8_t {
  none,
  unreachable,   // no address, no connection
  timeout,       // to connect, or too slow
  cut,           // the connection ended early, or the protocol was broken on it
  tls_identity,  // the server could not prove who it is: never repeated
  malformed,     // an answer that is not HTTP, or cannot be decoded
  too_large,
  caller,  // the sink's Error
  cancelled,
  unusable,  // this request cannot be made here: no library, no such protocol
};

struct Outcome {
  Response response;  // as far as it came
  Fault fault = Fault::none;
  Error error;             // where fault is not none
  bool delivered = false;  // the sink got a piece
};

struct Exchange {
  Request request;  // the URL without credentials
  Priority priority = Priority::likely;
  double delay_s = 0;   // not before so long
  double budget_s = 0;  // 0: none
  bool verify_tls = true;
  std::function<void(Outcome)> done;
};

// Threads: start() from any. `done` is called exactly once, on a thread of the transport (or before start() returns), before destruction
// ends; it may start other exchanges. Destruction cancels what is under way.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void start(Exchange exchange) = 0;
};

}  // namespace pkg::index
