#pragma once
// Where a distribution comes from, as a lock tells it: addresses without credentials, local places relative to the
// lock's folder.

#include <optional>
#include <string>
#include <string_view>

#include "lock/lock_file.h"
#include "pep/dist_file.h"
#include "pep/requirement.h"

namespace pkg::lock {

// Who may read a lock need not be who may read the index.
std::string without_credentials(std::string address);

LockedFile locked_file(const pep::DistFile& file, const std::string& lock_folder);

// What a URL requirement gave: `archive`, `directory` or `vcs` of `out` is set. A directory has no version: that of a
// tree that is worked on is nobody's promise (PEP 751).
void add_source(const pep::DistFile& file, const std::string& lock_folder, LockedPackage& out);

// What is built, wherever it lies now: the same of what is locked, and of what the lock leads to. nullopt: nothing
// tells one state of it from another (an archive without a hash), or `file` is a wheel.
std::optional<BuildSource> build_source_of(const pep::DistFile& file, const std::string& lock_folder);

// An absolute path as the lock writes it: relative ("../lib", "."), but where lock and path have nothing in common.
std::string path_from(std::string_view path, std::string_view lock_folder);

// A requirement as the lock's list of requirements has it: the same wherever the project lies. Its "file:" URL is a
// path from the lock's folder
// ("lib @ ./libs/lib"), and no URL has credentials. requirement_of gives it back its URL;
// bad_data: the text is no requirement.
std::string requirement_text(const pep::Requirement& requirement, const std::string& lock_folder);
Result<pep::Requirement> requirement_of(std::string_view text, const std::string& lock_folder);

}  // namespace pkg::lock
