#pragma once
// How a store's requests look: addresses, headers, signatures.

#include <memory>

#include "base/events.h"
#include "base/result.h"
#include "base/user_folders.h"
#include "index/remote/object_store.h"
#include "index/settings.h"

namespace pkg::index {

// `<base>/<key>`; as whom: the URL's own credentials, kept logins, netrc. usage: no address.
Result<MakeExchange> http_requests(const Settings& settings, Reporter& reporter);

// s3://bucket/prefix, signed with what s3_credentials finds at the first request. `start`: for the exchange with STS.
// usage: no bucket, or a name that is none.
Result<MakeExchange> s3_requests(const RemoteCacheSettings& remote, StartExchange start, UnixClock clock,
                                 Getenv environment);

}  // namespace pkg::index
