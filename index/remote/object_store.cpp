#include "index/remote/object_store.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "base/user_folders.h"
#include "index/remote/object_requests.h"
#include "index/remote/s3_credentials.h"

namespace pkg::index {
namespace {

constexpr double kTimeoutSeconds = 2;    // to connect, and without a byte of an answer
constexpr double kPutStallSeconds = 10;  // a store may think before it answers a PUT
constexpr int kConnections = 16;
constexpr std::size_t kLongestComplaint = 4096;
constexpr std::uint64_t kLongestUnread = 1u << 20;  // of an answer whose body nobody wants

// What a question finds on its way.
struct Asked {
  int status = 0;
  std::uint64_t received = 0;
  std::string complaint;    // the body of an answer that is none
  bool is_stopped = false;  // whatever comes is not what was asked for
};

TransportSettings transport_settings_of(const Settings& settings) {
  TransportSettings transport{.trusted_hosts = settings.trusted_hosts,
                              .ca_bundle = settings.ca_bundle,
                              .client_cert = settings.client_cert,
                              .client_key = settings.client_key,
                              .proxy = settings.proxy,
                              .client_cert_origins = {},
                              .proxy_from_environment = settings.proxy_from_environment,
                              .user_agent = settings.user_agent,
                              .timeout_s = std::min(settings.timeout_s, kTimeoutSeconds),
                              .connections = kConnections};
  if (const auto url = url::Url::parse(settings.remote.url.with_credentials())) {
    if (url->scheme == "https") transport.client_cert_origins.insert(url->origin());
  }
  return transport;
}

ObjectAnswer answer_of(const Asked& asked, const ResponseHead& head, bool is_get) {
  using enum ObjectAnswer::Kind;
  const int status = head.status;
  if (status == 200 || (!is_get && (status == 201 || status == 204))) return {there, {}};
  if (status == 404 || status == 410) return {absent, cat("it answered with status ", status)};
  if (status == 409 || status == 412) return {kept, {}};
  const auto code = printable(xml_text(asked.complaint, "Code")).substr(0, 60);
  auto why = cat("it answered with status ", status, code.empty() ? std::string() : cat(" (", code, ")"));
  if (head.find("location") != nullptr && status >= 300 && status <= 399) why += ", and redirects are not followed";
  return {status == 401 || status == 403 || status == 407 ? refused : failed, std::move(why)};
}

Status check_head(const ResponseHead& head, std::uint64_t limit_bytes) {
  const auto* coding = head.find("content-encoding");
  if (coding != nullptr && !coding->empty() && *coding != "identity")
    return make_error(ErrorKind::network, "it sent a body that is encoded");
  const auto* length = head.find("content-length");
  const auto announced = length != nullptr ? parse_u64(*length) : std::nullopt;
  if (announced && *announced > limit_bytes) return make_error(ErrorKind::network, "it sent more than was asked for");
  return ok_status();
}

// What becomes of what is sent: an object's bytes go to `sink`, the beginning of anything else is a complaint.
void listen(Exchange& exchange, const std::shared_ptr<Asked>& asked, std::uint64_t limit_bytes,
            const ObjectStore::Sink& sink, bool is_get) {
  exchange.on_head = [asked, limit_bytes, is_get](const ResponseHead& head) {
    asked->status = head.status;
    auto checked = is_get && head.status == 200 ? check_head(head, limit_bytes) : ok_status();
    asked->is_stopped = !checked;
    return checked;
  };
  exchange.on_body = [asked, limit_bytes, sink, is_get](std::string_view bytes) -> Status {
    asked->received += bytes.size();
    if (!is_get || asked->status != 200) {
      const auto room = kLongestComplaint - std::min(kLongestComplaint, asked->complaint.size());
      asked->complaint.append(bytes.substr(0, room));
      if (asked->received <= kLongestUnread) return ok_status();
      return make_error(ErrorKind::network, "it answers without an end");
    }
    auto taken = asked->received > limit_bytes
                     ? Status(make_error(ErrorKind::network, "it sent more than was asked for"))
                     : sink(bytes);
    asked->is_stopped = !taken;
    return taken;
  };
}

}  // namespace

ObjectStore::ObjectStore(const Settings& settings, MakeTransport make_transport)
    : name_(settings.remote.url.shown()),
      make_transport_(std::move(make_transport)),
      transport_settings_(transport_settings_of(settings)) {}

ObjectStore::~ObjectStore() { stop(); }

void ObjectStore::stop() {
  std::unique_ptr<Transport> transport;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    transport = std::move(transport_);
  }
  transport.reset();
}

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(const Settings& settings, Reporter& reporter,
                                                       MakeTransport make_transport) {
  std::unique_ptr<ObjectStore> store(new ObjectStore(settings, std::move(make_transport)));
  const auto& given = settings.remote.url.with_credentials();
  if (given.starts_with("s3://")) {
    const auto begun = std::chrono::steady_clock::now();
    const auto clock = [begun, now = settings.now] {
      return now + std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun).count();
    };
    const auto start = [to = store.get()](Exchange exchange, Transport::Done done) {
      to->start(std::move(exchange), std::move(done));
    };
    PKG_TRY_ASSIGN(store->make_exchange_, s3_requests(settings.remote, start, clock, process_environment()));
  } else if (given.starts_with("http://") || given.starts_with("https://")) {
    PKG_TRY_ASSIGN(store->make_exchange_, http_requests(settings, reporter));
  } else {
    return make_error(ErrorKind::usage, cat("the remote cache ", quote(settings.remote.url), " is no address of one"),
                      "s3://bucket/prefix, or an http or https address");
  }
  return store;
}

