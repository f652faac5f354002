#include "venv/discovery.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "venv/redirect.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

bool is_conda_base(const stdfs::path& prefix) {
  const char* name = environment_variable("CONDA_DEFAULT_ENV");
  if (name != nullptr && (std::string_view(name) == "base" || std::string_view(name) == "root")) return true;
  const char* root = environment_variable("_CONDA_ROOT");
  return (root != nullptr && prefix == root) || fs::is_directory(prefix / "condabin");
}

// `.venv` of one folder, where it is an environment. Of the usual folder one look is all it costs.
std::optional<stdfs::path> dot_venv(const stdfs::path& folder) {
  const auto place = folder / ".venv";
  if (::access((place / "pyvenv.cfg").c_str(), F_OK) == 0) return place;
  if (errno != ENOTDIR) return std::nullopt;
  const auto target = follow_redirect(place);
  if (!target || !fs::exists(*target / "pyvenv.cfg")) return std::nullopt;
  return *target;
}

std::optional<stdfs::path> dot_venv_at_or_above(const stdfs::path& start) {
  for (stdfs::path folder = start;; folder = folder.parent_path()) {
    if (auto found = dot_venv(folder)) return found;
    if (folder == folder.parent_path() || folder.empty()) return std::nullopt;
  }
}

}  // namespace

std::vector<ActiveEnvironment> active_environments(std::vector<std::string>* gone) {
  std::vector<ActiveEnvironment> found;
  const auto add = [&](const char* variable, const char* mark) {
    const char* value = environment_variable(variable);
    if (value == nullptr) return;
    if (fs::exists(stdfs::path(value) / mark)) {
      const bool base = std::string_view(mark) == "conda-meta" && is_conda_base(value);
      found.push_back({variable, value, base});
    } else if (gone != nullptr) {
      gone->push_back(cat(variable, " names ", quote(value), ", which is no environment"));
    }
  };
  add("VIRTUAL_ENV", "pyvenv.cfg");
  add("CONDA_PREFIX", "conda-meta");
  return found;
}

Discovery discover_environment(const stdfs::path& start) {
  Discovery discovery;
  auto active = active_environments(&discovery.gone);
  const auto take = [&](bool base) {
    const auto found = std::ranges::find(active, base, &ActiveEnvironment::is_conda_base);
    if (found == active.end()) return false;
    discovery.folder = found->folder;
    discovery.active = std::move(*found);
    return true;
  };
  if (take(false)) return discovery;
  discovery.folder = dot_venv_at_or_above(start);
  if (discovery.folder || take(true)) return discovery;
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    const char* value = environment_variable(variable);
    discovery.looked_at.push_back(
        cat(variable, value == nullptr ? std::string(" (not set)") : cat(" (", quote(value), ")")));
  }
  discovery.looked_at.push_back(cat(quote((start / ".venv").native()), " and .venv in its parent folders"));
  return discovery;
}

}  // namespace pkg::venv
