// The system calls behind base/os.h do what they are named for.

#include "base/os.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

#include "base/fs.h"
#include "support/temp_dir.h"

namespace pkg {
namespace {

std::string content(const fs::Path& path) {
  const auto text = fs::read_file(path);
  return text ? *text : "none";
}

int rename_in(const test::TempDir& folder, const char* from, const char* to, os::Rename how) {
  return os::rename(AT_FDCWD, (folder / from).c_str(), AT_FDCWD, (folder / to).c_str(), how);
}

}  // namespace

TEST_CASE("renames: over what is there, not over it, in exchange for it") {
  const test::TempDir folder;
  REQUIRE(fs::publish(folder / "a", "a").ok());
  REQUIRE(fs::publish(folder / "b", "b").ok());
  CHECK(rename_in(folder, "a", "b", os::Rename::keep_what_is_there) == -1);
  CHECK(errno == EEXIST);
  CHECK(content(folder / "b") == "b");
  CHECK(rename_in(folder, "a", "b", os::Rename::exchange) == 0);
  CHECK(content(folder / "a") == "b");
  CHECK(content(folder / "b") == "a");
  CHECK(rename_in(folder, "a", "b", os::Rename::replace) == 0);
  CHECK(content(folder / "b") == "b");
  CHECK_FALSE(fs::exists(folder / "a"));
}

TEST_CASE("random bytes differ, files in memory hold what is written, copies go on where the files stand") {
  std::array<char, 16> one{}, other{};
  CHECK(os::random_bytes(one.data(), one.size(), true) == 16);
  CHECK(os::random_bytes(other.data(), other.size(), false) == 16);
  CHECK(one != other);

  const test::TempDir folder;
  const fs::Fd from(os::memory_file("test"));
  REQUIRE(from);
  CHECK((::fcntl(from.get(), F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE(fs::write_all(from.get(), "0123456789", "memory").ok());
  REQUIRE(::lseek(from.get(), 4, SEEK_SET) == 4);
  const fs::Fd to(::open((folder / "copy").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto moved = os::copy_range(from.get(), to.get(), 3);
  if (moved == 3) CHECK(content(folder / "copy") == "456");
  CHECK((moved == 3 || errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS));
}

TEST_CASE("a child's end can be waited for, and threads have numbers of their own") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const fs::Fd watch(os::watch_process(child));
  if (watch) {
    pollfd end{watch.get(), POLLIN, 0};
    CHECK(::poll(&end, 1, 10'000) == 1);
  } else {
    CHECK(errno == ENOSYS);
  }
  CHECK(::waitpid(child, nullptr, 0) == child);
  long other = 0;
  std::thread([&] { other = os::thread_id(); }).join();
  CHECK(os::thread_id() == ::getpid());
  CHECK(other != os::thread_id());
}

TEST_CASE("errors have texts, signals have names") {
  char buffer[128];
  CHECK(std::string(os::error_text(ENOENT, buffer, sizeof buffer)) == "No such file or directory");
  CHECK_FALSE(std::string(os::error_text(99999, buffer, sizeof buffer)).empty());
  CHECK(std::string(os::signal_name(SIGSEGV)) == "SEGV");
  CHECK(os::signal_name(0) == nullptr);
}

}  // namespace pkg
