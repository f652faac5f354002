#include "venv/owned_paths.h"

#include <array>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

// One CSV field from `text` at `at`; `storage` holds it when quotes had to be undone. Leaves `at` on the separator or
// line end.
std::string_view take_field(std::string_view text, std::size_t& at, std::string& storage) {
  if (at < text.size() && text[at] == '"') {
    storage.clear();
    for (++at; at < text.size(); ++at) {
      if (text[at] == '"') {
        if (at + 1 >= text.size() || text[at + 1] != '"') break;
        ++at;
      }
      storage.push_back(text[at]);
    }
    if (at < text.size()) ++at;
    return storage;
  }
  const auto end = std::min(text.find_first_of(",\n\r", at), text.size());
  return text.substr(std::exchange(at, end), end - at);
}

bool needs_normalizing(std::string_view path) {
  return path == "." || path == ".." || path.starts_with('/') || path.starts_with("./") || path.starts_with("../") ||
         path.find("/.") != std::string_view::npos || path.find("//") != std::string_view::npos ||
         path.find('\\') != std::string_view::npos || path.ends_with('/');
}

}  // namespace

void for_each_record_line(std::string_view text,
                          const std::function<void(std::string_view, std::string_view, std::string_view)>& row) {
  std::array<std::string, 3> storage;
  std::size_t at = 0;
  while (at < text.size()) {
    std::array<std::string_view, 3> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i] = take_field(text, at, storage[i]);
      if (at >= text.size() || text[at] != ',') break;
      ++at;
    }
    const auto end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
    if (!fields[0].empty()) row(fields[0], fields[1], fields[2]);
  }
}

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
      auto text = dist.has_record ? fs::read_file_at_most(dist.info / "RECORD", limits::kRecord)
                                  : Result<std::string>(std::string());
      texts_.push_back(text.ok() ? std::move(text).value() : std::string());
    }
  }
  std::string buffer;
  PathResolver resolver;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const std::string site = resolver.of(dists_[i].info.parent_path().native());
    for_each_record_line(texts_[i], [&](std::string_view path, std::string_view hash, std::string_view) {
      claim(dists_[i], record_target(site, path, buffer), hash);
    });
  }
}

}  // namespace pkg::venv
