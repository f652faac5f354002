#pragma once
// Where a system keeps the certificates of the authorities that it trusts.

#include <filesystem>

namespace pkg::index {

// A folder with OpenSSL's hashed names, of which only those that are needed are read, or else a file with all of them;
// empty: there is neither. `root` is "/" outside of tests.
std::filesystem::path system_certificates(const std::filesystem::path& root);

}  // namespace pkg::index
