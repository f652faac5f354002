#pragma once
// pyenv's versions and its choice between them, learnt from its files: running one of its shims would start two shells.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pkg::venv {

struct PyenvVersion {
  std::string name;              // "3.12.1", "pypy3.10-7.3.12"
  std::filesystem::path python;  // its bin/python
};

class Pyenv {
 public:
  // $PYENV_ROOT, else ~/.pyenv; nullopt when there is none.
  static std::optional<Pyenv> find();
  const std::filesystem::path& root() const { return root_; }
  bool is_shim_folder(const std::filesystem::path& folder) const { return folder == root_ / "shims"; }
  // Newest first, by the numbers in their names.
  std::vector<PyenvVersion> versions() const;
  // What the shim `program` would run in `folder`: by $PYENV_VERSION, .python-version there or above, or
  // $PYENV_ROOT/version. nullopt: nothing, or the system's.
  std::optional<std::filesystem::path> resolve(std::string_view program, const std::filesystem::path& folder) const;

 private:
  explicit Pyenv(std::filesystem::path root) : root_(std::move(root)) {}
  std::vector<std::string> selected(const std::filesystem::path& folder) const;
  std::filesystem::path root_;
};

}  // namespace pkg::venv
