#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/remote/object_requests.h"
#include "index/remote/s3_credentials.h"
#include "index/remote/sigv4.h"

namespace pkg::index {
namespace {

constexpr std::string_view kUsualRegion = "us-east-1";
constexpr std::int64_t kEndsSoon = 120;  // seconds
constexpr std::uint64_t kLongestAnswer = 64 * limits::kKiB;

// Where a bucket's objects are.
struct Place {
  std::string root;  // "https://host:port/path", no slash at the end
  std::string region;
};

struct Bucket {
  std::string name, prefix;  // the prefix encoded, without slashes around it
};

bool is_bucket_name(std::string_view name) {
  const auto is_fine = [](char c) { return is_ascii_alnum(c) || c == '-' || c == '.' || c == '_'; };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, is_fine) &&
         name.find("..") == std::string_view::npos;
}

Result<Bucket> parse_bucket(const SecretUrl& given) {
  const auto wrong = [&](std::string_view why) {
    return make_error(ErrorKind::usage, cat("the remote cache ", quote(given), ' ', why), "as in s3://bucket/prefix");
  };
  constexpr std::string_view kScheme = "s3://";
  std::string_view rest = given.with_credentials();
  rest.remove_prefix(kScheme.size());
  if (rest.find_first_of("@?#") != std::string_view::npos)
    return wrong("has more than a bucket and a prefix: credentials come from the AWS variables and files");
  const auto slash = std::min(rest.find('/'), rest.size());
  Bucket bucket{std::string(rest.substr(0, slash)), {}};
  if (!is_bucket_name(bucket.name)) return wrong("names no bucket");
  for (const auto part : split(rest.substr(slash), '/')) {
    if (part == "." || part == "..") return wrong("has a prefix with dots alone");
    if (!part.empty()) append(bucket.prefix, bucket.prefix.empty() ? "" : "/", url::percent_encode(part));
  }
  return bucket;
}

// Where AWS has a service in a region.
std::string aws_address(std::string_view service, std::string_view region) {
  return cat("https://", service, ".", region, region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

Result<Place> place_of(const Bucket& bucket, const RemoteCacheSettings& remote, const S3Identity& identity) {
  Place place;
  place.region = !remote.region.empty() ? remote.region : identity.region;
  if (place.region.empty()) place.region = kUsualRegion;
  auto endpoint = !remote.endpoint.empty() ? remote.endpoint : identity.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const bool is_aws = endpoint.empty();
  if (is_aws) endpoint = aws_address("s3", place.region);
  auto parsed = url::Url::parse(endpoint);
  if (!parsed || (parsed->scheme != "https" && parsed->scheme != "http") || parsed->host.empty())
    return make_error(ErrorKind::usage, cat("the endpoint ", quote(url::redact(endpoint)), " is no web address"));
  // A bucket with dots has no certificate of its own.
  const bool in_path = !is_aws || remote.path_style || bucket.name.find('.') != std::string::npos;
  if (!in_path) parsed->host = cat(bucket.name, ".", parsed->host);
  place.root = parsed->request_target();
  while (place.root.ends_with('/')) place.root.pop_back();
  if (in_path) append(place.root, "/", bucket.name);
  if (!bucket.prefix.empty()) append(place.root, "/", bucket.prefix);
  return place;
}

// As the Host header has it: libcurl leaves out the scheme's own port.
std::string host_header(const url::Url& url) {
  const bool is_usual = url.port < 0 || (url.scheme == "https" ? url.port == 443 : url.port == 80);
  const bool is_v6 = url.host.find(':') != std::string::npos;
  const auto host = is_v6 ? cat("[", url.host, "]") : url.host;
  return is_usual ? host : cat(host, ":", url.port);
}

class S3Requests : public std::enable_shared_from_this<S3Requests> {
 public:
  using Then = std::function<void(Result<Exchange>)>;
  S3Requests(Bucket bucket, RemoteCacheSettings remote, StartExchange start, UnixClock clock, Getenv environment)
      : bucket_(std::move(bucket)),
        remote_(std::move(remote)),
        start_(std::move(start)),
        clock_(std::move(clock)),
        environment_(std::move(environment)) {}

  void make(const ObjectRequest& request, Then then) {
    std::unique_lock lock(mutex_);
    if (!identity_) {
      auto found = find_s3_identity(environment_);
      auto place = found ? place_of(bucket_, remote_, *found) : Result<Place>(found.error());
      if (!place) {
        lock.unlock();
        return then(std::move(place).error());
      }
      identity_ = std::move(found).value();
      place_ = std::move(place).value();
    }
    if (!needs_role()) {
      auto signed_one = signed_exchange(request);
      lock.unlock();
      return then(std::move(signed_one));
    }
    waiting_.emplace_back(request, std::move(then));
    if (std::exchange(is_asking_, true)) return;
    auto exchange = role_exchange();
    lock.unlock();
    if (!exchange) return took_role(std::move(exchange).error());
    ask_for_role(std::move(exchange).value());
  }

 private:
  // With the mutex held, all of these.
  bool needs_role() const {
    if (!identity_->web_identity) return false;
    const auto& now = identity_->credentials;
    return !now || (now->expires_at != 0 && now->expires_at - clock_() < kEndsSoon);
  }

  Exchange signed_exchange(const ObjectRequest& request) const {
    Exchange exchange;
    exchange.method = request.method;
    exchange.url = cat(place_.root, "/", request.key);
    if (request.only_if_absent) exchange.headers.push_back({"If-None-Match", "*"});
    if (!identity_->credentials) return exchange;
    const auto parsed = url::Url::parse(exchange.url);
    SigV4Request to_sign{.method = request.method,
                         .host = host_header(*parsed),
                         .path = parsed->path,
                         .query = {},
                         .headers = exchange.headers,
                         .payload_sha256_hex = request.body_sha256_hex.empty() ? hash::to_hex(hash::sha256(""))
                                                                               : request.body_sha256_hex};
    for (auto& header : sigv4_headers(to_sign, *identity_->credentials, {place_.region, "s3", clock_()}))
      exchange.headers.push_back(std::move(header));
    return exchange;
  }

  Result<Exchange> role_exchange() const {
    const auto& identity = *identity_->web_identity;
    PKG_TRY_ASSIGN(const auto token, fs::read_file_at_most(identity.token_file, limits::kOneLine));
    auto endpoint = identity_->sts_endpoint;
    if (endpoint.empty()) endpoint = aws_address("sts", place_.region);
    if (!endpoint.starts_with("https://") && !endpoint.starts_with("http://"))
      return make_error(ErrorKind::usage, cat("the endpoint ", quote(url::redact(endpoint)), " is no web address"));
    Exchange exchange;
    exchange.method = "POST";
    exchange.url = endpoint.ends_with('/') ? endpoint : cat(endpoint, "/");
    exchange.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/xml"}};
    auto form = std::make_shared<const std::string>(web_identity_form(identity, trim(token)));
    exchange.body = *form;
    exchange.body_owner = std::move(form);
    exchange.stall_s = 5;
    exchange.deadline_s = 5;
    return exchange;
  }

  void ask_for_role(Exchange exchange) {
    const auto body = std::make_shared<std::string>();
    exchange.on_body = [body](std::string_view bytes) -> Status {
      if (body->size() + bytes.size() > kLongestAnswer)
        return make_error(ErrorKind::bad_data, "the role's answer is too long");
      body->append(bytes);
      return ok_status();
    };
    start_(std::move(exchange), [self = shared_from_this(),
                                 body](std::variant<ResponseHead, TransportFailure> outcome) {
      if (auto* failure = std::get_if<TransportFailure>(&outcome)) return self->took_role(std::move(failure->error));
      const int status = std::get<ResponseHead>(outcome).status;
      auto found = credentials_of_answer(*body);
      if (found && status == 200) return self->took_role(std::move(found));
      const auto code = xml_text(*body, "Code");
      self->took_role(make_error(ErrorKind::network, cat("the web identity got no credentials: status ", status,
                                                         code.empty() ? std::string() : cat(" (", quote(code), ")"))));
    });
  }

  void took_role(Result<AwsCredentials> found) {
    std::deque<std::pair<ObjectRequest, Then>> waiting;
    std::vector<Result<Exchange>> made;
    {
      const std::lock_guard lock(mutex_);
      is_asking_ = false;
      waiting.swap(waiting_);
      if (found) identity_->credentials = *found;
      for (const auto& [request, then] : waiting)
        made.push_back(found ? Result<Exchange>(signed_exchange(request)) : Result<Exchange>(found.error()));
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i].second(std::move(made[i]));
  }

  const Bucket bucket_;
  const RemoteCacheSettings remote_;
  const StartExchange start_;
  const UnixClock clock_;
  const Getenv environment_;
  std::mutex mutex_;
  std::optional<S3Identity> identity_;
  Place place_;
  bool is_asking_ = false;
  std::deque<std::pair<ObjectRequest, Then>> waiting_;
};

}  // namespace

Result<MakeExchange> s3_requests(const RemoteCacheSettings& remote, StartExchange start, UnixClock clock,
                                 Getenv environment) {
  PKG_TRY_ASSIGN(auto bucket, parse_bucket(remote.url));
  auto requests = std::make_shared<S3Requests>(std::move(bucket), remote, std::move(start), std::move(clock),
                                               std::move(environment));
  return MakeExchange([requests](const ObjectRequest& request, std::function<void(Result<Exchange>)> then) {
    requests->make(request, std::move(then));
  });
}

}  // namespace pkg::index
