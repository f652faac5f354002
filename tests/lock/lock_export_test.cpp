#include <doctest/doctest.h>

#include "lock/lock_texts.h"
#include "lock/one_target.h"
#include "lock/requirements_export.h"
#include "pep/requirement.h"
#include "pep/source_url.h"
#include "support/printers.h"

namespace {

using namespace pkg;
using test::name;

lock::LockFile example() {
  return test::lock_from(cat(
      "requires-python = \">=3.10\"\nextras = [\"fast\"]\ndependency-groups = [\"dev\"]\ndefault-groups = [\"dev\"]\n",
      test::wheel_package("a", "1", "dependencies = [{ name = \"b\", version = \"2\" }, { name = \"c\" }]\n"),
      test::wheel_package("b", "2", "marker = \"python_full_version >= '3.12'\"\n", 'b'),
      test::wheel_package("b", "1", "marker = \"python_full_version < '3.12' and 'fast' in extras\"\n", 'c'),
      test::wheel_package(
          "c", "1", "marker = \"sys_platform == 'win32' and 'fast' in extras or sys_platform != 'win32'\"\n", 'd'),
      test::wheel_package("d", "1", "marker = \"'dev' in dependency_groups\"\n", 'e'),
      "[[packages]]\nname = \"e\"\nmarker = \"'fast' in extras\"\ndirectory = { path = \"libs/e\", editable = true }\n",
      "[[packages]]\nname = \"f\"\nversion = \"1\"\narchive = { url = \"https://files.example/f.zip\", subdirectory = "
      "\"p\", hashes = { "
      "sha256 = \"",
      test::sha('f'), "\" } }\n",
      "[[packages]]\nname = \"g\"\narchive = { path = \"g-1-py3-none-any.whl\", hashes = { sha512 = \"12\", sha256 = "
      "\"",
      test::sha('0'), "\" } }\n",
      "[[packages]]\nname = \"h\"\nmarker = \"'fast' in extras\"\nvcs = { type = \"git\", url = "
      "\"https://code.example/h.git\", commit-id "
      "= \"cafe\" }\n",
      "[tool.pkg]\nversion = 1\nrequirements = [\"a\", \"d ; 'dev' in dependency_groups\", \"e ; 'fast' in "
      "extras\"]\n"));
}

std::string text_of(const lock::LockExportChoice& choice, bool hashes = false, bool annotate = false) {
  const auto text = lock::requirements_text(example(), choice, {.hashes = hashes, .annotate = annotate, .header = {}});
  return text ? *text : text.error().message;
}

pep::Target target() {
  pep::Target out;
  out.environment = {.os_name = "posix",
                     .sys_platform = "linux",
                     .platform_machine = "x86_64",
                     .python_version = "3.12",
                     .python_full_version = "3.12.4",
                     .implementation_name = "cpython"};
  out.python = pep::Version::parse("3.12.4").value();
  return out;
}

}  // namespace

TEST_CASE("a lock is exported with the markers that are left once extras and groups are chosen") {
  CHECK(text_of({}) ==
        "a==1\nb==2 ; python_full_version >= \"3.12\"\nc==1 ; sys_platform != \"win32\"\nd==1\n"
        "f @ https://files.example/f.zip#subdirectory=p\n./g-1-py3-none-any.whl\n");
  CHECK(text_of({.extras = std::vector{name("fast")},
                 .groups = std::vector<pep::Name>(),
                 .leave_out = {name("a"), name("g")},
                 .project = {}}) ==
        "b==2 ; python_full_version >= \"3.12\"\nb==1 ; python_version < \"3.12\"\nc==1\n-e ./libs/e\n"
        "f @ https://files.example/f.zip#subdirectory=p\nh @ git+https://code.example/h.git@cafe\n");
  CHECK(text_of({.extras = std::vector{name("slow")}, .groups = {}, .leave_out = {}, .project = {}}) ==
        "the lock has no extra `slow`");
}

