#include "index/http/system_certificates.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <system_error>

#include "base/dir_reader.h"
#include "base/fs.h"
#include "base/hex.h"

namespace pkg::index {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kFolder = "etc/ssl/certs";

constexpr const char* kFiles[] = {
    "etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
    "etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, where the link above is not
    "etc/ssl/ca-bundle.pem",                             // openSUSE
    "etc/ssl/cert.pem",                                  // Alpine without its package, BSD, macOS
};

// "5ed36f99.0": the hash of a subject, and which one of those that have it.
bool is_hashed_name(std::string_view name) {
  return name.size() == 10 && name.ends_with(".0") && hex::is_hex(name.substr(0, 8));
}

// Links that lead nowhere are not.
bool is_there(const stdfs::path& path) {
  std::error_code failed;
  return stdfs::exists(path, failed);
}

// Slim images have the folder, and in it one file with all of them and no hashed names.
bool is_hashed(const stdfs::path& folder) {
  const auto opened = fs::open_directory(folder);
  if (!opened) return false;
  fs::DirReader entries(opened->get());
  while (const auto entry = entries.next())
    if (is_hashed_name(entry->name) && is_there(folder / entry->name)) return true;
  return false;
}

}  // namespace

stdfs::path system_certificates(const stdfs::path& root) {
  if (is_hashed(root / kFolder)) return root / kFolder;
  const auto* const found = std::ranges::find_if(kFiles, [&](const char* file) { return is_there(root / file); });
  return found == std::end(kFiles) ? stdfs::path() : root / *found;
}

}  // namespace pkg::index
