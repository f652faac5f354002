#pragma once
// What libcurl's failures mean to a person, and whether trying again may help.

#include <curl/curl.h>

#include <string>
#include <string_view>

namespace pkg::index {

struct CurlFailure {
  std::string message, hint;
  bool may_retry = false;  // never where one side does not accept who the other is
};

// `detail`: libcurl's own words. `proxy_status`: of a CONNECT request; 0: there was none. `proxy`: that the request
// went through, as messages call it; empty: none.
CurlFailure explain_curl_failure(CURLcode code, std::string_view detail, const std::string& url, long proxy_status,
                                 const std::string& proxy = {});

}  // namespace pkg::index
