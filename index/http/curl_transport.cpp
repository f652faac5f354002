// One thread loads libcurl, which takes milliseconds, and then runs all transfers. Other threads put exchanges into a
// queue and wake it; it keeps as many in libcurl as there may be connections, those that someone waits for first, and
// puts delayed ones (retries) aside until their time.

#include "index/http/curl_transport.h"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/text.h"
#include "base/thrown.h"
#include "base/url.h"
#include "index/http/access.h"
#include "index/http/curl_failure.h"
#include "index/http/curl_library.h"
#include "index/http/proxy.h"
#include "index/http/server_certificate.h"
#include "index/http/system_certificates.h"

namespace pkg::index {

const std::string* ResponseHead::find(std::string_view lower_case_name) const {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(), [&](const Header& h) { return h.name == lower_case_name; });
  return found == headers.rend() ? nullptr : &found->value;
}

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxHeaderBytes = 256u << 10;
constexpr long kReceiveBuffer = 32L << 10;  // of each transfer under way
constexpr long kLowestBytesPerSecond = 64;

// One exchange while it is libcurl's. Its address is the handle's private pointer.
struct Transfer {
  Exchange exchange;
  Transport::Done done;
  const CurlLibrary* curl = nullptr;
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  ResponseHead head;
  std::size_t header_bytes = 0;
  std::uint64_t received = 0;
  bool head_told = false;
  std::optional<Error> stopped;  // a callback's error
  char error_text[CURL_ERROR_SIZE] = {};
};

struct Waiting {
  Exchange exchange;
  Transport::Done done;
  Clock::time_point not_before;
};

bool tell_head(Transfer& transfer) {
  if (transfer.head_told) return true;
  transfer.head_told = true;
  if (!transfer.exchange.on_head) return true;
  auto told = transfer.exchange.on_head(transfer.head);
  if (told) return true;
  transfer.stopped = std::move(told).error();
  return false;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.stopped =
        make_error(ErrorKind::network, cat("the response's headers are larger than ", kMaxHeaderBytes / 1024, " KiB"));
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // a new head: 100 Continue or a proxy's answer came before
    transfer.head = {};
    const auto space = line.find(' ');
    if (space != std::string_view::npos && line.size() >= space + 4) {
      transfer.head.status = static_cast<int>(parse_u64(line.substr(space + 1, 3)).value_or(0));
    }
    return line.size();
  }
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.head.headers.push_back(
        {to_ascii_lower(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  }
  return line.size();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!tell_head(transfer)) return 0;
  transfer.received += size * count;
  if (!transfer.exchange.on_body) return size * count;
  auto taken = transfer.exchange.on_body(std::string_view(data, size * count));
  if (taken) return size * count;
  transfer.stopped = std::move(taken).error();
  return 0;
}

// The library is C: nothing may be thrown through it.
std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  std::size_t taken = 0;
  run_guarded([&] { taken = take_header(data, size, count, user); },
              [&](Error error) { static_cast<Transfer*>(user)->stopped = std::move(error); });
  return taken;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  std::size_t taken = 0;
  run_guarded([&] { taken = take_body(data, size, count, user); },
              [&](Error error) { static_cast<Transfer*>(user)->stopped = std::move(error); });
  return taken;
}

// The server's own certificate, when this transfer made the connection; nothing: it uses one that was looked at before.
std::string leaf_certificate(const CurlLibrary& curl, CURL* handle) {
  curl_certinfo* chain = nullptr;
  if (curl.easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr || chain->num_of_certs < 1)
    return {};
  for (const auto* field = chain->certinfo[0]; field != nullptr; field = field->next) {
    if (std::string_view text(field->data); text.starts_with("Cert:")) return std::string(text.substr(5));
  }
  return {};
}

