#pragma once
// Which folder may be a cache. What lies in it is obeyed, and cleaning removes from it: so it is this user's alone,
// marked by pkg's own CACHEDIR.TAG, and nothing at its top is a link. docs/internals/cache-layout.md#place

#include <optional>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/cache.h"

namespace pkg::index {

// A name at the top of a cache that is a format's: which one, and whether this program reads it or it is an older
// one's. Names that pkg never gave are nullopt, numbers of later programs among them.
enum class CachePart : std::uint8_t { current, older, temporary };
std::optional<CachePart> cache_part(std::string_view name);

// Before anything below the root is read or written. Made, for this user alone, when it is not there; a folder that is
// there must be empty, or a cache of pkg's (before there were tags everywhere: have nothing but its parts). One of this
// user's that others may write to is closed to them. unsupported: it is another user's, behind a link of another
// user's, or something else than a cache.
Status prepare_cache(const fs::Path& root);

// For what removes: unsupported when the folder does not carry pkg's tag.
Status check_is_cache(const fs::Path& root);

}  // namespace pkg::index
