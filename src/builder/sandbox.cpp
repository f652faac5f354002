#include "builder/sandbox.h"

namespace pkg::builder {

Result<SandboxMeans> sandbox_means() { return make_error(ErrorKind::unsupported, "this program has no sandbox for builds yet"); }

Result<std::unique_ptr<Sandbox>> Sandbox::prepare(const std::vector<std::filesystem::path>& writable) {
  PKG_TRY_ASSIGN(const SandboxMeans means, sandbox_means());
  return prepare(means, writable);
}

Result<std::unique_ptr<Sandbox>> Sandbox::prepare(SandboxMeans, const std::vector<std::filesystem::path>&) {
  return make_error(ErrorKind::unsupported, "this program has no sandbox for builds yet");
}

}  // namespace pkg::builder
