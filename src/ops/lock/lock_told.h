#pragma once
// What a lock tells of what it was made from, and what of that is different now.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lock/lock_file.h"
#include "lock/lock_resolution.h"
#include "ops/lock/lock_subject.h"
#include "ops/session/session.h"
#include "pep/specifier.h"

namespace pkg::ops {

// The head of the lock of `subject`. `requires_python` is of the project, or what was chosen for it.
lock::LockHeader lock_header(const LockSubject& subject, const ProjectRequirements& requirements,
                             std::optional<pep::SpecifierSet> requires_python, const Session& session);

// Names of indexes in files to the addresses that a lock writes.
void add_index_urls(lock::LockHeader& header, const index::Settings& settings);

// Settings besides `options` that decide what is locked, as the lock tells them: narrowing inputs, and keys of
// [tool.pkg]. Without credentials.
std::vector<std::pair<std::string, std::string>> told_settings(const LockSubject& subject);

// What differs between the lock and what it would be made from now, one line each; empty: no difference that is known.
std::vector<std::string> differences(const lock::LockFile& lock, const LockSubject& subject,
                                     const ProjectRequirements& requirements);
// What to say where nothing of that is known to differ, and the digest does.
std::string unnamed_difference(const LockSubject& subject);

}  // namespace pkg::ops
