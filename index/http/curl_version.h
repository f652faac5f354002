#pragma once
// Which libcurl this is, for people who look for the cause of something.

#include "base/library_versions.h"

namespace pkg::index {

LibraryVersion curl_version();  // opens it

}  // namespace pkg::index
