#include "ops/environment/kept_environment.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "index/cache/cache.h"
#include "venv/create.h"

namespace pkg::ops {
namespace {

std::string folder_name(std::string_view name, const std::string& key, const venv::Interpreter& base) {
  std::string safe;
  for (const char c : name.substr(0, 40)) safe += is_ascii_alnum(c) || c == '-' || c == '_' ? c : '_';
  const auto digest = hash::to_hex(
      hash::sha256(cat(key, '\0', base.real_executable.native(), '\0', base.target.environment.python_full_version)));
  return cat(safe, "-", digest.substr(0, 32));
}

// The folder's mtime is the day of the last use: `pkg cache prune --unused-for` goes by it.
void note_use(const fs::Path& folder, std::int64_t now) {
  struct stat st {};
  if (::stat(folder.c_str(), &st) == 0 && now - st.st_mtim.tv_sec > time::kDay)
    (void)::utimensat(AT_FDCWD, folder.c_str(), nullptr, 0);
}

}  // namespace

std::filesystem::path kept_environment_folder(std::string_view name, const std::string& key,
                                              const venv::Interpreter& base, const Session& session) {
  return index::CachePaths{session.cache_dir()}.environments() / folder_name(name, key, base);
}

Result<std::optional<venv::Environment>> present_kept_environment(std::string_view name, const std::string& key,
                                                                  const venv::Interpreter& base, Session& session) {
  return kept_environment_called(folder_name(name, key, base), session);
}

Result<std::optional<venv::Environment>> kept_environment_called(const std::string& folder_name, Session& session) {
  const auto folder = index::CachePaths{session.cache_dir()}.environments() / folder_name;
  if (!fs::exists(folder / "pyvenv.cfg")) return std::optional<venv::Environment>();
  note_use(folder, session.now());
  PKG_TRY_ASSIGN(auto environment, venv::open_environment(folder, session.cache_dir()));
  return std::optional(std::move(environment));
}

Result<venv::Environment> kept_environment(std::string_view name, const std::string& key, const venv::Interpreter& base,
                                           Session& session) {
  PKG_TRY_ASSIGN(auto present, present_kept_environment(name, key, base, session));
  if (present) return std::move(*present);
  const auto folder = kept_environment_folder(name, key, base, session);
  PKG_TRY(fs::make_dirs(folder.parent_path()));
  venv::CreateOptions create;
  create.folder = folder;
  PKG_TRY_ASSIGN(auto wanted, venv::create_or_use(base, create));  // another process may be first
  return std::move(wanted.environment);
}

}  // namespace pkg::ops
