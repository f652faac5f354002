#include "builder/build_process.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/text.h"
#include "builder/sandbox.h"
#include "builder/source_tree.h"
#include "support/skipped.h"

using namespace pkg;
using builder::BuildProcess;
using builder::Product;

namespace {

constexpr std::string_view kHonest = R"(
import os
def get_requires_for_build_wheel(config_settings=None):
    print('requirements', config_settings)
    return ['one>=1', 'two']
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = os.path.join(metadata_directory, 'demo-1.dist-info')
    os.mkdir(folder)
    with open(os.path.join(folder, 'METADATA'), 'w') as f:
        f.write('Metadata-Version: 2.1\nName: demo\nVersion: 1\n')
    return 'demo-1.dist-info'
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print('built with', metadata_directory and os.listdir(metadata_directory), os.getcwd())
    with open(os.path.join(wheel_directory, 'demo-1-py3-none-any.whl'), 'wb') as f:
        f.write(b'wheel')
    return 'demo-1-py3-none-any.whl'
)";

// A backend whose build_wheel has this body.
std::string building(std::string_view body) {
  std::string text =
      "import os, sys, signal, time, subprocess\ndef build_wheel(wheel_directory, config_settings=None, "
      "metadata_directory=None):\n";
  for (const auto line : split_lines(body)) append(text, "    ", line, '\n');
  return text;
}

Result<std::filesystem::path> build_with(const test::SourceTree& tree, builder::ProcessOptions options) {
  const CancelToken cancel;
  auto process = BuildProcess::start(std::move(options), cancel);
  if (!process) return std::move(process).error();
  return process->build(Product::wheel, {}, tree.work("out"), {});
}

Result<std::filesystem::path> build(const test::SourceTree& tree) { return build_with(tree, tree.options()); }

Error failure(std::string_view body) {
  const test::SourceTree tree(building(body));
  auto built = build(tree);
  REQUIRE_FALSE(built.ok());
  return built.error();
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_running(const std::filesystem::path& pid_file) {
  const auto text = fs::read_file(pid_file);
  REQUIRE_OK(text);
  const auto pid = parse_u64(trim(*text));
  REQUIRE(pid.has_value());
  return ::kill(static_cast<pid_t>(*pid), 0) == 0;
}

}  // namespace

TEST_CASE("one process answers all hooks of a build") {
  const test::SourceTree tree(kHonest);
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  const auto requirements = process->requirements(Product::wheel, {});
  REQUIRE_OK(requirements);
  CHECK(*requirements == std::vector<std::string>{"one>=1", "two"});
  const auto metadata = process->prepare_metadata(Product::wheel, {}, tree.work("metadata"));
  REQUIRE_OK(metadata);
  CHECK(metadata->value() == "Metadata-Version: 2.1\nName: demo\nVersion: 1\n");
  const auto wheel = process->build(Product::wheel, {}, tree.work("out"), tree.work("metadata"));
  REQUIRE_OK(wheel);
  CHECK(*wheel == tree.work("out") / "demo-1-py3-none-any.whl");
  CHECK(fs::read_file(*wheel).value() == "wheel");
  CHECK(tree.log() ==
        cat("requirements None\nbuilt with ['METADATA'] ", std::filesystem::canonical(tree.root()).native(), '\n'));
}

TEST_CASE("hooks that a backend may leave out are answered for it") {
  const test::SourceTree tree(
      "def build_wheel(wheel_directory, config_settings=None, metadata_directory=None): pass\n");
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  CHECK(process->requirements(Product::wheel, {}).value().empty());
  CHECK_FALSE(process->prepare_metadata(Product::wheel, {}, tree.work("metadata")).value().has_value());
  const auto editable = process->build(Product::editable, {}, tree.work("out"), {});
  REQUIRE_FALSE(editable.ok());
  CHECK(editable.error().kind == ErrorKind::unsupported);
  CHECK(editable.error().message == "the build backend `backend` has no hook `build_editable`");
}

