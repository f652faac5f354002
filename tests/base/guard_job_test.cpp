#include "base/guard_job.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "base/fs.h"

using namespace pkg;
using process::GuardJob;

namespace {

struct Sockets {
  Sockets() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    near = fs::Fd(ends[0]);
    far = fs::Fd(ends[1]);
  }
  fs::Fd near, far;
};

// Whether a job is received from these bytes, after which nothing comes.
bool is_job(std::string_view bytes) {
  Sockets sockets;
  std::thread sender([&] {
    while (!bytes.empty()) {
      const auto sent = ::send(sockets.far.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::shutdown(sockets.far.get(), SHUT_RDWR);
  });
  GuardJob job;
  const bool received = job.receive(sockets.near.get());
  ::shutdown(sockets.near.get(), SHUT_RDWR);
  sender.join();
  return received;
}

std::string number(std::uint32_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

}  // namespace

TEST_CASE("a job arrives as it was sent") {
  Sockets sockets;
  GuardJob job;
  job.program = "/bin/true";
  job.directory = std::string("a\0b", 3);
  job.argv = {"true", "", "x"};
  job.environment = {"A=1"};
  REQUIRE(job.send(sockets.far.get()));
  GuardJob got;
  REQUIRE(got.receive(sockets.near.get()));
  CHECK(got.program == job.program);
  CHECK(got.directory == job.directory);
  CHECK(got.confinement.empty());
  CHECK(got.argv == job.argv);
  CHECK(got.environment == job.environment);
}

TEST_CASE("what is cut, too large, or counts more than there is, is no job") {
  const std::string empty(20, '\0');  // three texts and two lists without anything in them
  CHECK(is_job(number(20) + empty));
  CHECK_FALSE(is_job(""));
  CHECK_FALSE(is_job(number(20) + empty.substr(1)));
  CHECK_FALSE(is_job(number(19) + empty.substr(1)));
  CHECK_FALSE(is_job(number(20) + number(99) + empty.substr(4)));
  CHECK_FALSE(is_job(number(20) + empty.substr(8) + number(0xFFFFFFFF) + number(0)));
  const std::uint32_t too_many = (64U << 20) + 1;
  CHECK_FALSE(is_job(number(too_many) + std::string(too_many, '\0')));
}
