#pragma once
// The text form of worlds: what there is, a command, and what comes of it (tests/ops/worlds/*.txt).
//
//   == a title: here begins a world of its own
//   index
//     a 1 {python >=3.9, yanked broken}: b>=2, c    releases; attributes: parse_release
//     ! fail b 503                                  faults: index_command
//   environment                                     .venv with what is installed; {dependency}: nobody asked for it
//     b 1
//   python 3.11                                     another Python on PATH, behind the 3.12 that there is
//   variable VIRTUAL_ENV=<work>/other               until the end of the world; without "=": not set
//   file requirements.txt
//     a
//   do install -r requirements.txt                  the verbs: world_verbs.h
//     + a 1                                         all that it says
//   written requirements.txt                        the file as it is now
//     a
//
// Steps are taken in order, and each may stand anywhere. "#" begins a comment.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/memory_index.h"

namespace pkg::test {

// A line at the margin, and the indented lines below it. Blank lines and comments are steps that do nothing.
struct WorldStep {
  std::string head;
  std::string body;  // without the indentation, each line with its end
};
std::vector<WorldStep> parse_steps(std::string_view text);
std::string to_string(const std::vector<WorldStep>& steps);  // parse_steps(to_string(x)) == x

// One line of `index` and `environment`: NAME VERSION {attributes}: requirements. Attributes: yanked [REASON] · python
// SPEC · wheel TAG · sdist · sdist-only · uploaded TIME · extras X Y · script NAME=MODULE:FUNCTION · file PATH ·
// dependency.
struct ParsedRelease {
  std::string name, version;
  MemoryRelease release;
  bool is_dependency = false;
};
ParsedRelease parse_release(std::string_view line);

// "! fail X STATUS", "! break-off FILE BYTES", "! corrupt FILE", "! copy FILE PATH", "! quarantine|archive|deprecate
// PROJECT".
void index_command(std::string_view line, MemoryIndex& index);

// The words of a command line: at spaces, but for those between double quotes. Options are taken out by name.
class Words {
 public:
  explicit Words(std::string_view line);
  bool flag(std::string_view name);
  std::vector<std::string> values(std::string_view name);  // of an option that may be given more than once
  std::string value(std::string_view name);                // the last; empty: not given
  std::vector<std::string> rest();  // what no option took; fails the test where an option is left

 private:
  std::vector<std::string> words_;
};

}  // namespace pkg::test