TEST_CASE("the editable hooks are asked where there are some") {
  const test::SourceTree tree(R"(
def get_requires_for_build_editable(config_settings=None): return ('editables',)
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    open(wheel_directory + '/e-1-py3-none-any.whl', 'w').close()
    return 'e-1-py3-none-any.whl'
)");
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  CHECK(process->requirements(Product::editable, {}).value() == std::vector<std::string>{"editables"});
  REQUIRE_OK(process->build(Product::editable, {}, tree.work("out"), {}));
}

TEST_CASE("one value of a config setting is a string, several are a list") {
  const test::SourceTree tree(
      "def get_requires_for_build_wheel(config_settings=None): return [repr(sorted(config_settings.items()))]\n");
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  const auto answer = process->requirements(Product::wheel, {{"--jobs", {"2"}}, {"define", {"a=1", "ü=2"}}});
  REQUIRE_OK(answer);
  CHECK(*answer == std::vector<std::string>{"[('--jobs', '2'), ('define', ['a=1', 'ü=2'])]"});
}

TEST_CASE("a backend may be an object in a module, and what a hook does to its process ends with it") {
  const test::SourceTree tree;
  tree.write("pyproject.toml",
             "[build-system]\nrequires = []\nbuild-backend = \"helpers.build:Backends.mine\"\nbackend-path = "
             "[\"tools/backend\"]\n");
  tree.write("tools/backend/helpers/__init__.py", "");
  tree.write("tools/backend/helpers/build.py", R"(
import os, sys
class Mine:
    calls = 0
    def get_requires_for_build_wheel(self, config_settings=None):
        self.calls += 1
        os.chdir('/')
        os.environ['LEFT'] = 'over'
        sys.path.clear()
        return []
    def build_wheel(self, wheel_directory, config_settings=None, metadata_directory=None):
        raise RuntimeError('%s %s %s %s' % (self.calls, os.path.basename(os.getcwd()), os.environ.get('LEFT'), sys.argv))
class Backends:
    mine = Mine()
)");
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  REQUIRE_OK(process->requirements(Product::wheel, {}));
  const auto built = process->build(Product::wheel, {}, tree.work("out"), {});
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message ==
        "the build backend `helpers.build:Backends.mine` failed in `build_wheel`: RuntimeError: 0 tree None "
        "['helpers.build']");
}

TEST_CASE("a backend sees what was installed after it asked for it") {
  const test::SourceTree tree(R"(
try:
    import helper
except ImportError:
    helper = None
def get_requires_for_build_wheel(config_settings=None):
    return [] if helper else ['helper']
)");
  const CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  CHECK(process->requirements(Product::wheel, {}).value() == std::vector<std::string>{"helper"});
  tree.write("helper.py", "");
  CHECK(process->requirements(Product::wheel, {}).value().empty());
}

TEST_CASE("a backend that cannot be imported is told with its traceback") {
  const test::SourceTree tree("print('on my way')\nimport no_such_module_here\n");
  const auto built = build(tree);
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().kind == ErrorKind::build);
  CHECK(built.error().message ==
        "the build backend `backend` cannot be imported: ModuleNotFoundError: No module named 'no_such_module_here'");
  REQUIRE_FALSE(built.error().context.empty());
  CHECK(built.error().context.back() == cat("the whole log is in `", tree.log_file().native(), '`'));
  CHECK(contains(tree.log(), "on my way\nTraceback"));
}

TEST_CASE("a backend that is no Python is told by its error, its place is in the log") {
  const test::SourceTree tree("x = 1\ndef broken(:\n");
  const auto built = build(tree);
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message == "the build backend `backend` cannot be imported: SyntaxError: invalid syntax");
  CHECK(contains(tree.log(), "backend.py\", line 2"));
}

TEST_CASE("a build with a missing header tells the compiler's line and where the header is") {
  const auto error = failure(
      "print('compiling')\nprint('a.c:1:10: fatal error: zlib.h: No such file or directory')\nraise RuntimeError('gcc "
      "failed')");
  CHECK(error.kind == ErrorKind::build);
  REQUIRE(error.context.size() > 2);
  CHECK(error.context[1] == "a.c:1:10: fatal error: zlib.h: No such file or directory");
  CHECK(error.hint == "the header `zlib.h` is missing; on Debian and Ubuntu: apt install zlib1g-dev");
}

