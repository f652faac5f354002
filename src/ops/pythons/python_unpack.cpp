// The archive was checked against the catalogue's hash before it comes here, and is read as hostile all the same: the
// catalogue may be anybody's. tar::read() and Extractor refuse what leaves the folder that is unpacked into. Links are
// looked at once more, because of a full archive only `python/install` is kept: a link from there to `python/build`
// stays in the archive and would leave the interpreter.

#include "ops/pythons/python_unpack.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/extract.h"
#include "base/fs.h"
#include "base/tar.h"
#include "base/text.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

std::optional<tar::Compression> compression_of(const std::string& file_name) {
  const auto lower = to_ascii_lower(file_name);
  if (lower.ends_with(".tar.zst") || lower.ends_with(".tar.zstd")) return tar::Compression::zstd;
  return tar::compression_of(file_name);
}

struct Link {
  std::string name, target;
};

class Unpacking {
 public:
  explicit Unpacking(Extractor extractor, stdfs::path into)
      : extractor_(std::move(extractor)), into_(std::move(into)) {}

  Status take(const tar::Member& member, std::string_view content) {
    const auto slash = member.name.find('/');
    tops_.insert(member.name.substr(0, slash));
    if (slash == std::string::npos && member.kind != tar::Member::Kind::directory)
      return make_error(ErrorKind::bad_data, cat("the archive has ", quote(member.name), " beside its folder"));
    using Kind = tar::Member::Kind;
    switch (member.kind) {
      case Kind::directory:
        return extractor_.make_dir(member.name);
      case Kind::file:
        if (member.is_repeated) return repeated(member.name);
        return extractor_.write_file(member.name, content, member.executable ? 0777 : 0666, member.mtime);
      case Kind::symlink:
        links_.push_back({member.name, member.link_target});
        return extractor_.write_symlink(member.name, member.link_target);
      case Kind::hard_link:
        // A file that was written before, in folders that are no links.
        if (::link((into_ / member.link_target).c_str(), (into_ / member.name).c_str()) != 0)
          return fs::errno_error("cannot make", into_ / member.name, errno);
        return ok_status();
    }
    return ok_status();
  }

  // Below `into`.
  Result<std::string> prefix() const {
    if (tops_.size() != 1)
      return make_error(ErrorKind::bad_data,
                        cat("the archive has ", tops_.size(), " folders at its top, expected one"));
    const auto& top = *tops_.begin();
    const bool is_full = fs::is_directory(into_ / top / "install") && fs::exists(into_ / top / "PYTHON.json");
    return is_full ? top + "/install" : top;
  }

  // `..` stands only in front of a target (base/tar.h), so counting is enough.
  Status check_links(const std::string& prefix) const {
    for (const auto& link : links_) {
      if (!link.name.starts_with(prefix + "/")) continue;
      const auto inner = link.name.substr(prefix.size() + 1);
      const auto depth = std::ranges::count(inner, '/');
      const auto parts = split(link.target, '/');
      if (std::ranges::count(parts, std::string_view("..")) > depth)
        return make_error(ErrorKind::bad_data,
                          cat("the archive's ", quote(link.name), " is a link out of the interpreter's folder, to ",
                              quote(link.target)));
    }
    return ok_status();
  }

 private:
  static Status repeated(const std::string& name) {
    return make_error(ErrorKind::bad_data, cat("the archive has ", quote(name), " twice"));
  }

  Extractor extractor_;
  const stdfs::path into_;
  std::set<std::string> tops_;
  std::vector<Link> links_;
};

}  // namespace

Result<stdfs::path> unpack_python(const stdfs::path& archive, const std::string& file_name, const stdfs::path& into) {
  const auto compression = compression_of(file_name);
  if (!compression)
    return make_error(ErrorKind::unsupported, cat(quote(file_name), " is no archive that pkg unpacks"),
                      "those that end in .tar.gz, .tar.zst, .tar.bz2 or .tar.xz are");
  PKG_TRY_ASSIGN(auto extractor, Extractor::open(into.native()));
  Unpacking unpacking(std::move(extractor), into);
  const auto take = [&](const tar::Member& member, std::string_view content) {
    return unpacking.take(member, content);
  };
  const auto doing = [&] { return cat("while unpacking ", quote(file_name)); };
  PKG_TRY(tar::read(archive.native(), *compression, take).with(doing));
  PKG_TRY_ASSIGN(const auto prefix, unpacking.prefix().with(doing));
  PKG_TRY(unpacking.check_links(prefix).with(doing));
  return into / prefix;
}

}  // namespace pkg::ops
