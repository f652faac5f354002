// pyproject.toml: its tables are read or refused; every dependency that was read prints a text that parses to it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "pep/pyproject.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const auto pyproject =
      Pyproject::parse(std::string_view(reinterpret_cast<const char*>(data), size), "pyproject.toml");
  if (!pyproject.ok()) return 0;
  auto group = dependency_group(*pyproject, "dev", "pyproject.toml");
  std::vector<Requirement> requirements = group.ok() ? std::move(group->requirements) : std::vector<Requirement>();
  if (pyproject->project)
    requirements.insert(requirements.end(), pyproject->project->dependencies.begin(),
                        pyproject->project->dependencies.end());
  for (const Requirement& one : requirements) PKG_CHECK(Requirement::parse(one.to_string()).ok());
  return 0;
}
