#include "venv/create.h"

#include <doctest/doctest.h>
#include <sys/file.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/skipped.h"
#include "support/temp_dir.h"
#include "venv/replace.h"
#include "venv/site.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// Records are shared by the tests of this file: each interpreter is probed once.
const stdfs::path& cache() {
  static const test::TempDir folder;
  return folder.path();
}

const std::vector<Interpreter>& all_interpreters() {
  static const auto found = list_interpreters(cache());
  REQUIRE_OK(found);
  return found.value();
}

const Interpreter& default_interpreter() {
  static const auto found = find_interpreter({}, cache());
  REQUIRE_OK(found);
  return found.value();
}

std::string run(const std::vector<std::string>& argv) {
  process::Command command;
  command.argv = argv;
  command.timeout_s = 60;
  const auto output = process::run(command);
  REQUIRE_OK(output);
  REQUIRE_MESSAGE(output->exit_code == 0, output->err);
  return output->out;
}

// What a program can see of the environment it runs in. The environment's own folder is printed as <env>.
constexpr const char* kLookAround = R"(
import sys, site, sysconfig, os
real = os.path.realpath
def show(label, value):
    print(label, str(value).replace(sys.prefix, '<env>'))
show('prefix', sys.prefix == os.path.dirname(os.path.dirname(sys.executable)))
show('base_prefix', sys.base_prefix)
show('base_exec_prefix', sys.base_exec_prefix)
show('exec_prefix', sys.exec_prefix)
show('executable', sys.executable)
show('base_executable', real(getattr(sys, '_base_executable', None) or sys.executable))
show('paths', sorted(sysconfig.get_paths().items()))
show('site', site.getsitepackages())
show('user', site.ENABLE_USER_SITE)
show('sys.path', sys.path[1:])
for name in ('EXT_SUFFIX', 'LIBDIR', 'INCLUDEPY', 'prefix', 'exec_prefix', 'installed_base', 'base', 'platbase', 'projectbase', 'srcdir'):
    show(name, sysconfig.get_config_var(name))
)";

std::string look_around(const stdfs::path& folder) {
  return run({(folder / "bin/python").native(), "-c", kLookAround});
}

std::vector<std::string> names_in(const stdfs::path& folder) {
  const auto names = fs::list_dir(folder);
  REQUIRE_OK(names);
  return *names;
}

}  // namespace

TEST_CASE("an environment looks to its programs like one made by python -m venv, for each interpreter here") {
  REQUIRE(!all_interpreters().empty());
  for (const auto& base : all_interpreters()) {
    for (const bool system_site_packages : {false, true}) {
      if (system_site_packages && &base != &all_interpreters().front()) continue;
      CAPTURE(base.executable.native());
      CAPTURE(system_site_packages);
      const test::TempDir temp;
      std::vector<std::string> reference{base.executable.native(), "-m", "venv", "--without-pip",
                                         (temp / "theirs").native()};
      if (system_site_packages) reference.emplace_back("--system-site-packages");
      run(reference);
      CreateOptions options;
      options.folder = temp / "ours";
      options.system_site_packages = system_site_packages;
      REQUIRE_OK(create(base, options));
      CHECK(look_around(temp / "ours") == look_around(temp / "theirs"));
    }
  }
}

TEST_CASE("an environment has the links, folders and files it should have, and nothing is left beside it") {
  const test::TempDir temp;
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "env"}));
  CHECK(names_in(temp.path()) == std::vector<std::string>{"env"});
  CHECK(names_in(temp / "env") ==
        std::vector<std::string>{".gitignore", "CACHEDIR.TAG", "bin", "include", "lib", "lib64", "pyvenv.cfg"});
  const auto& version = default_interpreter().facts.version;
  CHECK(names_in(temp / "env/bin") == std::vector<std::string>{"Activate.ps1", "activate", "activate.bat",
                                                               "activate.csh", "activate.fish", "activate.nu",
                                                               "activate.xsh", "activate_this.py", "deactivate.bat",
                                                               "python", "python3", cat("python3.", version.at(1))});
  CHECK(stdfs::read_symlink(temp / "env/bin/python3") == "python");
  CHECK(stdfs::read_symlink(temp / "env/bin/python") == default_interpreter().real_executable);
  CHECK(stdfs::read_symlink(temp / "env/lib64") == "lib");
  CHECK(fs::read_file(temp / "env/.gitignore").value() == "*\n");
  CHECK(fs::read_file(temp / "env/CACHEDIR.TAG").value().starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
}

TEST_CASE("a relocatable environment says nowhere where it is; another one says it in pyvenv.cfg") {
  const test::TempDir temp;
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "fixed"}));
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "env", .relocatable = true}));
  const auto fixed = open_environment(temp / "fixed", temp / "cache");
  REQUIRE_OK(fixed);
  CHECK(fixed->made_at == temp / "fixed");
  CHECK_FALSE(fixed->relocatable);
  const auto opened = open_environment(temp / "env", temp / "cache");
  REQUIRE_OK(opened);
  CHECK(opened->made_at.empty());
  CHECK(opened->relocatable);
  for (const auto& name : names_in(temp / "env/bin")) {
    if (stdfs::is_symlink(temp / "env/bin" / name)) continue;
    CAPTURE(name);
    CHECK(fs::read_file(temp / "env/bin" / name).value().find(temp.path().native()) == std::string::npos);
  }
}

