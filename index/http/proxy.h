#pragma once
// Which proxy the environment names, and how messages call the one that a request goes through. libcurl does the rest,
// except HTTP_PROXY in capitals, which it does not read.

#include <string>
#include <string_view>

#include "base/secret_url.h"
#include "base/url.h"

namespace pkg::index {

// HTTP_PROXY, as Python and pip take it: where there is no `http_proxy`, and not under a web server, which puts a
// request's header of that name there (REQUEST_METHOD is set then). With its credentials; empty: it does not count.
std::string http_proxy_in_capitals();

// The proxy that requests to `target` go through, as messages call it: without credentials. `given`: that of the
// settings, which goes before the environment's. Empty: none.
std::string proxy_in_front_of(const url::Url& target, const SecretUrl& given, bool from_environment);

// "the proxy `http://host:port`", or without its name where that is not known.
std::string named_proxy(std::string_view shown);
inline constexpr std::string_view kProxyCredentials =
    "the proxy's user name and password go into its URL: USER:PASSWORD@ before the host";

// Whether a list as in no_proxy names the host: "*", a name with all below it, or an address; of networks
// ("10.0.0.0/8") nothing is known here.
bool is_exempt_from_proxy(std::string_view host, std::string_view list);

}  // namespace pkg::index
