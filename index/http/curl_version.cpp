#include "index/http/curl_version.h"

#include <curl/curl.h>

#include <string_view>

#include "base/dynlib.h"

namespace pkg::index {

LibraryVersion curl_version() {
  LibraryVersion version{LibraryVersion::Use::opened, "libcurl", LIBCURL_VERSION, {}};
  const auto library = DynamicLibrary::open("libcurl.so.4", "libcurl4");
  decltype(&::curl_version_info) info = nullptr;
  if (library && library->bind("curl_version_info", info)) version.running = info(CURLVERSION_NOW)->version;
  return version;
}

}  // namespace pkg::index
