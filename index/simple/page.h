#pragma once
// A project's page of the simple repository API, read link by link (PEP 503, 592, 629, 658, 691, 700, 714, 792).

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "pep/name.h"

namespace pkg::index {

// One file as its page tells it, before its name is looked at.
struct Link {
  using Hashes = std::vector<std::pair<std::string, std::string>>;  // algorithm, hex: as written

  std::string url;             // absolute, percent-encoded; without fragment
  std::string fragment;        // without '#'
  std::string file_name;       // the last segment of the URL's path, decoded
  std::string announced_name;  // JSON's "filename"
  Hashes hashes;
  std::string requires_python;        // empty: none
  std::optional<std::string> yanked;  // the reason, or ""
  bool has_metadata = false;
  Hashes metadata_hashes;
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::int64_t> upload_time;  // unix seconds

  void clear();  // keeps the strings' memory
};

// What a page says of itself.
struct PageHead {
  std::string api_version = "1.0";
  std::string status, status_reason;  // PEP 792; empty: active
  bool is_newer_minor = false;        // of the API than this program knows
  std::string name;                   // JSON's "name"; may be empty
  // It says of itself that it lists files, were it none: JSON's "files", HTML's repository-version; of a server's page
  // without files also a title like "Links for NAME".
  bool is_listing = false;
  std::string title;  // HTML's, shortened; read of a server's page without files
};

// Called for each link in page order; the link is reused for the next one.
using LinkSink = std::function<void(const Link&)>;

enum class PageFormat : std::uint8_t { json, html };
// By Content-Type; one look at `body` where the server gives a general type. Errors: unsupported (an API of another
// major version) · bad_data (no page at all).
Result<PageFormat> page_format(std::string_view content_type, std::string_view body);

// `url` is where the page came from. `body` is read in place, and a NUL follows it. On an Error, links given to the
// sink before are not to be used. bad_data: malformed, or nested too deeply · unsupported: an API of another major
// version.
Result<PageHead> parse_page(PageFormat format, std::span<char> body, const std::string& url, const LinkSink& sink);

// The same for the page of a server, which is not taken at its word. bad_data too: links to a file of this machine
// (file:) · neither links to one file nor says that it is a list of files, as the page of a login or of a captive
// portal · is the page of another project than `project` (null: of any). Links that lead neither to http nor to https
// are left out.
Result<PageHead> parse_server_page(PageFormat format, std::span<char> body, const std::string& url,
                                   const pep::Name* project, const LinkSink& sink);

// The value of "Accept" that asks for what is read best.
inline constexpr std::string_view kAcceptPages =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

}  // namespace pkg::index
