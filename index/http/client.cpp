// A call is one request of the caller; it lives through several exchanges (redirects, retries, a second one with
// credentials), one at a time.

#include "index/http/client.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "index/http/access.h"
#include "index/http/auth.h"
#include "index/http/content_coding.h"
#include "index/http/proxy.h"
#include "index/http/retry.h"

namespace pkg::index {
namespace {

constexpr int kMaxRedirects = 10, kMaxTimeouts = 3;
constexpr double kPageDeadlineSeconds = 600;
constexpr std::uint64_t kMostReserved = 1u << 20;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}
bool is_success(int status) { return status >= 200 && status < 300; }

std::string without_credentials(const std::string& text) {
  const auto url = url::Url::parse(text);
  return url ? url->request_target() : text;
}

std::string shown(const std::string& url) { return quote(url::redact(without_credentials(url))); }

// What the caller asked for, on its way.
struct Call {
  Request request;
  Client::Done done;
  std::string url;  // of this exchange
  int redirects = 0, attempts = 0, timeouts = 0;
  bool asked_keyring = false;
  std::vector<Credential> tried;  // at this origin
  Response response;
  std::string refusal, hint;
  std::shared_ptr<int> tries;
  bool sink_got_bytes = false;
  bool too_large = false;
};

// Behind a proxy that is no tunnel nobody can tell whose answer it is, except a 407, which is always the proxy's.
std::string who_answered(const std::string& proxy, int status) {
  if (status == 407) return named_proxy(proxy);
  return proxy.empty() ? std::string("the server") : cat(named_proxy(proxy), ", or the server behind it,");
}

Status decode(Response& response, std::uint64_t limit_bytes) {
  ScratchBuffer buffer;
  const auto doing = [&] { return cat("while fetching ", quote(url::redact(response.url))); };
  PKG_TRY_ASSIGN(const auto text, decoded_body(response, limit_bytes, buffer).with(doing));
  if (text.data() != response.body.data()) response.body.assign(text.data(), text.size());
  return ok_status();
}

}  // namespace

const std::string* Response::header(std::string_view lower_case_name) const {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(), [&](const Header& h) { return h.name == lower_case_name; });
  return found == headers.rend() ? nullptr : &found->value;
}

struct Client::State : std::enable_shared_from_this<Client::State> {
  using CallPtr = std::shared_ptr<Call>;

  State(const Settings& settings, const CancelToken& token, MakeTransport make, Reporter* reporter)
      : credentials(settings, reporter),
        access(settings, credentials),
        cancel(token),
        make_transport(std::move(make)),
        retries(settings.retries),
        now(settings.now),
        offline(settings.offline) {
    transport_settings = {.trusted_hosts = settings.trusted_hosts,
                          .ca_bundle = settings.ca_bundle,
                          .client_cert = settings.client_cert,
                          .client_key = settings.client_key,
                          .proxy = settings.proxy,
                          .client_cert_origins = client_cert_origins(settings),
                          .proxy_from_environment = settings.proxy_from_environment,
                          .user_agent = settings.user_agent,
                          .timeout_s = settings.timeout_s,
                          .connections = settings.connections};
  }

  Result<Transport*> transport() {
    const std::lock_guard lock(mutex);
    if (closed) return make_error(ErrorKind::interrupted, "interrupted");
    if (!opened) {
      PKG_TRY_ASSIGN(opened, make_transport(transport_settings));
    }
    return opened.get();
  }

  // With the best credentials that were not refused yet; the keyring is asked first where only it can have the
  // password.
  void begin(const CallPtr& call, double delay_s) {
    if (!call->asked_keyring && credentials.wants_keyring(call->url))
      return with_keyring(call, [self = shared_from_this(), call, delay_s] { self->send_first(call, delay_s); });
    send_first(call, delay_s);
  }

  void send_first(const CallPtr& call, double delay_s) {
    if (const auto lack = credentials.lack(call->url); !lack.empty())
      return finish_error(call, make_error(ErrorKind::network, lack, credentials.hint(call->url)));
    send(call, untried(*call), delay_s);
  }

  std::optional<Credential> untried(const Call& call) {
    for (auto& credential : credentials.candidates(call.url)) {
      const auto same = [&](const Credential& one) { return one.is_same(credential); };
      if (std::ranges::none_of(call.tried, same)) return std::move(credential);
    }
    return std::nullopt;
  }

  void send(const CallPtr& call, std::optional<Credential> credential, double delay_s) {
    auto ready = transport();
    if (!ready) return call->done(std::move(ready).error());
    call->response = {};
    call->too_large = false;
    Exchange exchange;
    exchange.url = without_credentials(call->url);
    exchange.headers = call->request.headers;
    if (credential) exchange.headers.push_back({"Authorization", credential->header()});
    if (call->request.decode_body) exchange.headers.push_back({"Accept-Encoding", kAcceptedCodings});
    exchange.delay_s = delay_s;
    exchange.deadline_s = call->request.sink ? 0 : kPageDeadlineSeconds;
    exchange.urgent = call->request.priority == Priority::waited_for;
    exchange.on_head = [call](const ResponseHead& head) {
      call->response.status = head.status;
      make_room(*call, head);
      return call->request.on_head && is_success(head.status) ? call->request.on_head(head) : ok_status();
    };
    exchange.on_body = [call](std::string_view bytes) { return take_body(*call, bytes); };
    (*ready)->start(std::move(exchange), [self = shared_from_this(), call, credential = std::move(credential)](
                                             std::variant<ResponseHead, TransportFailure> outcome) {
      if (auto* head = std::get_if<ResponseHead>(&outcome))
        self->answered(call, std::move(*head), credential);
      else
        self->failed(call, std::move(std::get<TransportFailure>(outcome)));
    });
  }

