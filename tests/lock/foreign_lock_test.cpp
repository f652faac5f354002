#include "lock/foreign_lock.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

constexpr std::string_view kCommit = "0123456789abcdef0123456789abcdef01234567";

// A line for each pin: "name version; marker" and "git URL@revision#commit:subdirectory"; then what was skipped.
std::string pins(std::string_view kind, std::string_view text) {
  const auto read = lock::parse_foreign_lock(replace_all(text, "COMMIT", kCommit), kind, std::string(kind));
  if (!read) return read.error().message;
  std::string out;
  for (const auto& package : read->lock.packages) {
    append(out, package.name.str(), ' ', package.version ? package.version->to_string() : std::string("-"));
    if (!package.marker.is_trivial()) append(out, "; ", package.marker.to_string());
    if (package.vcs)
      append(out, " git ", package.vcs->url, '@', package.vcs->requested_revision, '#',
             package.vcs->commit_id == kCommit ? "COMMIT" : package.vcs->commit_id, ':', package.vcs->subdirectory);
    out += '\n';
  }
  for (const auto& line : read->skipped) append(out, "skipped: ", line, '\n');
  return out;
}

}  // namespace

TEST_CASE("uv.lock: pins, forks and commits; neither folders nor the project itself") {
  CHECK(
      pins(
          "uv.lock",
          "version = 1\nrequires-python = \">=3.9\"\n"
          "[[package]]\nname = \"work\"\nversion = \"1\"\nsource = { editable = \".\" }\n"
          "[[package]]\nname = \"virtual\"\nversion = \"1\"\nsource = { virtual = \".\" }\n"
          "[[package]]\nname = \"Numpy\"\nversion = \"2.0\"\nsource = { registry = \"https://index.test/simple\" }\n"
          "resolution-markers = [\"python_full_version >= '3.10'\", \"os_name == 'nt'\"]\n"
          "[[package]]\nname = \"numpy\"\nversion = \"1.26\"\nresolution-markers = [\"python_full_version < '3.10'\"]\n"
          "[[package]]\nname = \"lib\"\nversion = \"3\"\n"
          "source = { git = \"https://host.test/lib.git?rev=main&subdirectory=part#COMMIT\" }\n"
          "[[package]]\nname = \"part\"\nsource = { directory = \"../part\" }\n") ==
      "lib 3 git https://host.test/lib.git@main#COMMIT:part\n"
      "numpy 2.0; python_full_version >= \"3.10\" or os_name == \"nt\"\n"
      "numpy 1.26; python_full_version < \"3.10\"\n");
}

TEST_CASE("poetry.lock: pins with markers, git sources; no folders and files") {
  CHECK(pins("poetry.lock",
             "[[package]]\nname = \"colorama\"\nversion = \"0.4.6\"\nmarkers = \"sys_platform == 'win32'\"\n"
             "files = [{file = \"x.whl\", hash = \"sha256:00\"}]\n"
             "[[package]]\nname = \"lib\"\nversion = \"2.0\"\n[package.source]\ntype = \"git\"\n"
             "url = \"https://host.test/lib.git\"\nreference = \"HEAD\"\nresolved_reference = \"COMMIT\"\n"
             "[[package]]\nname = \"near\"\nversion = \"1\"\n[package.source]\ntype = \"directory\"\nurl = \"near\"\n"
             "[[package]]\nname = \"private\"\nversion = \"1.1\"\n[package.source]\ntype = \"legacy\"\n"
             "url = \"https://index.test/simple\"\nreference = \"corp\"\n"
             "[metadata]\nlock-version = \"2.1\"\n") ==
        "colorama 0.4.6; sys_platform == \"win32\"\n"
        "lib 2.0 git https://host.test/lib.git@#COMMIT:\n"
        "private 1.1\n");
}

TEST_CASE("pdm.lock: one pin for a name that is there with and without its extras") {
  CHECK(pins("pdm.lock",
             "[metadata]\nlock_version = \"4.5.0\"\n"
             "[[package]]\nname = \"requests\"\nversion = \"2.31.0\"\n"
             "[[package]]\nname = \"requests\"\nversion = \"2.31.0\"\nextras = [\"socks\"]\n"
             "[[package]]\nname = \"tomli\"\nversion = \"2.0.1\"\nmarker = \"python_version < '3.11'\"\n"
             "[[package]]\nname = \"lib\"\nversion = \"1\"\ngit = \"https://host.test/lib\"\nref = \"v1\"\n"
             "revision = \"COMMIT\"\n"
             "[[package]]\nname = \"near\"\nversion = \"1\"\npath = \"./near\"\n") ==
        "lib 1 git https://host.test/lib@v1#COMMIT:\nrequests 2.31.0\ntomli 2.0.1; python_version < \"3.11\"\n");
}

TEST_CASE("Pipfile.lock: every category, once") {
  CHECK(pins("Pipfile.lock",
             R"({"_meta": {"hash": {"sha256": "0"}},
                 "default": {"six": {"hashes": [], "index": "pypi", "version": "==1.16.0"},
                             "near": {"path": "./near", "editable": true},
                             "lib": {"git": "https://host.test/lib", "ref": "COMMIT"}},
                 "develop": {"six": {"version": "==1.16.0"},
                             "atomicwrites": {"version": "==1.4", "markers": "sys_platform == 'win32'"}},
                 "docs": {"sphinx": {"version": "==7.2"}}})") ==
        "atomicwrites 1.4; sys_platform == \"win32\"\nlib - git https://host.test/lib@#COMMIT:\nsix 1.16.0\n"
        "sphinx 7.2\n");
}

TEST_CASE("an entry that says nothing usable is skipped and named; a marker that is none holds everywhere") {
  CHECK(pins("poetry.lock",
             "[[package]]\nname = \"a b\"\nversion = \"1\"\n"
             "[[package]]\nname = \"odd\"\nversion = \"one\"\n"
             "[[package]]\nname = \"none\"\n"
             "[[package]]\nname = \"good\"\nversion = \"1\"\nmarkers = \"what == 'x'\"\n"
             "[[package]]\nname = \"lib\"\n[package.source]\ntype = \"git\"\nurl = \"https://host.test/lib\"\n"
             "resolved_reference = \"--upload-pack=x\"\n") ==
        "good 1\n"
        "skipped: `a b` is no name of a project\n"
        "skipped: `odd` has `one`, which is no version\n"
        "skipped: `none` has no version\n"
        "skipped: `lib` has no version\n");
}

TEST_CASE("what has not the form of a lock is refused") {
  CHECK(pins("poetry.lock", "package = 1\n") ==
        "`poetry.lock` has not the form of a poetry.lock: `package` is an integer, expected [[package]] tables");
  CHECK(pins("uv.lock", "package = [1]\n") ==
        "`uv.lock` has not the form of a uv.lock: line 1: expected a [[package]] table");
  CHECK(pins("pdm.lock", "[[package").find("pdm.lock:1:") != std::string::npos);
  CHECK(pins("Pipfile.lock", "[]") == "`Pipfile.lock` has not the form of a Pipfile.lock: it has no `_meta`");
  CHECK(pins("Pipfile.lock", R"({"_meta": {}, "default": []})") ==
        "`Pipfile.lock` has not the form of a Pipfile.lock: `default` is no object");
  CHECK_FALSE(lock::parse_foreign_lock("{", "Pipfile.lock", "Pipfile.lock").ok());
  CHECK(pins("Cargo.lock", "") == "no reader for locks called `Cargo.lock`");
  CHECK(pins("poetry.lock", "") == "");
}