TEST_CASE("pip, once there, works in the environment and on it") {
  const test::TempDir temp;
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "env"}));
  const std::string python = (temp / "env/bin/python").native();
  // ensurepip is the standard library's own copy of pip; some distributions leave it out.
  if (trim(run({python, "-c", "import importlib.util; print(importlib.util.find_spec('ensurepip') is not None)"})) ==
      "False") {
    SKIPPED("this Python has no ensurepip: " << python);
    return;
  }
  run({python, "-m", "ensurepip"});
  const std::string site_packages = cat("lib/python3.", default_interpreter().facts.version.at(1), "/site-packages");
  CHECK(run({python, "-m", "pip", "--version"})
            .find(cat(" from ", (temp / "env").native(), "/", site_packages, "/pip (python 3.")) != std::string::npos);
  const auto environment = open_environment(temp / "env", cache());
  REQUIRE_OK(environment);
  const auto dists = installed(*environment);
  REQUIRE_OK(dists);
  CHECK(std::any_of(dists->begin(), dists->end(),
                    [](const auto& dist) { return dist.name.str() == "pip" && dist.has_record; }));
}

TEST_CASE("an environment with a copied interpreter works") {
  const test::TempDir temp;
  CreateOptions options;
  options.folder = temp / "env";
  options.copies = true;
  REQUIRE_OK(create(default_interpreter(), options));
  CHECK(!stdfs::is_symlink(temp / "env/bin/python"));
  CHECK(trim(run({(temp / "env/bin/python").native(), "-c", "import sys; print(sys.prefix)"})) ==
        (temp / "env").native());
  const auto environment = open_environment(temp / "env", cache());
  REQUIRE_OK(environment);
  const auto interpreter = interpreter_of(*environment, cache());
  REQUIRE_OK(interpreter);
  CHECK(interpreter->real_executable == default_interpreter().real_executable);
}

TEST_CASE("an environment made from an environment's interpreter has the same base") {
  const test::TempDir temp;
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "first"}));
  const auto inner = probe(temp / "first/bin/python", cache());
  REQUIRE_OK(inner);
  CHECK(inner->is_virtual());
  REQUIRE_OK(create(*inner, {.folder = temp / "second"}));
  CHECK(stdfs::read_symlink(temp / "second/bin/python") == default_interpreter().real_executable);
  CHECK(trim(run({(temp / "second/bin/python").native(), "-c", "import sys; print(sys.base_prefix)"})) ==
        default_interpreter().base_prefix.native());
}

TEST_CASE("a folder that is there is refused, cleared or kept as asked") {
  const test::TempDir temp;
  const stdfs::path folder = temp / "env";
  REQUIRE_OK(create(default_interpreter(), {.folder = folder}));
  const stdfs::path mark = folder / "lib/mark";
  REQUIRE_OK(fs::publish(mark, "x"));

  SUBCASE("refused") {
    const auto again = create(default_interpreter(), {.folder = folder});
    REQUIRE(!again.ok());
    CHECK(again.error().kind == ErrorKind::conflict);
    CHECK(again.error().message == cat("`", folder.native(), "` is an environment already"));
    CHECK(fs::exists(mark));
  }
  SUBCASE("cleared") {
    REQUIRE_OK(create(default_interpreter(), {.folder = folder, .if_exists = IfExists::clear}));
    CHECK(!fs::exists(mark));
    CHECK(names_in(temp.path()) == std::vector<std::string>{"env"});
  }
  SUBCASE("kept") {
    REQUIRE_OK(fs::publish(folder / "bin/activate", "damaged"));
    REQUIRE_OK(create(default_interpreter(), {.folder = folder, .if_exists = IfExists::keep}));
    CHECK(fs::exists(mark));
    CHECK(fs::read_file(folder / "bin/activate").value() != "damaged");
  }
  SUBCASE("a folder that is no environment is not cleared") {
    REQUIRE_OK(fs::remove_tree(folder / "pyvenv.cfg"));
    const auto cleared = create(default_interpreter(), {.folder = folder, .if_exists = IfExists::clear});
    REQUIRE(!cleared.ok());
    CHECK(cleared.error().message ==
          cat("will not clear `", folder.native(), "`: it is no environment (there is no pyvenv.cfg)"));
    CHECK(fs::exists(mark));
  }
  SUBCASE("a link is followed and stays") {
    stdfs::create_directory_symlink(folder, temp / "link");
    REQUIRE_OK(create(default_interpreter(), {.folder = temp / "link", .if_exists = IfExists::clear}));
    CHECK(stdfs::is_symlink(temp / "link"));
    CHECK(!fs::exists(mark));
  }
}

