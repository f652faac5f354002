#include "lock/select.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "lock/pylock.h"
#include "support/printers.h"

namespace {

using namespace pkg;

pep::Name name(const std::string& text) { return pep::Name::parse(text).value(); }

pep::Target target() {
  pep::Target out;
  out.environment = {
      .os_name = "posix", .sys_platform = "linux", .python_version = "3.12", .python_full_version = "3.12.4"};
  out.python = pep::Version::parse("3.12.4").value();
  const std::vector<pep::Tag> tags = {{"cp312", "cp312", "manylinux_2_17_x86_64"}, {"py3", "none", "any"}};
  out.tags = std::make_shared<pep::TagSet>(tags);
  return out;
}

lock::LockFile parsed(const std::string& packages, const std::string& header = {}) {
  const auto lock =
      lock::parse_pylock(cat("lock-version = \"1.0\"\ncreated-by = \"t\"\n", header, packages), "pylock.toml");
  REQUIRE_OK(lock);
  return *lock;
}

std::string package(const std::string& package_name, const std::vector<std::string>& files,
                    const std::string& more = {}) {
  std::string out = cat("[[packages]]\nname = \"", package_name, "\"\n", more, "wheels = [");
  std::string sdist;
  for (const auto& file : files) {
    const std::string entry = cat("{ url = \"https://files.example/", file, "\", hashes = { sha256 = \"0\" } }");
    if (file.ends_with(".whl"))
      append(out, entry, ", ");
    else
      sdist = cat("sdist = ", entry, "\n");
  }
  return cat(out, "]\n", sdist);
}

// The files chosen, or the error.
std::string told(const lock::LockFile& lock, const lock::SelectOptions& options = {}) {
  const auto selected = lock::select(lock, target(), options);
  if (!selected)
    return selected.error().hint.empty() ? selected.error().message
                                         : cat(selected.error().message, " (", selected.error().hint, ")");
  std::string out;
  for (const auto& one : *selected)
    append(out, out.empty() ? "" : " ", one.file != nullptr ? one.file->name : one.package->name.str());
  return out;
}

}  // namespace

