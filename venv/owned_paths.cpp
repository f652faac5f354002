#include "venv/owned_paths.h"

#include <utility>

#include "base/text.h"
#include "pep/record.h"
#include "venv/site_files.h"

namespace pkg::venv {
namespace {

bool needs_normalizing(std::string_view path) {
  return path == "." || path == ".." || path.starts_with('/') || path.starts_with("./") || path.starts_with("../") ||
         path.find("/.") != std::string_view::npos || path.find("//") != std::string_view::npos ||
         path.find('\\') != std::string_view::npos || path.ends_with('/');
}

}  // namespace

std::string_view record_target(std::string_view site, std::string_view path, std::string& buffer) {
  buffer.clear();
  if (!needs_normalizing(path)) {
    append(buffer, site, '/', path);
    return buffer;
  }
  const std::string slashed = replace_all(path, "\\", "/");
  buffer = slashed.starts_with('/') ? normalize(slashed) : normalize(cat(site, '/', slashed));
  return buffer;
}

void ClaimsOf::for_each(const std::function<void(const InstalledDist&, std::string_view, std::string_view)>& claim) {
  if (!std::exchange(is_read_, true)) {
    for (const auto& dist : dists_) {
      auto text = dist.has_record ? read_record_text(dist) : Result<std::string>(std::string());
      texts_.push_back(text.ok() ? std::move(text).value() : std::string());
    }
  }
  std::string buffer;
  PathResolver resolver;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const std::string site = resolver.of(dists_[i].info.parent_path().native());
    for (pep::RecordReader record(texts_[i]); record.next_file();)
      claim(dists_[i], record_target(site, record.path(), buffer), record.hash());
  }
}

}  // namespace pkg::venv
