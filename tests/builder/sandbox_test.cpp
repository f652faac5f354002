#include "builder/sandbox.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/child.h"
#include "base/text.h"
#include "builder/source_tree.h"
#include "support/guards.h"
#include "support/skipped.h"

using namespace pkg;
using builder::SandboxMeans;

namespace {

const bool kIsSet = (test::confiner_maker() = builder::make_confiner) != nullptr;

// A listener on loopback, and one on a socket file, as services of the system have them.
class Listeners {
 public:
  explicit Listeners(const std::filesystem::path& file) {
    tcp_ = fs::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(tcp_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(tcp_.get(), 8) == 0);
    REQUIRE(::getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    local_ = fs::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    REQUIRE(file.native().size() < sizeof name.sun_path);
    file.native().copy(name.sun_path, sizeof name.sun_path - 1);
    REQUIRE(::bind(local_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    REQUIRE(::listen(local_.get(), 8) == 0);
  }
  int port() const { return port_; }

 private:
  fs::Fd tcp_, local_;
  int port_ = 0;
};

// Python that tells which of its deeds were possible: "connect 1 udp 0 …".
std::string deeds(const std::filesystem::path& inside, const std::filesystem::path& outside, int port) {
  return cat(R"(
import os, socket, sys
def can(name, deed):
    try: deed()
    except OSError as error: print(name, 'no')
    else: print(name, 'yes')
def put(path):
    with open(path, 'w') as f: f.write('x')
def connect(family, kind, address):
    with socket.socket(family, kind) as s: s.connect(address)
inside, outside, port = ')",
             inside.native(), "', '", outside.native(), "', ", port, R"(
can('tcp', lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', port)))
can('udp', lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', port)))
can('read outside', lambda: open(outside + '/file').read())
can('write outside', lambda: put(outside + '/file'))
can('create outside', lambda: put(outside + '/new'))
can('make outside', lambda: os.mkdir(outside + '/folder'))
can('remove outside', lambda: os.unlink(outside + '/file'))
can('rename outside', lambda: os.rename(inside + '/old', outside + '/old'))
can('write inside', lambda: put(inside + '/new'))
can('rename inside', lambda: (os.mkdir(inside + '/a'), os.rename(inside + '/new', inside + '/a/new')))
can('run', lambda: os.system('true >/dev/null') == 0 or os.unlink('/no'))
def remount():
    import ctypes
    if ctypes.CDLL(None).mount(b'none', b'/', None, 32 | 4096, None) != 0: raise OSError
    put(outside + '/remounted')
can('remount', remount)
)");
}

constexpr std::string_view kContained =
    "tcp no\nudp no\nread outside yes\nwrite outside no\ncreate outside no\nmake outside no\nremove outside no\nrename "
    "outside no\n"
    "write inside yes\nrename inside yes\nrun yes\nremount no\n";

// Where a build with coverage keeps its counts (tests/coverage): writable, so that what runs contained is counted, too.
std::vector<std::filesystem::path> with_counts(std::vector<std::filesystem::path> writable) {
  if (const char* folder = std::getenv("PKG_COVERAGE_FOLDER")) writable.emplace_back(folder);
  return writable;
}

struct Places {
  test::TempDir dir;
  std::filesystem::path inside = dir / "inside", outside = dir / "outside";
  Listeners listeners;
  Places()
      : listeners((std::filesystem::create_directories(inside), std::filesystem::create_directories(outside),
                   outside / "socket")) {
    REQUIRE_OK(fs::publish(outside / "file", "text"));
    REQUIRE_OK(fs::publish(inside / "old", "text"));
  }
};

// The output of a Python program in the sandbox; nullopt where the system has no such means.
std::optional<std::string> run_contained(SandboxMeans means, const Places& places, const std::string& program) {
  REQUIRE(kIsSet);
  const auto sandbox = builder::prepare_sandbox(
      means, {with_counts({places.inside}), {places.outside, test::python().parent_path().parent_path()}});
  if (!sandbox) {
    SKIPPED(sandbox.error().message);
    return std::nullopt;
  }
  const auto log = places.dir / "output";
  const fs::Fd out(::open(log.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const fs::Fd in = fs::open_read("/dev/null").value();
  process::GuardedCommand command;
  command.program = test::python();
  command.argv = {"python", "-c", program};
  command.environment = {{"PATH", "/usr/bin:/bin"}};
  command.directory = places.inside;
  command.descriptors = {in.get(), out.get(), out.get()};
  command.confinement = sandbox->confinement;
  auto child = process::GuardedChild::start(command);
  REQUIRE_OK(child);
  pollfd end{child->end_descriptor(), POLLIN, 0};
  CHECK(::poll(&end, 1, 20'000) == 1);
  CHECK(child->stop() == 0);
  return fs::read_file(log).value();
}

}  // namespace

TEST_CASE("in namespaces a build has no network and writes only where it may") {
  const Places places;
  const auto output =
      run_contained(SandboxMeans::namespaces, places, deeds(places.inside, places.outside, places.listeners.port()));
  if (output) CHECK(*output == kContained);
}

TEST_CASE("with Landlock a build has no network and writes only where it may") {
  const Places places;
  const auto output =
      run_contained(SandboxMeans::landlock, places, deeds(places.inside, places.outside, places.listeners.port()));
  if (output) CHECK(*output == kContained);
}

TEST_CASE("in namespaces a build cannot talk to services by their socket files, and its own work") {
  const Places places;
  const auto output = run_contained(SandboxMeans::namespaces, places,
                                    cat(R"(
import socket, os, multiprocessing
def connects(path):
    with socket.socket(socket.AF_UNIX) as s:
        try: s.connect(path)
        except OSError: return False
        return True
print(connects(')",
                                        places.outside.native(), R"(/socket'))
with socket.socket(socket.AF_UNIX) as s:
    s.bind('own')
    s.listen(1)
    print(connects('own'))
print(multiprocessing.Lock().acquire(), os.listdir('/dev/shm'))
)"));
  if (output) CHECK(*output == "False\nTrue\nTrue []\n");
}

TEST_CASE("a sandboxed build answers, fails and ends as any other") {
  if (const auto sandbox = builder::prepare_sandbox({}); !sandbox) {
    SKIPPED(sandbox.error().message);
    return;
  }
  const test::SourceTree tree(R"(
import os, tempfile, time
def get_requires_for_build_wheel(config_settings=None): return ['x']
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tempfile.mkdtemp()
    if config_settings:
        time.sleep(100)
    open(os.path.join(wheel_directory, 'x.whl'), 'w').close()
    open('in-the-tree', 'w')
    return 'x.whl'
)");
  auto options = tree.options();
  options.sandbox = true;
  options.writable = with_counts({tree.work("out")});
  options.timeout_s = 5;
  const CancelToken cancel;
  auto process = builder::BuildProcess::start(options, cancel);
  REQUIRE_OK(process);
  CHECK(process->requirements(builder::Product::wheel, {}).value() == std::vector<std::string>{"x"});
  const auto refused = process->build(builder::Product::wheel, {}, tree.work("out"), {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("Read-only file system: 'in-the-tree'") != std::string::npos);
  CHECK_FALSE(fs::exists(tree.root() / "in-the-tree"));
  options.writable.push_back(tree.root());
  process = builder::BuildProcess::start(options, cancel);
  REQUIRE_OK(process);
  REQUIRE_OK(process->build(builder::Product::wheel, {}, tree.work("out"), {}));
  CHECK(fs::exists(tree.root() / "in-the-tree"));
  const auto late = process->build(builder::Product::wheel, {{"sleep", {"1"}}}, tree.work("out"), {});
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().message == "the build took longer than 5 s and was ended");
}