TEST_CASE("the best wheel is chosen: tags first, then the build number, then the order of the file") {
  CHECK(told(parsed(package("a", {"a-1-py3-none-any.whl", "a-1-cp312-cp312-manylinux_2_17_x86_64.whl"}))) ==
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl");
  CHECK(told(parsed(package("a", {"a-1-9-py3-none-any.whl", "a-1-10-py3-none-any.whl", "a-1-py3-none-any.whl"}))) ==
        "a-1-10-py3-none-any.whl");
  CHECK(told(parsed(package("a", {"a-1-py3-none-any.whl", "a-1-py2.py3-none-any.whl"}))) == "a-1-py3-none-any.whl");
}

TEST_CASE("of wheel variants the null one goes first, and another counts where it is all there is") {
  const std::string plain = "a-1-cp312-cp312-manylinux_2_17_x86_64.whl", null = "a-1-py3-none-any-null.whl",
                    cu12 = "a-1-py3-none-any-cu12.whl", cu13 = "a-1-py3-none-any-cu13.whl";
  const auto chosen = [&](const std::vector<std::string>& files) {
    return told(parsed(package("a", files, "version = \"1\"\n")));
  };
  CHECK(chosen({plain, null}) == null);
  CHECK(chosen({null, plain}) == null);
  CHECK(chosen({cu12, plain}) == plain);
  CHECK(chosen({cu12, null, plain}) == null);
  CHECK(chosen({cu12}) == cu12);
  CHECK(chosen({cu12, cu13}).starts_with("the lock has no wheel of `a 1` for this environment"));
}

TEST_CASE("an sdist stands in for wheels that do not fit, or is preferred by name") {
  const auto lock = parsed(package("a", {"a-1-py3-none-any.whl", "a-1.tar.gz"}) +
                           package("b", {"b-1-py2-none-any.whl", "b-1.tar.gz"}));
  CHECK(told(lock) == "a-1-py3-none-any.whl b-1.tar.gz");
  lock::SelectOptions options;
  options.prefer_sdist = {name("a")};
  CHECK(told(lock, options) == "a-1.tar.gz b-1.tar.gz");
  options.wheels_only = true;
  CHECK(told(lock, options) ==
        "the lock has no wheel of `b` for this environment, and building its sdist is not allowed (it has "
        "b-1-py2-none-any.whl)");
}

TEST_CASE("without a usable file the error names what there is") {
  CHECK(told(parsed(package("a", {"a-1-py2-none-any.whl"}, "version = \"1\"\n"))) ==
        "the lock has no wheel of `a 1` for this environment and no sdist (it has a-1-py2-none-any.whl)");
}

TEST_CASE("trees and archives need to be built, wheels among archives do not") {
  const std::string wheel =
      "[[packages]]\nname = \"a\"\narchive = { url = \"https://files.example/a-1-py3-none-any.whl\", hashes = { sha256 "
      "= \"0\" } }\n";
  const std::string archive =
      "[[packages]]\nname = \"b\"\narchive = { path = \"b.zip\", hashes = { sha256 = \"0\" } }\n";
  const std::string folder = "[[packages]]\nname = \"c\"\ndirectory = { path = \".\" }\n";
  CHECK(told(parsed(wheel + archive + folder)) == "a-1-py3-none-any.whl b.zip c");
  lock::SelectOptions wheels_only;
  wheels_only.wheels_only = true;
  CHECK(told(parsed(wheel), wheels_only) == "a-1-py3-none-any.whl");
  CHECK(told(parsed(archive), wheels_only) == "the lock has `b` as an archive, and building it is not allowed");
  CHECK(told(parsed(folder), wheels_only) == "the lock has `c` as a folder, and building it is not allowed");
}

TEST_CASE("extras and groups decide by markers; the default groups are used when none are given") {
  const auto lock = parsed(package("a", {"a-1-py3-none-any.whl"}, "marker = \"'x' in extras\"\n") +
                               package("b", {"b-1-py3-none-any.whl"}, "marker = \"'dev' in dependency_groups\"\n"),
                           "extras = [\"x\"]\ndependency-groups = [\"dev\", \"docs\"]\ndefault-groups = [\"dev\"]\n");
  CHECK(told(lock) == "b-1-py3-none-any.whl");
  CHECK(told(lock, {.extras = std::vector{name("x")}, .groups = std::vector{name("docs")}, .prefer_sdist = {}}) ==
        "a-1-py3-none-any.whl");
  CHECK(told(lock, {.extras = std::vector{name("y")}, .groups = {}, .prefer_sdist = {}}) ==
        "the lock has no extra `y` (it has x)");
  CHECK(told(lock, {.extras = {}, .groups = std::vector{name("y")}, .prefer_sdist = {}}) ==
        "the lock has no dependency group `y` (it has dev, docs)");
}

TEST_CASE("a lock for other Pythons or environments is refused") {
  const std::string a = package("a", {"a-1-py3-none-any.whl"});
  CHECK(told(parsed(a, "requires-python = \">=3.13\"\n")) ==
        "the lock is for Python >=3.13, and this is Python 3.12.4");
  CHECK(told(parsed(a, "environments = [\"sys_platform == 'win32'\"]\n")) ==
        "the lock is not for this environment (it is for: sys_platform == \"win32\")");
  CHECK(told(parsed(a, "environments = [\"sys_platform == 'win32'\", \"os_name == 'posix'\"]\n")) ==
        "a-1-py3-none-any.whl");
  CHECK(told(parsed(a, "environments = []\n")) ==
        "the lock is not for this environment (its list of environments is empty)");
  CHECK(told(parsed(package("a", {"a-1-py3-none-any.whl"}, "requires-python = \"<3.12\"\n"))) ==
        "`a` of the lock needs Python <3.12, and this is Python 3.12.4");
}

TEST_CASE("two entries of one project at once are refused") {
  CHECK(told(parsed(package("a", {"a-2-py3-none-any.whl"}, "version = \"2\"\n") +
                    package("a", {"a-1-py3-none-any.whl"}, "version = \"1\"\n"))) ==
        "the lock has two entries of one project for this environment: `a 2` and `a 1`");
}

TEST_CASE("a group that is for other Pythons is refused by name, and harmless where it is not selected") {
  const std::string head = "dependency-groups = [\"dev\", \"docs\"]\ndefault-groups = [\"dev\"]\n";
  const std::string tool = "[tool.pkg]\nversion = 1\ngroup-requires-python = { dev = \">=3.10\", docs = \">=3.13\" }\n";
  const auto lock = parsed(cat(package("a", {"a-1-py3-none-any.whl"}, "version = \"1\"\n"), tool), head);
  CHECK(told(lock) == "a-1-py3-none-any.whl");
  CHECK(told(lock, {.groups = {{name("docs")}}}) ==
        "the dependency group `docs` needs Python >=3.13, and this is Python 3.12.4 (leave the group out (add and "
        "remove: "
        "--no-sync), or use another Python: --python)");
  auto defaults = lock;
  defaults.default_groups.push_back(name("docs"));
  CHECK(told(defaults) ==
        "the dependency group `docs` needs Python >=3.13, and this is Python 3.12.4 (it is a default group: --no-group "
        "docs leaves it out, --no-default-groups all of them; or use another Python: --python)");
}
