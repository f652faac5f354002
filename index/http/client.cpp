// A call is one request of the caller; it lives through several exchanges (redirects, retries, a second one with credentials), one at a
// time.

#include "index/http/client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "index/http/auth.h"
#include "index/http/retry.h"

namespace pkg::index {
namespace {

constexpr int kMaxRedirects = 10;
constexpr double kPageDeadlineSeconds = 600;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }
bool is_success(int status) { return status >= 200 && status < 300; }

std::string without_credentials(const std::string& text) {
  const auto url = url::Url::parse(text);
  return url ? url->request_target() : text;
}

// What the caller asked for, on its way.
struct Call {
  Request request;
  Client::Done done;
  std::string url;  // of this exchange
  int redirects = 0, attempts = 0;
  bool asked_keyring = false;
  Response response;
  bool sink_got_bytes = false;
  bool too_large = false;
};

}  // namespace

const std::string* Response::header(std::string_view lower_case_name) const {
  const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const Header& h) { return h.name == lower_case_name; });
  return found == headers.rend() ? nullptr : &found->value;
}

struct Client::State : std::enable_shared_from_this<Client::State> {
  using CallPtr = std::shared_ptr<Call>;

  State(const Settings& settings, const CancelToken& token, MakeTransport make)
      : credentials(settings),
        cancel(token),
        make_transport(std::move(make)),
        retries(settings.retries),
        now(settings.now),
        offline(settings.offline) {
    transport_settings = {settings.trusted_hosts, settings.ca_bundle, settings.client_cert, settings.proxy,
                          settings.user_agent,    settings.timeout_s, settings.connections};
  }

  Result<Transport*> transport() {
    const std::lock_guard lock(mutex);
    if (closed) return make_error(ErrorKind::interrupted, "interrupted");
    if (!opened) {
      PKG_TRY_ASSIGN(opened, make_transport(transport_settings));
    }
    return opened.get();
  }

  void send(const CallPtr& call, double delay_s) {
    auto ready = transport();
    if (!ready) return call->done(std::move(ready).error());
    call->response = {};
    call->too_large = false;
    Exchange exchange;
    exchange.url = without_credentials(call->url);
    exchange.headers = call->request.headers;
    if (const auto authorization = credentials.authorization(call->url)) exchange.headers.push_back({"Authorization", *authorization});
    exchange.decode_body = call->request.decode_body;
    exchange.delay_s = delay_s;
    exchange.deadline_s = call->request.sink ? 0 : kPageDeadlineSeconds;
    exchange.urgent = call->request.priority == Priority::waited_for;
    exchange.on_head = [call](const ResponseHead& head) {
      call->response.status = head.status;
      return call->request.on_head && is_success(head.status) ? call->request.on_head(head) : ok_status();
    };
    exchange.on_body = [call](std::string_view bytes) { return take_body(*call, bytes); };
    (*ready)->start(std::move(exchange), [self = shared_from_this(), call](std::variant<ResponseHead, TransportFailure> outcome) {
      if (auto* head = std::get_if<ResponseHead>(&outcome))
        self->answered(call, std::move(*head));
      else
        self->failed(call, std::move(std::get<TransportFailure>(outcome)));
    });
  }

  static Status take_body(Call& call, std::string_view bytes) {
    if (call.request.sink) {
      if (!is_success(call.response.status)) return ok_status();
      call.sink_got_bytes = true;
      return call.request.sink(bytes);
    }
    if (call.response.body.size() + bytes.size() > call.request.body_limit_bytes) {
      return make_error(ErrorKind::bad_data, cat("the answer is larger than ", call.request.body_limit_bytes >> 20, " MiB"));
    }
    call.response.body.append(bytes);
    return ok_status();
  }

  void answered(const CallPtr& call, ResponseHead head) {
    const int status = head.status;
    if (is_redirect(status)) {
      if (const auto* location = head.find("location")) return redirect(call, *location);
    }
    if (status == 401 && credentials.has_keyring() && !call->asked_keyring) return try_keyring(call, std::move(head));
    if (is_transient(status) && !call->sink_got_bytes) {
      const auto after = retry_after(head, now);
      const bool too_long = after.given && !after.seconds;
      if (!too_long && call->attempts < retries) {
        ++call->attempts;
        return send(call, after.given ? *after.seconds : next_backoff(call->attempts));
      }
      return finish_error(call, make_error(ErrorKind::network, cat("the server answered with status ", status,
                                                                   too_long ? " and asks to come back later than in a minute" : "")));
    }
    finish(call, std::move(head));
  }

