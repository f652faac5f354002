#include "resolver/specifier_set.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pep/version.h"

using namespace pkg;

TEST_CASE("a specifier's set holds exactly the versions it contains, found by binary search or one by one") {
  std::vector<pep::Version> versions;
  for (const char* const text :
       {"0.1",     "0.9.dev1",  "0.9",       "1.0.dev1",       "1.0a1", "1.0b2",     "1.0rc1",
        "1.0",     "1.0+local", "1.0.post1", "1.0.post1.dev2", "1.0.1", "1.1",       "1.1.0.1",
        "1.2a1",   "1.2",       "1.10",      "2.0.dev0",       "2.0",   "2.0.post1", "2.1",
        "2.1+x.1", "3",         "1!0.5",     "1!1.0",          "10.0",  "2023.1",    "2023.10"})
    versions.push_back(pep::Version::parse(text).value());
  std::sort(versions.begin(), versions.end(), [](const pep::Version& a, const pep::Version& b) { return a > b; });
  const auto count = static_cast<pkg::resolver::pubgrub::Value>(versions.size());
  for (const char* const bound : {"0.9", "1.0", "1.0a1", "1.0.post1", "1.0.1", "1.1", "1.2", "2.0.dev0", "2.0", "2.1",
                                  "3", "4", "1!0.5", "0.0.1", "2023.1"}) {
    for (const char* const op : {">=", "<=", ">", "<", "==", "!=", "~=", "==*", "!=*", "==="}) {
      std::string text(op);
      const bool wildcard = text.ends_with("*");
      if (wildcard) text.pop_back();
      text += bound;
      if (wildcard) text += ".*";
      const auto set = pep::SpecifierSet::parse(text);
      if (!set.ok()) continue;  // 1.0a1.*, ~=3
      CAPTURE(text);
      resolver::pubgrub::SetArena arena;
      auto found = arena.empty(count + 3);
      resolver::insert_matching(*set, versions, 2, found, arena);
      for (resolver::pubgrub::Value i = 0; i < count; ++i) {
        CAPTURE(versions[i].to_string());
        CHECK(found.contains(i + 2) == set->contains(versions[i]));
      }
      CHECK(!found.has_absent());
    }
  }
}
