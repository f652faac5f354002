// Edits of pyproject.toml: what is put in is listed, and taking it out again leaves the list from before. That all else
// is equal is checked by the edit itself.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/pyproject_edit.h"
#include "pep/toml_value_edit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto added = Requirement::parse("middle>=1").value();
  for (const auto kind : {DependencyList::Kind::project, DependencyList::Kind::extra, DependencyList::Kind::group,
                          DependencyList::Kind::script}) {
    const DependencyList list{kind, "name"};
    const auto before = listed_requirements(text, list, "x");
    const auto edited = insert_requirement(text, list, added, "x");
    if (!before || !edited) continue;
    const auto after = listed_requirements(*edited, list, "x");
    PKG_CHECK(after.ok() && after->size() == before->size() + 1);
    const auto place = std::ranges::find(*after, std::optional(added)) - after->begin();
    const auto back = erase_requirement(*edited, list, static_cast<std::size_t>(place), "x");
    PKG_CHECK(!back.ok() || listed_requirements(*back, list, "x").value() == *before);
  }
  const auto versioned = with_string_value(text, {"project", "version"}, "2.0", "x");
  if (versioned) PKG_CHECK(with_string_value(*versioned, {"project", "version"}, "2.0", "x").value() == *versioned);
  const KeyPath members{"tool", "pkg", "workspace", "members"};
  const auto joined = with_string_item(text, members, "packages/a", "x");
  if (joined) PKG_CHECK(joined->find("packages/a") != std::string::npos && joined->size() > text.size());
  return 0;
}