TEST_CASE("a backend outside of backend-path is refused") {
  const test::SourceTree tree;
  tree.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"json\"\nbackend-path = [\".\"]\n");
  const auto built = build(tree);
  REQUIRE_FALSE(built.ok());
  CHECK(contains(built.error().message, "the module json was found outside of backend-path"));
}

TEST_CASE("the source tree is not on the path unless backend-path says so") {
  const test::SourceTree tree;
  tree.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"local_backend\"\n");
  tree.write("local_backend.py", "");
  tree.write("json.py", "raise RuntimeError('shadowed')\n");
  const auto built = build(tree);
  REQUIRE_FALSE(built.ok());
  CHECK(contains(built.error().message, "ModuleNotFoundError: No module named 'local_backend'"));
}

TEST_CASE("every way of failing has its message") {
  CHECK(failure("raise ValueError('a\\nb')").message ==
        "the build backend `backend` failed in `build_wheel`: ValueError: a");
  CHECK(failure("sys.exit('no way')").message ==
        "the build backend `backend` ended in `build_wheel` with sys.exit(no way)");
  CHECK(failure("os._exit(3)").message ==
        "the build backend `backend` ended its process in `build_wheel` with exit code 3 and no answer");
  CHECK(failure("os._exit(0)").message ==
        "the build backend `backend` ended its process in `build_wheel` with exit code 0 and no answer");
  CHECK(failure("os.kill(os.getpid(), signal.SIGSEGV)").message ==
        "the build backend `backend` was killed in `build_wheel` by signal 11 (SIGSEGV)");
  CHECK(failure("os.kill(os.getppid(), signal.SIGKILL); time.sleep(9)").message ==
        "the build's process ended by itself, with exit code 137");
  CHECK(failure("return 3").message == "the build backend `backend` returned in `build_wheel` 3, expected a file name");
}

TEST_CASE("lies about the product are found out") {
  CHECK(failure("return '../x.whl'").message ==
        "the build backend `backend` returned `../x.whl` in `build_wheel`, expected the name of a .whl file");
  CHECK(failure("return 'x.zip'").message ==
        "the build backend `backend` returned `x.zip` in `build_wheel`, expected the name of a .whl file");
  CHECK(failure("return 'x.whl'").message ==
        "the build backend `backend` returned `x.whl` in `build_wheel`, but made no such file");
  CHECK(contains(failure("os.symlink('/etc/passwd', wheel_directory + '/x.whl'); return 'x.whl'").message,
                 "but made no such file"));
}

TEST_CASE("lies about the metadata are found out") {
  const auto metadata_failure = [](std::string_view body) {
    const test::SourceTree tree(
        cat("import os\ndef prepare_metadata_for_build_wheel(into, config_settings=None): ", body, '\n'));
    const CancelToken cancel;
    auto process = BuildProcess::start(tree.options(), cancel);
    REQUIRE_OK(process);
    auto answer = process->prepare_metadata(Product::wheel, {}, tree.work("metadata"));
    REQUIRE_FALSE(answer.ok());
    return answer.error().message;
  };
  CHECK(contains(metadata_failure("return '/etc'"), "expected the name of a .dist-info folder"));
  CHECK(contains(metadata_failure("return 'a.dist-info'"), "but made no such folder"));
  CHECK(contains(metadata_failure("os.mkdir(into + '/a.dist-info'); return 'a.dist-info'"), "has no METADATA"));
  CHECK(contains(metadata_failure("return ['a.dist-info']"), "expected a file name"));
}