  void finish(const CallPtr& call, ResponseHead head) {
    call->response.status = head.status;
    call->response.headers = std::move(head.headers);
    call->response.url = without_credentials(call->url);
    call->done(std::move(call->response));
  }

  void redirect(const CallPtr& call, const std::string& location) {
    if (++call->redirects > kMaxRedirects)
      return finish_error(call, make_error(ErrorKind::network, cat("more than ", kMaxRedirects, " redirects")));
    auto next = url::join(without_credentials(call->url), location);
    const auto parsed = url::Url::parse(next);
    if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")) {
      return finish_error(call,
                          make_error(ErrorKind::network, cat("redirected to ", quote(url::redact(next)), ", which is no web address")));
    }
    if (call->url.starts_with("https:") && parsed->scheme == "http") {
      return finish_error(call, make_error(ErrorKind::network, cat("redirected from https to http: ", quote(url::redact(next)))));
    }
    call->url = std::move(next);
    send(call, 0);
  }

  // The keyring is another program: it must not hold up the transport's thread.
  void try_keyring(const CallPtr& call, ResponseHead head) {
    call->asked_keyring = true;
    const std::lock_guard lock(mutex);
    helpers.emplace_back([self = shared_from_this(), call, head = std::move(head)]() mutable {
      if (self->credentials.ask_keyring(call->url))
        self->send(call, 0);
      else
        self->finish(call, std::move(head));
    });
  }

  void failed(const CallPtr& call, TransportFailure failure) {
    const bool again = failure.may_retry && !call->sink_got_bytes && call->attempts < retries && !cancel.is_cancelled();
    if (again) {
      ++call->attempts;
      return send(call, next_backoff(call->attempts));
    }
    finish_error(call, std::move(failure.error));
  }

  void finish_error(const CallPtr& call, Error error) {
    if (error.kind != ErrorKind::network) return call->done(std::move(error));
    auto message = cat("could not fetch ", quote(without_credentials(call->url)), ": ", error.message);
    if (call->attempts > 0) append(message, " (tried ", call->attempts + 1, " times)");
    call->done(make_error(ErrorKind::network, std::move(message), error.hint));
  }

  double next_backoff(int attempt) {
    const std::lock_guard lock(mutex);
    return backoff_s(attempt, std::uniform_real_distribution<double>(0, 1)(random));
  }

  Credentials credentials;
  const CancelToken& cancel;
  const MakeTransport make_transport;
  const int retries;
  const std::int64_t now;
  const bool offline;
  TransportSettings transport_settings;
  std::mutex mutex;  // guards what follows
  std::unique_ptr<Transport> opened;
  bool closed = false;  // callbacks that run while the client ends may ask for more: they get an error
  std::vector<std::thread> helpers;
  std::minstd_rand random{std::random_device{}()};
};

Client::Client(const Settings& settings, const CancelToken& cancel, MakeTransport make_transport)
    : state_(std::make_shared<State>(settings, cancel, std::move(make_transport))) {}

Client::~Client() { stop(); }

void Client::stop() {
  std::vector<std::thread> helpers;
  {
    const std::lock_guard lock(state_->mutex);
    helpers.swap(state_->helpers);
  }
  for (auto& helper : helpers) helper.join();
  std::unique_ptr<Transport> transport;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    transport = std::move(state_->opened);
  }
}

void Client::start(Request request, Done done) {
  if (state_->offline)
    return done(
        make_error(ErrorKind::network, cat("not fetched, being offline: ", quote(url::redact(request.url))), "try without --offline"));
  state_->credentials.learn(request.url);
  auto call = std::make_shared<Call>();
  call->url = request.url;
  call->request = std::move(request);
  call->done = std::move(done);
  state_->send(call, 0);
}

Result<Response> Client::get(Request request) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<Result<Response>> answer;
  start(std::move(request), [&](Result<Response> result) {
    const std::lock_guard lock(mutex);
    answer = std::move(result);
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return answer.has_value(); });
  return std::move(*answer);
}

}  // namespace pkg::index
