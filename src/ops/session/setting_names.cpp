#include "ops/session/setting_names.h"

#include <algorithm>
#include <array>

namespace pkg::ops {
namespace {

using enum ProjectMay;

// A new setting that says whom to believe, what is checked, or where outside the project something is written is
// `not_set`; one that forbids something is `set_where_unsaid`.
constexpr auto kSettings = std::to_array<CommandLineSetting>({
    {"index-url"},
    {"extra-index-url"},
    {"find-links"},
    {"no-index", set_where_unsaid},
    {"index-strategy"},
    {"trusted-host", not_set},
    {"cert", not_set},
    {"client-cert", not_set},
    {"client-key", not_set},
    {"no-proxy-env", not_set},
    {"proxy", not_set},
    {"retries"},
    {"timeout"},
    {"default-timeout"},
    {"keyring-provider", not_set},
    {"pre"},
    {"prerelease"},
    {"resolution"},
    {"resolver-rounds"},
    {"exclude-newer"},
    {"uploaded-prior-to"},
    {"prefer-binary"},
    {"only-binary", set_where_unsaid},
    {"no-binary", set_where_unsaid, "only-binary"},
    {"no-build", set_where_unsaid},
    {"constraint"},
    {"override"},
    {"no-deps"},
    {"ignore-requires-python"},
    {"upgrade"},
    {"upgrade-strategy"},
    {"force-reinstall"},
    {"require-hashes", set_where_unsaid},
    {"no-require-hashes", set_where_unsaid, "require-hashes"},
    {"no-verify-hashes", not_set},
    {"no-verify-record", not_set},
    {"offline", set_where_unsaid},
    {"refresh"},
    {"cache-dir", not_set},
    {"no-cache"},
    {"no-cache-dir"},
    {"link-mode"},
    {"compile"},
    {"no-compile"},
    {"file-conflicts", set_where_unsaid},
    {"fsync"},
    {"dry-run"},
    {"require-virtualenv", set_where_unsaid},
    {"break-system-packages", not_set},
    {"quiet"},
    {"verbose"},
    {"color"},
    {"no-color"},
    {"no-progress"},
    {"progress-bar"},
    {"user", not_set},
    {"default-index"},
    {"mirror-neutral"},
    {"strict-requires-python"},
    {"no-build-package", set_where_unsaid},
    {"no-build-isolation"},
    {"no-build-isolation-package"},
    {"config-settings"},
    {"config-settings-package"},
    {"extra-build-dependency"},
    {"build-constraint"},
    {"build-variable", not_set},
    {"no-build-variables", set_where_unsaid},
    {"check-build-dependencies"},
    {"sandbox-build", set_where_unsaid},
    {"build-timeout"},
    {"build-jobs"},
    {"no-url-dependencies", set_where_unsaid},
    {"src", not_set},
    {"dest", not_set},
    {"wheel-dir", not_set},
    {"no-warn-script-location"},
    {"refresh-package"},
    {"upgrade-package"},
    {"fork-strategy"},
    {"all-extras"},
    {"all-groups"},
    {"no-group"},
    {"no-default-groups"},
    {"no-dev"},
    {"locked"},
    {"frozen"},
    {"no-sync"},
    {"no-editable"},
    {"no-install-project"},
    {"no-install-workspace"},
    {"no-install-package"},
    {"no-install-local"},
    {"annotate"},
    {"no-header"},
    {"generate-hashes"},
    {"seed"},
    {"reinstall-package"},
    {"ignore-installed"},
    {"no-warn-conflicts"},
});

}  // namespace

std::span<const CommandLineSetting> command_line_settings() { return kSettings; }

const CommandLineSetting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &CommandLineSetting::name);
  return found == kSettings.end() ? nullptr : &*found;
}

}  // namespace pkg::ops
