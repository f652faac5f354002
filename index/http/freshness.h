#pragma once
// How long an answer may be used without asking again (RFC 9111, as far as a private cache of pages needs it).

#include <cstdint>
#include <string>

#include "index/http/client.h"

namespace pkg::index {

struct Freshness {
  std::int64_t max_age_s = 0;  // from now; 0: ask again each time
  bool may_store = true;
  std::string etag, last_modified;  // for asking again; empty: not given
};

// `default_s`: where the server says nothing. `now`: unix seconds. `cache_control`: instead of the server's header;
// empty: as the server says.
Freshness freshness_of(const Response& response, std::int64_t default_s, std::int64_t now,
                       const std::string& cache_control = {});

}  // namespace pkg::index
