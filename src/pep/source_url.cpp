// The text is taken apart by hand and put together again as it was: credentials may hold "${VARIABLE}" forms and
// characters that a URL parser would write in another way.

#include "pep/source_url.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/extract.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::pep {
namespace {

struct VcsSchemes {
  std::string_view vcs;
  std::span<const std::string_view> schemes;
};
constexpr std::string_view kGitSchemes[] = {"https", "ssh", "file", "http", "git"};
constexpr std::string_view kHgSchemes[] = {"https", "ssh", "file", "http", "static-http"};
constexpr std::string_view kSvnSchemes[] = {"https", "ssh", "file", "http", "svn"};
constexpr std::string_view kBzrSchemes[] = {"https", "ssh", "file", "http", "sftp", "ftp", "lp"};
constexpr VcsSchemes kVcs[] = {{"git", kGitSchemes}, {"hg", kHgSchemes}, {"svn", kSvnSchemes}, {"bzr", kBzrSchemes}};

constexpr std::string_view kArchiveEndings[] = {".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tbz",     ".tar.xz",
                                                ".txz",    ".tar", ".tlz", ".tar.lz",  ".tar.lzma"};

// What is no URL may have a password all the same.
std::string shown(std::string_view text) {
  const auto at = text.rfind('@');
  const bool has_secret =
      text.find("://") == std::string_view::npos && at != std::string_view::npos && text.find(':') < at;
  return has_secret ? cat("****", text.substr(at)) : url::redact(text);
}

Error bad(std::string_view text, std::string_view why, std::string hint = {}) {
  return make_error(ErrorKind::bad_data, cat("bad URL ", quote(shown(text)), ": ", why), std::move(hint));
}

// The pieces of "scheme://authority/path?query"; views. `path` begins with '/' or is empty.
struct Pieces {
  std::string_view scheme, authority, path, query;  // query: with its '?'
};

std::optional<Pieces> url_pieces(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_ascii_alpha(text[0])) return std::nullopt;
  Pieces pieces;
  pieces.scheme = text.substr(0, colon);
  if (!std::all_of(pieces.scheme.begin(), pieces.scheme.end(),
                   [](char c) { return is_ascii_alnum(c) || c == '+' || c == '-' || c == '.'; }))
    return std::nullopt;
  text.remove_prefix(colon + 1);
  const auto query = std::min(text.find('?'), text.size());
  pieces.query = text.substr(query);
  text = text.substr(0, query);
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const auto slash = std::min(text.find('/'), text.size());
    pieces.authority = text.substr(0, slash);
    text.remove_prefix(slash);
  }
  pieces.path = text;
  return pieces;
}

// "user@host:path", what ssh and scp take: written as a URL, for a hint. Empty when it is something else.
std::string as_ssh_url(std::string_view vcs, std::string_view address) {
  if (address.starts_with("ssh://")) address.remove_prefix(6);
  const auto colon = address.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size() || address[colon + 1] == '/')
    return "";
  const bool is_password =
      address.find('@') != std::string_view::npos && address.find('@') > colon && !address.starts_with("git@");
  if (is_password || address.substr(0, colon).find('/') != std::string_view::npos) return "";
  return cat("write ", quote(cat(vcs, "+ssh://", address.substr(0, colon), '/', address.substr(colon + 1))));
}

Result<std::string> read_subdirectory(std::string_view text, std::string_view value) {
  const std::string decoded = url::percent_decode(value);
  if (decoded.starts_with('/')) return bad(text, "its subdirectory is absolute");
  std::string path;
  for (const auto component : split(decoded, '/')) {
    if (component.empty() || component == ".") continue;
    if (component == "..") return bad(text, cat("its subdirectory ", quote(decoded), " leaves the source"));
    append(path, path.empty() ? "" : "/", component);
  }
  if (!path.empty() && !check_relative_path(path)) return bad(text, "its subdirectory is no path");
  return path;
}

// Long digests first; of the same length in the order in which they stand.
void sort_by_strength(std::vector<FileHash>& hashes) {
  std::stable_sort(hashes.begin(), hashes.end(), [](const FileHash& a, const FileHash& b) {
    return hash::digest_size(a.algorithm) > hash::digest_size(b.algorithm);
  });
}

Status add_hash(std::string_view text, hash::Algorithm algorithm, std::string_view value,
                std::vector<FileHash>& hashes) {
  const std::string hex = to_ascii_lower(url::percent_decode(value));
  const auto digest = hash::from_hex(hex);
  if (!digest || digest->size() != hash::digest_size(algorithm))
    return bad(text, cat("its ", hash::name(algorithm), " is no such digest"));
  for (const auto& known : hashes)
    if (known.algorithm == algorithm)
      return known.hex == hex ? ok_status() : Status(bad(text, "it has two different hashes of one kind"));
  hashes.push_back({algorithm, hex});
  return ok_status();
}