void ObjectStore::start(Exchange exchange, Transport::Done done) {
  std::unique_lock lock(mutex_);
  if (!closed_ && !transport_) {
    auto made = make_transport_(transport_settings_);
    if (!made) {
      lock.unlock();
      return done(TransportFailure{.error = std::move(made).error()});
    }
    transport_ = std::move(made).value();
  }
  auto* transport = closed_ ? nullptr : transport_.get();
  if (transport != nullptr) return transport->start(std::move(exchange), std::move(done));
  lock.unlock();
  done(TransportFailure{.error = make_error(ErrorKind::interrupted, "interrupted")});
}

void ObjectStore::ask(ObjectRequest request, std::uint64_t limit_bytes, Sink sink, Done done) {
  auto then = [this, request, limit_bytes, sink = std::move(sink), done = std::move(done)](Result<Exchange> made) {
    if (!made && made.error().kind == ErrorKind::interrupted) return done({ObjectAnswer::Kind::interrupted, {}});
    if (!made) return done({ObjectAnswer::Kind::refused, cat("no request can be made: ", made.error().message)});
    auto exchange = std::move(made).value();
    const bool is_get = request.method == "GET";
    exchange.body = request.body;
    exchange.body_owner = request.body_owner;
    if (request.method == "PUT") {
      exchange.headers.push_back({"Content-Type", "application/octet-stream"});
      exchange.headers.push_back({"Expect", ""});
      exchange.stall_s = kPutStallSeconds;
      exchange.urgent = false;
    }
    const auto asked = std::make_shared<Asked>();
    listen(exchange, asked, limit_bytes, sink, is_get);
    start(std::move(exchange), [asked, done, is_get](std::variant<ResponseHead, TransportFailure> outcome) {
      if (const auto* head = std::get_if<ResponseHead>(&outcome)) return done(answer_of(*asked, *head, is_get));
      const auto& failure = std::get<TransportFailure>(outcome);
      if (failure.error.kind == ErrorKind::interrupted) return done({ObjectAnswer::Kind::interrupted, {}});
      done({asked->is_stopped ? ObjectAnswer::Kind::stopped : ObjectAnswer::Kind::failed, failure.error.message});
    });
  };
  make_exchange_(request, std::move(then));
}

void ObjectStore::get(const std::string& key, std::uint64_t limit_bytes, Sink sink, Done done) {
  ObjectRequest request;
  request.method = "GET";
  request.key = key;
  ask(std::move(request), limit_bytes, std::move(sink), std::move(done));
}

void ObjectStore::head(const std::string& key, Done done) {
  ObjectRequest request;
  request.method = "HEAD";
  request.key = key;
  ask(std::move(request), 0, {}, std::move(done));
}

void ObjectStore::put(ObjectRequest request, Done done) {
  request.method = "PUT";
  if (request.body_sha256_hex.empty()) request.body_sha256_hex = hash::to_hex(hash::sha256(request.body));
  ask(std::move(request), 0, {}, std::move(done));
}

}  // namespace pkg::index
