// A hint for a failed build: each finder looks for the last place where its kind of trouble is named; the trouble
// nearest to the end of the log is the one that stopped the build.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "builder/build_log.h"
#include "builder/missing_things.h"

namespace pkg::builder {
namespace {

struct Found {
  std::size_t at = 0;
  std::string hint;
};
using Finding = std::optional<Found>;

constexpr std::size_t kLongestWord = 200;

// The word between the last `before` and the next `after`, on one line.
struct Word {
  std::size_t at = 0;
  std::string_view text;
};
std::optional<Word> last_between(std::string_view log, std::string_view before, std::string_view after) {
  const auto at = log.rfind(before);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = log.substr(at + before.size(), kLongestWord);
  const auto end = rest.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  const auto word = rest.substr(0, end);
  if (word.empty() || word.find('\n') != std::string_view::npos) return std::nullopt;
  return Word{at, word};
}

// The last one, up to the end of its line or to what cannot be in a name.
std::optional<Word> last_after(std::string_view log, std::string_view before) {
  const auto at = log.rfind(before);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = log.substr(at + before.size(), kLongestWord);
  std::size_t end = 0;
  while (end < rest.size() &&
         (is_ascii_alnum(rest[end]) || std::string_view("_-.+/").find(rest[end]) != std::string_view::npos))
    ++end;
  return end == 0 ? std::nullopt : std::optional<Word>(Word{at, rest.substr(0, end)});
}

std::optional<Word> later(std::optional<Word> a, std::optional<Word> b) {
  if (!a) return b;
  return b && b->at > a->at ? b : a;
}

std::string debian(std::string_view package) { return cat("on Debian and Ubuntu: apt install ", package); }

Finding missing_header(std::string_view log) {
  const auto word = later(later(last_between(log, "fatal error: ", ": No such file or directory"),  // gcc
                                last_between(log, "fatal error: '", "' file not found")),           // clang
                          last_between(log, "error: ", ": No such file or directory\ncompilation terminated"));
  if (!word) return std::nullopt;
  const auto header = word->text;
  if (header == "Python.h" || header == "pyconfig.h")
    return Found{word->at,
                 cat("the development files of this Python are missing (", header, "); ", debian("python3-dev"))};
  const auto package = package_of_header(header);
  if (package.empty())
    return Found{word->at,
                 cat("the header ", quote(header), " is missing: install the development files of its library")};
  return Found{word->at, cat("the header ", quote(header), " is missing; ", debian(package))};
}

Finding missing_library(std::string_view log) {
  const auto word = later(last_after(log, "cannot find -l"), last_after(log, "unable to find library -l"));
  if (!word) return std::nullopt;
  const auto library = word->text.substr(0, word->text.find_first_of(":"));
  const auto package = package_of_library(library);
  if (package.empty())
    return Found{word->at, cat("the linker does not find the library ", quote(library),
                               ": install it, with its development files")};
  return Found{word->at, cat("the linker does not find the library ", quote(library), "; ", debian(package))};
}

Found program_hint(std::size_t at, std::string_view program) {
  const auto package = package_of_program(program);
  const auto name = program.substr(program.rfind('/') + 1);
  if (package.empty()) return Found{at, cat("the program ", quote(name), " is missing: install it, or put it on PATH")};
  return Found{at, cat("the program ", quote(name), " is missing; ", debian(package))};
}

// "sh: 1: cmake: not found", "/bin/sh: line 3: cmake: command not found": the last word before the mark.
std::optional<Word> shell_complaint(std::string_view log, std::string_view mark) {
  std::size_t from = std::string_view::npos;
  while (true) {
    const auto at = log.rfind(mark, from);
    if (at == std::string_view::npos) return std::nullopt;
    const auto start = log.substr(0, at).find_last_of(" \n") + 1;
    const auto line_start = log.substr(0, at).rfind('\n') + 1;
    const auto line = log.substr(line_start, at - line_start);
    const bool is_shell = line.find("sh: ") != std::string_view::npos || line.find("line ") != std::string_view::npos;
    const auto word = log.substr(start, at - start);
    if (is_shell && !word.empty() && word.size() < kLongestWord && word.find('.') == std::string_view::npos)
      return Word{at, word};
    if (at == 0) return std::nullopt;
    from = at - 1;
  }
}

Finding missing_program(std::string_view log) {
  struct Between {
    std::string_view before, after;
  };
  static constexpr std::array<Between, 11> kPatterns = {{
      {"error: command '", "' failed: No such file or directory"},
      {"unable to execute '", "': No such file or directory"},
      {"No such file or directory: '", "'\n"},
      {"error: linker `", "` not found"},
      {"Program '", "' not found or not executable"},
      {"Program ", " found: NO\nERROR"},
      {"ERROR: Program '", "' not found"},
      {"Error: ", " executable not found."},
      {"could not find program `", "`"},
      {"Cannot find the program '", "'"},
      {"Failed to execute command '", "'"},
  }};
  std::optional<Word> word;
  for (const auto& [before, after] : kPatterns) {
    auto one = last_between(log, before, after);
    // Any file can be missing: only what is known, or looks like a bare command, is a program.
    if (one && before == "No such file or directory: '" && package_of_program(one->text).empty()) one.reset();
    word = later(word, one);
  }
  word = later(word, later(shell_complaint(log, ": not found"), shell_complaint(log, ": command not found")));
  if (!word) return std::nullopt;
  return program_hint(word->at, word->text);
}

// Sentences of tools, and what is missing when they are said.
Finding known_sentence(std::string_view log) {
  struct Sentence {
    std::string_view said, program;
  };
  static constexpr std::array<Sentence, 22> kSentences = {{
      {"pg_config executable not found", "pg_config"},
      {"mysql_config not found", "mysql_config"},
      {"Can not find valid pkg-config name", "mysql_config"},
      {"Please make sure the libxml2 and libxslt development packages are installed", "xslt-config"},
      {"No CMAKE_C_COMPILER could be found", "gcc"},
      {"No CMAKE_CXX_COMPILER could be found", "g++"},
      {"No CMAKE_Fortran_COMPILER could be found", "gfortran"},
      {"no acceptable C compiler found", "gcc"},
      {"Unknown compiler(s): [['icc']", "gcc"},
      {"Unknown compiler(s): [['cc']", "gcc"},
      {"Unknown compiler(s): [['c++']", "g++"},
      {"Unknown compiler(s): [['gfortran']", "gfortran"},
      {"CMake must be installed", "cmake"},
      {"CMake is not installed", "cmake"},
      {"Could NOT find PkgConfig", "pkg-config"},
      {"Pkg-config not found", "pkg-config"},
      {"pkg-config is required", "pkg-config"},
      {"can't find Rust compiler", "cargo"},
      {"Cargo, the Rust package manager, is not installed", "cargo"},
      {"Could not detect Ninja", "ninja"},
      {"CMake was unable to find a build program corresponding to \"Ninja\"", "ninja"},
      {"CMake was unable to find a build program corresponding to \"Unix Makefiles\"", "make"},
  }};
  Finding best;
  for (const auto& [said, program] : kSentences) {
    const auto at = log.rfind(said);
    if (at != std::string_view::npos && (!best || at > best->at)) best = program_hint(at, program);
  }
  return best;
}

std::string build_requirement(std::string_view module, std::string_view distribution) {
  return cat("the build needs the module ", quote(module),
             ", which none of its requirements brings: ", quote(distribution),
             " belongs into [build-system] requires of the project, or into extra-build-dependencies of yours (without "
             "build isolation: into "
             "the environment)");
}

std::string module_hint(std::string_view module) {
  if (module == "pkg_resources" || module.starts_with("pkg_resources."))
    return build_requirement(module, "setuptools<81");
  const auto since = module_gone_since(module);
  if (module == "distutils" || module.starts_with("distutils."))
    return cat("Python has no ", quote("distutils"), " since 3.12: the build needs ", quote("setuptools"),
               " among its requirements (extra-build-dependencies), or an older Python");
  if (since == "3.0")
    return cat("the module ", quote(module),
               " was Python 2's: this release is too old for every Python of today; take a newer one");
  if (!since.empty())
    return cat("Python has no module ", quote(module), " since ", since, ": take a newer release, or an older Python");
  return build_requirement(module, distribution_of_module(module));
}

Finding missing_module(std::string_view log) {
  const auto word = later(last_between(log, "ModuleNotFoundError: No module named '", "'"),
                          last_between(log, "ImportError: No module named '", "'"));
  if (!word) return std::nullopt;
  return Found{word->at, module_hint(word->text)};
}

// Sentences that name their reason, if one knows how to read them.
Finding known_trouble(std::string_view log) {
  struct Trouble {
    std::string_view said, hint;
  };
  static constexpr std::string_view kPython2 = "this source is Python 2: take a newer release of it";
  static constexpr std::string_view kOldSetuptools =
      "this release was made for an older setuptools: constrain it for the build (--build-constraint with "
      "setuptools<58)";
  static constexpr std::string_view kOldPython =
      "this release is older than this Python: take a newer release, or an older Python";
  static constexpr std::string_view kNoNetwork =
      "the build wants the network: build without --sandbox-build, or put what it loads among its requirements";
  static constexpr std::string_view kMemory =
      "a compiler was killed, which mostly means too little memory: build with fewer jobs (MAKEFLAGS=-j1, "
      "CMAKE_BUILD_PARALLEL_LEVEL=1)";
  static constexpr std::array<Trouble, 25> kTroubles = {{
      {"SyntaxError: Missing parentheses in call to 'print'", kPython2},
      {"SyntaxError: Missing parentheses in call to 'exec'", kPython2},
      {"SyntaxError: multiple exception types must be parenthesized", kPython2},
      {"SyntaxError: leading zeros in decimal integer literals are not permitted", kPython2},
      {"use_2to3 is invalid", kOldSetuptools},
      {"module 'pkgutil' has no attribute 'ImpImporter'",
       "a build requirement is older than Python 3.12 (setuptools before 66, mostly): allow a newer one, or take an "
       "older Python"},
      {"has no attribute 'SafeConfigParser'", kOldPython},
      {"has no attribute 'readfp'", kOldPython},
      {"module 'ast' has no attribute 'Str'", kOldPython},
      {"module 'inspect' has no attribute 'getargspec'", kOldPython},
      {"module 'collections' has no attribute", kOldPython},
      {"is newer than PyO3's maximum supported version", kOldPython},
      {"implicit declaration of function '_PyLong_AsByteArray'", kOldPython},
      {"'PyThreadState' has no member named", kOldPython},
      {"object has no attribute 'cython_sources'",
       "this release does not build with Cython 3: constrain it for the build (--build-constraint with Cython<3)"},
      {"setuptools-scm was unable to detect version",
       "the version comes from version control, which is not there: set SETUPTOOLS_SCM_PRETEND_VERSION "
       "(extra-build-variables)"},
      {"Versioning for this project requires either an sdist tarball",
       "the version comes from version control, which is not there: set PBR_VERSION (extra-build-variables)"},
      {"No space left on device", "the disk is full: TMPDIR and the cache need room for a build"},
      {"fatal error: Killed signal terminated program", kMemory},
      {"virtual memory exhausted", kMemory},
      {"Network is unreachable", kNoNetwork},
      {"Temporary failure in name resolution", kNoNetwork},
      {"Read-only file system",
       "a sandboxed build may write only into its own folders: build without --sandbox-build if it must"},
      {"cannot be built because it requires rustc",
       "the Rust compiler is too old for it: install a newer one (rustup update)"},
      {"feature `edition2024` is required", "the Rust compiler is too old for it: install a newer one (rustup update)"},
  }};
  Finding best;
  for (const auto& [said, hint] : kTroubles) {
    const auto at = log.rfind(said);
    if (at != std::string_view::npos && (!best || at > best->at)) best = Found{at, std::string(hint)};
  }
  return best;
}

// `print "text"`, which older Pythons call an invalid syntax without more words.
Finding print_statement(std::string_view log) {
  const auto at = log.rfind("SyntaxError: invalid syntax");
  if (at == std::string_view::npos) return std::nullopt;
  const auto before = log.substr(at > 300 ? at - 300 : 0, std::min<std::size_t>(at, 300));
  for (const std::string_view sign : {"\n    print \"", "\n    print '", "\n    except ", "\n    raise "}) {
    const auto line = before.rfind(sign);
    if (line == std::string_view::npos) continue;
    const bool is_print = sign.find("print") != std::string_view::npos;
    if (is_print ||
        before.substr(line + 5, before.find('\n', line + 5) - line - 5).find(", ") != std::string_view::npos)
      return Found{at, "this source is Python 2: take a newer release of it"};
  }
  return std::nullopt;
}

}  // namespace

std::string hint_for(std::string_view log) {
  Finding best;
  for (const auto finder : {missing_header, missing_library, missing_program, known_sentence, missing_module,
                            known_trouble, print_statement}) {
    auto one = finder(log);
    if (one && (!best || one->at > best->at)) best = std::move(one);
  }
  return best ? std::move(best->hint) : std::string();
}

}  // namespace pkg::builder
