#include "venv/layout.h"

#include <string>

#include "base/check.h"
#include "base/text.h"

namespace pkg::venv {

const std::filesystem::path& Layout::of(pep::Scheme scheme) const {
  switch (scheme) {
    case pep::Scheme::purelib:
      return purelib;
    case pep::Scheme::platlib:
      return platlib;
    case pep::Scheme::headers:
      return headers;
    case pep::Scheme::scripts:
      return scripts;
    case pep::Scheme::data:
      return data;
  }
  PKG_UNREACHABLE();
}

Layout environment_layout(const std::filesystem::path& prefix, std::string_view implementation, int major, int minor,
                          bool gil_disabled) {
  // PyPy and GraalPy name the folder after themselves, everybody else after Python.
  const bool own_name = implementation == "pypy" || implementation == "graalpy";
  const std::string versioned = cat(own_name ? implementation : "python", major, '.', minor, gil_disabled ? "t" : "");
  Layout layout;
  layout.prefix = prefix;
  layout.purelib = layout.platlib = prefix / cat("lib/", versioned, "/site-packages");
  layout.scripts = prefix / "bin";
  layout.data = prefix;
  layout.headers = prefix / cat("include/site/", versioned);
  layout.python = prefix / "bin/python";
  return layout;
}

}  // namespace pkg::venv
