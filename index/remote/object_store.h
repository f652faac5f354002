#pragma once
// A store of objects by key, over HTTP: S3, or anything that answers GET, HEAD and PUT. One exchange for each question:
// no retries, and no redirect is followed, so that credentials go nowhere else.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "index/http/transport.h"
#include "index/settings.h"

namespace pkg::index {

struct ObjectRequest {
  std::string method, key;  // "cas/<sha256>"
  std::string_view body;
  std::shared_ptr<const void> body_owner;
  std::string body_sha256_hex;
  bool only_if_absent = false;  // stores that do not know the condition write all the same
};

// Says how a request of the store is sent; calls back once, on any thread.
using MakeExchange = std::function<void(const ObjectRequest&, std::function<void(Result<Exchange>)>)>;
using StartExchange = std::function<void(Exchange, Transport::Done)>;
using UnixClock = std::function<std::int64_t()>;

struct ObjectAnswer {
  enum class Kind : std::uint8_t {
    there,        // or written
    absent,       // 404, 410
    kept,         // a conditional PUT: it was there (409, 412)
    refused,      // 401, 403: whoever asks again is refused again
    failed,       // anything else that is no answer
    interrupted,  // by the user, or the end of the store
    stopped,      // by the one who takes the bytes
  };
  Kind kind = Kind::failed;
  std::string why;  // of absent, refused and failed, for messages: a clause
};

// Threads: any; `done` is called once, on the transport's thread or before the call returns.
class ObjectStore {
 public:
  using Done = std::function<void(ObjectAnswer)>;
  using Sink = std::function<Status(std::string_view)>;

  // usage: an address that is none, or of a scheme that is not known. Nothing is sent before the first question.
  static Result<std::unique_ptr<ObjectStore>> open(const Settings& settings, Reporter& reporter,
                                                   MakeTransport make_transport);
  ~ObjectStore();  // ends what is under way; every `done` has been called then

  // `sink` gets the bytes of a whole object, at most so many; an error of its own ends the transfer (stopped).
  void get(const std::string& key, std::uint64_t limit_bytes, Sink sink, Done done);
  void head(const std::string& key, Done done);
  // `body` stays where it is as long as `owner` lives.
  void put(ObjectRequest request, Done done);
  void stop();  // as the destructor

  const std::string& name() const { return name_; }  // for messages, without credentials

 private:
  ObjectStore(const Settings& settings, MakeTransport make_transport);
  void start(Exchange exchange, Transport::Done done);
  void ask(ObjectRequest request, std::uint64_t limit_bytes, Sink sink, Done done);

  std::string name_;
  MakeExchange make_exchange_;
  const MakeTransport make_transport_;
  TransportSettings transport_settings_;
  std::mutex mutex_;
  std::unique_ptr<Transport> transport_;
  bool closed_ = false;
};

}  // namespace pkg::index
