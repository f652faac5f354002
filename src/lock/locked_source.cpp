#include "lock/locked_source.h"

#include <algorithm>
#include <filesystem>

#include "base/secret_url.h"
#include "base/text.h"
#include "base/url.h"
#include "lock/locked_name.h"
#include "pep/direct_url.h"
#include "pep/source_url.h"

namespace pkg::lock {
namespace {

namespace stdfs = std::filesystem;
using pep::SourceUrl;

// "file:///work/project/dist/a.whl" below "/work/project": "dist/a.whl". Empty: elsewhere, or no file URL.
std::string path_below(std::string_view file_url, std::string_view folder) {
  if (!file_url.starts_with("file:") || folder.empty()) return {};
  const auto path = url::file_url_to_path(file_url.substr(0, file_url.find('#')));
  if (!path) return {};
  const bool has_slash = folder.ends_with('/');
  std::string_view rest = *path;
  if (!rest.starts_with(folder) || rest.size() <= folder.size() || (!has_slash && rest[folder.size()] != '/'))
    return {};
  return std::string(rest.substr(folder.size() + (has_slash ? 0 : 1)));
}

// A wheel or a source archive. A path, too, where it lies beside the project: it was named by one.
LockedArchive locked_archive(const pep::DistFile& file, const SourceUrl& source, const std::string& folder) {
  LockedArchive out;
  out.file = locked_file(file, folder);
  out.file.url = out.file.url.substr(0, out.file.url.find('#'));
  if (out.file.url.starts_with("file:")) {
    const auto path = url::file_url_to_path(out.file.url);
    const auto relative = path ? path_from(*path, folder) : std::string("/");
    if (!relative.starts_with('/')) {
      out.file.path = relative;
      out.file.url.clear();
    }
  }
  out.subdirectory = source.subdirectory;
  out.file.name = implied_name(out.file.url, out.file.path);
  return out;
}

LockedDirectory locked_directory(const pep::DistFile& file, const SourceUrl& source, const std::string& folder) {
  LockedDirectory out;
  const auto path = url::file_url_to_path(source.url);
  out.path = path ? path_from(*path, folder) : source.url;
  out.subdirectory = source.subdirectory;
  out.editable = file.editable;
  return out;
}

// The user of an ssh address is no secret, and without it the address is none.
LockedVcs locked_vcs(const pep::DistFile& file, const SourceUrl& source) {
  LockedVcs out;
  out.type = source.vcs;
  out.url = pep::strip_credentials(source.url);
  out.requested_revision = file.requested_revision;
  out.commit_id = source.revision;
  out.subdirectory = source.subdirectory;
  return out;
}

// The URL without credentials; of "git+ssh:", the user stays.
std::string public_url(const std::string& url) {
  return url.starts_with("git+") || url.starts_with("hg+") || url.starts_with("svn+") || url.starts_with("bzr+")
             ? pep::strip_credentials(url)
             : without_credentials(url);
}

}  // namespace

std::string without_credentials(std::string address) {
  const auto begin = address.find("://");
  if (begin == std::string::npos) return address;
  const auto end = address.find_first_of("/?#", begin + 3);
  if (address.substr(0, end).find('@', begin) == std::string::npos) return address;
  const auto parsed = url::Url::parse(address);
  return parsed ? parsed->without_credentials() : address;
}

LockedFile locked_file(const pep::DistFile& file, const std::string& lock_folder) {
  LockedFile out;
  out.name = file.file_name;
  out.path = path_below(file.url, lock_folder);
  // A page's link with a token in it is not written down: the file is looked for in its index again.
  const bool has_token = !file.index.empty() && without_secret_parameters(file.url) != file.url;
  if (out.path.empty() && !has_token) out.url = without_credentials(file.url);
  out.size_bytes = file.size_bytes;
  out.upload_time = file.upload_time;
  for (const auto& one : file.hashes) out.hashes.emplace_back(std::string(hash::name(one.algorithm)), one.hex);
  std::sort(out.hashes.begin(), out.hashes.end());
  return out;
}

void add_source(const pep::DistFile& file, const std::string& lock_folder, LockedPackage& out) {
  const auto source = SourceUrl::parse(file.url);
  using Kind = SourceUrl::Kind;
  if (source && source->kind == Kind::folder) {
    out.directory = locked_directory(file, *source, lock_folder);
    out.version.reset();
  } else if (source && source->kind == Kind::vcs) {
    out.vcs = locked_vcs(file, *source);
  } else {
    out.archive = locked_archive(file, source ? *source : SourceUrl(), lock_folder);
  }
}

std::optional<BuildSource> build_source_of(const pep::DistFile& file, const std::string& lock_folder) {
  const auto source = SourceUrl::parse(file.url);
  using Kind = SourceUrl::Kind;
  BuildSource out;
  if (file.kind == pep::DistKind::wheel) return std::nullopt;
  if (source && source->kind == Kind::folder) {
    const auto path = url::file_url_to_path(source->url);
    out.directory = path ? path_from(*path, lock_folder) : source->url;
    out.subdirectory = source->subdirectory;
    return out;
  }
  if (source && source->kind == Kind::vcs) {
    auto exact = *source;
    exact.url = pep::strip_credentials(exact.url);
    exact.egg.clear();
    exact.hashes.clear();
    out.vcs = exact.to_string();
    return out;
  }
  if (source) out.subdirectory = source->subdirectory;
  for (const auto& hash : file.hashes) {
    if (!hash::is_strong(hash.algorithm)) continue;
    auto text = cat(hash::name(hash.algorithm), ":", hash.hex);
    const bool is_first = out.hash.empty() || (!out.hash.starts_with("sha256:") && text < out.hash);
    if (hash.algorithm == hash::Algorithm::sha256 || is_first) out.hash = std::move(text);
  }
  return out.hash.empty() ? std::nullopt : std::optional(std::move(out));
}

std::string path_from(std::string_view path, std::string_view lock_folder) {
  const auto target = (stdfs::path(path) / "").lexically_normal().parent_path();
  const auto folder = (stdfs::path(lock_folder) / "").lexically_normal().parent_path();
  const auto first = [](const stdfs::path& one) {
    return one.relative_path().empty() ? stdfs::path() : *one.relative_path().begin();
  };
  if (lock_folder.empty() || first(target) != first(folder)) return target.native();
  return target.lexically_relative(folder).native();
}

std::string requirement_text(const pep::Requirement& requirement, const std::string& lock_folder) {
  if (requirement.url.empty()) return requirement.to_string();
  auto written = requirement;
  written.url = public_url(requirement.url);
  const auto hash_sign = std::min(requirement.url.find('#'), requirement.url.size());
  const auto path = url::file_url_to_path(requirement.url.substr(0, hash_sign));
  if (requirement.url.starts_with("file:") && path) {
    const auto relative = path_from(*path, lock_folder);
    if (!relative.starts_with('/'))
      written.url = cat(relative.starts_with('.') ? "" : "./", url::percent_encode_path(relative),
                        requirement.url.substr(hash_sign));
  }
  return written.to_string();
}

Result<pep::Requirement> requirement_of(std::string_view text, const std::string& lock_folder) {
  PKG_TRY_ASSIGN(auto requirement, pep::Requirement::parse(text));
  if (!requirement.url.starts_with('.')) return requirement;
  const auto hash_sign = std::min(requirement.url.find('#'), requirement.url.size());
  const auto path = stdfs::path(lock_folder) / url::percent_decode(requirement.url.substr(0, hash_sign));
  const auto normal = (path / "").lexically_normal().parent_path();
  requirement.url = cat(url::path_to_file_url(normal.native()), requirement.url.substr(hash_sign));
  return requirement;
}

}  // namespace pkg::lock
