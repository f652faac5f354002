#include "index/http/curl_failure.h"

#include "base/text.h"
#include "base/url.h"
#include "index/http/proxy.h"

namespace pkg::index {
namespace {

bool may_help_again(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
      return true;
    default:
      return false;
  }
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// "SSL certificate problem: certificate has expired": what follows the last of such beginnings.
std::string_view reason_in(std::string_view detail) {
  for (const std::string_view start : {"SSL certificate problem: ", "SSL: "})
    if (detail.starts_with(start)) return detail.substr(start.size());
  return detail;
}

CurlFailure bad_server_certificate(std::string_view detail, const std::string& host) {
  CurlFailure failure;
  failure.message = cat("the certificate of ", quote(host), " is not accepted: ", printable(reason_in(detail)));
  if (has(detail, "expired") || has(detail, "not yet valid"))
    failure.hint = "the server needs a new certificate, or the clock of this machine is wrong";
  else if (has(detail, "subject name"))
    failure.hint = "the certificate is for another host name than the one in the URL";
  else
    failure.hint = cat("name the authority that signed it: --cert FILE (or SSL_CERT_FILE); --trusted-host ", host,
                       " checks nothing");
  return failure;
}

constexpr const char* kWantsCertificate =
    "the server may want a client certificate, or another one: --client-cert FILE";

// An alert: the other side ended the handshake, because of us.
CurlFailure refused_handshake(std::string_view detail) {
  CurlFailure failure;
  failure.message = cat("the server ended the TLS handshake: ", printable(detail));
  const bool is_about_us = has(detail, "certificate") || has(detail, "handshake failure") || has(detail, "unknown ca");
  if (is_about_us) failure.hint = kWantsCertificate;
  return failure;
}

bool is_alert(CURLcode code, std::string_view detail) {
  const bool is_tls = code == CURLE_SSL_CONNECT_ERROR || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
  return is_tls && has(detail, "alert") && !has(detail, "internal error");
}

CurlFailure refused_by_proxy(long status, const std::string& proxy) {
  CurlFailure failure;
  failure.message = cat(named_proxy(proxy), " answered with status ", status);
  failure.may_retry = status >= 500 && status != 501 && status != 505;
  if (status == 407) failure.hint = kProxyCredentials;
  return failure;
}

constexpr const char* kOtherProxy =
    "--proxy URL names another one (else HTTPS_PROXY, HTTP_PROXY, ALL_PROXY), NO_PROXY hosts to reach without it";
constexpr const char* kUnreachable = "check the address and the network; behind a proxy: --proxy URL";

// "Failed to connect to HOST port 9 after 0 ms: Couldn't connect to server", without what says nothing.
std::string_view without_time(std::string_view detail) {
  const auto end = detail.starts_with("Failed to connect to ") ? detail.find(" after ") : std::string_view::npos;
  return detail.substr(0, end);
}

// What failed before the proxy could be asked, as far as libcurl tells it from the server behind.
bool is_about_proxy(CURLcode code, std::string_view detail) {
  if (code == CURLE_COULDNT_RESOLVE_PROXY) return true;
  return code == CURLE_COULDNT_CONNECT && !has(detail, "SOCKS");
}

}  // namespace

CurlFailure explain_curl_failure(CURLcode code, std::string_view detail, const std::string& url, long proxy_status,
                                 const std::string& proxy) {
  const auto parsed = url::Url::parse(url);
  const auto host = parsed ? parsed->host : std::string();
  if (proxy_status != 0 && (proxy_status < 200 || proxy_status > 299)) return refused_by_proxy(proxy_status, proxy);
  if (code == CURLE_PEER_FAILED_VERIFICATION) return bad_server_certificate(detail, host);
  if (is_alert(code, detail)) return refused_handshake(detail);
  if (code == CURLE_SSL_CONNECT_ERROR && has(detail, "wrong version number"))
    return {"the server does not speak TLS", "is this an http:// address?", false};
  if (code == CURLE_SSL_CERTPROBLEM)
    return {cat("the client certificate cannot be used: ", printable(detail)),
            "--client-cert names a PEM file with certificate and key; --client-key the key where it stands apart",
            false};
  if (code == CURLE_SSL_CACERT_BADFILE)
    return {cat("the certificates to trust cannot be read: ", printable(detail)),
            "--cert, SSL_CERT_FILE and REQUESTS_CA_BUNDLE name a file of PEM certificates, or a folder made by "
            "`openssl rehash`",
            false};
  // libcurl repeats the whole of the proxy's URL here, password and all.
  if (has(detail, "proxy syntax") || has(detail, "proxy scheme"))
    return {"the proxy's address is not one of http, https, socks5 or socks5h with a host", "as in http://HOST:PORT",
            false};
  if (!proxy.empty() && is_about_proxy(code, detail))
    return {cat(named_proxy(proxy), " cannot be reached: ", printable(without_time(detail))), kOtherProxy,
            may_help_again(code)};
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
    return {printable(without_time(detail)), kUnreachable, may_help_again(code)};
  // With TLS 1.3 a server refuses who we are after the handshake, and its alert may be lost when it closes at once.
  const bool may_be_refusal = code == CURLE_SEND_ERROR && parsed && parsed->scheme == "https";
  return {printable(detail), may_be_refusal ? kWantsCertificate : "", may_help_again(code)};
}

}  // namespace pkg::index
