#include "base/process.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>

#include "base/fs.h"
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
  for (const auto* script : {"sleep 60", "sleep 60 & wait", "exec >&- 2>&-; sleep 60", "while :; do echo flood; done"}) {
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
