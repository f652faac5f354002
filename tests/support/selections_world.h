#pragma once
// Projects with many extras, groups, markers or conflict sets, as a text world and a question about it: for golden
// growth and for the bench of the same numbers.

#include <array>
#include <string>
#include <string_view>

namespace pkg::test {

enum class Selections { extras, groups, markers, machines, sets, members };

inline constexpr std::array<std::pair<Selections, std::string_view>, 6> kSelections = {{
    {Selections::extras, "extras"},      // each asks for four of twenty projects
    {Selections::groups, "groups"},      // dependency groups, the same
    {Selections::markers, "markers"},    // requirements of one project, each on a machine and a Python of its own
    {Selections::machines, "machines"},  // extras that each ask for one project, each on a machine of its own
    {Selections::sets, "sets"},          // conflict sets of two, whose members ask for different releases
    {Selections::members, "members"},    // members of one conflict set, the same
}};

struct SelectionsWorld {
  std::string world, question;  // for load_world() and lock_problem()
};
SelectionsWorld selections_world(Selections kind, int size);

}  // namespace pkg::test
