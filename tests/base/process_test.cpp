#include "base/process.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {
process::Command shell(std::string script) { return {.argv = {"sh", "-c", std::move(script)}}; }
}  // namespace

TEST_CASE("a child's output and exit code come back") {
  const auto output = process::run(shell("echo out; echo err >&2; exit 3"));
  REQUIRE_OK(output);
  CHECK(output->exit_code == 3);
  CHECK(output->out == "out\n");
  CHECK(output->err == "err\n");
  CHECK_FALSE(output->timed_out);
}

TEST_CASE("input, environment and folder reach the child") {
  const test::TempDir dir;
  auto command = shell("cat; echo $NAME; pwd -P; env | wc -l");
  command.input = std::string(300'000, 'x');
  command.environment = {{{"NAME", "value"}, {"PATH", "/usr/bin:/bin"}}};
  command.directory = dir.path();
  const auto output = process::run(command);
  REQUIRE_OK(output);
  const auto rest = output->out.substr(300'000);
  CHECK(rest.substr(0, 6) == "value\n");
  CHECK(rest.find(std::filesystem::canonical(dir.path()).string()) != std::string::npos);
}

TEST_CASE("much output on both streams neither blocks nor exceeds the limit") {
  auto command = shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2");
  command.output_limit_bytes = 1000;
  const auto output = process::run(command);
  REQUIRE_OK(output);
  CHECK(output->exit_code == 0);
  CHECK(output->out.size() == 1000);
  CHECK(output->err.size() == 1000);
}

TEST_CASE("a child that does not read its input is no error") {
  auto command = shell("exit 0");
  command.input = std::string(1'000'000, 'x');
  REQUIRE_OK(process::run(command));
}

TEST_CASE("at the deadline the whole group is killed") {
  for (const auto* script :
       {"sleep 60", "sleep 60 & wait", "exec >&- 2>&-; sleep 60", "while :; do echo flood; done"}) {
    CAPTURE(script);
    auto command = shell(script);
    command.timeout_s = 0.1;
    const auto output = process::run(command);
    REQUIRE_OK(output);
    CHECK(output->timed_out);
    CHECK(output->exit_code == 128 + 9);
  }
}

TEST_CASE("a cancelled child is killed soon") {
  int asked = 0;
  auto command = shell("sleep 30");
  command.is_cancelled = [&asked] { return ++asked > 2; };
  const auto output = process::run(command);
  REQUIRE_OK(output);
  CHECK(output->timed_out);
  CHECK(output->exit_code == 128 + 9);
}

TEST_CASE("a killed child has 128 plus its signal as exit code") {
  CHECK(process::run(shell("kill -TERM $$")).value().exit_code == 128 + 15);
}

TEST_CASE("what cannot be run is named") {
  const test::TempDir dir;
  CHECK(process::run({.argv = {"no-such-program-here"}}).error().kind == ErrorKind::not_found);
  CHECK(process::run({.argv = {(dir / "nope").string()}}).error().kind == ErrorKind::not_found);
  REQUIRE_OK(fs::publish(dir / "plain", "text", fs::Durability::none, 0644));
  const auto refused = process::run({.argv = {(dir / "plain").string()}});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::io);
  CHECK(refused.error().message.find("plain") != std::string::npos);
  auto command = shell("true");
  command.directory = dir / "missing";
  CHECK(process::run(command).error().message.find("cannot enter") == 0);
}

TEST_CASE("programs are found by PATH") {
  REQUIRE(process::find_program("sh").has_value());
  CHECK(process::find_program("sh")->is_absolute());
  CHECK_FALSE(process::find_program("no-such-program-here").has_value());
  CHECK_FALSE(process::find_program("").has_value());
  CHECK(process::find_program("/bin/sh") == std::filesystem::path("/bin/sh"));
}

namespace {

// The working folder and PATH of this process, as they were before.
class Elsewhere {
 public:
  Elsewhere(const std::filesystem::path& folder, const std::string& path)
      : folder_(std::filesystem::current_path()), path_(std::getenv("PATH")) {
    std::filesystem::current_path(folder);
    ::setenv("PATH", path.c_str(), 1);
  }
  ~Elsewhere() {
    std::filesystem::current_path(folder_);
    ::setenv("PATH", path_.c_str(), 1);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("programs of relative folders in PATH and of the checkout around the working folder are not found") {
  const test::TempDir dir;
  for (const auto* folder : {"checkout/.venv/bin", "checkout/below", "own/bin"}) {
    std::filesystem::create_directories(dir / folder);
    REQUIRE_OK(fs::publish(dir / folder / "some-tool", "#!/bin/sh\n", fs::Durability::none, 0755));
  }
  std::filesystem::create_directory_symlink(dir / "checkout/.venv/bin", dir / "link");
  REQUIRE_OK(fs::publish(dir / "checkout/pyproject.toml", ""));
  const auto own = (dir / "own/bin").string();
  const auto hostile = cat((dir / "checkout/.venv/bin").string(), ":", (dir / "link").string(), ":.::.venv/bin:", own);
  {
    const Elsewhere inside(dir / "checkout/below", hostile);
    CHECK(process::find_program("some-tool") == std::filesystem::path(own) / "some-tool");
    CHECK(process::program_path_variable() == own);
  }
  {
    const Elsewhere outside(dir / "own", hostile);
    CHECK(process::find_program("some-tool") == dir / "checkout/.venv/bin/some-tool");
  }
}

TEST_CASE("a child without an environment of its own gets ours, without secrets") {
  ::setenv("PIP_INDEX_URL", "https://index.example", 1);
  ::setenv("SOME_TOKEN", "s3cret", 1);
  ::setenv("SOME_URL", "https://me:s3cret@host.example", 1);
  ::setenv("SOME_PLACE", "here", 1);
  const auto output = process::run(shell("env"));
  for (const auto* name : {"PIP_INDEX_URL", "SOME_TOKEN", "SOME_URL", "SOME_PLACE"}) ::unsetenv(name);
  REQUIRE_OK(output);
  CHECK(output->out.find("SOME_PLACE=here") != std::string::npos);
  CHECK(output->out.find("s3cret") == std::string::npos);
  CHECK(output->out.find("PIP_") == std::string::npos);
}

TEST_CASE("a descriptor that a child keeps has the same number there, and no other child has it") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "file", "text"));
  const auto file = fs::open_read(dir / "file").value();
  auto command = shell(cat("cat /dev/fd/", file.get()));
  CHECK(process::run(command).value().out.empty());
  command.kept = {file.get()};
  CHECK(process::run(command).value().out == "text");
}
