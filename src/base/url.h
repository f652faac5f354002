#pragma once
// URLs (RFC 3986, as far as indexes use them): split, join, percent-coding, redaction.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::url {

struct Url {
  std::string scheme;          // lower-case
  std::string user, password;  // percent-decoded
  bool has_user = false, has_password = false;
  std::string host;   // lower-case, without brackets
  int port = -1;      // -1: the scheme's default
  std::string path;   // as written, percent-encoded; begins with '/' when there is a host
  std::string query;  // without '?'
  bool has_query = false;
  std::string fragment;  // without '#'
  bool has_fragment = false;

  static Result<Url> parse(std::string_view text);  // absolute URLs only; else bad_data
  std::string to_string() const;                    // with credentials and fragment
  std::string without_credentials() const;          // still with fragment
  std::string request_target() const;               // without credentials and fragment: what is asked for
  std::string origin() const;                       // "https://host:port", port always given: the key for credentials
};

// RFC 3986 §5 reference resolution; `reference` may be absolute, "//host/x", "/x", "x", "?q", "#f" or empty. `base` is
// absolute.
std::string join(std::string_view base, std::string_view reference);
std::string percent_decode(std::string_view text);
// Everything as %XX but unreserved characters and those of `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = {});
std::string percent_encode_path(std::string_view text);  // keeps '/' and unreserved characters
// user:****@ in place of credentials; also hides them inside longer text is the caller's business. Not a URL: returned
// as it is.
std::string redact(std::string_view text);
bool is_url(std::string_view text);  // scheme "://" or "file:", not a Windows drive letter
// bad_data: another scheme, another host than localhost, no path, or a NUL in it.
Result<std::string> file_url_to_path(std::string_view file_url);
std::string path_to_file_url(std::string_view absolute_path);
// The last path segment, percent-decoded, without query and fragment.
std::string file_name(std::string_view url);

}  // namespace pkg::url
