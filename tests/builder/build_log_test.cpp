#include "builder/build_log.h"

#include <doctest/doctest.h>

#include "base/text.h"

using namespace pkg;
using builder::hint_for;
using builder::telling_lines;

using Lines = std::vector<std::string>;

TEST_CASE("a short log is shown whole, without empty lines and colours") {
  CHECK(telling_lines("one\n\n  two  \r\n\x1b[31merror\x1b[0m: three\n") == Lines{"one", "  two", "error: three"});
  CHECK(telling_lines("").empty());
  CHECK(telling_lines("1\n2\n3\n", 3) == Lines{"1", "2", "3"});
}

TEST_CASE("of a long log the first errors and the end are shown, in order and once") {
  std::string log = "start\n";
  for (int i = 0; i < 100; ++i) append(log, "copying file ", i, '\n');
  log += "a.c:1:10: fatal error: x.h: No such file\nerror: twice\nerror: twice\n";
  for (int i = 0; i < 100; ++i) append(log, "more ", i, '\n');
  CHECK(telling_lines(log, 5) ==
        Lines{"a.c:1:10: fatal error: x.h: No such file", "error: twice", "more 97", "more 98", "more 99"});
  CHECK(telling_lines(log).size() == 20);
  CHECK(telling_lines(log).back() == "more 99");
}

TEST_CASE("a log without errors is shown by its end") {
  std::string log;
  for (int i = 0; i < 100; ++i) append(log, "line ", i, '\n');
  const auto lines = telling_lines(log, 4);
  CHECK(lines == Lines{"line 96", "line 97", "line 98", "line 99"});
}

