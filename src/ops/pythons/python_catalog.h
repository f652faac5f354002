#pragma once
// The catalogue of Pythons that can be installed (docs/reference/python-catalog.md): read, and searched.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_url.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/python_key.h"

namespace pkg::ops {

struct CatalogEntry {
  venv::PythonKey key;
  SecretUrl url;  // absolute
  std::string sha256_hex;
  std::uint64_t size_bytes = 0;  // of the archive; 0: the catalogue does not say
  std::string build;             // which build of the version, "20250612"; later ones are greater. May be empty
};

struct PythonCatalog {
  std::vector<CatalogEntry> entries;  // as listed

  // The newest version of those that the request means, for this machine where it says nothing else; of one version
  // the latest build. Pre-releases only where they are asked for, or nothing else is there. nullptr: there is none.
  const CatalogEntry* best(const venv::InterpreterRequest& request, const venv::PythonPlatform& host) const;
  // The same for another patch release of what is there.
  const CatalogEntry* best_like(const venv::PythonKey& key) const;
  // The newest patch release of each version and variant for this machine, newest first; no pre-releases.
  std::vector<const CatalogEntry*> newest(const venv::PythonPlatform& host) const;
};

inline constexpr std::uint64_t kMostPythonBytes = std::uint64_t{2} << 30;  // of an archive
inline constexpr std::size_t kMostCatalogEntries = 50'000;

// `address`: the catalogue's own, which its addresses are relative to. `mirror` takes the place of its `base`; empty:
// none. Keys that are not known are ignored. bad_data: it is none, or another schema; a version, platform, hash or size
// that is none; with a mirror, an address that is not below `base`.
Result<PythonCatalog> parse_python_catalog(std::string_view text, std::string_view address, std::string_view mirror);

}  // namespace pkg::ops
