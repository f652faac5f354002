#pragma once
// What the files of verbs share: options that several verbs have, and how common reports are told.

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/inputs/inputs.h"
#include "ops/install/sync_lock.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_source.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"
#include "ops/world/world_text.h"
#include "support/ops_kit.h"

namespace pkg::test {

struct VerbCall {
  Words& words;
  OpsKit& kit;
  ops::Session& session;
};
using Verb = std::function<Result<std::string>(VerbCall&)>;
using Verbs = std::map<std::string, Verb, std::less<>>;
Verbs install_verbs();
Verbs lock_verbs();
Verbs inspect_verbs();
Verbs project_verbs();

// -r -c --override -e --group --extra --all-extras --exclude --require-hashes --no-verify-hashes --stdin, and words.
ops::InputOptions inputs_of(Words& words);
// -U --eager -P --pre --lowest --before --no-deps --only-binary --no-binary --prefer-binary --ignore-python
ops::ResolveOptions resolve_of(Words& words);
// --python --target --prefix --user --system --break-system-packages --require-virtualenv
ops::EnvironmentOptions environment_of(Words& words);
// --extra --group --no-group --only-group --all-extras --all-groups --no-default-groups
ops::SelectionOptions selection_of(Words& words);
// --script -o --check --mirror-neutral --strict-requires-python --fewest --lock-python, -c, --override, those of
// resolve_of
ops::LockOptions lock_of(Words& words);
// --file --locked --frozen --dry-run, and those of lock_of
void lock_use_of(Words& words, ops::LockUse& use);
ops::SyncOptions sync_of(Words& words);  // with --inexact --no-editable --no-install-project …

std::string lines_of(const std::vector<std::string>& texts, std::string_view prefix = {});
std::string error_lines(const Error& error);
std::string one_line(std::string_view label, std::string_view lines);  // "lock: + a 1; + b 2", with its end
std::string install_lines(const ops::InstallReport& report);
std::string lock_lines(const ops::LockReport& report);
std::string sync_lines(const ops::SyncReport& report);
std::string pin_lines(const resolver::Resolution& resolution);

}  // namespace pkg::test
