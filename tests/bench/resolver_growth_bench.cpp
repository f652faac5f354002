// How a universal lock grows with the project's extras, groups, markers and conflict sets: resolver_growth_bench
// [KIND …]. Processor time, nodes of all marker sets together, runs of the solver, and bytes of the longest marker and
// of all. Built on demand, run by hand; selections.py does the like for the whole program, beside uv.

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include "bench/cpu_time.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/selections_world.h"
#include "support/world.h"

namespace {

using namespace pkg;

using bench::cpu_ms;

void measure(test::Selections kind, std::string_view name, int size) {
  const auto given = test::selections_world(kind, size);
  test::World world;
  const auto loaded = test::load_world(given.world, world);
  const auto problem = test::lock_problem(given.question);
  if (!loaded.ok() || !problem.ok()) return;
  const double start = cpu_ms();
  const auto answer = resolver::resolve(*problem, world);
  const double spent = cpu_ms() - start;
  if (!answer.ok()) {
    std::printf("%-10.*s %4d  %s\n", static_cast<int>(name.size()), name.data(), size, answer.error().message.c_str());
    return;
  }
  const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
  std::size_t longest = 0, all = 0;
  if (resolution != nullptr)
    for (const resolver::Pin& pin : resolution->pins) {
      const std::size_t bytes = pin.marker.to_string().size();
      longest = std::max(longest, bytes);
      all += bytes;
    }
  const resolver::Statistics statistics = resolution != nullptr ? resolution->statistics : resolver::Statistics();
  std::printf("%-10.*s %4d %10.2f ms %8llu nodes %6llu runs %8zu %8zu bytes%s\n", static_cast<int>(name.size()),
              name.data(), size, spent, static_cast<unsigned long long>(statistics.marker_nodes),
              static_cast<unsigned long long>(statistics.forks), longest, all,
              resolution == nullptr ? "  no lock" : "");
}

}  // namespace

int main(int count, char** words) {
  const std::span<char*> wanted(words + 1, static_cast<std::size_t>(count - 1));
  for (const auto& [kind, name] : test::kSelections) {
    if (!wanted.empty() && std::ranges::none_of(wanted, [&](const char* word) { return name == word; })) continue;
    for (const int size : {1, 8, 20, 60, 100, 200}) measure(kind, name, size);
  }
  return 0;
}
