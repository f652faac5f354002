#pragma once
// Undoing what Content-Encoding says (RFC 9110, 8.4.1): gzip and deflate, which requests for pages offer.
//
// Bodies stay as they were sent until somebody reads them, so that what waits in memory is small, and the transport's
// thread only moves bytes.

#include <cstdint>
#include <span>
#include <string>

#include "base/inflate.h"
#include "base/result.h"
#include "index/http/client.h"

namespace pkg::index {

inline constexpr const char* kAcceptedCodings = "gzip, deflate";

// The body's text, writable, followed by a NUL that is not counted: in `buffer`, or in the body itself where nothing is
// to be undone; valid until either changes. Errors: bad_data (damaged; more than `limit_bytes`; more than 64 MiB and 50
// times what was sent; another coding).
Result<std::span<char>> decoded_body(Response& response, std::uint64_t limit_bytes, ScratchBuffer& buffer);

// bad_data: an answer of more than so many bytes.
Error larger_than(std::uint64_t limit_bytes);

}  // namespace pkg::index
