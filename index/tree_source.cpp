#include "index/tree_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "index/source_unpack.h"
#include "index/vcs/other_tools.h"
#include "pep/filename.h"
#include "pep/name.h"

namespace pkg::index {
namespace {

// The folder `subdirectory` of the tree: there, and not reached through a link to somewhere else.
Result<fs::Path> enter(const fs::Path& tree, const std::string& subdirectory, const std::string& shown) {
  if (subdirectory.empty()) return tree;
  const auto below = tree / subdirectory;
  if (!fs::is_directory(below))
    return make_error(ErrorKind::not_found, cat(quote(shown), " has no folder ", quote(subdirectory)));
  std::error_code failed;
  const auto real_tree = std::filesystem::canonical(tree, failed);
  const auto real = std::filesystem::canonical(below, failed);
  const bool is_inside =
      !failed && std::mismatch(real_tree.begin(), real_tree.end(), real.begin(), real.end()).first == real_tree.end();
  if (!is_inside)
    return make_error(ErrorKind::bad_data,
                      cat("the folder ", quote(subdirectory), " of ", quote(shown), " is a link out of it"));
  return below;
}

Result<SourceTree> folder(const pep::SourceUrl& source) {
  PKG_TRY_ASSIGN(const fs::Path path, url::file_url_to_path(source.url));
  if (!fs::exists(path)) return make_error(ErrorKind::not_found, cat("there is no folder ", quote(path.native())));
  if (!fs::is_directory(path))
    return make_error(
        ErrorKind::bad_data,
        cat(quote(path.native()), " is neither a folder nor named like an archive (.tar.gz, .zip) or a wheel"));
  SourceTree tree;
  tree.in_place = true;
  tree.root = source.subdirectory.empty() ? path : path / source.subdirectory;
  if (!fs::is_directory(tree.root))
    return make_error(ErrorKind::not_found, cat(quote(path.native()), " has no folder ", quote(source.subdirectory)));
  return tree;
}

// "Foo.Bar-1.0" as the folder of foo-bar 1.0: old tools spelled names and versions as they liked.
bool is_named_after(std::string_view folder, const pep::DistFile& file) {
  const auto name = pep::SdistName::parse(cat(folder, ".tar.gz"), &file.project);
  return name && name->name == file.project && name->version == file.version;
}

Error cannot_check(const pep::DistFile& file, std::string_view what) {
  return make_error(ErrorKind::unsupported,
                    cat("the hash of ", quote(url::redact(file.url)), " cannot be checked: it is ", what));
}

// Every hash counts, also one that the URL says beside others.
void add_hashes(const std::vector<pep::FileHash>& more, std::vector<pep::FileHash>& hashes) {
  for (const auto& one : more)
    if (std::find(hashes.begin(), hashes.end(), one) == hashes.end()) hashes.push_back(one);
}

}  // namespace

Result<SourceTree> TreeSource::archive(pep::DistFile file, const std::string& subdirectory, const fs::Path& into) {
  const bool is_of_index = !file.index.empty();
  PKG_TRY_ASSIGN(const auto stored, archives_.get(file, cat(into.native(), ".archive")));
  const auto top_kind = is_of_index ? TopFolder::required : TopFolder::optional;
  PKG_TRY_ASSIGN(const auto top, unpack_source(stored.path, file.file_name, top_kind, into).with([&] {
    return cat("while fetching ", quote(url::redact(file.url)));
  }));
  if (is_of_index && !is_named_after(top, file))
    reporter_.warning(cat("the folder in ", quote(file.file_name), " is called ", quote(top),
                          ", and not after its project and version"));
  SourceTree tree;
  tree.sha256_hex = stored.sha256_hex;
  PKG_TRY_ASSIGN(tree.root, enter(top.empty() ? into : into / top, subdirectory, url::redact(file.url)));
  return tree;
}

// git keeps mirrors; the others have to be asked.
Status TreeSource::check_reachable(const pep::SourceUrl& source) const {
  if (!offline_ || source.vcs == "git" || source.url.starts_with("file:")) return ok_status();
  return make_error(ErrorKind::not_found, cat("the ", source.vcs, " repository ", quote(url::redact(source.url)),
                                              " cannot be fetched with --offline"));
}

Result<std::string> TreeSource::commit_of(const pep::SourceUrl& source) {
  const auto key = cat(source.vcs, " ", source.url, " ", source.revision);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = commits_.find(key); known != commits_.end()) return known->second;
  }
  PKG_TRY(check_reachable(source));
  PKG_TRY_ASSIGN(auto commit,
                 source.vcs == "git" ? git_.commit_of(source) : vcs::commit_of_other(source, tools_folder_, cancel_));
  const std::lock_guard lock(mutex_);
  return commits_.emplace(key, std::move(commit)).first->second;
}

Result<SourceTree> TreeSource::checkout(const pep::SourceUrl& source, const fs::Path& folder) {
  PKG_TRY(check_reachable(source));
  std::error_code failed;
  const auto into = std::filesystem::absolute(folder, failed);
  if (failed) return fs::errno_error("cannot find", folder, failed.value());
  PKG_TRY(source.vcs == "git" ? git_.checkout(source, into)
                              : vcs::checkout_other(source, into, tools_folder_, cancel_));
  SourceTree tree;
  tree.commit = source.revision;
  PKG_TRY_ASSIGN(tree.root, enter(into, source.subdirectory, url::redact(source.url)));
  return tree;
}

Result<SourceTree> TreeSource::get(const pep::DistFile& file, const fs::Path& into) {
  if (!file.index.empty()) {  // an index may keep its files under any URL
    auto wanted = file;
    wanted.url = file.url.substr(0, file.url.find('#'));
    return archive(std::move(wanted), "", into);
  }
  PKG_TRY_ASSIGN(const auto source, pep::SourceUrl::parse(file.url));
  auto wanted = file;
  wanted.url = source.url;
  add_hashes(source.hashes, wanted.hashes);
  switch (source.kind) {
    case pep::SourceUrl::Kind::folder:
      if (!wanted.hashes.empty()) return cannot_check(file, "a folder");
      return folder(source);
    case pep::SourceUrl::Kind::vcs:
      if (!wanted.hashes.empty()) return cannot_check(file, cat("a revision in ", source.vcs));
      return checkout(source, into);
    case pep::SourceUrl::Kind::wheel:
      return make_error(ErrorKind::bad_data,
                        cat(quote(url::redact(file.url)), " is a wheel, where a source is expected"));
    case pep::SourceUrl::Kind::sdist:
      break;
  }
  wanted.file_name = url::file_name(source.url);
  return archive(std::move(wanted), source.subdirectory, into);
}

}  // namespace pkg::index
