#pragma once
// entry_points.txt: console and GUI scripts, and other groups (entry-points spec).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

struct EntryPoint {
  std::string group, name;
  // "pkg.cli", "main.run"; attribute may be empty outside script groups. A value of another form is kept in `module` as
  // it is.
  std::string module, attribute;
  std::vector<std::string> extras;
  bool operator==(const EntryPoint&) const = default;
};

// As configparser reads it ('=' only, names keep their case, '#' and ';' begin comment lines). bad_data names the line.
Result<std::vector<EntryPoint>> parse_entry_points(std::string_view text);

enum class ScriptKind : std::uint8_t { console, gui };
struct Script {
  std::string name, module, attribute;
  ScriptKind kind = ScriptKind::console;
  bool operator==(const Script&) const = default;
};
// The console_scripts and gui_scripts, checked: names are plain file names, module and attribute dotted identifiers
// (docs/concepts/promises.md). A name that is given twice is refused unless both mean the same.
// Refusals are bad_data.
Result<std::vector<Script>> scripts_of(const std::vector<EntryPoint>& entry_points);

}  // namespace pkg::pep