  // As much as is announced, within reason: growing costs copies.
  static void make_room(Call& call, const ResponseHead& head) {
    const auto* length = call.request.sink ? nullptr : head.find("content-length");
    const auto announced = length != nullptr ? parse_u64(*length) : std::nullopt;
    if (announced)
      call.response.body.reserve(
          static_cast<std::size_t>(std::min({*announced, call.request.body_limit_bytes, kMostReserved})));
  }

  static Status take_body(Call& call, std::string_view bytes) {
    if (call.request.sink) {
      if (!is_success(call.response.status)) return ok_status();
      call.sink_got_bytes = true;
      return call.request.sink(bytes);
    }
    if (call.response.body.size() + bytes.size() > call.request.body_limit_bytes)
      return larger_than(call.request.body_limit_bytes);
    call.response.body.append(bytes);
    return ok_status();
  }

  void answered(const CallPtr& call, ResponseHead head, const std::optional<Credential>& sent) {
    const int status = head.status;
    if (is_redirect(status)) {
      if (const auto* location = head.find("location")) return redirect(call, *location);
    }
    if (status == 401) return refused(call, std::move(head), sent);
    if (status == 403) explain_refusal(*call, status, sent);
    if (is_transient(status) && !call->request.final_statuses.contains(status) && !call->sink_got_bytes) {
      const auto after = retry_after(head, now);
      const bool too_long = after.given && !after.seconds;
      if (!too_long && call->attempts < retries)
        return try_again(call, after.given ? *after.seconds : next_backoff(call->attempts + 1));
      return finish_error(
          call, make_error(ErrorKind::network, cat(who_answered(head.proxy, status), " answered with status ", status,
                                                   too_long ? " and asks to come back later than in a minute" : "")));
    }
    finish(call, std::move(head));
  }

  void try_again(const CallPtr& call, double delay_s) {
    ++call->attempts;
    ++*call->tries;
    begin(call, delay_s);
  }

  void finish(const CallPtr& call, ResponseHead head) {
    call->response.status = head.status;
    call->response.proxy = std::move(head.proxy);
    call->response.headers = std::move(head.headers);
    call->response.url = without_credentials(call->url);
    call->response.refusal = std::move(call->refusal);
    call->response.hint = std::move(call->hint);
    call->done(std::move(call->response));
  }

