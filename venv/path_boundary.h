#pragma once
// What lies inside an environment and what does not: decided on the components of normalised paths, never on text
// prefixes.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "venv/layout.h"

namespace pkg::venv {

// `absolute` without empty, "." and ".." components, purely lexically.
std::string normalize(std::string_view absolute);
bool is_below(std::string_view path, std::string_view root);  // strictly; both normal
std::string_view parent_of(std::string_view path);
std::string_view name_of(std::string_view path);
std::string join_path(std::string_view folder, std::string_view below);  // `below` may be empty
// A relative path of plain components: not empty, no leading or double '/', no "." or "..", no NUL.
bool is_plain_relative(std::string_view path);
// The path with every link of its existing part followed.
std::string resolved(std::string_view absolute);

// resolved() for many paths, each component of which is looked at once. What changes meanwhile is not noticed. Threads:
// one.
class PathResolver {
 public:
  std::string of(std::string_view absolute);

 private:
  struct Known {
    std::string path;  // links followed
    bool exists = false;
  };
  const Known& look(const std::string& path);
  std::unordered_map<std::string, Known> known_;  // by normal path
};

// Where an environment's files may lie. Immutable: any thread.
class Boundary {
 public:
  explicit Boundary(const Layout& layout);

  const std::string& prefix() const { return prefix_; }
  const std::string& root(pep::Scheme scheme) const { return schemes_[static_cast<std::size_t>(scheme)]; }
  bool contains(std::string_view path) const;         // strictly below the prefix or a scheme's folder
  bool in_site(std::string_view path) const;          // below purelib or platlib
  bool is_fixed_folder(std::string_view path) const;  // a scheme's folder or one above it: never removed
  // pyvenv.cfg, .gitignore, CACHEDIR.TAG, the interpreter, activation scripts, .pkg
  bool is_environments_own(std::string_view path) const;
  bool is_pkgs_own(std::string_view path) const;     // what pkg itself writes into site-packages: _pkg_links.py …
  bool may_hold_own(std::string_view folder) const;  // whether a path directly in it can be one of the two
  bool is_closed() const;                            // every scheme's folder lies below the prefix, or is it
  // What a transaction changes in .pkg: venv/link/link_state.h, venv/transaction/overwritten.h.
  bool is_transaction_state(std::string_view path) const;
  std::string relative(std::string_view path) const;  // to the prefix when below it, else the absolute path
  std::string absolute(std::string_view path) const;  // the inverse

 private:
  std::string prefix_;
  std::vector<std::string> schemes_;  // by Scheme
};

}  // namespace pkg::venv
