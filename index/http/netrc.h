#pragma once
// .netrc, as netrc(5) and Python's netrc module read it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/events.h"
#include "base/result.h"

namespace pkg::index {

struct NetrcEntry {
  enum class Scope : std::uint8_t {
    host,
    origin,
    any_host
  };  // "machine HOST", "machine [SCHEME://]HOST:PORT", "default"
  std::string
      machine;  // lower-case; of an origin as Url::origin() has it, "https://host:8443" where no scheme is given
  std::string login, password;
  Scope scope = Scope::host;
};
// Tokens: machine, default, login (or user), password, account; values may stand in double quotes with backslash
// escapes; macdef bodies and comments are skipped.
std::vector<NetrcEntry> parse_netrc(std::string_view text);

// The entry that fits: one that names the machine, else the default one. With a `user`, only an entry of that login
// counts. nullptr: none.
const NetrcEntry* find_entry(const std::vector<NetrcEntry>& entries, std::string_view user,
                             const std::function<bool(const NetrcEntry&)>& fits);

// $NETRC, or else ~/.netrc, or else ~/_netrc: the first that is there. None: empty. One that is not the user's alone to
// write is not used, and one that others can read is, as curl and pip do; `reporter` (may be null) hears of both.
std::vector<NetrcEntry> read_netrc(Reporter* reporter);

}  // namespace pkg::index
