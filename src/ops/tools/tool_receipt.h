#pragma once
// What a tool was installed for and what came of it: `pkg-tool.toml` in its environment. `pkg tool upgrade` asks for
// the same again, `list` and `uninstall` read it, `run` looks whether the tool is what is wanted.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/version.h"

namespace pkg::ops {

// One program, and its link among the user's own.
struct ToolProgram {
  std::string name;            // a plain file name
  pep::Name package;           // that it comes from
  std::filesystem::path link;  // absolute
  bool operator==(const ToolProgram&) const = default;
};

// Where a tool was looked for, when the command line said so: without credentials.
struct ToolIndex {
  std::string name, url;
  bool is_explicit = false;
  bool operator==(const ToolIndex&) const = default;
};

// What is asked for. Requirements are in their whole form: `name @ file:///…`, never a path; without credentials.
struct ToolWishes {
  pep::Requirement requirement;  // of the tool itself
  bool editable = false;
  std::vector<pep::Requirement> with;
  std::vector<pep::Name> executables_from;  // packages whose programs are linked besides
  std::string python;                       // as --python; empty: any
  bool prereleases = false;                 // --pre
  std::vector<ToolIndex> indexes;           // empty: where the settings say
  std::vector<std::string> find_links;
  bool no_index = false;
  bool operator==(const ToolWishes&) const = default;
};

struct ToolReceipt {
  pep::Name name;
  pep::Version version;
  ToolWishes wishes;
  std::filesystem::path interpreter;  // that the environment was made of
  std::string python_version;         // of it: "3.12.1"
  std::vector<ToolProgram> programs;  // sorted by name
  bool operator==(const ToolReceipt&) const = default;
};

inline constexpr const char* kReceiptName = "pkg-tool.toml";
inline constexpr int kReceiptFormat = 1;

// Whether a file of this name may lie among the user's programs, and stand in a line of text.
bool is_program_name(std::string_view name);

std::string write_receipt(const ToolReceipt& receipt);
// bad_data: no receipt of this form · unsupported: of a later pkg.
Result<ToolReceipt> parse_receipt(std::string_view text, const std::string& file_name);
// Of the environment of a tool. not_found · io · bad_data: also one that others may write to.
Result<ToolReceipt> read_receipt(const std::filesystem::path& environment);

}  // namespace pkg::ops