// "egg=name&subdirectory=a/b&sha256=…"; other keys say nothing about the source.
Status read_fragment(std::string_view text, std::string_view fragment, SourceUrl& source) {
  bool has_subdirectory = false;
  std::vector<std::pair<hash::Algorithm, std::string_view>> weak;  // count where there is no strong one
  for (const auto piece : split(fragment, '&')) {
    const auto equals = piece.find('=');
    if (equals == std::string_view::npos) continue;
    const auto key = piece.substr(0, equals);
    const auto value = piece.substr(equals + 1);
    if (key == "subdirectory") {
      PKG_TRY_ASSIGN(auto path, read_subdirectory(text, value));
      if (has_subdirectory && path != source.subdirectory) return bad(text, "it has two subdirectories");
      has_subdirectory = true;
      source.subdirectory = std::move(path);
    } else if (key == "egg") {
      if (source.egg.empty()) source.egg = url::percent_decode(value);
    } else if (const auto algorithm = hash::algorithm_from_name(key)) {
      if (hash::is_strong(*algorithm))
        PKG_TRY(add_hash(text, *algorithm, value, source.hashes));
      else
        weak.emplace_back(*algorithm, value);
    }
  }
  if (source.hashes.empty())
    for (const auto& [algorithm, value] : weak) PKG_TRY(add_hash(text, algorithm, value, source.hashes));
  sort_by_strength(source.hashes);
  return ok_status();
}

// Where "@revision" begins in a path: at its last '@', so that folders may have one; but a revision has one too
// ("tool@1.0") where the repository's name ends in ".git", as it usually does.
std::size_t revision_at(std::string_view path) {
  const auto after_git = path.find(".git@");
  return after_git != std::string_view::npos ? after_git + 4 : path.rfind('@');
}

Status read_vcs_place(std::string_view text, const Pieces& pieces, SourceUrl& source) {
  const auto at = revision_at(pieces.path);
  if (at != std::string_view::npos) {
    source.revision = url::percent_decode(pieces.path.substr(at + 1));
    if (source.revision.empty()) return bad(text, "there is an `@` and no revision behind it");
    // Given to a program as an argument.
    if (source.revision[0] == '-') return bad(text, "its revision begins with `-`");
    for (const char c : source.revision)
      if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
        return bad(text, "its revision has white space or control characters");
  }
  const auto host = pieces.authority.substr(pieces.authority.rfind('@') + 1);
  if (pieces.authority.starts_with('-') || host.starts_with('-')) return bad(text, "its host or user begins with `-`");
  // An '@' of a folder's name is written as %40: after that the last one always is the revision's.
  const auto path = pieces.path.empty() ? std::string_view("/") : pieces.path.substr(0, at);
  source.url = cat(to_ascii_lower(pieces.scheme), pieces.scheme == "lp" && pieces.authority.empty() ? ":" : "://",
                   pieces.authority, replace_all(path, "@", "%40"), pieces.query);
  return ok_status();
}

Status read_vcs(std::string_view text, std::string_view vcs, std::string_view address, SourceUrl& source) {
  const auto* known =
      std::find_if(std::begin(kVcs), std::end(kVcs), [&](const VcsSchemes& one) { return one.vcs == vcs; });
  if (known == std::end(kVcs))
    return bad(text, cat(quote(vcs), " is no version control system that is known"),
               "those are git+, hg+, svn+ and bzr+");
  source.kind = SourceUrl::Kind::vcs;
  source.vcs = vcs;
  const auto pieces = url_pieces(address);
  const bool is_launchpad = pieces && pieces->scheme == "lp";
  if (!pieces || (!is_launchpad && address.substr(pieces->scheme.size(), 3) != "://"))
    return bad(text, "what follows the version control system is no URL", as_ssh_url(vcs, address));
  const auto scheme = to_ascii_lower(pieces->scheme);
  if (std::find(known->schemes.begin(), known->schemes.end(), scheme) == known->schemes.end())
    return bad(text, cat(vcs, " is not used over ", quote(scheme)));
  if (auto parsed = url::Url::parse(address); !parsed) {
    auto hint = scheme == "ssh" ? as_ssh_url(vcs, address) : std::string();
    return std::move(parsed).error().with_hint(std::move(hint));
  }
  const bool has_place = pieces->path.size() > 1 || (scheme == "svn" && !pieces->authority.empty());
  if (!has_place || (scheme != "file" && !is_launchpad && pieces->authority.empty()))
    return bad(text, "it names no repository");
  return read_vcs_place(text, *pieces, source);
}

