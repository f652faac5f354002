#include "base/url.h"

#include <algorithm>

#include "base/hex.h"
#include "base/secret_url.h"
#include "base/text.h"

namespace pkg::url {
namespace {

bool is_unreserved(char c) { return is_ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

// The five parts of RFC 3986, appendix B; all are views.
struct Parts {
  std::string_view scheme, authority, path, query, fragment;
  bool has_scheme = false, has_authority = false, has_query = false, has_fragment = false;
};

std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_ascii_alpha(text[0])) return 0;
  std::size_t i = 1;
  while (i < text.size() && (is_ascii_alnum(text[i]) || text[i] == '+' || text[i] == '-' || text[i] == '.')) ++i;
  return i < text.size() && text[i] == ':' ? i : 0;
}

Parts split_parts(std::string_view text) {
  Parts parts;
  if (const std::size_t length = scheme_length(text); length > 0) {
    parts.scheme = text.substr(0, length);
    parts.has_scheme = true;
    text.remove_prefix(length + 1);
  }
  if (const auto at = text.find('#'); at != std::string_view::npos) {
    parts.fragment = text.substr(at + 1);
    parts.has_fragment = true;
    text = text.substr(0, at);
  }
  if (const auto at = text.find('?'); at != std::string_view::npos) {
    parts.query = text.substr(at + 1);
    parts.has_query = true;
    text = text.substr(0, at);
  }
  if (text.substr(0, 2) == "//") {
    text.remove_prefix(2);
    const auto end = text.find('/');
    parts.authority = text.substr(0, end);
    parts.has_authority = true;
    text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  }
  parts.path = text;
  return parts;
}

std::string compose(const Parts& parts, std::string_view path) {
  std::string out;
  if (parts.has_scheme) append(out, parts.scheme, ':');
  if (parts.has_authority) append(out, "//", parts.authority);
  out.append(path);
  if (parts.has_query) append(out, '?', parts.query);
  if (parts.has_fragment) append(out, '#', parts.fragment);
  return out;
}

// RFC 3986 §5.2.4, on whole segments.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool rooted = !path.empty() && path[0] == '/';
  const auto segments = split(rooted ? path.substr(1) : path, '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "." || segments[i] == "..") {
      if (segments[i] == ".." && !kept.empty()) kept.pop_back();
      if (last) kept.push_back("");
    } else {
      kept.push_back(segments[i]);
    }
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out.push_back('/');
    out.append(kept[i]);
  }
  return out;
}

std::string merge(const Parts& base, std::string_view path) {
  if (base.has_authority && base.path.empty()) return cat('/', path);
  const auto slash = base.path.rfind('/');
  return cat(slash == std::string_view::npos ? std::string_view() : base.path.substr(0, slash + 1), path);
}

Error bad(std::string_view text, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("bad URL ", quote(redact(text)), ": ", why));
}

// user:password@host without a scheme, as proxies may be given.
std::string redact_bare(std::string_view text) {
  const auto end = text.find_first_of("/?# ");
  const auto at = text.substr(0, end).rfind('@');
  const auto colon = text.find(':');
  if (at == std::string_view::npos || colon > at) return std::string(text);
  return cat(text.substr(0, colon), ":****", text.substr(at));
}

// "${NAME}": a reference to a variable, and no secret.
bool is_placeholder(std::string_view text) {
  return text.size() > 3 && text.starts_with("${") && text.find('}') == text.size() - 1;
}

std::string redact_user(std::string_view text) {
  const auto start = text.find("://");
  if (start == std::string_view::npos || scheme_length(text) != start) return redact_bare(text);
  const std::size_t begin = start + 3;
  // The last `@` before the path: a raw `@` in a password must not leave its second half in sight. Slashes may be raw
  // in a password too, but then no reader takes this for credentials.
  const std::string_view authority = text.substr(begin, text.find_first_of("/?#", begin) - begin);
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  const auto colon = authority.substr(0, at).find(':');
  const bool has_password = colon != std::string_view::npos;
  if (is_placeholder(has_password ? authority.substr(colon + 1, at - colon - 1) : authority.substr(0, at)))
    return std::string(text);
  // A lone user name is often a token; for ssh it never is.
  if (!has_password && text.substr(0, start).ends_with("ssh")) return std::string(text);
  return cat(text.substr(0, begin), has_password ? authority.substr(0, colon) : std::string_view("****"),
             has_password ? ":****" : "", text.substr(begin + at));
}

// `query`: with its '?', or empty.
std::string redact_query(std::string_view query) {
  std::string out;
  for (const auto piece : split(query, '&')) {
    if (!out.empty()) out.push_back('&');
    const auto equals = piece.find('=');
    const auto key = piece.substr(0, equals);
    const bool is_secret =
        equals != std::string_view::npos && is_secret_parameter(key.starts_with('?') ? key.substr(1) : key);
    append(out, is_secret ? cat(key, "=****") : std::string(piece));
  }
  return out;
}

int default_port(std::string_view scheme) {
  if (scheme == "https") return 443;
  if (scheme == "http") return 80;
  if (scheme == "ftp") return 21;
  return scheme == "ssh" ? 22 : 0;
}

void read_user_info(std::string_view info, Url& url) {
  const auto colon = info.find(':');
  url.has_user = true;
  url.user = percent_decode(info.substr(0, colon));
  if (colon == std::string_view::npos) return;
  url.has_password = true;
  url.password = percent_decode(info.substr(colon + 1));
}