TEST_CASE("printing garbage, closing descriptors, replacing streams and forking do not disturb the answer") {
  constexpr std::string_view kFine = "open(wheel_directory + '/x.whl', 'w').close()\nreturn 'x.whl'";
  for (const std::string_view mischief :
       {"os.write(1, b'\\xff\\x00{\"is\": \"value\"}\\n')", "os.closerange(0, 200)", "sys.stdout = sys.stderr = None",
        "os.fork()", "os.chdir('/'); os.environ.clear(); sys.modules.clear()",
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "sys.stdin.read()", "subprocess.Popen(['sleep', '100'])",
        "print('\\udc80')"}) {
    CAPTURE(mischief);
    const test::SourceTree tree(building(cat(mischief, '\n', kFine)));
    REQUIRE_OK(build(tree));
  }
}

TEST_CASE("a hanging build is ended at its deadline, with everything it started") {
  const test::SourceTree tree(building(R"(
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open('pid', 'w') as f: f.write(str(os.getpid()))
        time.sleep(100)
    os._exit(0)
while not os.path.exists('pid'): time.sleep(0.01)
time.sleep(100)
)"));
  auto options = tree.options();
  options.timeout_s = 2;
  const auto began = std::chrono::steady_clock::now();
  const auto built = build_with(tree, std::move(options));
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message == "the build took longer than 2 s and was ended");
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
  CHECK_FALSE(is_running(tree.root() / "pid"));
}

TEST_CASE("a daemon that a build left behind ends with the process") {
  const test::SourceTree tree(building(R"(
child = subprocess.Popen(['sleep', '100'], start_new_session=True)
with open('pid', 'w') as f: f.write(str(child.pid))
open(wheel_directory + '/x.whl', 'w').close()
return 'x.whl'
)"));
  REQUIRE_OK(build(tree));
  CHECK_FALSE(is_running(tree.root() / "pid"));
}

TEST_CASE("a flood of output is cut and the build ended") {
  const test::SourceTree tree(building("while True: print('x' * 1000)"));
  auto options = tree.options();
  options.output_limit_bytes = 100'000;
  const auto built = build_with(tree, std::move(options));
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message == "the build printed more than 100000 bytes and was ended");
  CHECK(tree.log().size() == 100'000);
}

TEST_CASE("a backend that itself writes an answer without end is ended") {
  const test::SourceTree tree("import os\nfor _ in range(33 * 16): os.write(4, b'x' * 65536)\n");
  auto options = tree.options();
  options.timeout_s = 300;
  const auto built = build_with(tree, std::move(options));
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().message == "the build's answer is too long");
}

TEST_CASE("cancellation ends a build at once") {
  const test::SourceTree tree(building("time.sleep(100)"));
  CancelToken cancel;
  auto process = BuildProcess::start(tree.options(), cancel);
  REQUIRE_OK(process);
  std::jthread killer([&cancel] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel.cancel();
  });
  const auto built = process->build(Product::wheel, {}, tree.work("out"), {});
  REQUIRE_FALSE(built.ok());
  CHECK(built.error().kind == ErrorKind::interrupted);
  CHECK(process->build(Product::wheel, {}, tree.work("out"), {}).error().message == "the build was ended before");
}