SourceUrl::Kind kind_of_file(std::string_view name) {
  if (name.ends_with(".whl") && name.size() > 4) return SourceUrl::Kind::wheel;
  return is_archive_name(name) ? SourceUrl::Kind::sdist : SourceUrl::Kind::folder;
}

Status read_file(std::string_view text, std::string_view address, SourceUrl& source) {
  PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(address));
  if (path[0] != '/') return bad(text, "the path of a `file:` URL is absolute");
  const auto name = std::string_view(path).substr(path.rfind('/') + 1);
  source.url = url::path_to_file_url(path);
  source.kind = kind_of_file(name);
  return ok_status();
}

Status read_http(std::string_view text, std::string_view address, SourceUrl& source) {
  PKG_TRY(url::Url::parse(address));
  source.url = address;
  const auto name = url::file_name(address);
  const bool is_wheel = name.ends_with(".whl") && name.size() > 4;
  source.kind = is_wheel ? SourceUrl::Kind::wheel : SourceUrl::Kind::sdist;
  if (is_wheel || is_archive_name(name)) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat("the URL ", quote(url::redact(text)),
                        " ends neither like a wheel (.whl) nor like an archive (.tar.gz, .zip)"),
                    cat("for a git repository write ", quote(cat("git+", url::redact(address)))));
}

// Without "scheme:" at its front. What a person may have meant is hinted at.
Error no_url(std::string_view text) {
  const auto at = text.find('@');
  const auto colon = text.find(':');
  const bool is_scp = at != std::string_view::npos && colon != std::string_view::npos && at < colon;
  return bad(text, "it has no scheme", is_scp ? as_ssh_url("git", text) : std::string());
}

}  // namespace

std::string with_subdirectory(std::string url, std::string_view subdirectory) {
  if (subdirectory.empty()) return url;
  const auto separator = url.find('#') == std::string::npos ? '#' : '&';
  return cat(url, separator, "subdirectory=", url::percent_encode_path(subdirectory));
}

bool is_archive_name(std::string_view file_name) {
  const auto lower = to_ascii_lower(file_name);
  return std::any_of(std::begin(kArchiveEndings), std::end(kArchiveEndings),
                     [&](std::string_view ending) { return lower.size() > ending.size() && lower.ends_with(ending); });
}

Result<SourceUrl> SourceUrl::parse(std::string_view text) {
  SourceUrl source;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
      return bad(text, "it holds white space or control characters");
  const auto hash_sign = std::min(text.find('#'), text.size());
  const auto address = text.substr(0, hash_sign);
  if (hash_sign < text.size()) PKG_TRY(read_fragment(text, text.substr(hash_sign + 1), source));
  // "git+user@host:path" has a plus, and no scheme.
  const auto plus = address.substr(0, address.find_first_of(":/@")).find('+');
  if (plus != std::string_view::npos) {
    PKG_TRY(read_vcs(text, to_ascii_lower(address.substr(0, plus)), address.substr(plus + 1), source));
    return source;
  }
  const auto pieces = url_pieces(address);
  if (!pieces) return no_url(text);
  const auto scheme = to_ascii_lower(pieces->scheme);
  if (scheme == "file") {
    PKG_TRY(read_file(text, address, source));
  } else if (scheme == "http" || scheme == "https") {
    PKG_TRY(read_http(text, address, source));
  } else {
    auto hint =
        scheme == "git" || scheme == "ssh" ? cat("write ", quote(cat("git+", url::redact(address)))) : std::string();
    return bad(text, cat("nothing is fetched over ", quote(scheme)), std::move(hint));
  }
  return source;
}

std::string SourceUrl::to_string() const {
  std::string out;
  if (kind == Kind::vcs) {
    const auto query = std::min(url.find('?'), url.size());
    append(out, vcs, '+', std::string_view(url).substr(0, query));
    if (!revision.empty()) append(out, '@', url::percent_encode_path(revision));
    out.append(url, query);
  } else {
    out = url;
  }
  char separator = '#';
  const auto add = [&](std::string_view key, std::string_view value) {
    append(out, separator, key, '=', value);
    separator = '&';
  };
  for (const auto& one : hashes) add(hash::name(one.algorithm), one.hex);
  if (!egg.empty()) add("egg", replace_all(replace_all(url::percent_encode_path(egg), "%5B", "["), "%5D", "]"));
  return with_subdirectory(std::move(out), subdirectory);
}

SourceUrl SourceUrl::at(std::string commit) const {
  SourceUrl exact = *this;
  exact.revision = std::move(commit);
  return exact;
}

}  // namespace pkg::pep
