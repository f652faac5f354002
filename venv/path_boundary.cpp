#include "venv/path_boundary.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/text.h"

namespace pkg::venv {
namespace {

bool is_activation_script(std::string_view name) {
  return name == "activate" || name.starts_with("activate.") || name == "activate_this.py" || name == "Activate.ps1" ||
         name == "deactivate.nu" || name == "deactivate.bat";
}

// "python", "python3", "python3.12", "python3.13t", "pypy3.10", "pythonw" … but not "python-config" or "pythonfoo".
bool is_interpreter_name(std::string_view name) {
  for (const std::string_view stem : {"pythonw", "python", "pypy", "graalpy"}) {
    if (!name.starts_with(stem)) continue;
    name.remove_prefix(stem.size());
    if (!name.empty() && name.back() == 't') name.remove_suffix(1);
    for (const char c : name)
      if (!is_ascii_digit(c) && c != '.') return false;
    return true;
  }
  return false;
}

}  // namespace

std::string normalize(std::string_view absolute) {
  std::string out;
  out.reserve(absolute.size());
  for (const auto piece : split(absolute, '/')) {
    if (piece.empty() || piece == ".") continue;
    if (piece == "..") {
      const auto slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    append(out, '/', piece);
  }
  return out.empty() ? "/" : out;
}

bool is_below(std::string_view path, std::string_view root) {
  if (root == "/") return path.size() > 1;
  return path.size() > root.size() + 1 && path.starts_with(root) && path[root.size()] == '/';
}

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string join_path(std::string_view folder, std::string_view below) {
  if (below.empty()) return std::string(folder);
  return folder == "/" ? cat('/', below) : cat(folder, '/', below);
}

bool is_plain_relative(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  std::size_t start = 0;
  while (true) {
    const auto slash = path.find('/', start);
    const auto piece = path.substr(start, slash == std::string_view::npos ? slash : slash - start);
    if (piece.empty() || piece == "." || piece == "..") return false;
    if (slash == std::string_view::npos) return true;
    start = slash + 1;
  }
}

std::string resolved(std::string_view absolute) {
  const std::string path = normalize(absolute);
  std::string existing = path;
  std::array<char, PATH_MAX> buffer;
  while (existing != "/") {
    if (::realpath(existing.c_str(), buffer.data()) != nullptr)
      return join_path(buffer.data(), std::string_view(path).substr(std::min(path.size(), existing.size() + 1)));
    existing = parent_of(existing);
  }
  return path;
}

const PathResolver::Known& PathResolver::look(const std::string& path) {
  // Upwards to what is known, then down again.
  std::vector<std::string> unknown;
  for (std::string at = path; at != "/" && !known_.contains(at); at = parent_of(at)) unknown.push_back(at);
  const Known root{"/", true};
  for (auto next = unknown.rbegin(); next != unknown.rend(); ++next) {
    const std::string parent(parent_of(*next));
    const Known& above = parent == "/" ? root : known_.find(parent)->second;
    Known found{join_path(above.path, name_of(*next)), false};
    std::array<char, PATH_MAX> buffer;
    if (above.exists) {
      const bool is_link = ::readlink(found.path.c_str(), buffer.data(), buffer.size()) >= 0;
      found.exists = is_link || errno == EINVAL;  // EINVAL: it is there and no link
      if (is_link) found.path = resolved(found.path);
    }
    known_.emplace(*next, std::move(found));
  }
  return known_.find(path)->second;
}

std::string PathResolver::of(std::string_view absolute) {
  const std::string path = normalize(absolute);
  return path == "/" ? path : look(path).path;
}

Boundary::Boundary(const Layout& layout) : prefix_(resolved(layout.prefix.native())) {
  for (const auto scheme :
       {pep::Scheme::purelib, pep::Scheme::platlib, pep::Scheme::headers, pep::Scheme::scripts, pep::Scheme::data})
    schemes_.push_back(resolved(layout.of(scheme).native()));
}

bool Boundary::contains(std::string_view path) const {
  if (is_below(path, prefix_)) return true;
  for (const auto& root : schemes_)
    if (is_below(path, root)) return true;
  return false;
}

bool Boundary::is_closed() const {
  return std::all_of(schemes_.begin(), schemes_.end(),
                     [&](const auto& root) { return root == prefix_ || is_below(root, prefix_); });
}

bool Boundary::in_site(std::string_view path) const {
  return is_below(path, root(pep::Scheme::purelib)) || is_below(path, root(pep::Scheme::platlib));
}

bool Boundary::is_fixed_folder(std::string_view path) const {
  if (path == prefix_ || is_below(prefix_, path)) return true;
  for (const auto& root : schemes_)
    if (path == root || is_below(root, path)) return true;
  return false;
}

bool Boundary::is_environments_own(std::string_view path) const {
  const auto parent = parent_of(path);
  if (parent == prefix_) {
    const auto name = name_of(path);
    if (name == "pyvenv.cfg" || name == ".pkg") return true;
    // A folder that is itself site-packages (--target) has what a distribution brings.
    const bool is_site = prefix_ == root(pep::Scheme::purelib);
    return !is_site && (name == "lib64" || name == ".gitignore" || name == "CACHEDIR.TAG");
  }
  if (parent == root(pep::Scheme::scripts))
    return is_activation_script(name_of(path)) || is_interpreter_name(name_of(path));
  return is_below(path, join_path(prefix_, ".pkg"));
}

bool Boundary::is_pkgs_own(std::string_view path) const {
  const auto is_site = [&](std::string_view folder) {
    return folder == root(pep::Scheme::purelib) || folder == root(pep::Scheme::platlib);
  };
  const auto folder = parent_of(path), name = name_of(path);
  if (is_site(folder)) return name == "_pkg_links.py" || name == "_pkg_links.pth" || name == "_pkg_run.pth";
  return name.starts_with("_pkg_links.") && name_of(folder) == "__pycache__" && is_site(parent_of(folder));
}

bool Boundary::may_hold_own(std::string_view folder) const {
  if (!in_site(folder) || (name_of(folder) == "__pycache__" && !in_site(parent_of(folder)))) return true;
  const std::string state = join_path(prefix_, ".pkg");
  return folder == state || is_below(folder, state);
}

bool Boundary::is_transaction_state(std::string_view path) const {
  const std::string state = join_path(prefix_, ".pkg");
  const auto is_or_below = [&](const std::string& folder) { return path == folder || is_below(path, folder); };
  return path == join_path(state, "links") || is_or_below(join_path(state, "bytecode")) ||
         is_or_below(join_path(state, "overwritten"));
}

std::string Boundary::relative(std::string_view path) const {
  return is_below(path, prefix_) ? std::string(path.substr(prefix_ == "/" ? 1 : prefix_.size() + 1))
                                 : std::string(path);
}

std::string Boundary::absolute(std::string_view path) const {
  return path.starts_with('/') ? std::string(path) : join_path(prefix_, path);
}

}  // namespace pkg::venv
