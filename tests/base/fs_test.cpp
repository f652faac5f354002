#include "base/fs.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

#include "base/text.h"
#include "support/counted_syncs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {
int mode_of(const fs::Path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return static_cast<int>(info.st_mode & 0777);
}
}  // namespace

TEST_CASE("a file is published whole, and nothing is left beside it") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "a", "one"));
  REQUIRE_OK(fs::publish(dir / "a", std::string(100'000, 'x'), fs::Durability::sync));
  CHECK(fs::read_file(dir / "a").value() == std::string(100'000, 'x'));
  CHECK(fs::list_dir(dir.path()).value() == std::vector<std::string>{"a"});
}

TEST_CASE("publishing syncs what its durability says: nothing, the file, the file and its folder") {
  const test::TempDir dir;
  const auto syncs_of = [&](fs::Durability durability) {
    const int before = test::sync_counts().files;
    REQUIRE_OK(fs::publish(dir / "a", "text", durability));
    return test::sync_counts().files - before;
  };
  CHECK(syncs_of(fs::Durability::none) == 0);
  CHECK(syncs_of(fs::Durability::untorn) == 1);
  CHECK(syncs_of(fs::Durability::sync) == 2);
}

TEST_CASE("a file that cannot be published leaves no temporary file") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "a/b"));
  const auto done = fs::publish(dir / "a", "text");  // a folder is in the way
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().kind == ErrorKind::io);
  CHECK(fs::list_dir(dir.path()).value() == std::vector<std::string>{"a"});
  const auto lost = fs::publish(dir / "none/a", "text");
  REQUIRE_FALSE(lost.ok());
  CHECK(lost.error().message == "cannot create `" + (dir / "none/a").string() + "`: No such file or directory");
}

TEST_CASE("an absent file is not found, with its path and the reason") {
  const test::TempDir dir;
  const auto content = fs::read_file(dir / "nope");
  REQUIRE_FALSE(content.ok());
  CHECK(content.error().kind == ErrorKind::not_found);
  CHECK(content.error().message == "cannot open `" + (dir / "nope").string() + "`: No such file or directory");
}

TEST_CASE("files are read up to a limit, folders not at all, procfs to its end") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "a", "12345"));
  CHECK(fs::read_file_at_most(dir / "a", 5).value() == "12345");
  CHECK(fs::read_file_at_most(dir / "a", 4).error().kind == ErrorKind::bad_data);
  CHECK(fs::read_file(dir.path()).error().kind == ErrorKind::io);
  CHECK(fs::read_file("/proc/self/status").value().size() > 100);
  REQUIRE_OK(fs::publish(dir / "empty", ""));
  CHECK(fs::read_file(dir / "empty").value().empty());
}

TEST_CASE("what is larger than its limit is refused with both sizes, before it is read") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "large", ""));
  REQUIRE(::truncate((dir / "large").c_str(), std::int64_t{3} << 30) == 0);
  const auto content = fs::read_file(dir / "large");
  REQUIRE_FALSE(content.ok());
  CHECK(content.error().kind == ErrorKind::bad_data);
  CHECK(content.error().message ==
        "`" + (dir / "large").string() + "` has 3072 MiB, and pkg reads at most 16 MiB of it");
}

TEST_CASE("pipes, sockets and devices in place of a file are refused, and nothing is waited for") {
  const test::TempDir dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const fs::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto place = (dir / "socket").string();
  REQUIRE(place.size() < sizeof address.sun_path);
  place.copy(address.sun_path, place.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::filesystem::create_symlink("pipe", dir / "link");
  const std::pair<fs::Path, std::string> kinds[] = {{dir / "pipe", "a named pipe"},
                                                    {dir / "link", "a named pipe"},
                                                    {place, "a socket"},
                                                    {"/dev/zero", "a device"},
                                                    {dir.path(), "a folder"}};
  for (const auto& [path, kind] : kinds) {
    CAPTURE(path);
    const auto content = fs::read_file(path);
    REQUIRE_FALSE(content.ok());
    CHECK(content.error().kind == ErrorKind::io);
    CHECK(content.error().message ==
          "cannot read `" + path.string() + "`: it is " + kind + ", expected a regular file");
    CHECK_FALSE(fs::open_regular(path).ok());
  }
}

TEST_CASE("a word of the command line may be a pipe or a device, which is read up to the limit") {
  const test::TempDir dir;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const fs::Fd out(ends[0]);
  REQUIRE_OK(fs::write_all(ends[1], "numpy\n", "pipe"));
  ::close(ends[1]);
  CHECK(fs::read_named_at_most(pkg::cat("/dev/fd/", ends[0]), 100).value() == "numpy\n");
  CHECK(fs::read_named_at_most("/dev/null", 100).value().empty());
  CHECK(fs::read_named_at_most("/dev/zero", 100).error().message ==
        "`/dev/zero` has more, and pkg reads at most 100 bytes of it");
  REQUIRE_OK(fs::publish(dir / "a", "text"));
  CHECK(fs::read_named_at_most(dir / "a", 4).value() == "text");
  CHECK(fs::read_named_at_most(dir / "a", 3).error().kind == ErrorKind::bad_data);
}

TEST_CASE("folders are made with all their parents, also when they are there") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "a/b//c/"));
  REQUIRE_OK(fs::make_dirs(dir / "a/b/c"));
  CHECK(fs::is_directory(dir / "a/b/c"));
  REQUIRE_OK(fs::publish(dir / "file", ""));
  CHECK_FALSE(fs::make_dirs(dir / "file/x").ok());
}