  void redirect(const CallPtr& call, const std::string& location) {
    if (++call->redirects > kMaxRedirects)
      return finish_error(call, make_error(ErrorKind::network, cat("more than ", kMaxRedirects, " redirects")));
    auto next = url::join(without_credentials(call->url), location);
    const auto parsed = url::Url::parse(next);
    if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")) {
      return finish_error(call, make_error(ErrorKind::network, cat("redirected to ", quote(url::redact(next)),
                                                                   ", which is no web address")));
    }
    if (call->url.starts_with("https:") && parsed->scheme == "http") {
      return finish_error(
          call, make_error(ErrorKind::network, cat("redirected from https to http: ", quote(url::redact(next)))));
    }
    const auto here = url::Url::parse(call->url);
    const bool is_other_origin = !here || here->origin() != parsed->origin();
    // What a Location says of user and password counts for this hop, and goes before what came with the request.
    call->url = parsed->has_user ? parsed->to_string() : parsed->without_credentials();
    if (!parsed->has_user && !is_other_origin && here->has_user) {
      auto with_user = *parsed;
      with_user.user = here->user;
      with_user.password = here->password;
      with_user.has_user = here->has_user;
      with_user.has_password = here->has_password;
      call->url = with_user.to_string();
    }
    if (is_other_origin || parsed->has_user) {
      call->tried.clear();
      call->asked_keyring = false;
    }
    begin(call, 0);
  }

  // A 401: whatever else is known for this origin, then the keyring.
  void refused(const CallPtr& call, ResponseHead head, const std::optional<Credential>& sent) {
    if (sent) call->tried.push_back(*sent);
    if (auto next = untried(*call)) return send(call, std::move(next), 0);
    if (call->asked_keyring || !credentials.may_ask_keyring(call->url)) {
      explain_refusal(*call, head.status, sent);
      return finish(call, std::move(head));
    }
    with_keyring(call, [self = shared_from_this(), call, head = std::move(head), sent]() mutable {
      if (auto next = self->untried(*call)) return self->send(call, std::move(next), 0);
      self->explain_refusal(*call, head.status, sent);
      self->finish(call, std::move(head));
    });
  }

  // The keyring is another program: it must not hold up the transport's thread.
  void with_keyring(const CallPtr& call, std::function<void()> then) {
    call->asked_keyring = true;
    std::unique_lock lock(mutex);
    if (closed) {
      lock.unlock();
      return call->done(make_error(ErrorKind::interrupted, "interrupted"));
    }
    if (!helper) helper = std::make_unique<TaskPool>(1);
    helper->submit(
        [self = shared_from_this(), call, then = std::move(then)] {
          (void)self->credentials.ask_keyring(call->url,
                                              [&self] { return self->stopping || self->cancel.is_cancelled(); });
          then();
        },
        [call](Error error) { call->done(std::move(error)); });
  }

  void explain_refusal(Call& call, int status, const std::optional<Credential>& sent) {
    auto who = credentials.index_of(call.url);
    if (!sent) {
      call.refusal = cat(who, status == 401 ? " wants credentials, and none are known"
                                            : " refuses access, and no credentials are known");
    } else {
      call.refusal =
          cat(who, status == 401 ? " does not accept " : " refuses access with ", "the ",
              sent->is_user_secret ? std::string("user name") : cat("credentials of user ", quote(sent->user)),
              " from ", sent->from);
    }
    call.hint = credentials.hint(call.url);
  }

  void failed(const CallPtr& call, TransportFailure failure) {
    // A server that does not answer is waited for three times: each time costs the whole patience.
    if (failure.timed_out) ++call->timeouts;
    const bool again = failure.may_retry && !call->sink_got_bytes && call->attempts < retries &&
                       call->timeouts < kMaxTimeouts && !cancel.is_cancelled();
    if (again) return try_again(call, next_backoff(call->attempts + 1));
    finish_error(call, std::move(failure.error));
  }

  void finish_error(const CallPtr& call, Error error) {
    if (error.kind == ErrorKind::bad_data && !call->request.sink)
      return call->done(std::move(error).with(cat("while fetching ", shown(call->url))));
    if (error.kind != ErrorKind::network) return call->done(std::move(error));
    auto message = cat("could not fetch ", shown(call->url), ": ", error.message);
    if (*call->tries > 1) append(message, " (tried ", *call->tries, " times)");
    call->done(make_error(ErrorKind::network, std::move(message), error.hint));
  }

  double next_backoff(int attempt) {
    const std::lock_guard lock(mutex);
    return backoff_s(attempt, std::uniform_real_distribution<double>(0, 1)(random));
  }

  Credentials credentials;
  Access access;
  const CancelToken& cancel;
  const MakeTransport make_transport;
  const int retries;
  const std::int64_t now;
  const bool offline;
  TransportSettings transport_settings;
  std::mutex mutex;  // guards what follows
  std::unique_ptr<Transport> opened;
  bool closed = false;  // callbacks that run while the client ends may ask for more: they get an error
  std::unique_ptr<TaskPool> helper;
  std::atomic<bool> stopping = false;  // not guarded
  std::minstd_rand random{std::random_device{}()};
};

Error status_error(const Response& response) {
  const bool is_gone = response.status == 404 || response.status == 410;
  auto message = cat("could not fetch ", quote(url::redact(response.url)), ": ");
  if (response.refusal.empty())
    append(message, who_answered(response.proxy, response.status), " answered with status ", response.status);
  else
    append(message, response.refusal, " (status ", response.status, ")",
           response.proxy.empty() ? "" : cat(", asked through ", named_proxy(response.proxy)));
  auto hint = response.status == 407 ? std::string(kProxyCredentials) : response.hint;
  return make_error(is_gone ? ErrorKind::not_found : ErrorKind::network, std::move(message), std::move(hint));
}

Client::Client(const Settings& settings, const CancelToken& cancel, MakeTransport make_transport, Reporter* reporter)
    : state_(std::make_shared<State>(settings, cancel, std::move(make_transport), reporter)) {}

Client::~Client() { stop(); }

void Client::stop() {
  state_->stopping = true;
  std::unique_ptr<TaskPool> helper;
  std::unique_ptr<Transport> transport;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    helper = std::move(state_->helper);
    transport = std::move(state_->opened);
  }
  helper.reset();  // before the transport, which its last task may be using
  transport.reset();
}

std::string Client::access(const std::string& url) { return state_->access.of(url); }
bool Client::has_login(const std::string& url) { return state_->access.has_login(url); }

void Client::start(Request request, Done done) {
  if (state_->offline)
    return done(make_error(ErrorKind::network, cat("not fetched, being offline: ", quote(request.url)),
                           "try without --offline"));
  auto call = std::make_shared<Call>();
  call->url = request.url.with_credentials();
  call->tries = request.tries ? request.tries : std::make_shared<int>(0);
  ++*call->tries;
  call->request = std::move(request);
  call->done = std::move(done);
  state_->begin(call, 0);
}

Result<Response> Client::get(Request request) {
  const auto limit = request.decode_body ? std::optional(request.body_limit_bytes) : std::nullopt;
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
  if (*answer && limit) PKG_TRY(decode(**answer, *limit));
  return std::move(*answer);
}

}  // namespace pkg::index
