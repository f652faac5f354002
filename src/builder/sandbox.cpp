#include "builder/sandbox.h"

#include <algorithm>
#include <utility>

#include "base/child.h"
#include "base/fs.h"
#include "base/text.h"
#include "builder/sandbox_landlock.h"
#include "builder/sandbox_namespaces.h"

namespace pkg::builder {
namespace {

using Folders = std::vector<std::filesystem::path>;

// "namespaces", then "w/folder" and "r/folder", each after a NUL.
std::string description_of(SandboxMeans means, const SandboxFolders& folders) {
  std::string text = means == SandboxMeans::namespaces ? "namespaces" : "landlock";
  for (const auto& folder : folders.writable) append(text, '\0', 'w', folder.native());
  for (const auto& folder : folders.readable) append(text, '\0', 'r', folder.native());
  return text;
}

Result<Sandbox> tried(SandboxMeans means, const SandboxFolders& folders) {
  if (means == SandboxMeans::landlock) PKG_TRY(check_landlock());
  Sandbox sandbox{means, description_of(means, folders)};
  PKG_TRY(process::try_out(sandbox.confinement));
  return sandbox;
}

Result<Sandbox> best(const SandboxFolders& folders) {
  auto namespaces = tried(SandboxMeans::namespaces, folders);
  if (namespaces) return namespaces;
  auto landlock = tried(SandboxMeans::landlock, folders);
  if (landlock) return landlock;
  return make_error(
      ErrorKind::unsupported,
      cat("builds cannot be contained on this system: no user and mount namespaces (", namespaces.error().message,
          ") and no Landlock (", landlock.error().message, ")"),
      "build without --sandbox-build, or allow unprivileged user namespaces (sysctl user.max_user_namespaces, "
      "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)");
}

// Those above others first: a mount covers what is mounted below its place.
void sort_by_depth(Folders& folders) {
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
}

Result<SandboxFolders> real_folders(const SandboxFolders& folders) {
  SandboxFolders out;
  for (const auto& folder : folders.writable) {
    PKG_TRY(fs::make_dirs(folder));
    std::error_code failed;
    out.writable.push_back(std::filesystem::canonical(folder, failed));
    if (failed) return fs::errno_error("cannot find", folder, failed.value());
  }
  // As they are written: programs look for them there. What links lead to has to be there, too.
  for (const auto& folder : folders.readable) {
    std::error_code failed;
    const auto real = std::filesystem::canonical(folder, failed);
    if (failed || !folder.is_absolute()) continue;
    out.readable.push_back(folder.lexically_normal());
    out.readable.push_back(real);
  }
  sort_by_depth(out.writable);
  sort_by_depth(out.readable);
  return out;
}

}  // namespace

Result<Sandbox> prepare_sandbox(const SandboxFolders& folders) {
  PKG_TRY_ASSIGN(const auto real, real_folders(folders));
  return best(real);
}

Result<Sandbox> prepare_sandbox(SandboxMeans means, const SandboxFolders& folders) {
  PKG_TRY_ASSIGN(const auto real, real_folders(folders));
  return tried(means, real);
}

std::unique_ptr<process::Confiner> make_confiner(const std::string& confinement) {
  const auto pieces = split(confinement, '\0');
  SandboxFolders folders;
  for (std::size_t i = 1; i < pieces.size(); ++i)
    (pieces[i].starts_with('w') ? folders.writable : folders.readable).emplace_back(pieces[i].substr(1));
  if (pieces[0] == "namespaces") return std::make_unique<NamespaceConfiner>(std::move(folders));
  if (pieces[0] == "landlock") return std::make_unique<LandlockConfiner>(std::move(folders));
  return nullptr;
}

}  // namespace pkg::builder
