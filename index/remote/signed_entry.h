#pragma once
// What a remote cache says without a hash that proves it: a page and how long it is fresh, metadata that nobody
// announced, which wheel a build gave. It is believed when a trusted key signed it, together with what it is about, so
// that nobody moves one entry to another's place.
//
//   8   "pkgfleet"            32  sha256 of what it is about
//   1   format                8   when it was made, unix seconds
//   1   kind                  4+  payload, its length before it
//   1   kind of key           8   which key              …  signature of all that comes before

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "index/remote/entry_keys.h"

namespace pkg::index {

enum class EntryKind : std::uint8_t {
  page = 1,      // a project's page, packed
  metadata = 2,  // essential metadata of a file
  build = 3,     // the key of the build that a request came to
  wheel = 4,     // hash, size and name of the wheel that a build gave
};

// What an entry is about.
struct EntryName {
  EntryKind kind = EntryKind::page;
  std::string text;             // everything that the answer depends on
  std::string address() const;  // 64 hex digits
};

struct SignedEntry {
  std::int64_t made_at = 0;
  std::string payload;
};

// Empty: the key cannot sign.
std::string write_entry(const EntryName& name, const SignedEntry& entry, const EntryKey& key);
// For entries that are still arriving. bad_data: this is the beginning of none about `name`, or it is longer than the
// entry said; what has too few bytes to tell is well.
Status check_arriving(std::string_view bytes, const EntryName& name);
// bad_data: damaged, of another format, about something else · unsupported: signed by nobody who is trusted, or not
// rightly.
Result<SignedEntry> read_entry(std::string_view bytes, const EntryName& name, std::span<const EntryKey> trusted);

}  // namespace pkg::index
