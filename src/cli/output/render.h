#pragma once
// Reports as text for people (stderr, data to stdout) and as JSON with one schema for all verbs ("schema": 1; it grows,
// never changes meaning).

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/output/output.h"
#include "ops/install/install.h"
#include "ops/install/uninstall.h"

namespace pkg::cli {

std::string counted(std::size_t count, std::string_view noun);  // "1 package", "2 packages"

// "+ numpy 2.1.0", "~ rich 13.0 -> 14.0", "- six 1.16.0" …, and the summary line.
Text changes_text(const std::vector<ops::ChangedDist>& changes);
Text install_summary(const ops::InstallReport& report);
Text uninstall_summary(const ops::UninstallReport& report);

json::Json result_json(std::string_view verb);  // {"schema": 1, "verb": …}
json::Json changes_json(const std::vector<ops::ChangedDist>& changes);
json::Json install_json(const ops::InstallReport& report, std::string_view verb);

json::Json environment_json(const pep::Environment& markers);
json::Json raw_metadata_json(const pep::RawMetadata& metadata);  // the names of PEP 566's JSON form

// The words of a command for the head of a file, without their secrets.
std::string shown_words(const std::vector<std::string>& words);

// A table with columns as wide as their widest cell; the first row is the heading, a line of dashes follows it.
Text table(const std::vector<std::vector<std::string>>& rows);

}  // namespace pkg::cli
