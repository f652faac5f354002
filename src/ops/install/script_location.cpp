#include "ops/install/script_location.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool is_on_path(const stdfs::path& folder) {
  const char* value = std::getenv("PATH");
  const auto wanted = (folder / "").lexically_normal();
  for (const auto piece : split(value == nullptr ? "" : value, ':')) {
    if (!piece.empty() && (stdfs::path(piece) / "").lexically_normal() == wanted) return true;
  }
  return false;
}

}  // namespace

void add_script_warnings(const venv::Environment& environment, std::span<const ChangedDist> changes,
                         std::vector<std::string>& warnings) {
  const auto& folder = environment.layout.scripts;
  if (environment.kind != venv::EnvironmentKind::system || folder == environment.python.parent_path() ||
      is_on_path(folder))
    return;
  const auto installed = venv::installed(environment);
  if (!installed) return;
  std::set<std::string> scripts;
  for (const auto& dist : *installed) {
    const auto is_it = [&](const ChangedDist& change) {
      return change.kind != ChangedDist::Kind::removed && change.name == dist.name.str();
    };
    if (std::ranges::none_of(changes, is_it)) continue;
    const auto record = venv::read_record(dist);
    if (!record) continue;
    for (const auto& row : *record) {
      const auto path = (dist.info.parent_path() / row.path).lexically_normal();
      if (path.parent_path() == folder.lexically_normal()) scripts.insert(quote(path.filename().native()));
    }
  }
  if (scripts.empty()) return;
  warnings.push_back(cat(scripts.size() == 1 ? "the script " : "the scripts ",
                         join(std::vector<std::string>(scripts.begin(), scripts.end()), ", "),
                         scripts.size() == 1 ? " is in " : " are in ", quote(folder.native()),
                         ", which is not on PATH (--no-warn-script-location: say nothing of it)"));
}

}  // namespace pkg::ops
