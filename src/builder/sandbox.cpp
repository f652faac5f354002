#include "builder/sandbox.h"

#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "builder/sandbox_landlock.h"
#include "builder/sandbox_namespaces.h"

namespace pkg::builder {
namespace {

using Folders = std::vector<std::filesystem::path>;

Result<std::unique_ptr<Sandbox>> made(SandboxMeans means, const Folders& writable) {
  std::unique_ptr<Sandbox> sandbox;
  if (means == SandboxMeans::namespaces) {
    sandbox = std::make_unique<NamespaceSandbox>(writable);
  } else {
    PKG_TRY_ASSIGN(sandbox, LandlockSandbox::create(writable));
  }
  PKG_TRY(process::try_out(*sandbox));
  return sandbox;
}

struct Choice {
  SandboxMeans means;
  std::unique_ptr<Sandbox> sandbox;
};

Result<Choice> best(const Folders& writable) {
  auto namespaces = made(SandboxMeans::namespaces, writable);
  if (namespaces) return Choice{SandboxMeans::namespaces, std::move(namespaces).value()};
  auto landlock = made(SandboxMeans::landlock, writable);
  if (landlock) return Choice{SandboxMeans::landlock, std::move(landlock).value()};
  return make_error(ErrorKind::unsupported,
                    cat("builds cannot be contained on this system: no user and mount namespaces (", namespaces.error().message,
                        ") and no Landlock (", landlock.error().message, ")"),
                    "build without --sandbox-build, or allow unprivileged user namespaces (sysctl user.max_user_namespaces, "
                    "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)");
}

Result<Folders> real_folders(const Folders& folders) {
  Folders out;
  for (const auto& folder : folders) {
    PKG_TRY(fs::make_dirs(folder));
    std::error_code failed;
    out.push_back(std::filesystem::canonical(folder, failed));
    if (failed) return fs::errno_error("cannot find", folder, failed.value());
  }
  return out;
}

}  // namespace

Result<SandboxMeans> sandbox_means() {
  PKG_TRY_ASSIGN(const auto choice, best({}));
  return choice.means;
}

Result<std::unique_ptr<Sandbox>> Sandbox::prepare(const Folders& writable) {
  PKG_TRY_ASSIGN(const auto folders, real_folders(writable));
  PKG_TRY_ASSIGN(auto choice, best(folders));
  return std::move(choice.sandbox);
}

Result<std::unique_ptr<Sandbox>> Sandbox::prepare(SandboxMeans means, const Folders& writable) {
  PKG_TRY_ASSIGN(const auto folders, real_folders(writable));
  return made(means, folders);
}

}  // namespace pkg::builder
