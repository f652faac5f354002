#include "ops/builds/met_requirements.h"

#include <doctest/doctest.h>

#include "support/printers.h"

namespace pkg::test {
namespace {

resolver::Pin pin(const std::string& name, const std::string& version, const std::string& url = {}) {
  resolver::Pin pin;
  pin.name = *pep::Name::parse(name);
  if (!version.empty()) pin.version = *pep::Version::parse(version);
  pin.direct = !url.empty();
  pin.files.emplace_back().url = url;
  return pin;
}

std::optional<std::string> missing(const std::string& requirement, const std::vector<resolver::Pin>& pins) {
  pep::Target target;
  target.environment.python_version = "3.12";
  target.environment.sys_platform = "linux";
  const std::vector<pep::Requirement> asked{*pep::Requirement::parse(requirement)};
  return ops::unmet(asked, pins, target);
}

}  // namespace

TEST_CASE("requirements are met by versions, extras and places, where their markers hold") {
  auto extra = pin("b", "2");
  extra.extras = {*pep::Name::parse("x")};
  auto branch = pin("c", "1", "git+https://code.example/c.git@cafe");
  branch.files.front().requested_revision = "main";
  const std::vector<resolver::Pin> pins{pin("a", "1.5"), extra, branch, pin("d", "", "file:///work/d")};
  for (const auto* met : {"a", "a>=1,<2", "b[x]>=2", "missing; sys_platform == 'win32'", "d", "d>=7",
                          "c @ git+https://user:pass@code.example/c.git@main", "d @ file:///work/d"}) {
    CAPTURE(met);
    CHECK(!missing(met, pins));
  }
  CHECK(missing("a>=2", pins) == "`a>=2`, and the lock has a 1.5");
  CHECK(missing("a[x]", pins) == "`a[x]`, and the lock has a 1.5");
  CHECK(missing("e; sys_platform == 'linux'", pins) == "`e; sys_platform == \"linux\"`, and the lock has none");
  CHECK(missing("c @ git+https://code.example/c.git@next", pins).has_value());
  CHECK(missing("c @ git+https://other.example/c.git@main", pins).has_value());
  CHECK(missing("d @ file:///work/e", pins).has_value());
  CHECK(missing("a @ file:///work/a", pins).has_value());
}

}  // namespace pkg::test
