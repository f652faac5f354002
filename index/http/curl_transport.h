#pragma once
// Transport over libcurl's multi interface, on one thread of its own, which opens libcurl first.

#include <memory>

#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"

namespace pkg::index {

// Where libcurl is not on this machine, every exchange fails with `unsupported`. `cancel` outlives the transport: once
// it is set, everything under way fails as interrupted.
Result<std::unique_ptr<Transport>> make_curl_transport(const TransportSettings& settings, const CancelToken& cancel);

}  // namespace pkg::index
