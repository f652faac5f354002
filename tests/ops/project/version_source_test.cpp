#include "ops/project/version_source.h"

#include <doctest/doctest.h>

#include "support/printers.h"

TEST_CASE("a dynamic version is told with the place that has it") {
  struct Row {
    const char* toml;
    const char* source;
  };
  for (const Row& row :
       {Row{"[tool.hatch.version]\npath = 'src/a/__init__.py'", "`src/a/__init__.py` ([tool.hatch.version] path)"},
        Row{"[tool.hatch.version]\nsource = 'vcs'", "the tags of version control ([tool.hatch.version] source)"},
        Row{"[tool.hatch.version]\nsource = 'code'", "`code` ([tool.hatch.version] source)"},
        Row{"[tool.setuptools.dynamic]\nversion = {attr = 'a.__version__'}",
            "the attribute `a.__version__` ([tool.setuptools.dynamic] version)"},
        Row{"[tool.setuptools.dynamic]\nversion = {file = ['VERSION']}",
            "`VERSION` ([tool.setuptools.dynamic] version)"},
        Row{"[tool.setuptools.dynamic]\nversion = {file = 'VERSION'}", "`VERSION` ([tool.setuptools.dynamic] version)"},
        Row{"[tool.setuptools_scm]", "the tags of version control ([tool.setuptools_scm])"},
        Row{"[tool.pdm.version]\nsource = 'file'\npath = 'a.py'", "`a.py` ([tool.pdm.version] path)"},
        Row{"[tool.pdm.version]\nsource = 'scm'", "the tags of version control ([tool.pdm.version] source)"},
        Row{"[tool.pdm.version]\nsource = 'call'\ngetter = 'a:b'", "the function `a:b` ([tool.pdm.version] getter)"},
        Row{"[tool.poetry]\nversion = '1.2'", "`1.2` ([tool.poetry] version)"},
        Row{"[build-system]\nbuild-backend = 'flit_core.buildapi'", "`__version__` of its module (flit_core.buildapi)"},
        Row{"[build-system]\nbuild-backend = 'maturin'", "`Cargo.toml` (maturin)"},
        Row{"[build-system]\nbuild-backend = 'mesonpy'", "`meson.build` (mesonpy)"},
        Row{"[build-system]\nbuild-backend = 'x.y'", "its build backend, `x.y`"},
        Row{"", "its build backend, setuptools (there is no [build-system])"},
        // tables of another form say nothing
        Row{"[tool]\nhatch = 1\npdm = 'x'\n[build-system]\nbuild-backend = 'x'", "its build backend, `x`"}}) {
    CAPTURE(row.toml);
    const auto root = pkg::toml::parse(row.toml, "pyproject.toml");
    REQUIRE_OK(root);
    CHECK(pkg::ops::source_of_version(*root) == row.source);
  }
}
