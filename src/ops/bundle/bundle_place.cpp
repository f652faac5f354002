#include "ops/bundle/bundle_place.h"

#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/os.h"
#include "base/text.h"
#include "ops/bundle/bundle_texts.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool is_bundles_own(std::string_view name) {
  return name == "wheels" || name == "simple" || name == kBundleMark || name == "README.txt" || name == "SHA256SUMS" ||
         (name.starts_with("requirements-") && name.ends_with(".txt")) ||
         (name.starts_with("pylock.") && name.ends_with(".toml"));
}

bool is_distribution(std::string_view name) {
  return name == "index.html" || name.ends_with(".whl") || name.ends_with(".tar.gz") || name.ends_with(".zip") ||
         name.ends_with(".tgz");
}

// A folder may be replaced when nothing is lost by it that another put there.
Status check_folder(const stdfs::path& path) {
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(path));
  if (names.empty()) return ok_status();
  if (std::ranges::find(names, kBundleMark) == names.end())
    return make_error(ErrorKind::conflict, cat(quote(path.native()), " is not empty and is no bundle"),
                      "name another folder with -o");
  const auto foreign = [&](const std::string& name, const stdfs::path& where) {
    return make_error(ErrorKind::conflict,
                      cat("the bundle ", quote(path.native()), " would be replaced, but ",
                          quote((where / name).native()), " is not of it"),
                      "move it away, or name another folder with -o");
  };
  for (const auto& name : names)
    if (!is_bundles_own(name)) return foreign(name, path);
  const auto wheels = fs::list_dir(path / "wheels");
  if (!wheels) return ok_status();
  for (const auto& name : *wheels)
    if (!is_distribution(name)) return foreign(name, path / "wheels");
  return ok_status();
}

Status put_in_place(const stdfs::path& from, const stdfs::path& to, os::Rename how = os::Rename::replace) {
  if (os::rename(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), how) != 0)
    return fs::errno_error("cannot rename to", to, errno);
  return ok_status();
}

// Files below `folder`, relative, sorted.
Result<std::vector<std::string>> files_below(const stdfs::path& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (auto it = stdfs::recursive_directory_iterator(folder, failed);
       !failed && it != stdfs::recursive_directory_iterator(); it.increment(failed))
    if (it->is_regular_file(failed)) files.push_back(it->path().lexically_relative(folder).native());
  if (failed) return fs::errno_error("cannot list", folder, failed.value());
  std::ranges::sort(files);
  return files;
}

// "x" of "x.tar.gz": the folder that is in the archive.
std::string stem_of(std::string name) {
  for (const std::string_view end : {".tar.gz", ".tgz", ".tar", ".zip"})
    if (to_ascii_lower(name).ends_with(end)) return name.substr(0, name.size() - end.size());
  return name;
}

}  // namespace

Result<BundlePlace> BundlePlace::open(const stdfs::path& given) {
  auto path = given;
  if (!path.has_filename()) path = path.parent_path();  // "x/"
  const auto name = path.filename().native();
  const bool is_folder = fs::is_directory(path);
  const auto format = is_folder ? std::nullopt : archive::format_of(name);
  std::error_code ignored;
  if (is_folder)
    PKG_TRY(check_folder(path));
  else if (fs::exists(path) && !(format && stdfs::is_regular_file(path, ignored)))
    return make_error(ErrorKind::conflict, cat(quote(path.native()), " is there and is no folder"),
                      "name another folder with -o");
  PKG_TRY(fs::make_dirs(path.parent_path()));
  PKG_TRY_ASSIGN(auto temporary, fs::TempDir::create(path.parent_path(), cat(".", name, "-")));
  BundlePlace place(path, std::move(temporary));
  place.format_ = format;
  auto inner = stem_of(name);
  if (inner.empty()) inner = "bundle";
  place.folder_ = place.temporary_.path() / inner;
  if (is_folder && fs::is_directory(path / "wheels")) place.before_ = path / "wheels";
  PKG_TRY(fs::make_dirs(place.folder_));
  return place;
}

Status BundlePlace::publish() { return format_ ? publish_archive(*format_) : publish_folder(); }

Status BundlePlace::publish_folder() {
  if (!fs::exists(path_)) return put_in_place(folder_, path_);
  if (put_in_place(folder_, path_, os::Rename::exchange))
    return ok_status();  // what was there goes with the temporary folder
  // A file system without exchange: two steps.
  const auto old = temporary_.path() / ".old";
  PKG_TRY(put_in_place(path_, old));
  auto done = put_in_place(folder_, path_);
  if (!done) (void)put_in_place(old, path_);
  return done;
}

Status BundlePlace::publish_archive(archive::Format format) {
  PKG_TRY_ASSIGN(const auto files, files_below(folder_));
  std::vector<archive::Member> members;
  for (const auto& file : files) members.push_back({cat(folder_.filename().native(), "/", file), folder_ / file});
  const auto made = temporary_.path() / ".archive";
  PKG_TRY(archive::write(made, format, members));
  return put_in_place(made, path_);
}

}  // namespace pkg::ops
