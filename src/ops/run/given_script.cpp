#include "ops/run/given_script.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/cache/cache.h"
#include "index/http/access.h"
#include "index/http/client.h"
#include "index/http/curl_transport.h"
#include "pep/script_block.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::size_t kLongestFileName = 64;

stdfs::path place_of_script(const std::string& key, const std::string& name, const Session& session) {
  return index::CachePaths{session.cache_dir()}.scripts() / hash::to_hex(hash::sha256(key)).substr(0, 32) / name;
}

bool is_there(const stdfs::path& file, const std::string& text) {
  const auto there = fs::read_file_at_most(file, limits::kText);
  return there.ok() && *there == text;
}

Status keep(const stdfs::path& file, const std::string& text) {
  if (is_there(file, text)) return ok_status();
  PKG_TRY(fs::make_dirs(file.parent_path()));
  return fs::publish(file, text, fs::Durability::none, 0600);
}

// For messages and `__file__`; a URL may end in anything.
std::string name_of(const std::string& url) {
  std::string name;
  for (const char c : url::file_name(url)) {
    if (is_ascii_alnum(c) || c == '_' || c == '-' || (c == '.' && !name.empty())) name += c;
  }
  if (name.empty()) name = "script";
  name.resize(std::min(name.size(), kLongestFileName));
  return name.ends_with(".py") ? name : name + ".py";
}

bool is_of_this_machine(const url::Url& url) {
  return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
}

Status check_address(const std::string& text, const Session& session) {
  PKG_TRY_ASSIGN(const auto url, url::Url::parse(text));
  const bool may_be_plain = is_of_this_machine(url) || index::is_trusted_host(session.settings().trusted_hosts, url);
  if (url.scheme == "https" || may_be_plain) return ok_status();
  return make_error(
      ErrorKind::usage,
      cat("a script is not taken from ", quote(url::redact(text)), ": anybody on the way could change it"),
      cat("use https, or trust the host: --trusted-host ", url.host));
}

}  // namespace

Result<stdfs::path> keep_block(const std::string& script, const Session& session) {
  PKG_TRY_ASSIGN(const auto block, pep::script_block(script).with([] { return "while reading standard input"; }));
  if (!block) return stdfs::path();
  PKG_TRY_ASSIGN(const auto text, pep::with_script_block("", block->toml));
  auto file = place_of_script(cat("-", '\0', text), "stdin.py", session);
  PKG_TRY(keep(file, text));
  return file;
}

bool is_script_url(const std::string& word) { return word.starts_with("https://") || word.starts_with("http://"); }

Result<RemoteScript> fetch_script(const std::string& url, const Session& session) {
  PKG_TRY(check_address(url, session));
  index::Client client(
      session.settings(), session.cancel(),
      [&](const index::TransportSettings& settings) { return index::make_curl_transport(settings, session.cancel()); },
      &session.reporter());
  index::Request request;
  request.url = SecretUrl(url);
  request.body_limit_bytes = limits::kText;
  PKG_TRY_ASSIGN(auto response, client.get(std::move(request)));
  if (response.status != 200) return index::status_error(response);
  RemoteScript script;
  script.url = std::move(response.url);
  script.text = std::move(response.body);
  PKG_TRY(check_address(script.url, session));
  if (script.text.find('\0') != std::string::npos)
    return make_error(ErrorKind::bad_data, cat(quote(script.url), " is no Python script: it is no text"));
  script.sha256 = hash::to_hex(hash::sha256(script.text));
  script.file = place_of_script(cat(script.url, '\0', script.text), name_of(script.url), session);
  script.is_kept = is_there(script.file, script.text);
  return script;
}

Status keep_script(const RemoteScript& script) { return keep(script.file, script.text); }

}  // namespace pkg::ops
