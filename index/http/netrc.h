#pragma once
// .netrc, as netrc(5) and Python's netrc module read it.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::index {

struct NetrcEntry {
  std::string machine;  // empty: the "default" entry
  std::string login, password;
};
// Tokens: machine, default, login (or user), password, account; values may stand in double quotes with backslash escapes; macdef bodies and
// comments are skipped.
std::vector<NetrcEntry> parse_netrc(std::string_view text);

// The entry for a host: of that machine, else the default one. With a `user`, only an entry of that login counts. nullptr: none.
const NetrcEntry* find_entry(const std::vector<NetrcEntry>& entries, std::string_view host, std::string_view user);

// $NETRC, or else ~/.netrc, or else ~/_netrc: the first that can be read. None: empty.
std::vector<NetrcEntry> read_netrc();

}  // namespace pkg::index
