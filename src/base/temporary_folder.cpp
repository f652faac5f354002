#include "base/temporary_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace pkg::fs {
namespace {

// Empty: it can be used.
std::string what_is_wrong_with(const char* folder) {
  struct stat info {};
  if (*folder != '/') return "is not absolute";
  if (::stat(folder, &info) != 0) return errno == ENOENT ? "does not exist" : cat("cannot be used: ", strerror(errno));
  if (!S_ISDIR(info.st_mode)) return "is not a folder";
  if (::access(folder, W_OK | X_OK) != 0) return "cannot be written to";
  return {};
}

}  // namespace

Result<TemporaryFolder> temporary_folder(const char* asked) {
  std::string wrong;
  if (asked != nullptr && *asked != '\0') {
    wrong = what_is_wrong_with(asked);
    if (wrong.empty()) return TemporaryFolder{asked, {}};
    wrong = cat("TMPDIR is ", quote(asked), ", which ", wrong);
  }
  for (const char* usual : {"/tmp", "/var/tmp"})
    if (what_is_wrong_with(usual).empty())
      return TemporaryFolder{usual, wrong.empty() ? wrong : cat(wrong, ": ", usual, " is used")};
  return make_error(ErrorKind::io,
                    cat("there is no folder for temporary files: ", wrong.empty() ? "" : cat(wrong, "; "),
                        "neither /tmp nor /var/tmp can be written to"),
                    "set TMPDIR to a folder that exists");
}

}  // namespace pkg::fs
