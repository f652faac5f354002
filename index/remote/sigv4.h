#pragma once
// AWS Signature Version 4 (the header form): what makes a request of S3 and of S3-compatible stores ours. By our own
// code: libcurl's --aws-sigv4 sends no x-amz-content-sha256 and signs queries in the order they were written in.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/http/transport.h"

namespace pkg::index {

struct AwsCredentials {
  std::string access_key, secret_key;
  std::string session_token;    // empty: none
  std::int64_t expires_at = 0;  // unix seconds; 0: they do not
  std::string from;             // for messages
};

struct SigV4Request {
  std::string method;                                      // "GET"
  std::string host;                                        // as the Host header has it, port included
  std::string path;                                        // percent-encoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, any order
  std::vector<Header> headers;                             // besides host; all are signed
  std::string payload_sha256_hex;
};

struct SigV4Scope {
  std::string region, service;
  std::int64_t now = 0;  // unix seconds: servers refuse what is more than some minutes off
};

// The headers to send besides those of the request and Host: x-amz-date, x-amz-security-token where there is one,
// Authorization. `signs_payload_hash`: x-amz-content-sha256 too, as S3 wants it.
std::vector<Header> sigv4_headers(const SigV4Request& request, const AwsCredentials& credentials,
                                  const SigV4Scope& scope, bool signs_payload_hash = true);

// The query as it is signed, which may be sent as it is.
std::string sigv4_query(std::vector<std::pair<std::string, std::string>> query);

}  // namespace pkg::index
