#pragma once
// A shared library opened on first use, so that a run which does not need it never pays for loading it.

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

}  // namespace pkg
