#include "index/source_unpack.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/extract.h"
#include "base/limits.h"
#include "base/tar.h"
#include "base/text.h"
#include "base/zip.h"
#include "index/html_answer.h"
#include "pep/source_url.h"

namespace pkg::index {
namespace {

constexpr std::size_t kMostMembers = 200'000;
constexpr std::ptrdiff_t kDeepest = 64;
// Backends put these files into zip archives, which know no time before 1980.
constexpr std::int64_t kEarliestTime = 315'619'200;  // 1980-01-02

Error bad(std::string message) { return make_error(ErrorKind::bad_data, std::move(message)); }

// Collects what is at the archive's top.
class Top {
 public:
  void add(std::string_view name, bool is_directory) {
    const auto slash = name.find('/');
    const auto first = name.substr(0, slash);
    if (slash == std::string_view::npos && !is_directory) {
      has_files_ = true;
      has_project_ = has_project_ || first == "pyproject.toml" || first == "setup.py";
    }
    if (name_.empty()) name_ = first;
    if (first != name_ && other_.empty()) other_ = first;
  }

  Result<std::string> folder(TopFolder kind) const {
    if (name_.empty()) return bad("the archive is empty");
    if (kind == TopFolder::optional && has_project_) return std::string();
    if (!other_.empty())
      return bad(
          cat("the archive has more than one folder or file at its top: ", quote(name_), " and ", quote(other_)));
    if (has_files_)
      return bad(cat("the archive has the file ", quote(name_), " at its top, where one folder is expected"));
    return name_;
  }

 private:
  std::string name_, other_;
  bool has_files_ = false, has_project_ = false;
};

class TarUnpacking {
 public:
  TarUnpacking(Extractor extractor, const fs::Path& into) : extractor_(std::move(extractor)), into_(into) {}

  Status take(const tar::Member& member, std::string_view content) {
    top_.add(member.name, member.kind == tar::Member::Kind::directory);
    switch (member.kind) {
      case tar::Member::Kind::directory:
        return extractor_.make_dir(member.name);
      case tar::Member::Kind::symlink:
        links_.push_back({member.name, member.link_target});
        return ok_status();
      case tar::Member::Kind::hard_link:
        return copy(member);
      case tar::Member::Kind::file:
        break;
    }
    if (member.is_repeated) return compare(member, content);
    return extractor_.write_file(member.name, content, member.executable ? 0755 : 0644, time_of(member));
  }

  // Only now: nothing is written through a link of the archive.
  Status make_links() {
    for (const auto& [name, target] : links_) PKG_TRY(extractor_.write_symlink(name, target));
    return ok_status();
  }
  const Top& top() const { return top_; }

 private:
  static std::optional<std::int64_t> time_of(const tar::Member& member) {
    if (member.mtime == 0) return std::nullopt;
    return std::max(member.mtime, kEarliestTime);
  }

  // The file a hard link names was written by us, and no link stands in its way.
  Status copy(const tar::Member& member) {
    const auto from = into_ / member.link_target;
    PKG_TRY_ASSIGN(const auto content, fs::read_file_at_most(from, limits::kMember));
    struct stat st {};
    const bool executable = ::stat(from.c_str(), &st) == 0 && (st.st_mode & 0100) != 0;
    return extractor_.write_file(member.name, content, executable ? 0755 : 0644, time_of(member));
  }

  Status compare(const tar::Member& member, std::string_view content) const {
    PKG_TRY_ASSIGN(const auto before, fs::read_file_at_most(into_ / member.name, content.size()));
    if (before == content) return ok_status();
    return bad(cat("the archive's member ", quote(member.name), " is there twice, with different content"));
  }

  Extractor extractor_;
  const fs::Path& into_;
  Top top_;
  std::vector<std::pair<std::string, std::string>> links_;
};

Result<Top> unpack_tar(const fs::Path& archive, tar::Compression compression, const fs::Path& into) {
  PKG_TRY_ASSIGN(auto extractor, Extractor::open(into.native()));
  TarUnpacking unpacking(std::move(extractor), into);
  PKG_TRY(tar::read(archive.native(), compression, [&](const tar::Member& member, std::string_view content) {
    return unpacking.take(member, content);
  }));
  PKG_TRY(unpacking.make_links());
  return unpacking.top();
}

Result<Top> unpack_zip(const fs::Path& archive, const fs::Path& into) {
  zip::Limits limits;
  limits.entries = kMostMembers;
  PKG_TRY_ASSIGN(const auto reader, zip::Reader::open(archive.native(), limits));
  PKG_TRY_ASSIGN(auto extractor, Extractor::open(into.native()));
  Top top;
  std::string buffer;
  for (const auto& entry : reader.entries()) {
    if (std::count(entry.name.begin(), entry.name.end(), '/') > kDeepest)
      return bad(cat("the archive's member ", quote(entry.name), " lies too deep"));
    top.add(entry.name, entry.is_directory());
    if (entry.is_directory()) {
      PKG_TRY(extractor.make_dir(entry.name));
      continue;
    }
    PKG_TRY_ASSIGN(const auto content, reader.read_into(entry, buffer));
    PKG_TRY(extractor.write_file(entry.name, content, entry.executable ? 0755 : 0644));
  }
  return top;
}

}  // namespace

Result<std::string> unpack_source(const fs::Path& archive, std::string_view file_name, TopFolder top,
                                  const fs::Path& into) {
  const auto doing = [&] { return cat("while unpacking ", quote(file_name)); };
  if (to_ascii_lower(file_name).ends_with(".zip")) {
    const auto found = unpack_zip(archive, into);
    if (!found) return told_of_html_file(archive, found.error()).with(doing());
    return found->folder(top).with(doing);
  }
  const auto compression = tar::compression_of(file_name);
  if (!compression)
    return make_error(ErrorKind::unsupported,
                      cat("the archive ", quote(file_name), " is of a kind that pkg does not unpack"),
                      "those are .tar.gz, .tgz, .zip, .tar.bz2, .tar.xz and .tar");
  const auto found = unpack_tar(archive, *compression, into);
  if (!found) return told_of_html_file(archive, found.error()).with(doing());
  return found->folder(TopFolder::required).with(doing);
}

}  // namespace pkg::index
