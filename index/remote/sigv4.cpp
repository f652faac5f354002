#include "index/remote/sigv4.h"

#include <algorithm>

#include "base/hash.h"
#include "base/mac.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"

namespace pkg::index {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// "20130524T000000Z"
std::string basic_time(std::int64_t now) {
  std::string text;
  for (const char c : time::to_rfc3339(now))
    if (c != '-' && c != ':') text += c;
  return text;
}

// Runs of blanks become one, those at the ends go.
std::string folded(std::string_view value) {
  std::string out;
  for (const char c : trim(value))
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

struct Canonical {
  std::string text, signed_headers;
};

Canonical canonical_request(const SigV4Request& request, std::vector<Header> headers) {
  headers.push_back({"host", request.host});
  for (auto& header : headers) header.name = to_ascii_lower(header.name);
  std::ranges::stable_sort(headers, {}, &Header::name);
  std::string lines, names;
  for (const auto& header : headers) {
    append(lines, header.name, ':', folded(header.value), '\n');
    append(names, names.empty() ? "" : ";", header.name);
  }
  return {cat(request.method, '\n', request.path, '\n', sigv4_query(request.query), '\n', lines, '\n', names, '\n',
              request.payload_sha256_hex),
          std::move(names)};
}

}  // namespace

std::string sigv4_query(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = url::percent_encode(name);
    value = url::percent_encode(value);
  }
  std::ranges::sort(query);  // as encoded
  std::string text;
  for (const auto& [name, value] : query) append(text, text.empty() ? "" : "&", name, '=', value);
  return text;
}

std::vector<Header> sigv4_headers(const SigV4Request& request, const AwsCredentials& credentials,
                                  const SigV4Scope& scope, bool signs_payload_hash) {
  const auto at = basic_time(scope.now);
  const auto day = at.substr(0, 8);
  std::vector<Header> added{{"x-amz-date", at}};
  if (signs_payload_hash) added.push_back({"x-amz-content-sha256", request.payload_sha256_hex});
  if (!credentials.session_token.empty()) added.push_back({"x-amz-security-token", credentials.session_token});
  auto all = request.headers;
  all.insert(all.end(), added.begin(), added.end());
  const auto canonical = canonical_request(request, std::move(all));
  const auto where = cat(day, '/', scope.region, '/', scope.service, "/aws4_request");
  const auto to_sign = cat(kAlgorithm, '\n', at, '\n', where, '\n', hash::to_hex(hash::sha256(canonical.text)));
  auto key = hmac_sha256(cat("AWS4", credentials.secret_key), day);
  for (const auto& part : {scope.region, scope.service, std::string("aws4_request")}) key = hmac_sha256(key, part);
  added.push_back({"Authorization", cat(kAlgorithm, " Credential=", credentials.access_key, '/', where,
                                        ", SignedHeaders=", canonical.signed_headers,
                                        ", Signature=", hash::to_hex(hmac_sha256(key, to_sign)))});
  return added;
}

}  // namespace pkg::index
