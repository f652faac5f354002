#pragma once
// A library of others that a run may not need: a shared one opened on first use, so that such a run never pays for
// loading it, or one that is linked in (PKG_STATIC). Users bind what they call in either case:
//   PKG_TRY_ASSIGN(const auto library, ThirdParty::open("libzstd.so.1", "libzstd1"));
//   const bool complete = PKG_BIND(library, decompress, ZSTD_decompressDCtx);

#include <string>

#include "base/result.h"

namespace pkg {

class DynamicLibrary {
 public:
  // `soname` as in "libcurl.so.4". unsupported with the Debian package's name as hint when it cannot be loaded. Never
  // unloaded.
  static Result<DynamicLibrary> open(const char* soname, const char* debian_package);
  // The address of a symbol; nullptr when the library has none of that name.
  void* symbol(const char* name) const;
  // The same as a function of its type; false when there is none.
  template <class Function>
  bool bind(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(symbol(name));
    return function != nullptr;
  }

 private:
  explicit DynamicLibrary(void* handle) : handle_(handle) {}
  void* handle_ = nullptr;
};

// In the program already: there is nothing to open.
struct LinkedLibrary {
  static Result<LinkedLibrary> open(const char*, const char*) { return LinkedLibrary(); }
};

#ifdef PKG_STATIC
using ThirdParty = LinkedLibrary;
inline constexpr bool kOpensLibraries = false;
#define PKG_BIND(library, pointer, function) ((void)(library), (pointer) = &::function, true)
#else
using ThirdParty = DynamicLibrary;
inline constexpr bool kOpensLibraries = true;
#define PKG_BIND(library, pointer, function) ((library).bind(#function, pointer))
#endif

}  // namespace pkg