TEST_CASE("a build dies with this program, however that ends") {
  const test::SourceTree tree(building(R"(
if os.fork() == 0:
    os.setsid()
    with open('new', 'w') as f: f.write(str(os.getpid()))
    os.rename('new', 'pid')
time.sleep(100)
)"));
  const pid_t program = ::fork();
  if (program == 0) {
    (void)build(tree);
    ::_exit(0);
  }
  for (int i = 0; i < 1000 && !fs::exists(tree.root() / "pid"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);
  bool runs = true;
  for (int i = 0; i < 1000 && runs; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    runs = is_running(tree.root() / "pid");
  }
  CHECK_FALSE(runs);
}

TEST_CASE("every Python at hand runs the hooks") {
  for (const auto* name : {"python3.7", "python3.8", "python3.9", "python3.10", "python3.11", "python3.12",
                           "python3.13", "python3.14", "pypy3"}) {
    const auto found = process::run({.argv = {name, "-c", "import sys; print(sys.executable, end='')"}});
    if (!found || found->exit_code != 0) continue;
    CAPTURE(name);
    const test::SourceTree tree(kHonest);
    auto options = tree.options();
    options.python = found->out;
    REQUIRE_OK(build_with(tree, std::move(options)));
    CHECK(tree.log() == cat("built with None ", std::filesystem::canonical(tree.root()).native(), '\n'));
  }
}

TEST_CASE("setuptools, where it is installed, builds a project that is a setup.py and no more") {
  const auto found = process::run({.argv = {test::python().native(), "-c", "import setuptools.build_meta, wheel"}});
  if (!found || found->exit_code != 0) {
    SKIPPED("no setuptools and wheel in " << test::python().string());
    return;
  }
  const test::SourceTree tree;
  tree.write("setup.py",
             "import helper, setuptools\nsetuptools.setup(name='old', version=helper.version, py_modules=['old'], "
             "install_requires=['x'])\n");
  tree.write("helper.py", "version = '1.5'\n");
  tree.write("old.py", "");
  const CancelToken cancel;
  for (const bool sandbox : {false, true}) {
    CAPTURE(sandbox);
    auto options = tree.options();
    options.sandbox = sandbox && builder::prepare_sandbox({}).ok();
    options.writable = {tree.root().parent_path()};
    auto process = BuildProcess::start(options, cancel);
    REQUIRE_OK(process);
    REQUIRE_OK(process->requirements(Product::wheel, {}));
    const auto prepared = tree.work(cat("metadata", sandbox ? 1 : 0));
    const auto metadata = process->prepare_metadata(Product::wheel, {}, prepared);
    REQUIRE_OK(metadata);
    REQUIRE(metadata->has_value());
    CHECK(contains(**metadata, "Requires-Dist: x"));
    const auto wheel = process->build(Product::wheel, {}, tree.work(cat("out", sandbox ? 1 : 0)), prepared);
    REQUIRE_OK(wheel);
    CHECK(wheel->filename() == "old-1.5-py3-none-any.whl");
  }
}

TEST_CASE("time from the start to the first answer" * doctest::skip()) {
  const test::SourceTree tree(kHonest);
  const CancelToken cancel;
  for (const bool sandbox : {false, true}) {
    auto options = tree.options();
    options.sandbox = sandbox;
    options.writable = {tree.root().parent_path()};
    for (int i = 0; i < 5; ++i) {
      const auto began = std::chrono::steady_clock::now();
      auto process = BuildProcess::start(options, cancel);
      REQUIRE_OK(process);
      const auto started = std::chrono::steady_clock::now();
      REQUIRE_OK(process->prepare_metadata(Product::wheel, {}, tree.work(cat("metadata", sandbox ? 1 : 0, i))));
      const auto first = std::chrono::steady_clock::now();
      REQUIRE_OK(process->requirements(Product::wheel, {}));
      const auto second = std::chrono::steady_clock::now();
      const auto us = [](auto span) { return std::chrono::duration_cast<std::chrono::microseconds>(span).count(); };
      MESSAGE((sandbox ? "sandboxed: " : "") << "start " << us(started - began) << " us, first hook "
                                             << us(first - started) << " us, second " << us(second - first) << " us");
    }
  }
}

TEST_CASE("an interpreter that is not there is an error of the start") {
  const test::SourceTree tree(kHonest);
  auto options = tree.options();
  options.python = tree.work("no-python");
  const CancelToken cancel;
  const auto process = BuildProcess::start(std::move(options), cancel);
  REQUIRE_FALSE(process.ok());
  CHECK(process.error().kind == ErrorKind::not_found);
}

TEST_CASE("nothing is written into the tree, and the temporary folder of a build goes with it") {
  const test::SourceTree tree(building(
      "import tempfile\nprint(tempfile.mkdtemp())\nopen(wheel_directory + '/x.whl', 'w').close()\nreturn 'x.whl'"));
  REQUIRE_OK(build(tree));
  CHECK(fs::list_dir(tree.root()).value() == std::vector<std::string>{"backend.py", "pyproject.toml"});
  CHECK(contains(tree.log(), "pkg-build-"));
  CHECK_FALSE(fs::exists(std::string(trim(tree.log()))));
}
