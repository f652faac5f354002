#include "base/foreign_tool.h"

#include <algorithm>
#include <iterator>

#include "base/environment_variable.h"
#include "base/os.h"
#include "base/process.h"
#include "base/text.h"

namespace pkg::process {
namespace {

constexpr std::string_view kCommon[] = {
    // who, where, how it speaks
    "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_CTYPE", "TZ", "TMPDIR", "TERM", "XDG_*",
    // agents and desktops, which keep keys and passwords
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GNUPGHOME", "GPG_AGENT_INFO", "GPG_TTY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "KRB5*",
    // trust and proxies
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "all_proxy",
    "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    // how programs find their libraries
    "LD_LIBRARY_PATH", "LOCALE_ARCHIVE", "NIX_*"};

bool is_in(std::string_view name, const std::string_view* begin, const std::string_view* end) {
  return std::any_of(begin, end, [&](std::string_view one) {
    return one.ends_with('*') ? name.starts_with(one.substr(0, one.size() - 1)) : name == one;
  });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

Variables tool_environment(std::initializer_list<std::string_view> also) {
  Variables variables{{"PATH", program_path_variable()}};
  for (char** at = os::environment(); at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = entry.substr(0, equals);
    const auto value = entry.substr(equals + 1);
    if (!is_in(name, std::begin(kCommon), std::end(kCommon)) && !is_in(name, also.begin(), also.end())) continue;
    if (is_proxy_name(name) && holds_credentials(value, true)) continue;
    variables.emplace_back(name, value);
  }
  return variables;
}

std::string proxy_with_credentials(std::string_view scheme) {
  // Upper-case HTTP_PROXY is what CGI makes of a request's header: curl does not read it.
  const bool plain = scheme == "http";
  for (const auto* name :
       {plain ? "http_proxy" : "https_proxy", plain ? "" : "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    if (const char* value = environment_variable(name)) return holds_credentials(value, true) ? value : "";
  }
  return {};
}

Status check_argument(std::string_view word, std::string_view what) {
  if (word.starts_with('-'))
    return make_error(ErrorKind::bad_data,
                      cat(what, " ", quote(word), " begins with `-`: a program would take it for an option"));
  if (std::any_of(word.begin(), word.end(), is_control))
    return make_error(ErrorKind::bad_data, cat(what, " ", quote(word), " has control characters"));
  return ok_status();
}

}  // namespace pkg::process