Status read_host(std::string_view text, std::string_view host_port, Url& url) {
  std::string_view host = host_port;
  std::string_view port;
  if (!host.empty() && host[0] == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return bad(text, "`[` without `]`");
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
    for (const char c : host)
      if (hex::value(c) < 0 && c != ':' && c != '.' && c != '%' && !is_ascii_alnum(c))
        return bad(text, "the address in brackets is malformed");
    if (!port.empty() && port[0] != ':') return bad(text, "the port is no number");
  } else {
    const auto colon = host.rfind(':');
    port = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
    host = host.substr(0, colon);
    if (host.find_first_of(":[]<>\"\\^`{|}@") != std::string_view::npos)
      return bad(text, "the host has characters that no host has");
  }
  url.host = to_ascii_lower(host);
  if (port.size() <= 1) return ok_status();
  const auto number = parse_u64(port.substr(1));
  if (!number || *number > 65535) return bad(text, "the port is no number up to 65535");
  url.port = static_cast<int>(*number);
  return ok_status();
}

std::string authority_of(const Url& url, bool with_credentials) {
  std::string out;
  if (with_credentials && url.has_user) {
    out = percent_encode(url.user, "!$&'()*+,;=");
    if (url.has_password) append(out, ':', percent_encode(url.password, "!$&'()*+,;="));
    out.push_back('@');
  }
  if (url.host.find(':') != std::string::npos)
    append(out, '[', url.host, ']');
  else
    out.append(url.host);
  if (url.port >= 0) append(out, ':', url.port);
  return out;
}

std::string compose(const Url& url, bool with_credentials, bool with_fragment) {
  std::string out = cat(url.scheme, ':');
  if (!url.host.empty() || url.path.substr(0, 2) == "//" || (url.scheme == "file" && url.path.substr(0, 1) == "/"))
    append(out, "//", authority_of(url, with_credentials));
  out.append(url.path);
  if (url.has_query) append(out, '?', url.query);
  if (with_fragment && url.has_fragment) append(out, '#', url.fragment);
  return out;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
      return bad(text, "it holds white space or control characters");
  const Parts parts = split_parts(text);
  if (!parts.has_scheme) return bad(text, "it has no scheme");
  Url url;
  url.scheme = to_ascii_lower(parts.scheme);
  std::string_view host_port = parts.authority;
  if (const auto at = host_port.rfind('@'); at != std::string_view::npos) {
    read_user_info(host_port.substr(0, at), url);
    host_port.remove_prefix(at + 1);
  }
  PKG_TRY(read_host(text, host_port, url));
  if (url.host.empty() && (url.scheme == "http" || url.scheme == "https")) return bad(text, "it has no host");
  if (url.host.empty() && (url.has_user || url.port >= 0)) return bad(text, "it has a user or a port without a host");
  url.path = parts.path.empty() && !url.host.empty() ? "/" : std::string(parts.path);
  url.query = parts.query;
  url.has_query = parts.has_query;
  url.fragment = parts.fragment;
  url.has_fragment = parts.has_fragment;
  return url;
}

std::string Url::to_string() const { return compose(*this, true, true); }
std::string Url::without_credentials() const { return compose(*this, false, true); }
std::string Url::request_target() const { return compose(*this, false, false); }

std::string Url::origin() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return cat(scheme, "://", bracketed ? "[" : "", host, bracketed ? "]" : "", ':',
             port >= 0 ? port : default_port(scheme));
}

std::string join(std::string_view base_text, std::string_view reference_text) {
  const Parts base = split_parts(base_text);
  Parts target = split_parts(reference_text);
  if (target.has_scheme) return compose(target, remove_dot_segments(target.path));
  target.scheme = base.scheme;
  target.has_scheme = base.has_scheme;
  if (target.has_authority) return compose(target, remove_dot_segments(target.path));
  target.authority = base.authority;
  target.has_authority = base.has_authority;
  if (target.path.empty()) {
    if (!target.has_query) {
      target.query = base.query;
      target.has_query = base.has_query;
    }
    return compose(target, base.path);
  }
  if (target.path[0] == '/') return compose(target, remove_dot_segments(target.path));
  return compose(target, remove_dot_segments(merge(base, target.path)));
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex::value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex::value(text[i + 2]) : -1;
    out.push_back(low >= 0 ? static_cast<char>(high << 4 | low) : text[i]);
    if (low >= 0) i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || keep.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    out.push_back('%');
    hex::append_byte(out, static_cast<unsigned char>(c), hex::kUpper);
  }
  return out;
}
std::string percent_encode_path(std::string_view text) { return percent_encode(text, "/"); }

std::string redact(std::string_view text) {
  const auto query = std::min(text.find('?'), text.size());
  const auto fragment = std::min(text.find('#', query), text.size());
  return cat(redact_user(text.substr(0, query)), redact_query(text.substr(query, fragment - query)),
             text.substr(fragment));
}

bool is_url(std::string_view text) {
  const std::size_t length = scheme_length(text);
  if (length < 2) return false;
  return text.substr(length, 3) == "://" || equals_ignoring_case(text.substr(0, length), "file");
}

Result<std::string> file_url_to_path(std::string_view file_url) {
  const Parts parts = split_parts(file_url);
  if (!equals_ignoring_case(parts.scheme, "file")) return bad(file_url, "it is no `file:` URL");
  if (!parts.authority.empty() && !equals_ignoring_case(parts.authority, "localhost"))
    return bad(file_url, "a `file:` URL names no host other than `localhost`");
  std::string path = percent_decode(parts.path);
  if (path.find('\0') != std::string::npos) return bad(file_url, "it holds a NUL byte");
  if (path.empty()) return bad(file_url, "it names no file");
  return path;
}

std::string path_to_file_url(std::string_view absolute_path) {
  return cat("file://", percent_encode_path(absolute_path));
}

std::string file_name(std::string_view url) {
  const std::string_view path = split_parts(url).path;
  return percent_decode(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

}  // namespace pkg::url
