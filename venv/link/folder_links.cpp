#include "venv/link/folder_links.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kFormat = "pkg links 2";  // then, each ended by a NUL: path, target, path, target …

// The text up to the next NUL, which is taken away with it; empty at the end.
std::string_view take(std::string_view& text) {
  const auto end = text.find('\0');
  if (end == std::string_view::npos) return {};
  const auto piece = text.substr(0, end);
  text.remove_prefix(end + 1);
  return piece;
}

bool link_leads_to(int at, const char* name, std::string_view target) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size = ::readlinkat(at, name, buffer.data(), buffer.size());
  return size > 0 && std::string_view(buffer.data(), static_cast<std::size_t>(size)) == target;
}

}  // namespace

Result<FolderLinks> FolderLinks::read(const Environment& environment, const Boundary& boundary, const StateKey& key) {
  const auto note = read_note(environment, kFolderLinksName, kFormat, key);
  return note ? parse(note->text, boundary) : FolderLinks{};
}

Result<FolderLinks> FolderLinks::parse(std::string_view text, const Boundary& boundary) {
  const auto damaged = [] {
    return make_error(ErrorKind::bad_data,
                      "the list of the environment's links into the cache (`.pkg/links`) is damaged",
                      "recreating the environment is the sure way");
  };
  FolderLinks links;
  while (!text.empty()) {
    const auto path = take(text), target = take(text);
    if (!is_plain_relative(path) || !target.starts_with('/')) return damaged();
    std::string absolute = boundary.absolute(path);
    if (!boundary.in_site(absolute)) return damaged();
    links.targets.emplace(std::move(absolute), target);
  }
  return links;
}

std::string FolderLinks::sealed_text(const Boundary& boundary, const StateKey& key) const {
  return sealed(kFormat, text(boundary), key);
}

std::string FolderLinks::text(const Boundary& boundary) const {
  std::string out;
  for (const auto& [path, target] : targets) append(out, boundary.relative(path), '\0', target, '\0');
  return out;
}

bool FolderLinks::is_ours(int at, std::string_view folder, std::string_view name) const {
  const auto listed = targets.find(join_path(folder, name));
  return listed != targets.end() && link_leads_to(at, std::string(name).c_str(), listed->second);
}

bool FolderLinks::is_ours(const std::string& path) const {
  const auto listed = targets.find(path);
  return listed != targets.end() && link_leads_to(AT_FDCWD, path.c_str(), listed->second);
}

}  // namespace pkg::venv
