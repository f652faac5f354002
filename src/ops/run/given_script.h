#pragma once
// Scripts that are no file yet: of standard input, and of a URL. What has to be a file lies below <cache>/scripts-v1,
// by its content (docs/internals/cache-layout.md#scripts).

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"

namespace pkg::ops {

// The block of a script that came from standard input, alone, as a file; empty: it has none. Two scripts with one block
// have one file, and so one environment; the rest of a script is kept nowhere. bad_data: a damaged block · io.
Result<std::filesystem::path> keep_block(const std::string& script, const Session& session);

struct RemoteScript {
  std::string url;     // where it came from, after redirects; without credentials
  std::string sha256;  // hex
  std::string text;
  std::filesystem::path file;  // where it is, or will be kept
  bool is_kept = false;        // the same bytes from the same address were kept before
};

bool is_script_url(const std::string& word);  // "https://…" or "http://…"

// https; http only from this machine and from hosts that the user trusts (--trusted-host). usage: another address ·
// not_found: --offline, or the server does not have it · bad_data: no text · network, interrupted.
Result<RemoteScript> fetch_script(const std::string& url, const Session& session);
Status keep_script(const RemoteScript& script);  // io

}  // namespace pkg::ops
