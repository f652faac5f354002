#include "index/http/curl_library.h"

#include <type_traits>

#include "base/dynlib.h"

namespace pkg::index {
namespace {

Result<CurlLibrary> load() {
  PKG_TRY_ASSIGN(const auto library, ThirdParty::open("libcurl.so.4", "libcurl4"));
  CurlLibrary curl;
  const bool complete =
      PKG_BIND(library, curl.global_init, curl_global_init) && PKG_BIND(library, curl.easy_init, curl_easy_init) &&
      PKG_BIND(library, curl.easy_cleanup, curl_easy_cleanup) &&
      PKG_BIND(library, curl.easy_setopt, curl_easy_setopt) &&
      PKG_BIND(library, curl.easy_getinfo, curl_easy_getinfo) &&
      PKG_BIND(library, curl.easy_strerror, curl_easy_strerror) &&
      PKG_BIND(library, curl.slist_append, curl_slist_append) &&
      PKG_BIND(library, curl.slist_free_all, curl_slist_free_all) &&
      PKG_BIND(library, curl.multi_init, curl_multi_init) &&
      PKG_BIND(library, curl.multi_cleanup, curl_multi_cleanup) &&
      PKG_BIND(library, curl.multi_setopt, curl_multi_setopt) &&
      PKG_BIND(library, curl.multi_add_handle, curl_multi_add_handle) &&
      PKG_BIND(library, curl.multi_remove_handle, curl_multi_remove_handle) &&
      PKG_BIND(library, curl.multi_perform, curl_multi_perform) &&
      PKG_BIND(library, curl.multi_poll, curl_multi_poll) && PKG_BIND(library, curl.multi_wakeup, curl_multi_wakeup) &&
      PKG_BIND(library, curl.multi_info_read, curl_multi_info_read);
  if (!complete)
    return make_error(ErrorKind::unsupported, "the libcurl of this machine is older than 7.68",
                      "install a newer libcurl4");
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return make_error(ErrorKind::unsupported, "libcurl does not start");
  return curl;
}

}  // namespace

Result<const CurlLibrary*> CurlLibrary::get() {
  static const Result<CurlLibrary> library = load();
  if (!library) return library.error();
  return &*library;
}

}  // namespace pkg::index
