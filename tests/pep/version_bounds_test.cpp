#include "pep/version_bounds.h"

#include <doctest/doctest.h>

#include "support/printers.h"

TEST_CASE("bounds stand for the version that was chosen") {
  using pkg::pep::Bounds;
  struct Row {
    const char* version;
    const char* lower;
    const char* major;
    const char* minor;
    const char* exact;
  };
  for (const Row& row :
       {Row{"1.2.3", ">=1.2.3", "<2,>=1.2.3", "<1.3,>=1.2.3", "==1.2.3"},
        Row{"0.1.2", ">=0.1.2", "<0.2,>=0.1.2", "<0.1.3,>=0.1.2", "==0.1.2"},
        Row{"0.0.3", ">=0.0.3", "<0.0.4,>=0.0.3", "<0.0.3.1,>=0.0.3", "==0.0.3"},
        Row{"2", ">=2", "<3,>=2", "<2.1,>=2", "==2"}, Row{"0", ">=0", "<1,>=0", "<0.1,>=0", "==0"},
        Row{"1!2.5", ">=1!2.5", "<1!3,>=1!2.5", "<1!2.6,>=1!2.5", "==1!2.5"},
        Row{"2.1+cpu", ">=2.1", "<3,>=2.1", "<2.2,>=2.1", "==2.1"},
        Row{"2024.8.30", ">=2024.8.30", "<2025,>=2024.8.30", "<2024.9,>=2024.8.30", "==2024.8.30"},
        Row{"1.0rc1.post2", ">=1.0rc1.post2", "<2,>=1.0rc1.post2", "<1.1,>=1.0rc1.post2", "==1.0rc1.post2"}}) {
    CAPTURE(row.version);
    const auto version = pkg::pep::Version::parse(row.version);
    REQUIRE_OK(version);
    CHECK(pkg::pep::bounds_of(*version, Bounds::lower).to_string() == row.lower);
    CHECK(pkg::pep::bounds_of(*version, Bounds::major).to_string() == row.major);
    CHECK(pkg::pep::bounds_of(*version, Bounds::minor).to_string() == row.minor);
    CHECK(pkg::pep::bounds_of(*version, Bounds::exact).to_string() == row.exact);
  }
}
