#include "ops/builds/editable_checkout.h"

#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "builder/static_metadata.h"
#include "index/vcs/tool.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// What git has checked out in `folder`; empty: nothing, or no git.
std::string head_of(const stdfs::path& folder) {
  if (!fs::exists(folder / ".git")) return {};
  return index::vcs::ask_checkout(folder, {"rev-parse", "HEAD"}).value_or("");
}

std::string folder_name(const pep::SourceUrl& source, const stdfs::path& project) {
  const auto egg = source.egg.substr(0, source.egg.find('['));
  if (const auto named = pep::Name::parse(egg)) return named->str();
  if (const auto found = builder::static_name(project)) return found->str();
  auto name = url::file_name(source.url);
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  const auto parsed = pep::Name::parse(name);
  return parsed ? parsed->str() : "source";
}

stdfs::path project_in(const stdfs::path& checkout, const pep::SourceUrl& source) {
  return source.subdirectory.empty() ? checkout : checkout / source.subdirectory;
}

}  // namespace

Result<stdfs::path> editable_checkout(const pep::SourceUrl& exact, const stdfs::path& parent, Session& session) {
  PKG_TRY(fs::make_dirs(parent));
  PKG_TRY_ASSIGN(auto folder, fs::TempDir::create(parent, ".pkg-"));
  auto whole = exact;
  whole.subdirectory.clear();
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.url = whole.to_string();
  PKG_TRY_ASSIGN(auto* index, session.index());
  const auto into = folder.path() / "source";
  PKG_TRY(fs::make_dirs(into));
  PKG_TRY_ASSIGN(const auto tree, index->source_tree(file, into));
  const auto target = parent / folder_name(exact, project_in(tree.root, exact));
  if (fs::exists(target)) {
    if (head_of(target) == exact.revision) return project_in(target, exact);
    return make_error(ErrorKind::conflict,
                      cat(quote(target.string()), " is there already, and no copy of ", quote(exact.revision)),
                      "remove it, or check out there what you want and install it with -e DIR");
  }
  std::error_code failed;
  stdfs::rename(tree.root, target, failed);
  if (failed) return fs::errno_error("cannot move", tree.root, failed.value());
  return project_in(target, exact);
}

}  // namespace pkg::ops