// After the handshake, before the request: libcurl takes a certificate's common name where it lists no names, and no
// browser does.
int check_names_of_server(void* user, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto certificate = leaf_certificate(*transfer.curl, transfer.handle);
  if (certificate.empty() || lists_names(certificate)) return CURL_PREREQFUNC_OK;
  const auto url = url::Url::parse(transfer.exchange.url);
  transfer.stopped = make_error(
      ErrorKind::network,
      cat("the certificate of ", url ? url->host : std::string("the server"),
          " is not accepted: it lists no host names (it has no subjectAltName, only a common name)"),
      "the server needs a certificate with its name in subjectAltName, or --trusted-host HOST to do without");
  return CURL_PREREQFUNC_ABORT;
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(TransportSettings settings, const CancelToken& cancel)
      : settings_(std::move(settings)),
        cancel_(cancel),
        certificates_(settings_.ca_bundle.empty() ? system_certificates("/").string() : settings_.ca_bundle) {
    if (settings_.proxy.empty() && settings_.proxy_from_environment) plain_proxy_ = http_proxy_in_capitals();
    thread_ = std::thread([this] { work(); });
  }

  ~CurlTransport() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      wake();
    }
    thread_.join();
  }

  void start(Exchange exchange, Done done) override {
    const auto delay = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(exchange.delay_s));
    Waiting waiting{std::move(exchange), std::move(done), Clock::now() + delay};
    {
      const std::lock_guard lock(mutex_);
      queue_for(waiting.exchange).push_back(std::move(waiting));
      wake();
    }
  }

 private:
  // With the mutex held. One system call for all that is queued until the thread looks.
  void wake() {
    if (std::this_thread::get_id() == thread_.get_id() || std::exchange(is_woken_, true)) return;
    if (multi_ == nullptr)
      loaded_.notify_one();
    else
      curl_->multi_wakeup(multi_);
  }

  void work() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    const auto library = CurlLibrary::get();
    if (!library) return refuse_all(library.error());
    curl_ = *library;
    open_multi();
    run();
    for (auto* handle : idle_handles_) curl_->easy_cleanup(handle);
    curl_->multi_cleanup(multi_);
  }

  // Without the library everything fails.
  void refuse_all(const Error& why) {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto refused = take_all();
      if (refused.empty() && ending_) return;
      if (refused.empty()) loaded_.wait(lock, [this] { return std::exchange(is_woken_, false); });
      lock.unlock();
      for (const auto& one : refused) one.done(TransportFailure{why, false, 0});
      lock.lock();
    }
  }

  void open_multi() {
    auto* multi = curl_->multi_init();
    curl_->multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_->multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(std::min(settings_.connections, 32)));
    curl_->multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.connections));
    const std::lock_guard lock(mutex_);
    multi_ = multi;
  }

  void run() {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        is_woken_ = false;  // what is queued from here on wakes us again
      }
      const bool stop = cancel_.is_cancelled() || is_ending();
      if (stop) fail_all();
      if (is_ending() && running_.empty() && nothing_waits()) return;
      if (!stop) begin_waiting();
      int still_running = 0;
      curl_->multi_perform(multi_, &still_running);
      while (finish_one()) {
      }
      if (!stop && can_begin()) continue;
      curl_->multi_poll(multi_, nullptr, 0, poll_ms(), nullptr);
    }
  }

  bool is_ending() {
    const std::lock_guard lock(mutex_);
    return ending_;
  }
  bool nothing_waits() {
    const std::lock_guard lock(mutex_);
    return urgent_.empty() && patient_.empty() && delayed_.empty();
  }
  bool has_room() const { return running_.size() < static_cast<std::size_t>(settings_.connections); }

  bool can_begin() {
    if (!has_room()) return false;
    const std::lock_guard lock(mutex_);
    return !urgent_.empty() || !patient_.empty();
  }

  // Until the next delayed exchange is due; cancellation is looked at every 100 ms while something is under way.
  int poll_ms() {
    const std::lock_guard lock(mutex_);
    if (running_.empty() && urgent_.empty() && patient_.empty() && delayed_.empty()) return 60'000;
    int wait = 100;
    for (const auto& waiting : delayed_) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(waiting.not_before - Clock::now()).count();
      wait = std::min(wait, static_cast<int>(std::clamp<long long>(left, 0, 100)));
    }
    return wait;
  }

  std::optional<Waiting> take_waiting() {
    const std::lock_guard lock(mutex_);
    const auto due =
        std::find_if(delayed_.begin(), delayed_.end(), [](const Waiting& w) { return w.not_before <= Clock::now(); });
    if (due != delayed_.end()) {
      std::optional<Waiting> taken(std::move(*due));
      delayed_.erase(due);
      return taken;
    }
    auto& queue = urgent_.empty() ? patient_ : urgent_;
    if (queue.empty()) return std::nullopt;
    std::optional<Waiting> taken(std::move(queue.front()));
    queue.pop_front();
    return taken;
  }

  void begin_waiting() {
    while (has_room()) {
      auto waiting = take_waiting();
      if (!waiting) return;
      begin(std::move(*waiting));
    }
  }

  CURL* take_handle() {
    if (idle_handles_.empty()) return make_handle();
    auto* handle = idle_handles_.back();
    idle_handles_.pop_back();
    return handle;
  }

  // With all that is the same for every exchange.
  CURL* make_handle() {
    auto* handle = curl_->easy_init();
    const auto set = [&](CURLoption option, auto value) { curl_->easy_setopt(handle, option, value); };
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_USERAGENT, settings_.user_agent.c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_NOPROGRESS, 1L);
    set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.timeout_s * 1000));
    set(CURLOPT_LOW_SPEED_LIMIT, kLowestBytesPerSecond);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(settings_.timeout_s)));
    set_proxy(handle);
    set_certificates(handle);
    return handle;
  }

  bool is_trusted(const std::string& url) const {
    if (settings_.trusted_hosts.empty()) return false;
    const auto parsed = url::Url::parse(url);
    return parsed && is_trusted_host(settings_.trusted_hosts, *parsed);
  }

  // The certificate tells who the user is: not to whoever an index links or redirects to.
  bool shows_client_certificate(const std::string& url) const {
    if (settings_.client_cert.empty()) return false;
    const auto parsed = url::Url::parse(url);
    return parsed && settings_.client_cert_origins.contains(parsed->origin());
  }

  void begin(Waiting waiting) {
    auto owned = std::make_unique<Transfer>();
    auto& transfer = *owned;
    transfer.exchange = std::move(waiting.exchange);
    transfer.done = std::move(waiting.done);
    transfer.curl = curl_;
    transfer.handle = take_handle();
    auto* handle = transfer.handle;
    const auto set = [&](CURLoption option, auto value) { curl_->easy_setopt(handle, option, value); };
    const auto& exchange = transfer.exchange;
    for (const auto& header : exchange.headers)
      transfer.headers = curl_->slist_append(transfer.headers, cat(header.name, ": ", header.value).c_str());
    // Whatever differs from exchange to exchange is set again for each: the handle may have had another.
    const bool is_verified = !is_trusted(exchange.url);
    if (!exchange.method.empty()) set_method(handle, exchange);
    set(CURLOPT_URL, exchange.url.c_str());
    set(CURLOPT_HTTPHEADER, transfer.headers);
    set(CURLOPT_PIPEWAIT, exchange.url.starts_with("https:") ? 1L : 0L);
    set(CURLOPT_ERRORBUFFER, transfer.error_text);
    set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
    set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(CURLOPT_TIMEOUT_MS, exchange.deadline_s > 0 ? static_cast<long>(exchange.deadline_s * 1000) : 0L);
    set(CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
    set(CURLOPT_CERTINFO, is_verified ? 1L : 0L);
    set(CURLOPT_PREREQFUNCTION, is_verified ? check_names_of_server : nullptr);
    set(CURLOPT_PREREQDATA, static_cast<void*>(&transfer));
    set_client_certificate(handle, exchange.url);
    if (!plain_proxy_.empty()) set(CURLOPT_PROXY, exchange.url.starts_with("http:") ? plain_proxy_.c_str() : nullptr);
    running_.push_back(std::move(owned));
    curl_->multi_add_handle(multi_, handle);
  }

  void set_method(CURL* handle, const Exchange& exchange) const {
    const auto set = [&](CURLoption option, auto value) { curl_->easy_setopt(handle, option, value); };
    if (exchange.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (exchange.method != "GET") {
      // Sent from where it lies. The headers say what it is: libcurl would take it for a form, and wait for a 100.
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.body.size()));
      set(CURLOPT_POSTFIELDS, exchange.body.empty() ? "" : exchange.body.data());
      set(CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
    }
    if (exchange.stall_s > 0) set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(exchange.stall_s)));
  }

  // The handle is kept, and what it does next is a GET again.
  void forget_method(CURL* handle) const {
    curl_->easy_setopt(handle, CURLOPT_CUSTOMREQUEST, static_cast<const char*>(nullptr));
    curl_->easy_setopt(handle, CURLOPT_POSTFIELDS, static_cast<const char*>(nullptr));
    curl_->easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    curl_->easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(settings_.timeout_s)));
  }

  void set_proxy(CURL* handle) const {
    curl_->easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    const auto& proxy = settings_.proxy.with_credentials();
    if (!proxy.empty() || !settings_.proxy_from_environment) curl_->easy_setopt(handle, CURLOPT_PROXY, proxy.c_str());
    if (!settings_.proxy_from_environment) curl_->easy_setopt(handle, CURLOPT_NOPROXY, "");
  }

  void set_certificates(CURL* handle) const {
    struct stat status {};
    // Said here, whatever OpenSSL's configuration allows.
    curl_->easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_->easy_setopt(handle, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!certificates_.empty()) {
      const bool is_folder = ::stat(certificates_.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
      curl_->easy_setopt(handle, CURLOPT_CAINFO, is_folder ? nullptr : certificates_.c_str());
      curl_->easy_setopt(handle, CURLOPT_CAPATH, is_folder ? certificates_.c_str() : nullptr);
    }
    curl_->easy_setopt(handle, CURLOPT_CA_CACHE_TIMEOUT, 3600L);  // one store for all connections
  }

  void set_client_certificate(CURL* handle, const std::string& url) const {
    if (settings_.client_cert.empty()) return;
    const bool is_shown = shows_client_certificate(url);
    const auto& key = settings_.client_key.empty() ? settings_.client_cert : settings_.client_key;
    curl_->easy_setopt(handle, CURLOPT_SSLCERT, is_shown ? settings_.client_cert.c_str() : nullptr);
    curl_->easy_setopt(handle, CURLOPT_SSLKEY, is_shown ? key.c_str() : nullptr);
    curl_->easy_setopt(handle, CURLOPT_KEYPASSWD,
                       is_shown ? "" : nullptr);  // an encrypted key is an error: no prompt
  }

  std::string proxy_of(const std::string& url) const {
    const auto parsed = url::Url::parse(url);
    return parsed ? proxy_in_front_of(*parsed, settings_.proxy, settings_.proxy_from_environment) : std::string();
  }

  // Takes the transfer out of libcurl; its handle is kept for the next one.
  std::unique_ptr<Transfer> release(Transfer* transfer) {
    const auto found = std::ranges::find(running_, transfer, [](const auto& owned) { return owned.get(); });
    auto owned = std::move(*found);
    running_.erase(found);
    curl_->multi_remove_handle(multi_, transfer->handle);
    // What goes with the transfer is not left in a handle that is kept.
    if (!owned->exchange.method.empty()) forget_method(transfer->handle);
    curl_->easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    curl_->easy_setopt(transfer->handle, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    curl_->easy_setopt(transfer->handle, CURLOPT_PREREQFUNCTION, static_cast<curl_prereq_callback>(nullptr));
    curl_->slist_free_all(transfer->headers);
    if (idle_handles_.size() < 64)
      idle_handles_.push_back(transfer->handle);
    else
      curl_->easy_cleanup(transfer->handle);
    return owned;
  }

  bool finish_one() {
    int left = 0;
    const auto* message = curl_->multi_info_read(multi_, &left);
    if (message == nullptr) return false;
    if (message->msg != CURLMSG_DONE) return true;
    const auto code = message->data.result;
    void* pointer = nullptr;
    curl_->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &pointer);
    const auto owned = release(static_cast<Transfer*>(pointer));
    auto& transfer = *owned;
    if (code == CURLE_OK && tell_head(transfer)) {
      const bool is_refusal = transfer.head.status >= 400 && transfer.exchange.url.starts_with("http:");
      if (is_refusal) transfer.head.proxy = proxy_of(transfer.exchange.url);
      transfer.done(std::move(transfer.head));
      return true;
    }
    TransportFailure failure;
    failure.received_bytes = transfer.received;
    if (transfer.stopped) {
      failure.error = std::move(*transfer.stopped);
    } else {
      const std::string_view detail =
          transfer.error_text[0] != '\0' ? std::string_view(transfer.error_text) : curl_->easy_strerror(code);
      long proxy_status = 0;
      curl_->easy_getinfo(transfer.handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
      auto told = explain_curl_failure(code, trim(detail), transfer.exchange.url, proxy_status,
                                       proxy_of(transfer.exchange.url));
      failure.error = make_error(ErrorKind::network, std::move(told.message), std::move(told.hint));
      failure.may_retry = told.may_retry;
      failure.timed_out = code == CURLE_OPERATION_TIMEDOUT;
      if (code == CURLE_PEER_FAILED_VERIFICATION && certificates_.empty())
        failure.error.hint =
            "this machine has no certificates of authorities where they usually are: install the package "
            "ca-certificates, or name a file of them: --cert FILE (or SSL_CERT_FILE)";
    }
    transfer.done(std::move(failure));
    return true;
  }

  void fail_all() {
    const TransportFailure failure{make_error(ErrorKind::interrupted, "interrupted"), false, 0};
    while (!running_.empty()) release(running_.back().get())->done(failure);
    std::unique_lock lock(mutex_);
    const auto waiting = take_all();
    lock.unlock();
    for (const auto& one : waiting) one.done(failure);
  }

  // With the mutex held.
  std::vector<Waiting> take_all() {
    std::vector<Waiting> all;
    for (auto* queue : {&urgent_, &patient_, &delayed_}) {
      std::ranges::move(*queue, std::back_inserter(all));
      queue->clear();
    }
    return all;
  }

  std::deque<Waiting>& queue_for(const Exchange& exchange) {
    if (exchange.delay_s > 0) return delayed_;
    return exchange.urgent ? urgent_ : patient_;
  }

  const TransportSettings settings_;
  const CancelToken& cancel_;
  const std::string certificates_;                  // of authorities, a file or a folder; empty: libcurl's default
  const CurlLibrary* curl_ = nullptr;               // the thread's own until multi_ is there
  std::string plain_proxy_;                         // for http:, where libcurl does not find it
  std::vector<std::unique_ptr<Transfer>> running_;  // the thread's own
  std::vector<CURL*> idle_handles_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable loaded_;
  CURLM* multi_ = nullptr;  // nullptr: libcurl is not loaded yet, or cannot be
  std::deque<Waiting> urgent_, patient_, delayed_;
  bool ending_ = false, is_woken_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Transport>> make_curl_transport(const TransportSettings& settings, const CancelToken& cancel) {
  return std::unique_ptr<Transport>(std::make_unique<CurlTransport>(settings, cancel));
}

}  // namespace pkg::index