TEST_CASE("a subdirectory is exported as a requirement can have it") {
  const auto lock = test::lock_from(
      cat("[[packages]]\nname = \"f\"\nversion = \"1\"\narchive = { url = \"https://files.example/f.zip\", "
          "subdirectory = \"my part\", hashes = { sha256 = \"",
          test::sha('f'), "\" } }\n",
          "[[packages]]\nname = \"h\"\nvcs = { type = \"git\", url = \"https://code.example/h.git\", commit-id = "
          "\"cafe\", subdirectory = \"a&b#c%d\" }\n"));
  const auto text = lock::requirements_text(lock, {}, {.hashes = false, .annotate = false, .header = {}});
  REQUIRE_OK(text);
  CHECK(*text ==
        "f @ https://files.example/f.zip#subdirectory=my%20part\n"
        "h @ git+https://code.example/h.git@cafe#subdirectory=a%26b%23c%25d\n");
  for (const auto line : split_lines(*text)) {
    const auto requirement = pep::Requirement::parse(line);
    REQUIRE_OK(requirement);
    const auto source = pep::SourceUrl::parse(requirement->url);
    REQUIRE_OK(source);
    CHECK(source->subdirectory == (requirement->name.str() == "f" ? "my part" : "a&b#c%d"));
  }
}

TEST_CASE("an export says who asked for a package, and what its files hash to") {
  CHECK(
      text_of({.extras = {}, .groups = {}, .leave_out = {name("f")}, .project = "demo (pyproject.toml)"}, true, true) ==
      cat("a==1 \\\n    --hash=sha256:", test::sha('a'), "\n    # via demo (pyproject.toml)\n",
          "b==2 ; python_full_version >= \"3.12\" \\\n", "    --hash=sha256:", test::sha('b'), "\n    # via a\n",
          "c==1 ; sys_platform != \"win32\" \\\n    --hash=sha256:", test::sha('d'), "\n    # via a\n",
          "d==1 \\\n    --hash=sha256:", test::sha('e'), "\n    # via demo (pyproject.toml)\n",
          "./g-1-py3-none-any.whl \\\n    --hash=sha256:", test::sha('0'), "\n"));
}

TEST_CASE("with hashes, what has none is an error: pip would refuse the file") {
  CHECK(text_of({.extras = std::vector{name("fast")}, .groups = {}, .leave_out = {}, .project = {}}, true) ==
        "the lock has no hash of `e`, so that pip would refuse the file");
}

TEST_CASE("for one target a lock has one file of each package, and no markers") {
  const auto lock = lock::for_one_target(example(), target(), {});
  REQUIRE_OK(lock);
  CHECK(lock::write_pylock(*lock) == cat(R"toml(lock-version = "1.0"
environments = [
    "sys_platform == 'linux' and platform_machine == 'x86_64' and implementation_name == 'cpython'",
]
requires-python = "==3.12.*"
created-by = "t"

[[packages]]
name = "a"
version = "1"
dependencies = [
    { name = "b" },
    { name = "c" },
]
wheels = [
    { url = "https://files.example/a-1-py3-none-any.whl", hashes = { sha256 = ")toml",
                                         test::sha('a'), R"toml(" } },
]

[[packages]]
name = "b"
version = "2"
wheels = [
    { url = "https://files.example/b-2-py3-none-any.whl", hashes = { sha256 = ")toml",
                                         test::sha('b'), R"toml(" } },
]

[[packages]]
name = "c"
version = "1"
wheels = [
    { url = "https://files.example/c-1-py3-none-any.whl", hashes = { sha256 = ")toml",
                                         test::sha('d'), R"toml(" } },
]

[[packages]]
name = "d"
version = "1"
wheels = [
    { url = "https://files.example/d-1-py3-none-any.whl", hashes = { sha256 = ")toml",
                                         test::sha('e'), R"toml(" } },
]

[[packages]]
name = "f"
version = "1"
archive = { url = "https://files.example/f.zip", hashes = { sha256 = ")toml",
                                         test::sha('f'), R"toml(" }, subdirectory = "p" }

[[packages]]
name = "g"
archive = { path = "g-1-py3-none-any.whl", hashes = { sha256 = ")toml",
                                         test::sha('0'), "\", sha512 = \"12\" } }\n"));
}

TEST_CASE("a lock for one target installs there what the whole lock does, and is refused elsewhere") {
  const auto lock = lock::for_one_target(example(), target(), {});
  REQUIRE_OK(lock);
  const auto again = lock::for_one_target(*lock, target(), {});
  REQUIRE_OK(again);
  CHECK(*again == *lock);
  CHECK(lock->tool.requirements == std::vector<std::string>{"a", "d"});
  auto other = target();
  other.environment.sys_platform = "win32";
  CHECK(!lock::select(*lock, other, {}).ok());
}
