#pragma once
// Transport over libcurl's multi interface, on one thread of its own. libcurl is opened when the first one is made.

#include <memory>

#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"

namespace pkg::index {

// unsupported when libcurl is not on this machine. `cancel` outlives the transport: once it is set, everything under way fails as interrupted.
Result<std::unique_ptr<Transport>> make_curl_transport(const TransportSettings& settings, const CancelToken& cancel);

}  // namespace pkg::index
