#include "ops/setting_names.h"

#include <array>

namespace pkg::ops {

std::span<const std::string_view> command_line_settings() {
  static constexpr auto kNames = std::to_array<std::string_view>({"index-url",
                                                                  "extra-index-url",
                                                                  "find-links",
                                                                  "no-index",
                                                                  "index-strategy",
                                                                  "trusted-host",
                                                                  "cert",
                                                                  "client-cert",
                                                                  "proxy",
                                                                  "retries",
                                                                  "timeout",
                                                                  "default-timeout",
                                                                  "keyring-provider",
                                                                  "pre",
                                                                  "prerelease",
                                                                  "resolution",
                                                                  "exclude-newer",
                                                                  "uploaded-prior-to",
                                                                  "prefer-binary",
                                                                  "only-binary",
                                                                  "no-binary",
                                                                  "no-build",
                                                                  "constraint",
                                                                  "override",
                                                                  "no-deps",
                                                                  "ignore-requires-python",
                                                                  "upgrade",
                                                                  "upgrade-strategy",
                                                                  "force-reinstall",
                                                                  "require-hashes",
                                                                  "no-verify-hashes",
                                                                  "no-verify-record",
                                                                  "offline",
                                                                  "refresh",
                                                                  "cache-dir",
                                                                  "no-cache",
                                                                  "no-cache-dir",
                                                                  "link-mode",
                                                                  "compile",
                                                                  "no-compile",
                                                                  "dry-run",
                                                                  "require-virtualenv",
                                                                  "break-system-packages",
                                                                  "quiet",
                                                                  "verbose",
                                                                  "color",
                                                                  "no-progress",
                                                                  "user",
                                                                  "default-index",
                                                                  "mirror-neutral",
                                                                  "strict-requires-python"});
  return kNames;
}

}  // namespace pkg::ops
