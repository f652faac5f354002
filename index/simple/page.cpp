#include "index/simple/page.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/url.h"
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

// What files of projects are, or once were, called.
bool is_distribution(std::string_view file_name) {
  constexpr std::array<std::string_view, 17> kEndings = {".whl",    ".tar.gz", ".zip",   ".tgz", ".tar.bz2", ".tbz",
                                                         ".tar.xz", ".txz",    ".tar.Z", ".tar", ".egg",     ".exe",
                                                         ".msi",    ".rpm",    ".deb",   ".dmg", ".metadata"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return file_name.ends_with(ending); });
}

// Whether an address is one that can be asked for: http or https, with a host and port that may be. A page's links
// share theirs, so that each is looked at once.
class WebLinks {
 public:
  bool may_have(std::string_view address) {
    if (!address.starts_with("https://") && !address.starts_with("http://")) return false;
    const auto server = address.substr(0, address.find_first_of("/?#", address.find("://") + 3));
    if (server != last_) {
      last_ = server;
      is_fine_ = url::Url::parse(server).ok();
    }
    return is_fine_;
  }

 private:
  std::string last_;
  bool is_fine_ = false;
};

// What a page without a list of files is, in words.
std::string what_it_is(PageFormat format, std::span<const char> body, const PageHead& head) {
  if (trim({body.data(), body.size()}).empty()) return "it is empty";
  if (format == PageFormat::json) return "it has no `files`";
  return head.title.empty() ? std::string("it has no title") : cat("its title is ", quote(head.title));
}

Status check_is_listing(PageFormat format, std::span<const char> body, const PageHead& head, bool lists_files) {
  if (lists_files || head.is_listing) return ok_status();
  return make_error(ErrorKind::bad_data,
                    cat("the server answers with ", format == PageFormat::json ? "JSON" : "an HTML page",
                        " that is no list of files: ", what_it_is(format, body, head)),
                    "is this the address of a package index, and does nothing on the way (a login, a captive portal, a "
                    "proxy) answer in its place?");
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

Result<PageHead> parse_server_page(PageFormat format, std::span<char> body, const std::string& url,
                                   const pep::Name* project, const LinkSink& sink) {
  bool lists_files = false;
  std::string refused;
  WebLinks web;
  PKG_TRY_ASSIGN(auto head, parse_page(format, body, url, [&](const Link& link) {
                   lists_files = lists_files || is_distribution(link.file_name) || is_distribution(link.announced_name);
                   if (link.url.starts_with("file:") && refused.empty()) refused = link.url;
                   if (web.may_have(link.url)) sink(link);
                 }));
  if (!refused.empty())
    return make_error(ErrorKind::bad_data, cat("the page links to a file of this machine, ", quote(refused),
                                               ": a server cannot say what lies there"));
  if (project != nullptr && !head.name.empty() && pep::normalize_name(head.name) != project->str())
    return make_error(ErrorKind::bad_data,
                      cat("the page is that of the project ", quote(head.name), ", not of ", quote(project->str())));
  if (!lists_files && format == PageFormat::html) read_html_title({body.data(), body.size()}, head);
  PKG_TRY(check_is_listing(format, body, head, lists_files));
  return head;
}

}  // namespace pkg::index
