#include "index/find_links.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/cache/page_builder.h"

namespace pkg::index {
namespace {

bool is_web(std::string_view location) { return location.starts_with("http://") || location.starts_with("https://"); }
bool is_dist_name(std::string_view name) {
  return name.ends_with(".whl") || name.ends_with(".tar.gz") || name.ends_with(".zip") ||
         name.ends_with("-variants.json");
}

Link link_to(const fs::Path& file) {
  Link link;
  link.url = url::path_to_file_url(file.native());
  link.file_name = file.filename().native();
  return link;
}

}  // namespace

Result<std::vector<Link>> links_of_folder(const fs::Path& folder) {
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(folder));
  std::vector<Link> links;
  for (const auto& name : names)
    if (is_dist_name(name)) links.push_back(link_to(folder / name));
  return links;
}

FindLinks::FindLinks(std::vector<SecretUrl> locations, std::string label, Client& client, Reporter& reporter)
    : locations_(std::move(locations)), label_(std::move(label)), client_(client), reporter_(reporter) {}

bool FindLinks::needs_network() const {
  return std::ranges::any_of(locations_, [](const SecretUrl& one) { return is_web(one.with_credentials()); });
}

Result<std::shared_ptr<const PackedPage>> FindLinks::page(const pep::Name& project) {
  const std::lock_guard lock(mutex_);
  if (!loaded_) {
    loaded_ = true;
    if (auto status = load(); !status) failure_ = std::move(status).error();
  }
  if (failure_) return *failure_;
  const auto prefix = cat(project.str(), "-");
  auto at = std::lower_bound(found_.begin(), found_.end(), prefix,
                             [](const Found& one, const std::string& key) { return one.sort_key < key; });
  PageBuilder builder(project);
  for (; at != found_.end() && at->sort_key.starts_with(prefix); ++at) builder.add(at->link);
  if (builder.empty()) return std::shared_ptr<const PackedPage>();
  PageFacts facts;
  facts.index = label_;
  return PackedPage::from_bytes(project, builder.finish(std::move(facts)));
}

Status FindLinks::load() {
  for (const auto& location : locations_)
    PKG_TRY(load_location(location).with([&] { return cat("while reading the ", kind_of_place(), quote(location)); }));
  // Stable: what an earlier location has goes first.
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Found& a, const Found& b) { return a.sort_key < b.sort_key; });
  return ok_status();
}

Status FindLinks::load_location(const SecretUrl& location) {
  const auto& text = location.with_credentials();
  if (is_web(text)) return load_web_page(location);
  if (!text.starts_with("file:")) return load_path(text);
  PKG_TRY_ASSIGN(const auto path, url::file_url_to_path(text));
  return load_path(path);
}

Status FindLinks::load_path(const fs::Path& given) {
  std::error_code failed;
  const auto path = std::filesystem::absolute(given, failed);
  if (failed || !fs::exists(path)) {
    reporter_.warning(cat("the ", kind_of_place(), "location ", quote(given.native()), " does not exist"));
    return ok_status();
  }
  if (fs::is_directory(path)) {
    PKG_TRY_ASSIGN(const auto links, links_of_folder(path));
    for (const auto& link : links) keep(link);
    return ok_status();
  }
  if (is_dist_name(path.native())) {
    keep(link_to(path));
    return ok_status();
  }
  PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(path, limits::kPage));
  PKG_TRY(parse_page(PageFormat::html, text, url::path_to_file_url(path.native()),
                     [this](const Link& link) { keep(link); }));
  return ok_status();
}

Status FindLinks::load_web_page(const SecretUrl& location) {
  Request request;
  request.url = location.without_credentials();  // the client knows them
  request.headers = {{"Accept", std::string(kAcceptPages)}};
  request.decode_body = true;
  request.body_limit_bytes = limits::kPage;
  PKG_TRY_ASSIGN(auto response, client_.get(std::move(request)));
  if (response.status != 200) return status_error(response);
  const auto* type = response.header("content-type");
  const auto sent_as = [&] {
    return cat("which was sent ", type != nullptr ? cat("as ", quote(*type)) : std::string("without a type"));
  };
  PKG_TRY_ASSIGN(const auto format, page_format(type != nullptr ? *type : std::string(), response.body));
  PKG_TRY(parse_server_page(format, response.body, response.url, nullptr, [this](const Link& link) {
            keep(link);
          }).with(sent_as));
  return ok_status();
}

std::string FindLinks::kind_of_place() const { return label_ == kFindLinks ? "find-links " : "flat index "; }

void FindLinks::keep(const Link& link) {
  if (is_dist_name(link.file_name)) found_.push_back({pep::normalize_name(link.file_name), link});
}

}  // namespace pkg::index
