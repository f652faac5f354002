#include "base/text.h"
#include "base/url.h"
#include "index/http/auth.h"
#include "index/remote/object_requests.h"

namespace pkg::index {

Result<MakeExchange> http_requests(const Settings& settings, Reporter& reporter) {
  auto given = settings.remote.url.with_credentials();
  while (given.ends_with('/')) given.pop_back();
  const auto parsed = url::Url::parse(given);
  if (!parsed || parsed->host.empty() || parsed->has_query || parsed->has_fragment)
    return make_error(ErrorKind::usage,
                      cat("the remote cache ", quote(settings.remote.url), " is no address of a folder"),
                      "as in https://cache.example/pkg");
  auto credentials = std::make_shared<Credentials>(settings, &reporter);
  return MakeExchange([base = parsed->request_target(), given, credentials](
                          const ObjectRequest& request, const std::function<void(Result<Exchange>)>& then) {
    Exchange exchange;
    exchange.method = request.method;
    exchange.url = cat(base, base.ends_with('/') ? "" : "/", request.key);
    if (const auto known = credentials->candidates(given); !known.empty())
      exchange.headers.push_back({"Authorization", known.front().header()});
    if (request.only_if_absent) exchange.headers.push_back({"If-None-Match", "*"});
    then(std::move(exchange));
  });
}

}  // namespace pkg::index
