#include "ops/builds/build_key.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

using namespace pkg;

namespace {

pep::DistFile sdist() {
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.project = *pep::Name::parse("app");
  file.version = *pep::Version::parse("1.0");
  file.file_name = "app-1.0.tar.gz";
  file.url = "https://index.example/files/app-1.0.tar.gz";
  file.hashes = {{hash::Algorithm::sha256, std::string(64, 'a')}};
  return file;
}

venv::Interpreter interpreter() {
  venv::Interpreter made;
  made.target.environment.implementation_name = "cpython";
  made.target.environment.python_version = "3.12";
  made.soabi = "cpython-312-x86_64-linux-gnu";
  return made;
}

std::string key(const pep::DistFile& file, const ops::BuildOptions& options = {},
                const builder::Variables& variables = {}) {
  return ops::build_key(file, {}, options, variables, interpreter());
}

}  // namespace

TEST_CASE("the key of a built wheel depends on everything the build depends on, and on nothing else") {
  const auto plain = key(sdist());
  CHECK(plain.size() == 64);
  auto elsewhere = sdist();
  elsewhere.url = "https://other.example/app-1.0.tar.gz";
  CHECK(key(elsewhere) == plain);  // the same bytes

  std::set<std::string> keys{plain};
  const auto differs = [&](const std::function<void(pep::DistFile&, ops::BuildOptions&)>& change) {
    auto file = sdist();
    ops::BuildOptions options;
    change(file, options);
    return keys.insert(key(file, options)).second;
  };
  const auto app = *pep::Name::parse("app");
  CHECK(differs([](auto& file, auto&) { file.hashes[0].hex = std::string(64, 'b'); }));
  CHECK(differs([](auto& file, auto&) { file.url += "#subdirectory=sub"; }));
  CHECK(differs([](auto&, auto& options) { options.config_settings["a"] = {"1"}; }));
  CHECK(differs([](auto&, auto& options) { options.config_settings["a"] = {"1", "2"}; }));
  CHECK(differs([](auto&, auto& options) { options.config_settings["a=1"] = {"2"}; }));
  CHECK(differs([&](auto&, auto& options) { options.config_settings_of[app]["a"] = {"3"}; }));
  CHECK(differs([](auto&, auto& options) { options.constraints = {*pep::Requirement::parse("setuptools<60")}; }));
  CHECK(differs([&](auto&, auto& options) { options.extra_requirements[app] = {*pep::Requirement::parse("numpy")}; }));
  CHECK(differs([&](auto&, auto& options) { options.extra_variables[app] = {{"CFLAGS", "-O3"}}; }));
  CHECK_FALSE(
      differs([](auto&, auto& options) { options.config_settings_of[*pep::Name::parse("other")]["a"] = {"1"}; }));
  CHECK_FALSE(differs([](auto&, auto& options) { options.jobs = 7; }));
}

TEST_CASE("variables that change a build are part of its key") {
  const auto with_flags = key(sdist(), {}, {{"CFLAGS", "-O3"}});
  CHECK(with_flags != key(sdist()));
  CHECK(with_flags != key(sdist(), {}, {{"CFLAGS", "-O2"}}));
  CHECK(with_flags == key(sdist(), {}, {{"CFLAGS", "-O3"}}));
}

TEST_CASE("the wheel of one Python is not taken for another") {
  auto other = interpreter();
  other.target.environment.python_version = "3.13";
  CHECK(ops::build_key(sdist(), {}, {}, {}, other) != key(sdist()));
  auto free_threaded = interpreter();
  free_threaded.soabi = "cpython-312t-x86_64-linux-gnu";
  CHECK(ops::build_key(sdist(), {}, {}, {}, free_threaded) != key(sdist()));
}

TEST_CASE("what depends on things that nobody knows is not kept") {
  auto folder = sdist();
  folder.url = "file:///work/app";
  CHECK(key(folder).empty());
  auto editable = sdist();
  editable.editable = true;
  CHECK(key(editable).empty());
  ops::BuildOptions here;
  here.no_isolation = true;
  CHECK(key(sdist(), here).empty());
  auto unknown = sdist();
  unknown.hashes.clear();
  CHECK(key(unknown).empty());
  CHECK(ops::build_key(unknown, std::string(64, 'a'), {}, {}, interpreter()) ==
        key(sdist()));  // learnt from the download
}

TEST_CASE("a source whose name is not known yet has no key where packages have settings of their own") {
  auto nameless = sdist();
  nameless.project = {};
  CHECK(key(nameless).size() == 64);
  ops::BuildOptions options;
  options.config_settings_of[*pep::Name::parse("app")]["a"] = {"1"};
  CHECK(key(nameless, options).empty());
}

TEST_CASE("a revision is known by its repository and commit") {
  auto one = sdist();
  one.hashes.clear();
  one.url = "git+https://git.example/app@" + std::string(40, '1');
  auto two = one;
  two.url = "git+https://git.example/app@" + std::string(40, '2');
  CHECK(key(one).size() == 64);
  CHECK(key(one) != key(two));
}

TEST_CASE("a request differs with where build requirements are looked for, and with what may be chosen there") {
  const auto source = key(sdist());
  const auto request = [&](const resolver::Policy& policy, const char* indexes = "honest") {
    return ops::request_key(source, policy, indexes);
  };
  std::set<std::string> keys{request({})};
  CHECK(keys.begin()->size() == 64);
  const auto differs = [&](const std::function<void(resolver::Policy&)>& change) {
    resolver::Policy policy;
    change(policy);
    return keys.insert(request(policy)).second;
  };
  CHECK(keys.insert(request({}, "liar")).second);
  CHECK(differs([](auto& policy) { policy.prereleases = resolver::Prereleases::allow; }));
  CHECK(differs([](auto& policy) { policy.order = resolver::Order::lowest; }));
  CHECK(differs([](auto& policy) { policy.format.no_binary_all = true; }));
  CHECK(differs([](auto& policy) { policy.format.only_binary = {*pep::Name::parse("setuptools")}; }));
  CHECK(differs([](auto& policy) { policy.format.no_binary = {*pep::Name::parse("setuptools")}; }));
  CHECK(differs([](auto& policy) { policy.exclude_newer = 1'700'000'000; }));
  CHECK_FALSE(
      differs([](auto& policy) { policy.exclude_newer = 1'700'000'001; }));  // "7 days" finds the same build all day
  CHECK(differs([](auto& policy) { policy.exclude_newer = 1'700'100'000; }));
}

TEST_CASE("a build differs with its source and settings, and with all distributions that build it") {
  const auto source = key(sdist());
  const std::set<std::string> keys{
      ops::exact_key(source, std::string(64, 'a')), ops::exact_key(source, std::string(64, 'b')),
      ops::exact_key(source, ops::kNoEnvironment), ops::exact_key(std::string(64, 'c'), std::string(64, 'a'))};
  CHECK(keys.size() == 4);
}

TEST_CASE("what is built holds for machines of one libc, system and release") {
  const std::string debian = "PRETTY_NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\nHOME_URL=\"https://x\"\n";
  auto python = interpreter();
  python.platform.glibc_major = 2;
  python.platform.glibc_minor = 36;
  const auto here = ops::fleet_of(python, debian);
  CHECK(here == ops::fleet_of(python, "VERSION_ID=\"12\"\nNAME=x\nID=debian\n"));
  CHECK(here != ops::fleet_of(python, "VERSION_ID=\"13\"\nID=debian\n"));
  CHECK(here != ops::fleet_of(python, ""));
  python.platform.glibc_minor = 31;
  CHECK(here != ops::fleet_of(python, debian));
}
