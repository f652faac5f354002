#include "base/foreground.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

process::ForegroundCommand shell(const std::string& text) {
  process::ForegroundCommand command;
  command.program = "/bin/sh";
  command.argv = {"sh", "-c", text};
  return command;
}

}  // namespace

TEST_CASE("a child in the foreground: its exit code, or 128 and the signal") {
  CHECK(*process::run_in_foreground(shell("exit 0")) == 0);
  CHECK(*process::run_in_foreground(shell("exit 7")) == 7);
  CHECK(*process::run_in_foreground(shell("kill -KILL $$")) == 128 + SIGKILL);
  CHECK(*process::run_in_foreground(shell("kill -INT $$")) == 128 + SIGINT);
}

TEST_CASE("a child in the foreground has the folder, the variables and the input that it is given") {
  test::TempDir folder;
  ::setenv("PKG_TEST_GONE", "1", 1);
  ::setenv("PKG_TEST_KEPT", "2", 1);
  auto command = shell("cat > out; echo \"$PKG_TEST_GONE/$PKG_TEST_KEPT/$PKG_TEST_NEW\" >> out");
  command.folder = folder.path();
  command.variables = {{"PKG_TEST_GONE", std::nullopt}, {"PKG_TEST_NEW", "first"}, {"PKG_TEST_NEW", "3"}};
  std::ofstream(folder / "in") << "input ";
  auto input = fs::open_read(folder / "in");
  REQUIRE_OK(input);
  command.input = std::move(*input);
  REQUIRE(*process::run_in_foreground(command) == 0);
  ::unsetenv("PKG_TEST_GONE");
  ::unsetenv("PKG_TEST_KEPT");
  CHECK(*fs::read_file(folder / "out") == "input /2/3\n");
}

TEST_CASE("signals that reach the one who waits go on to the child") {
  auto command = shell("trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.05; done");
  CHECK(*process::run_in_foreground(command) == 9);
  command = shell("trap 'exit 8' HUP; kill -HUP $PPID; while :; do sleep 0.05; done");
  CHECK(*process::run_in_foreground(command) == 8);
  // The terminal's own reach both: whoever waits goes on.
  command = shell("kill -INT $PPID; kill -QUIT $PPID; exit 3");
  CHECK(*process::run_in_foreground(command) == 3);
}

TEST_CASE("what cannot be executed, and what is not there") {
  test::TempDir folder;
  auto command = shell("");
  command.program = folder / "none";
  CHECK(process::run_in_foreground(command).error().kind == ErrorKind::not_found);
  std::ofstream(folder / "plain") << "text";
  command.program = folder / "plain";
  if (::geteuid() != 0) CHECK(process::run_in_foreground(command).error().kind == ErrorKind::unsupported);
  ::chmod((folder / "plain").c_str(), 0755);
  const auto refused = process::run_in_foreground(command);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::unsupported);
  CHECK(refused.error().hint.find("first line") != std::string::npos);
  std::ofstream(folder / "lost") << "#!/no/such/interpreter\n";
  ::chmod((folder / "lost").c_str(), 0755);
  command.program = folder / "lost";
  CHECK(process::run_in_foreground(command).error().kind == ErrorKind::unsupported);
  command = shell("exit 0");
  command.folder = folder / "no-folder";
  CHECK(process::run_in_foreground(command).error().kind == ErrorKind::not_found);
}
