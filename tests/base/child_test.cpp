#include "base/child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
using process::GuardedChild;

namespace {

struct Refusal final : process::Confinement {
  int enter(const char*& step) const noexcept override {
    step = "cannot lock up";
    return EPERM;
  }
};

struct Marked final : process::Confinement {
  int enter(const char*&) const noexcept override {
    ::umask(0077);
    return ::chdir("/") == 0 ? 0 : errno;
  }
};

// A shell script with its output in a file.
struct Script {
  test::TempDir dir;
  fs::Fd in = fs::open_read("/dev/null").value();
  fs::Fd out{::open((dir / "output").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  process::GuardedCommand command;
  explicit Script(const std::string& text) {
    command.program = "/bin/sh";
    command.argv = {"sh", "-c", text};
    command.environment = {{"PATH", "/usr/bin:/bin"}, {"NAME", "value"}};
    command.directory = dir.path();
    command.descriptors = {in.get(), out.get(), out.get()};
  }
  std::string output() const { return fs::read_file(dir / "output").value(); }
};

bool ends_soon(const GuardedChild& child) {
  pollfd end{child.end_descriptor(), POLLIN, 0};
  return ::poll(&end, 1, 10'000) == 1;
}

}  // namespace

TEST_CASE("a guarded child has its environment, folder and descriptors, and no others") {
  Script script("echo $NAME; pwd -P; ls /proc/self/fd | wc -l; exit 7");
  const fs::Fd another = fs::open_read("/dev/null").value();
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  CHECK(ends_soon(*child));
  CHECK(child->stop() == 7);
  CHECK(child->stop() == 7);
  CHECK(script.output() == cat("value\n", std::filesystem::canonical(script.dir.path()).native(), "\n4\n"));
}

TEST_CASE("descriptors arrive in their order, whatever their numbers were") {
  Script script("echo to three >&3; echo to one");
  const fs::Fd three(::open((script.dir / "three").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  script.command.descriptors = {script.in.get(), script.out.get(), script.out.get(), three.get()};
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  CHECK(ends_soon(*child));
  CHECK(script.output() == "to one\n");
  CHECK(fs::read_file(script.dir / "three").value() == "to three\n");
}

TEST_CASE("stopping ends a child with all that it started") {
  Script script("setsid sh -c 'trap \"\" TERM HUP; echo $$; exec sleep 100' & setsid sleep 100 & wait");
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  for (int i = 0; i < 1000 && script.output().empty(); ++i) ::usleep(5000);
  CHECK(child->stop() == 128 + SIGKILL);
  const auto pid = parse_u64(trim(script.output()));
  REQUIRE(pid.has_value());
  CHECK(::kill(static_cast<pid_t>(*pid), 0) != 0);
}

TEST_CASE("what cannot be started is an error at once") {
  Script script("true");
  auto command = script.command;
  command.program = script.dir / "none";
  CHECK(GuardedChild::start(command).error().kind == ErrorKind::not_found);
  command = script.command;
  command.directory = script.dir / "none";
  CHECK(GuardedChild::start(command).error().message == "cannot enter the folder of `/bin/sh`: No such file or directory");
  command = script.command;
  const Refusal refusal;
  command.confinement = &refusal;
  const auto refused = GuardedChild::start(command);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::unsupported);
  CHECK(refused.error().message == "cannot lock up `/bin/sh`: Operation not permitted");
  CHECK(process::try_out(refusal).error().kind == ErrorKind::unsupported);
}

TEST_CASE("a child is confined before it begins") {
  Script script("umask");
  const Marked marked;
  REQUIRE_OK(process::try_out(marked));
  script.command.confinement = &marked;
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  CHECK(ends_soon(*child));
  CHECK(script.output() == "0077\n");
}