TEST_CASE("long lines are cut between characters") {
  const auto lines = telling_lines(cat(std::string(399, 'x'), "üüü", std::string(100'000, 'y')));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == cat(std::string(399, 'x'), "…"));
}

TEST_CASE("what is missing gets a hint") {
  struct Row {
    std::string_view log, hint;
  };
  for (
      const Row& row : {
          // headers
          Row{"src/x.c:3:10: fatal error: Python.h: No such file or directory\n",
              "the development files of this Python are missing (Python.h); on Debian and Ubuntu: apt install "
              "python3-dev"},
          Row{"c/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory\n    15 | #include <ffi.h>\n",
              "the header `ffi.h` is missing; on Debian and Ubuntu: apt install libffi-dev"},
          Row{"fatal error: 'libxml/xmlversion.h' file not found\n",
              "the header `libxml/xmlversion.h` is missing; on Debian and Ubuntu: apt install libxml2-dev"},
          Row{"fatal error: postgresql/libpq-fe.h: No such file or directory\n",
              "the header `postgresql/libpq-fe.h` is missing; on Debian and Ubuntu: apt install libpq-dev"},
          Row{"fatal error: cairo/cairo.h: No such file or directory\n",
              "the header `cairo/cairo.h` is missing; on Debian and Ubuntu: apt install libcairo2-dev"},
          Row{"fatal error: strange.h: No such file or directory\n",
              "the header `strange.h` is missing: install the development files of its library"},
          // libraries
          Row{"/usr/bin/ld: cannot find -lssl: No such file or directory\ncollect2: error: ld returned 1 exit status\n",
              "the linker does not find the library `ssl`; on Debian and Ubuntu: apt install libssl-dev"},
          Row{"ld: cannot find -lstrange\n",
              "the linker does not find the library `strange`: install it, with its development files"},
          Row{"ld.lld: error: unable to find library -lpq\n",
              "the linker does not find the library `pq`; on Debian and Ubuntu: apt install libpq-dev"},
          // programs
          Row{"error: command 'gcc' failed: No such file or directory\n",
              "the program `gcc` is missing; on Debian and Ubuntu: apt install build-essential"},
          Row{"error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory\n",
              "the program `x86_64-linux-gnu-gcc` is missing; on Debian and Ubuntu: apt install build-essential"},
          Row{"unable to execute '/opt/bin/g++-12': No such file or directory\n",
              "the program `g++-12` is missing; on Debian and Ubuntu: apt install build-essential"},
          Row{"FileNotFoundError: [Errno 2] No such file or directory: 'cmake'\n",
              "the program `cmake` is missing; on Debian and Ubuntu: apt install cmake"},
          Row{"FileNotFoundError: [Errno 2] No such file or directory: 'requirements.txt'\n", ""},
          Row{"/bin/sh: 1: make: not found\n", "the program `make` is missing; on Debian and Ubuntu: apt install make"},
          Row{"./configure: line 12: strange: command not found\n",
              "the program `strange` is missing: install it, or put it on PATH"},
          Row{"error: linker `cc` not found\n",
              "the program `cc` is missing; on Debian and Ubuntu: apt install build-essential"},
          Row{"error: can't find Rust compiler\n",
              "the program `cargo` is missing; on Debian and Ubuntu: apt install cargo"},
          Row{"Cargo, the Rust package manager, is not installed or is not on PATH.\n",
              "the program `cargo` is missing; on Debian and Ubuntu: apt install cargo"},
          Row{"../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]\n",
              "the program `gfortran` is missing; on Debian and Ubuntu: apt install gfortran"},
          Row{"  -- Could NOT find PkgConfig (missing: PKG_CONFIG_EXECUTABLE)\n",
              "the program `pkg-config` is missing; on Debian and Ubuntu: apt install pkg-config"},
          Row{"Error: pg_config executable not found.\n\npg_config is required to build psycopg2 from source.\n",
              "the program `pg_config` is missing; on Debian and Ubuntu: apt install libpq-dev"},
          // modules
          Row{"ModuleNotFoundError: No module named 'Cython'\n",
              "the build needs the module `Cython`, which none of its requirements brings: `Cython` belongs into "
              "[build-system] requires "
              "of the "
              "project, or into extra-build-dependencies of yours (without build isolation: into the environment)"},
          Row{"ModuleNotFoundError: No module named 'mesonpy'\n",
              "the build needs the module `mesonpy`, which none of its requirements brings: `meson-python` belongs "
              "into [build-system] "
              "requires of "
              "the project, or into extra-build-dependencies of yours (without build isolation: into the environment)"},
          Row{"ModuleNotFoundError: No module named 'pkg_resources'\n",
              "the build needs the module `pkg_resources`, which none of its requirements brings: `setuptools<81` "
              "belongs into "
              "[build-system] "
              "requires of the project, or into extra-build-dependencies of yours (without build isolation: into the "
              "environment)"},
          Row{"ModuleNotFoundError: No module named 'distutils'\n",
              "Python has no `distutils` since 3.12: the build needs `setuptools` among its requirements "
              "(extra-build-dependencies), or "
              "an older "
              "Python"},
          Row{"ModuleNotFoundError: No module named 'imp'\n",
              "Python has no module `imp` since 3.12: take a newer release, or an older Python"},
          Row{"ModuleNotFoundError: No module named 'urllib2'\n",
              "the module `urllib2` was Python 2's: this release is too old for every Python of today; take a newer "
              "one"},
          // others
          Row{"    print 'x'\nSyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n",
              "this source is Python 2: take a newer release of it"},
          Row{"  File \"setup.py\", line 3\n    print \"x\"\n          ^\nSyntaxError: invalid syntax\n",
              "this source is Python 2: take a newer release of it"},
          Row{"  File \"setup.py\", line 3\n    except Error, e:\n                ^\nSyntaxError: invalid syntax\n",
              "this source is Python 2: take a newer release of it"},
          Row{"    x = (1\nSyntaxError: invalid syntax\n", ""},
          Row{"error in x setup command: use_2to3 is invalid.\n",
              "this release was made for an older setuptools: constrain it for the build (--build-constraint with "
              "setuptools<58)"},
          Row{"all is well\n", ""},
          Row{"", ""},
      }) {
    CAPTURE(row.log);
    CHECK(hint_for(row.log) == row.hint);
  }
}

TEST_CASE("the trouble nearest to the end of the log counts") {
  CHECK(hint_for("fatal error: zlib.h: No such file or directory\nModuleNotFoundError: No module named 'imp'\n")
            .find("`imp`") != std::string::npos);
  CHECK(hint_for("ModuleNotFoundError: No module named 'imp'\nfatal error: zlib.h: No such file or directory\n")
            .find("zlib1g-dev") != std::string::npos);
}

TEST_CASE("what a log says cannot smuggle control bytes into a hint") {
  const auto hint = hint_for("fatal error: \x1b[2Jx.h: No such file or directory\n");
  CHECK(hint.find('\x1b') == std::string::npos);
}

TEST_CASE("frames of a traceback that are not the source's own are left out") {
  const std::string log =
      "compiling\n"
      "Traceback (most recent call last):\n"
      "  File \"/cache/env/lib/python3.12/site-packages/setuptools/build_meta.py\", line 410, in run\n"
      "    self.run_setup()\n"
      "    ~~~~~~~~~~~~~~^^\n"
      "  File \"/work/app/setup.py\", line 3, in <module>\n"
      "    import nothing\n"
      "ModuleNotFoundError: No module named 'nothing'\n";
  const std::vector<std::string> expected{
      "compiling", "Traceback (most recent call last):", "  File \"/work/app/setup.py\", line 3, in <module>",
      "    import nothing", "ModuleNotFoundError: No module named 'nothing'"};
  CHECK(telling_lines(log) == expected);
}
