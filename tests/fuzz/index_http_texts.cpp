// Texts of servers and of .netrc that are read outside of pages: Content-Range, freshness, dates, Retry-After, bodies
// with a content coding, .netrc, the URLs of links with their fragments. The first byte says which.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/time.h"
#include "index/http/content_coding.h"
#include "index/http/freshness.h"
#include "index/http/netrc.h"
#include "index/http/retry.h"
#include "index/metadata/remote_zip.h"
#include "index/simple/link_url.h"

namespace {

using namespace pkg;

constexpr std::int64_t kNow = 1'700'000'000;

void content_range(std::string_view text) {
  const auto range = index::ContentRange::parse(text);
  PKG_CHECK(!range || (range->first <= range->last && range->last < range->total));
}

void freshness(std::string_view text) {
  const auto cut = text.find('\n');
  index::Response response;
  response.headers.push_back({"cache-control", std::string(text.substr(0, cut))});
  if (cut != std::string_view::npos)
    for (const char* name : {"expires", "age", "date"})
      response.headers.push_back({name, std::string(text.substr(cut + 1))});
  const auto fresh = index::freshness_of(response, 600, kNow);
  PKG_CHECK(fresh.max_age_s >= 0 && fresh.max_age_s <= 400LL * 24 * 3600);
}

void times(std::string_view text) {
  (void)time::parse_http_date(text);
  (void)time::parse_duration(text);
  (void)time::parse_cutoff(text, kNow).ok();
  if (const auto at = time::parse_rfc3339(text)) PKG_CHECK(time::parse_rfc3339(time::to_rfc3339(*at)) == at);
  index::ResponseHead head;
  head.headers.push_back({"retry-after", std::string(text)});
  const auto wait = index::retry_after(head, kNow).seconds;
  PKG_CHECK(!wait || (*wait >= 0 && *wait <= 60));
}

void body(std::string_view text) {
  constexpr std::array<const char*, 4> kCodings = {"gzip", "deflate", "gzip, deflate", "identity"};
  constexpr std::uint64_t kLimit = 1u << 20;
  if (text.empty()) return;
  index::Response response;
  response.headers.push_back({"content-encoding", kCodings[static_cast<unsigned char>(text[0]) % kCodings.size()]});
  response.body = text.substr(1);
  ScratchBuffer buffer;
  const auto decoded = index::decoded_body(response, kLimit, buffer);
  if (decoded) PKG_CHECK(decoded->size() <= kLimit && decoded->data()[decoded->size()] == '\0');
}

void netrc(std::string_view text) {
  const auto entries = index::parse_netrc(text);
  const auto* entry = index::find_entry(entries, "user", [](const index::NetrcEntry&) { return true; });
  PKG_CHECK(entry == nullptr || entry->login == "user");
}

void link_url(std::string_view text, const char* page) {
  index::Link link;
  if (index::LinkBase(page).resolve(text, link)) PKG_CHECK(!link.file_name.empty());
  index::read_fragment_hash(text, link.hashes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      content_range(text);
      break;
    case 1:
      freshness(text);
      break;
    case 2:
      times(text);
      break;
    case 3:
      body(text);
      break;
    case 4:
      netrc(text);
      break;
    case 5:
      link_url(text, "https://index.example/simple/foo/?q#f");
      break;
    default:
      link_url(text, "file:///a/b/");
  }
  return 0;
}
