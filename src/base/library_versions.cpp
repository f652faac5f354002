#include "base/library_versions.h"

#include <archive.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <toml++/toml.h>
#include <zstd.h>

#include <nlohmann/json.hpp>

#include "base/dynlib.h"
#include "base/text.h"

namespace pkg {
namespace {

// Empty, of both: the library is not there.
std::string archive_version() {
  const auto library = ThirdParty::open("libarchive.so.13", "libarchive13");
  decltype(&::archive_version_string) version = nullptr;
  return library && PKG_BIND(*library, version, archive_version_string) ? version() : std::string();
}
std::string zstd_version() {
  const auto library = ThirdParty::open("libzstd.so.1", "libzstd1");
  decltype(&::ZSTD_versionString) version = nullptr;
  return library && PKG_BIND(*library, version, ZSTD_versionString) ? version() : std::string();
}

// "libarchive 3.6.2" → "3.6.2", "OpenSSL 3.0.11 19 Sep 2023" → "3.0.11".
std::string second_word(std::string_view text) {
  const auto words = split_words(text);
  return words.size() < 2 ? std::string(text) : std::string(words[1]);
}

}  // namespace

std::vector<LibraryVersion> library_versions() {
  using Use = LibraryVersion::Use;
  constexpr auto kOpened = kOpensLibraries ? Use::opened : Use::linked;
  const auto headers = [](std::string name, std::string version) {
    return LibraryVersion{Use::headers, std::move(name), version, version};
  };
  return {{Use::linked, "OpenSSL", second_word(OPENSSL_VERSION_TEXT), second_word(OpenSSL_version(OPENSSL_VERSION))},
          {Use::linked, "libdeflate", LIBDEFLATE_VERSION_STRING, LIBDEFLATE_VERSION_STRING},
          {kOpened, "libarchive", second_word(ARCHIVE_VERSION_STRING), second_word(archive_version())},
          {kOpened, "libzstd", ZSTD_VERSION_STRING, zstd_version()},
          headers("nlohmann-json",
                  cat(NLOHMANN_JSON_VERSION_MAJOR, ".", NLOHMANN_JSON_VERSION_MINOR, ".", NLOHMANN_JSON_VERSION_PATCH)),
          headers("toml++", cat(TOML_LIB_MAJOR, ".", TOML_LIB_MINOR, ".", TOML_LIB_PATCH))};
}

}  // namespace pkg