TEST_CASE("removing a tree follows no links and opens what is locked") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "outside"));
  REQUIRE_OK(fs::publish(dir / "outside/kept", "x"));
  REQUIRE_OK(fs::make_dirs(dir / "tree/a/b"));
  REQUIRE_OK(fs::publish(dir / "tree/a/b/file", "x"));
  REQUIRE(::symlink("../outside", (dir / "tree/link").c_str()) == 0);
  REQUIRE(::chmod((dir / "tree/a/b").c_str(), 0) == 0);
  REQUIRE_OK(fs::remove_tree(dir / "tree"));
  CHECK_FALSE(fs::exists(dir / "tree"));
  CHECK(fs::exists(dir / "outside/kept"));
  REQUIRE_OK(fs::remove_tree(dir / "tree"));
  REQUIRE(::symlink("outside", (dir / "link").c_str()) == 0);
  REQUIRE_OK(fs::remove_tree(dir / "link"));
  CHECK(fs::exists(dir / "outside/kept"));
}

TEST_CASE("a tree deeper than there are descriptors is removed") {
  const test::TempDir dir;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{.rlim_cur = 100, .rlim_max = before.rlim_max};
  REQUIRE_OK(fs::make_dirs(dir / "deep"));
  int at = ::open((dir / "deep").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 250; ++i) {
    REQUIRE(::mkdirat(at, "d", 0777) == 0);
    const int next = ::openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(at);
    at = next;
  }
  ::close(at);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto removed = fs::remove_tree(dir / "deep");
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE_OK(removed);
  CHECK_FALSE(fs::exists(dir / "deep"));
}

TEST_CASE("a temporary folder goes with its owner, unless it was released") {
  const test::TempDir dir;
  fs::Path path;
  {
    auto temp = fs::TempDir::create(dir.path(), "x-").value();
    path = temp.path();
    REQUIRE_OK(fs::publish(path / "f", ""));
    auto moved = std::move(temp);
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
  path = fs::TempDir::create(dir.path(), "x-").value().release();
  CHECK(fs::exists(path));
  CHECK(mode_of(path) == 0700);
}

TEST_CASE("a file's key changes when it is replaced") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "a", "1"));
  const auto before = fs::file_key(dir / "a");
  CHECK(before == fs::file_key(dir / "a"));
  REQUIRE_OK(fs::publish(dir / "a", "22"));
  CHECK_FALSE(before == fs::file_key(dir / "a"));
  CHECK_FALSE(fs::file_key(dir / "b").has_value());
}

TEST_CASE("reading at an offset is short only at the end") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "a", "0123456789"));
  const auto fd = fs::open_read(dir / "a").value();
  std::string buffer(4, '\0');
  CHECK(fs::read_at(fd.get(), 3, buffer, "a").value() == 4);
  CHECK(buffer == "3456");
  CHECK(fs::read_at(fd.get(), 8, buffer, "a").value() == 2);
  CHECK(fs::read_at(fd.get(), 99, buffer, "a").value() == 0);
}

TEST_CASE("a held lock is busy and names its holder; shared locks go together") {
  const test::TempDir dir;
  const auto path = dir / "lock";
  {
    const auto shared = fs::FileLock::acquire(path, fs::LockMode::shared, 0);
    REQUIRE(shared.ok());
    CHECK(fs::FileLock::acquire(path, fs::LockMode::shared, 0).ok());
    CHECK(fs::FileLock::acquire(path, fs::LockMode::exclusive, 0).error().kind == ErrorKind::busy);
  }
  auto lock = fs::FileLock::acquire(path, fs::LockMode::exclusive, 0);
  REQUIRE(lock.ok());
  const auto refused = fs::FileLock::acquire(path, fs::LockMode::exclusive, 0.01);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::busy);
  CHECK(refused.error().message.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("a lock is had as soon as its holder lets go") {
  const test::TempDir dir;
  auto lock = std::make_unique<Result<fs::FileLock>>(fs::FileLock::acquire(dir / "lock", fs::LockMode::exclusive, 0));
  REQUIRE(lock->ok());
  std::thread waiter([&] { CHECK(fs::FileLock::acquire(dir / "lock", fs::LockMode::exclusive, 60).ok()); });
  lock.reset();
  waiter.join();
}

TEST_CASE("writing where there is no room is an error") {
  const auto fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;  // a sandbox without devices
  const fs::Fd full(fd);
  CHECK(fs::write_all(full.get(), "x", "/dev/full").error().kind == ErrorKind::io);
}

TEST_CASE("publishing to a pipe writes into it and leaves it a pipe") {
  const pkg::test::TempDir folder;
  const auto path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  REQUIRE(pkg::fs::publish(path, "text").ok());
  char buffer[8] = {};
  CHECK(::read(reader, buffer, sizeof buffer) == 4);
  CHECK(std::string(buffer) == "text");
  ::close(reader);
  CHECK(std::filesystem::is_fifo(path));
}