TEST_CASE("an empty folder and missing parents are fine, a file and a colon are not") {
  const test::TempDir temp;
  stdfs::create_directory(temp / "empty");
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "empty"}));
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "a/b/c/"}));
  CHECK(fs::exists(temp / "a/b/c/pyvenv.cfg"));
  REQUIRE_OK(fs::publish(temp / "file", ""));
  CHECK(create(default_interpreter(), {.folder = temp / "file"}).error().kind == ErrorKind::conflict);
  CHECK(create(default_interpreter(), {.folder = temp / "a:b"}).error().kind == ErrorKind::usage);
}

TEST_CASE("an environment starts in a folder whose name is no UTF-8, or has a line end") {
  const test::TempDir temp;
  for (const char* name : {"by\xfftes", "new\nline", "blank "}) {
    REQUIRE_OK(create(default_interpreter(), {.folder = temp / name}));
    CHECK(run({(temp / name / "bin/python").native(), "-c", "print('started')"}) == "started\n");
  }
}

TEST_CASE("an environment that is there, or that others put there meanwhile, is taken by who only wants one") {
  const test::TempDir temp;
  const stdfs::path folder = temp / "env";
  const auto first = create_or_use(default_interpreter(), {.folder = folder});
  REQUIRE_OK(first);
  CHECK(first->made);
  REQUIRE_OK(fs::publish(folder / "lib/mark", "x"));
  const auto second = create_or_use(default_interpreter(), {.folder = folder});
  REQUIRE_OK(second);
  CHECK_FALSE(second->made);
  CHECK(second->environment.layout.purelib == first->environment.layout.purelib);
  CHECK(fs::exists(folder / "lib/mark"));

  SUBCASE("the one that was seen is replaced") {
    const auto seen = fs::file_key(folder / "pyvenv.cfg");
    const auto third =
        create_or_use(default_interpreter(), {.folder = folder, .if_exists = IfExists::clear, .seen = seen});
    REQUIRE_OK(third);
    CHECK(third->made);
    CHECK_FALSE(fs::exists(folder / "lib/mark"));
  }
  SUBCASE("another than the one that was seen is not") {
    const CreateOptions options{.folder = folder, .if_exists = IfExists::clear, .seen = fs::FileKey{1, 2, 3, 4}};
    const auto third = create_or_use(default_interpreter(), options);
    REQUIRE_OK(third);
    CHECK_FALSE(third->made);
    CHECK(create(default_interpreter(), options).error().kind == ErrorKind::conflict);
    CHECK(fs::exists(folder / "lib/mark"));
  }
  CHECK(names_in(temp.path()) == std::vector<std::string>{"env"});
}

TEST_CASE("many who make one environment at once get the same one") {
  const test::TempDir temp;
  const stdfs::path folder = temp / "env";
  std::atomic<int> made{0}, failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto wanted = create_or_use(default_interpreter(), {.folder = folder});
      if (!wanted.ok()) ++failed;
      if (wanted.ok() && wanted->made) ++made;
    });
  for (auto& thread : threads) thread.join();
  CHECK(made == 1);
  CHECK(failed == 0);
  CHECK(names_in(temp.path()) == std::vector<std::string>{"env"});
}

TEST_CASE("an environment that another command changes just now is not cleared under its hands") {
  const test::TempDir temp;
  const stdfs::path folder = temp / "env";
  REQUIRE_OK(create(default_interpreter(), {.folder = folder}));
  auto lock = lock_prefix(folder, 0, "install");
  REQUIRE_OK(lock);
  const CreateOptions options{.folder = folder, .if_exists = IfExists::clear, .lock_wait_s = 0.05};
  const auto refused = create(default_interpreter(), options);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::busy);
  *lock = fs::HeldLock();
  REQUIRE_OK(create(default_interpreter(), options));
}

TEST_CASE("what a killed command left beside an environment is deleted by the next one, and nothing else") {
  const test::TempDir temp;
  const auto make = [&](const std::string& name, const char* content) {
    REQUIRE_OK(fs::make_dirs(temp / name / content));
    return temp / name;
  };
  make(".env-1234-0-1x2y3z", "new/lib");  // killed while it was built, or while the old one was deleted
  make(".env-1234-1-0", "");
  const auto alive = fs::open_directory(make(".env-99-0-abc", "new"));
  REQUIRE_OK(alive);
  REQUIRE(::flock(alive->get(), LOCK_EX | LOCK_NB) == 0);
  make(".env-1234-0-zzz", "notes");
  make(".env-python", "new");
  make(".other-1234-0-1x2y3z", "new");
  const std::vector<std::string> stay{".env-1234-0-zzz", ".env-99-0-abc", ".env-python", ".other-1234-0-1x2y3z", "env"};
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "env"}));
  CHECK(names_in(temp.path()) == stay);
  make(".env-7-7-7", "new");
  REQUIRE_OK(create(default_interpreter(), {.folder = temp / "env", .if_exists = IfExists::clear}));
  CHECK(names_in(temp.path()) == stay);
}

TEST_CASE("nothing is left when making an environment fails") {
  const test::TempDir temp;
  Interpreter broken = default_interpreter();
  broken.real_executable = temp / "no such interpreter";
  CreateOptions options;
  options.folder = temp / "env";
  options.copies = true;
  CHECK(!create(broken, options).ok());
  CHECK(names_in(temp.path()).empty());
}

}  // namespace pkg::venv
