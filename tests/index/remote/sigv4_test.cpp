// The signatures that AWS publishes for its examples, and what other implementations make of queries.

#include "index/remote/sigv4.h"

#include <doctest/doctest.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index {
namespace {

const std::string kNothing = hash::to_hex(hash::sha256(""));
const AwsCredentials kSuite{.access_key = "AKIDEXAMPLE", .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const AwsCredentials kS3{.access_key = "AKIAIOSFODNN7EXAMPLE",
                         .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr std::int64_t kSuiteTime = 1'440'938'160;  // 2015-08-30T12:36:00Z
constexpr std::int64_t kS3Time = 1'369'353'600;     // 2013-05-24T00:00:00Z

std::string value_of(const std::vector<Header>& headers, std::string_view name) {
  for (const auto& header : headers)
    if (header.name == name) return header.value;
  return {};
}

std::string signature_of(const SigV4Request& request, const AwsCredentials& credentials, const SigV4Scope& scope,
                         bool signs_hash) {
  const auto text = value_of(sigv4_headers(request, credentials, scope, signs_hash), "Authorization");
  return text.substr(text.find("Signature=") + 10);
}

struct SuiteCase {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<Header> headers;
  std::string signature;
};

}  // namespace

TEST_CASE("requests are signed as the test suite of Signature Version 4 has it") {
  const SuiteCase cases[] = {
      {"GET", "/", {}, {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"GET",
       "/",
       {{"Param2", "value2"}, {"Param1", "value1"}},
       {},
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"POST", "/", {}, {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
  };
  for (const auto& one : cases) {
    const SigV4Request request{.method = one.method,
                               .host = "example.amazonaws.com",
                               .path = one.path,
                               .query = one.query,
                               .headers = one.headers,
                               .payload_sha256_hex = kNothing};
    CHECK(signature_of(request, kSuite, {"us-east-1", "service", kSuiteTime}, false) == one.signature);
  }
}

TEST_CASE("requests of S3 are signed as its documentation has it") {
  const SigV4Scope scope{"us-east-1", "s3", kS3Time};
  SigV4Request get{.method = "GET",
                   .host = "examplebucket.s3.amazonaws.com",
                   .path = "/test.txt",
                   .query = {},
                   .headers = {{"Range", "bytes=0-9"}},
                   .payload_sha256_hex = kNothing};
  CHECK(signature_of(get, kS3, scope, true) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  SigV4Request put{
      .method = "PUT",
      .host = get.host,
      .path = "/test%24file.text",
      .query = {},
      .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      .payload_sha256_hex = hash::to_hex(hash::sha256("Welcome to Amazon S3."))};
  CHECK(signature_of(put, kS3, scope, true) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  SigV4Request list{.method = "GET",
                    .host = get.host,
                    .path = "/",
                    .query = {{"prefix", "J"}, {"max-keys", "2"}},
                    .headers = {},
                    .payload_sha256_hex = kNothing};
  CHECK(signature_of(list, kS3, scope, true) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("a session token is sent and signed; the secret is nowhere in the headers") {
  auto credentials = kS3;
  credentials.session_token = "the-token";
  const SigV4Request request{
      .method = "GET", .host = "h", .path = "/k", .query = {}, .headers = {}, .payload_sha256_hex = kNothing};
  const auto headers = sigv4_headers(request, credentials, {"r", "s3", kS3Time});
  CHECK(value_of(headers, "x-amz-security-token") == "the-token");
  CHECK(value_of(headers, "Authorization").find("x-amz-security-token") != std::string::npos);
  CHECK(value_of(headers, "x-amz-date") == "20130524T000000Z");
  for (const auto& header : headers) CHECK(header.value.find(kS3.secret_key) == std::string::npos);
}

TEST_CASE("queries are sorted as they are encoded") {
  CHECK(sigv4_query({{"b", "2"}, {"a b", "x/y"}, {"a", "~"}, {"list-type", "2"}}) == "a=~&a%20b=x%2Fy&b=2&list-type=2");
  CHECK(url::percent_encode_path("a+b/ü") == "a%2Bb/%C3%BC");
}

}  // namespace pkg::index
