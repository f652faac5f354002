#pragma once
// Put a finished environment where one is wanted: in one step, and never over what somebody else put there meanwhile.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/fs.h"
#include "base/fs_lock.h"
#include "base/result.h"

namespace pkg::venv {

// occupied: something is there by now, and stays. impossible: this file system cannot, and nothing was changed.
enum class Placed : std::uint8_t { done, occupied, impossible };

// Moves the folder `fresh` to `folder`, where nothing was when the caller looked. io.
Result<Placed> put_where_nothing_was(const std::filesystem::path& fresh, const std::filesystem::path& folder);
// The same, where the caller saw an empty folder. io.
Result<Placed> put_over_empty_folder(const std::filesystem::path& fresh, const std::filesystem::path& folder);
// What was at `folder` is at `fresh` then. io.
Result<Placed> exchange(const std::filesystem::path& fresh, const std::filesystem::path& folder);

// The lock that whoever changes the environment `prefix` holds (docs/internals/transaction.md), for those who replace
// it as a whole. A lock of nothing: its state folder is none that can be locked, so nobody who changes it gets far
// either. busy: another command changes it · not_found: there is no such folder (any more).
Result<fs::HeldLock> lock_prefix(const std::filesystem::path& prefix, double wait_s, std::string_view verb);

// Whether `path` still leads to the folder that is held open.
bool leads_to(const std::filesystem::path& path, int folder);

}  // namespace pkg::venv
