#include "base/dynlib.h"

#include <dlfcn.h>

#include "base/text.h"

namespace pkg {

Result<DynamicLibrary> DynamicLibrary::open(const char* soname, const char* debian_package) {
  // RTLD_LAZY: of some thousand functions in a library and its own libraries we call a handful.
  void* handle = ::dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
  if (handle != nullptr) return DynamicLibrary(handle);
  const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
  return make_error(ErrorKind::unsupported,
                    cat("cannot load the library ", quote(soname), ": ", printable(reason != nullptr ? reason : "")),
                    cat("install it: apt-get install ", debian_package));
}

void* DynamicLibrary::symbol(const char* name) const { return ::dlsym(handle_, name); }

}  // namespace pkg
