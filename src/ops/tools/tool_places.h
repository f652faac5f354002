#pragma once
// Where installed tools lie. `home` is $PKG_TOOL_DIR, else <user's data>/pkg/tools:
//
//   NAME                 a link to the tool's environment: .environments/NAME-SUFFIX
//   .environments/…      one folder for each tool, with its environment, receipt (tool_receipt.h) and lock
//   .lock                whoever changes something holds it
//
// and links to the programs of the tools lie in the folder of the user's own programs (base/user_programs.h).

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/user_folders.h"
#include "pep/name.h"

namespace pkg::ops {

struct ToolPlaces {
  std::filesystem::path home;      // absolute; may not exist
  std::filesystem::path programs;  // the same

  std::filesystem::path tool(const pep::Name& name) const { return home / name.str(); }
  std::filesystem::path environments() const { return home / ".environments"; }
  std::filesystem::path lock() const { return home / ".lock"; }
  // What a link among the user's programs says.
  std::filesystem::path program(const pep::Name& tool, const std::string& name) const {
    return this->tool(tool) / "bin" / name;
  }
};

// not_found: there is no home · usage: a variable is no absolute path.
Result<ToolPlaces> tool_places(const Getenv& environment = process_environment());

}  // namespace pkg::ops
