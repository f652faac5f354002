#include "index/http/curl_version.h"

#include <curl/curl.h>

#include <string_view>

#include "base/dynlib.h"

namespace pkg::index {

LibraryVersion curl_version() {
  constexpr auto kUse = kOpensLibraries ? LibraryVersion::Use::opened : LibraryVersion::Use::linked;
  LibraryVersion version{kUse, "libcurl", LIBCURL_VERSION, {}};
  const auto library = ThirdParty::open("libcurl.so.4", "libcurl4");
  decltype(&::curl_version_info) info = nullptr;
  if (library && PKG_BIND(*library, info, curl_version_info)) version.running = info(CURLVERSION_NOW)->version;
  return version;
}

}  // namespace pkg::index
