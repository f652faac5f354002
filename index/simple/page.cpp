#include "index/simple/page.h"

#include <algorithm>

#include "base/text.h"
#include "index/simple/api_version.h"
#include "index/simple/html_page.h"
#include "index/simple/json_page.h"

namespace pkg::index {
namespace {

constexpr std::string_view kApiTypes = "application/vnd.pypi.simple.";

Result<PageFormat> api_format(std::string_view type) {
  const auto rest = type.substr(kApiTypes.size());
  const auto plus = std::min(rest.find('+'), rest.size());
  const bool known = rest.substr(0, plus) == "v1" || rest.substr(0, plus) == "latest";
  if (known && rest.substr(plus) == "+json") return PageFormat::json;
  if (known && rest.substr(plus) == "+html") return PageFormat::html;
  return make_error(ErrorKind::unsupported,
                    cat("the index answers in the format ", quote(type), ", which this program does not know"));
}

}  // namespace

void Link::clear() {
  url.clear();
  fragment.clear();
  file_name.clear();
  announced_name.clear();
  hashes.clear();
  requires_python.clear();
  yanked.reset();
  has_metadata = false;
  metadata_hashes.clear();
  size_bytes.reset();
  upload_time.reset();
}

Result<PageFormat> page_format(std::string_view content_type, std::string_view body) {
  const auto type = to_ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type.starts_with(kApiTypes)) return api_format(type);
  if (type == "application/json") return PageFormat::json;
  if (type == "text/html" || type == "application/xhtml+xml") return PageFormat::html;
  if (!type.empty() && type != "text/plain" && type != "application/octet-stream")
    return make_error(ErrorKind::bad_data,
                      cat("the index answers with content of the type ", quote(type), ", not with a page of files"));
  return trim(body.substr(0, 4096)).starts_with('{') ? PageFormat::json : PageFormat::html;
}

Result<PageHead> parse_page(PageFormat format, std::span<char> body, const std::string& url, const LinkSink& sink) {
  auto head = format == PageFormat::json ? parse_json_page(body, url, sink)
                                         : parse_html_page({body.data(), body.size()}, url, sink);
  if (!head) return head;
  PKG_TRY_ASSIGN(head->is_newer_minor, check_api_version(head->api_version));
  return head;
}

}  // namespace pkg::index
