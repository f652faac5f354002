#include "venv/interpreter/build_details.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/fs.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
namespace stdfs = std::filesystem;

namespace {

const venv::MachineFacts kMachine{"x86_64", {2, 36}};

json::Json details(const stdfs::path& prefix) {
  json::Json root;
  root["schema_version"] = "1.0";
  root["base_prefix"] = prefix.native();
  root["base_interpreter"] = (prefix / "bin/python3.14").native();
  root["platform"] = "linux-x86_64";
  root["implementation"] = {
      {"name", "cpython"},
      {"version", {{"major", 3}, {"minor", 14}, {"micro", 3}, {"releaselevel", "final"}, {"serial", 0}}}};
  root["abi"] = {{"flags", json::Json::array()}, {"extension_suffix", ".cpython-314-x86_64-linux-gnu.so"}};
  return root;
}

struct Prefix {
  test::TempDir dir;
  stdfs::path prefix = stdfs::canonical(dir.path()), python = prefix / "bin/python3.14";
  Prefix() {
    REQUIRE_OK(fs::make_dirs(prefix / "bin"));
    REQUIRE_OK(fs::make_dirs(prefix / "lib/python3.14/site-packages"));
    REQUIRE_OK(fs::publish(python, "", fs::Durability::none, 0755));
  }
  std::string answer(const json::Json& root) const {
    const auto facts = venv::parse_build_details(json::dump(root), python, kMachine);
    return facts.ok() ? "yes" : facts.error().message;
  }
};

}  // namespace

TEST_CASE("the file of an interpreter says its version, tags and layout") {
  const Prefix at;
  const auto facts = venv::parse_build_details(json::dump(details(at.prefix)), at.python, kMachine);
  REQUIRE_OK(facts);
  CHECK(facts->base_executable == at.python.native());
  CHECK(facts->prefix == at.prefix.native());
  CHECK(facts->environment.python_full_version == "3.14.3");
  CHECK(facts->environment.platform_python_implementation == "CPython");
  CHECK(facts->ext_suffix == ".cpython-314-x86_64-linux-gnu.so");
  CHECK(facts->glibc[1] == 36);
  CHECK(facts->platform_string == "linux_x86_64");
  CHECK(facts->paths.purelib == (at.prefix / "lib/python3.14/site-packages").native());
  CHECK(facts->paths.include == (at.prefix / "include/python3.14").native());
  CHECK(facts->user_paths.purelib == "~/lib/python3.14/site-packages");
  CHECK(facts->site_folders == std::vector<std::string>{facts->paths.purelib});
  auto relative = details(at.prefix);
  relative["base_prefix"] = "../..";
  relative["base_interpreter"] = "../../bin/python3.14";
  CHECK(at.answer(relative) == "yes");
}

TEST_CASE("where the file does not answer for the interpreter, it is started") {
  const Prefix at;
  const auto without = [&](const std::string& key, const json::Json& value) {
    auto root = details(at.prefix);
    root[json::Json::json_pointer(key)] = value;
    return at.answer(root);
  };
  CHECK(without("/schema_version", "2.0").ends_with("another schema"));
  CHECK(without("/base_prefix", "/elsewhere").ends_with("it belongs elsewhere"));
  CHECK(without("/base_interpreter", "/bin/sh").ends_with("it speaks of another program"));
  CHECK(without("/platform", "linux-aarch64").ends_with("another platform"));
  CHECK(without("/implementation/name", "pypy").ends_with("it is no CPython"));
  CHECK(without("/implementation/version/minor", 13).ends_with("it is older than 3.14"));
  CHECK(without("/implementation/version/minor", "14").ends_with("no version"));
  CHECK(without("/implementation/version/releaselevel", "alpha").ends_with("it is no final release"));
  CHECK(without("/abi/flags", {"x"}).ends_with("an ABI flag that is not known"));
  CHECK(without("/abi", json::Json::object()).ends_with("no `extension_suffix`"));
  CHECK(at.answer(json::Json::array()).ends_with("another schema"));
  // No program for this machine.
  REQUIRE_OK(fs::publish(at.prefix / "lib/python3.14/build-details.json", json::dump(details(at.prefix))));
  CHECK_FALSE(venv::facts_of_build_details(at.python));
}

TEST_CASE("the C library of the machine says the version that its programs see") {
  process::Command command;
  command.argv = {"getconf", "GNU_LIBC_VERSION"};
  const auto said = process::run(command);
  if (!said || said->exit_code != 0) return;  // no glibc
  const auto found = venv::glibc_of_machine();
  CHECK(trim(said->out) == cat("glibc ", found.major, ".", found.minor));
}

TEST_CASE("the file and the probe say the same of each interpreter that has one") {
  // PKG_TEST_PYTHONS: programs of CPython 3.14 or newer, separated by colons; else what is on PATH.
  const char* named = std::getenv("PKG_TEST_PYTHONS");
  std::vector<stdfs::path> pythons;
  for (const auto path : split(named == nullptr ? "" : named, ':'))
    if (!path.empty()) pythons.emplace_back(path);
  for (const char* name : {"python3.14", "python3.14t", "python3.15"})
    if (const auto found = process::find_program(name)) pythons.push_back(*found);
  for (const auto& python : pythons) {
    CAPTURE(python);
    std::error_code failed;
    const auto real = stdfs::canonical(python, failed);
    const auto said = venv::facts_of_build_details(real);
    if (!said) continue;
    auto probed = venv::run_probe(real);
    REQUIRE_OK(probed);
    // Some builds say "/p/bin/.." of themselves.
    for (std::string* path : {&probed->prefix, &probed->base_prefix})
      *path = stdfs::weakly_canonical(*path, failed).native();
    std::erase_if(probed->site_folders, [](const auto& path) { return path.find("/../") != std::string::npos; });
    CHECK(*said == *probed);
  }
}
