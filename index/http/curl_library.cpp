#include "index/http/curl_library.h"

#include <type_traits>

#include "base/dynlib.h"

namespace pkg::index {
namespace {

Result<CurlLibrary> load() {
  PKG_TRY_ASSIGN(const auto library, DynamicLibrary::open("libcurl.so.4", "libcurl4"));
  CurlLibrary curl;
  bool complete = true;
  const auto bind = [&](auto& function, const char* name) { complete = library.bind(name, function) && complete; };
  bind(curl.global_init, "curl_global_init");
  bind(curl.easy_init, "curl_easy_init");
  bind(curl.easy_cleanup, "curl_easy_cleanup");
  bind(curl.easy_setopt, "curl_easy_setopt");
  bind(curl.easy_getinfo, "curl_easy_getinfo");
  bind(curl.easy_strerror, "curl_easy_strerror");
  bind(curl.slist_append, "curl_slist_append");
  bind(curl.slist_free_all, "curl_slist_free_all");
  bind(curl.multi_init, "curl_multi_init");
  bind(curl.multi_cleanup, "curl_multi_cleanup");
  bind(curl.multi_setopt, "curl_multi_setopt");
  bind(curl.multi_add_handle, "curl_multi_add_handle");
  bind(curl.multi_remove_handle, "curl_multi_remove_handle");
  bind(curl.multi_perform, "curl_multi_perform");
  bind(curl.multi_poll, "curl_multi_poll");
  bind(curl.multi_wakeup, "curl_multi_wakeup");
  bind(curl.multi_info_read, "curl_multi_info_read");
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
