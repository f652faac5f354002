#pragma once
// What the URL of `name @ url`, a path on the command line or an editable names: an archive, a folder, or a place in a
// version control system (version-specifiers "Direct references", PEP 440; pip's VCS forms). Decided by the text alone:
// a "file:" URL that does not end like an archive is a folder.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"

namespace pkg::pep {

struct SourceUrl {
  enum class Kind : unsigned char { wheel, sdist, folder, vcs } kind = Kind::sdist;
  std::string url;  // without fragment; vcs: of the repository, without "git+" and "@revision"; credentials as given
  std::string vcs;  // "git", "hg", "svn", "bzr"; empty for other kinds
  std::string revision;          // vcs: branch, tag, commit; empty: the default
  std::string subdirectory;      // "#subdirectory=": a plain relative path, or empty
  std::string egg;               // "#egg=name[extra]", as written
  std::vector<FileHash> hashes;  // "#sha256=…" …: strong ones, strongest first

  // bad_data: no URL, an unknown "x+" scheme, a subdirectory that leaves the source, an unreadable hash. unsupported:
  // an https URL whose file name ends neither like a wheel nor like an archive (.tar.gz, .tgz, .zip, .tar.bz2, .tar.xz,
  // the index client tells .tar from wheels).
  static Result<SourceUrl> parse(std::string_view text);
  std::string to_string() const;  // parse(to_string()) gives an equal value
  // The same with this commit as its revision: exactly one state of the source.
  SourceUrl at(std::string commit) const;
  bool operator==(const SourceUrl&) const = default;
};

// `url` with "subdirectory=" in its fragment, as parse() reads it; as it is where there is none.
std::string with_subdirectory(std::string url, std::string_view subdirectory);

bool is_archive_name(
    std::string_view file_name);  // of a source distribution: .tar.gz, .tgz, .zip, and pip's legacy ones

}  // namespace pkg::pep
