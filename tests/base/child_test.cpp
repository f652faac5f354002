#include "base/child.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/guard.h"
#include "base/text.h"
#include "support/guards.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
using process::GuardedChild;

namespace {

// "refused" fails where it is told to, "marked" leaves traces of each step.
class Trial final : public process::Confiner {
 public:
  explicit Trial(std::string text) : text_(std::move(text)) {}
  int enter_guard(const char*& step) override {
    step = "cannot lock up";
    return text_ == "refused" ? EPERM : 0;
  }
  bool has_first_process() const override { return text_ == "with a first process"; }
  int enter_first_process(const char*&) override { return ::setenv("FIRST", "1", 1); }
  int enter_command(const char*&, int&) override {
    ::umask(std::getenv("FIRST") != nullptr ? 0070 : 0077);
    return 0;
  }
  void answer(int) override {}

 private:
  std::string text_;
};

const bool kIsSet = (test::confiner_maker() = [](const std::string& text) -> std::unique_ptr<process::Confiner> {
                      return std::make_unique<Trial>(text);
                    }) != nullptr;

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
  CHECK(GuardedChild::start(command).error().message ==
        "cannot enter the folder of `/bin/sh`: No such file or directory");
  command = script.command;
  command.confinement = "refused";
  const auto refused = GuardedChild::start(command);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::unsupported);
  CHECK(refused.error().message == "cannot lock up `/bin/sh`: Operation not permitted");
  CHECK(process::try_out("refused").error().kind == ErrorKind::unsupported);
}

TEST_CASE("a child is confined before it begins") {
  REQUIRE(kIsSet);
  for (const auto& [confinement, mask] : {std::pair("marked", "0077\n"), std::pair("with a first process", "0070\n")}) {
    CAPTURE(confinement);
    Script script("umask");
    REQUIRE_OK(process::try_out(confinement));
    script.command.confinement = confinement;
    auto child = GuardedChild::start(script.command);
    REQUIRE_OK(child);
    CHECK(ends_soon(*child));
    CHECK(child->stop() == 0);
    CHECK(script.output() == mask);
  }
}

TEST_CASE("a guard shows nothing of its parent's environment and arguments") {
  ::setenv("PKG_CANARY", "s3cret", 1);
  Script script(
      "tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' '\\n' < /proc/$PPID/environ | grep -v LD_LIBRARY_PATH | wc -c");
  auto child = GuardedChild::start(script.command);
  ::unsetenv("PKG_CANARY");
  REQUIRE_OK(child);
  CHECK(ends_soon(*child));
  CHECK(script.output() == "pkg-guard 3 4 0\n");
}

TEST_CASE("what outlives a guard that was killed is ended") {
  Script script("setsid sh -c 'echo $$; exec sleep 100' & sleep 0.2; kill -KILL $PPID; sleep 100");
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  CHECK(ends_soon(*child));
  CHECK(child->stop() == 128 + SIGKILL);
  const auto pid = parse_u64(trim(script.output()));
  REQUIRE(pid.has_value());
  CHECK(::kill(static_cast<pid_t>(*pid), 0) != 0);
}

TEST_CASE("a guard that was stopped is no way out") {
  Script script("setsid sh -c 'echo $$; exec sleep 100' & sleep 0.2; kill -STOP $PPID; echo stopped >&2; sleep 100");
  auto child = GuardedChild::start(script.command);
  REQUIRE_OK(child);
  for (int i = 0; i < 1000 && script.output().find("stopped") == std::string::npos; ++i) ::usleep(5000);
  CHECK(child->stop() == 128 + SIGKILL);
  const auto pid = parse_u64(split_lines(script.output()).front());
  REQUIRE(pid.has_value());
  CHECK(::kill(static_cast<pid_t>(*pid), 0) != 0);
}
