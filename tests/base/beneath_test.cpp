#include "base/beneath.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/fs_lock.h"
#include "base/fs_tree.h"
#include "base/hash.h"
#include "base/mac.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
namespace stdfs = std::filesystem;

namespace {

struct Folders {
  test::TempDir temp;
  Folders() {
    stdfs::create_directories(temp / "root/a/b");
    stdfs::create_directories(temp / "outside/sub");
    std::ofstream(temp / "root/a/file") << "x";
    stdfs::create_directory_symlink(temp / "outside", temp / "root/out");
    stdfs::create_directory_symlink("a", temp / "root/inner");
  }
};

}  // namespace

TEST_CASE("a folder beneath is entered through no link and never upwards, with openat2 and without") {
  for (const auto lookup : {fs::Lookup::by_kernel, fs::Lookup::by_component}) {
    CAPTURE(static_cast<int>(lookup));
    const Folders f;
    auto root = fs::Beneath::open(f.temp / "root", lookup).value();
    CHECK(root.folder("").ok());
    CHECK(root.folder("a/b").ok());
    CHECK(root.open_folder("a").ok());
    for (const char* path : {"out", "out/sub", "inner", "inner/b", "a/../../outside", "..", "a/file", "a/absent"})
      CHECK_MESSAGE(!root.folder(path).ok(), path);
    CHECK(root.folder("a/absent").error().kind == ErrorKind::not_found);
    for (const char* path : {"out", "inner/b", "a/file"})
      CHECK(root.folder(path).error().kind == ErrorKind::unsupported);
    REQUIRE_OK(root.made_folder("a/new/deep"));
    CHECK(fs::is_directory(f.temp / "root/a/new/deep"));
    CHECK_FALSE(root.made_folder("out/made").ok());
    CHECK_FALSE(root.made_folder("a/file/x").ok());
    CHECK_FALSE(fs::exists(f.temp / "outside/made"));
  }
}

TEST_CASE("a file beneath is opened and made the same way") {
  for (const auto lookup : {fs::Lookup::by_kernel, fs::Lookup::by_component}) {
    const Folders f;
    stdfs::create_symlink(f.temp / "outside/target", f.temp / "root/a/link");
    const auto root = fs::Beneath::open(f.temp / "root").value();
    const auto opens = [&](const char* path, int flags) {
      return static_cast<bool>(fs::Fd(fs::open_beneath(root.fd(), path, flags, 0644, lookup)));
    };
    CHECK(opens("a/file", O_RDONLY));
    CHECK(opens("a/made", O_WRONLY | O_CREAT | O_EXCL));
    for (const char* path : {"a/link", "out/made", "../outside/made"})
      CHECK_MESSAGE(!opens(path, O_WRONLY | O_CREAT), path);
    CHECK_FALSE(fs::exists(f.temp / "outside/target"));
    CHECK_FALSE(fs::exists(f.temp / "outside/made"));
  }
}

TEST_CASE("the folder that was opened stays the one that is worked in") {
  const Folders f;
  auto root = fs::Beneath::open(f.temp / "root").value();
  stdfs::rename(f.temp / "root", f.temp / "moved");
  stdfs::create_directory_symlink(f.temp / "outside", f.temp / "root");
  REQUIRE_OK(root.made_folder("made"));
  CHECK(fs::is_directory(f.temp / "moved/made"));
  CHECK_FALSE(fs::exists(f.temp / "outside/made"));
}

TEST_CASE("what was kept is looked up anew once it is forgotten") {
  const Folders f;
  auto root = fs::Beneath::open(f.temp / "root").value();
  REQUIRE_OK(root.folder("a/b"));
  stdfs::rename(f.temp / "root/a", f.temp / "root/gone");
  CHECK(root.folder("a/b").ok());
  root.forget();
  CHECK_FALSE(root.folder("a/b").ok());
}

TEST_CASE("folders that others swap for links all the while lead nowhere else") {
  for (const auto lookup : {fs::Lookup::by_kernel, fs::Lookup::by_component}) {
    const Folders f;
    std::atomic<bool> done{false};
    std::thread swapper([&] {
      while (!done) {
        ::rename((f.temp / "root/a").c_str(), (f.temp / "root/kept").c_str());
        ::rename((f.temp / "root/out").c_str(), (f.temp / "root/a").c_str());
        ::rename((f.temp / "root/a").c_str(), (f.temp / "root/out").c_str());
        ::rename((f.temp / "root/kept").c_str(), (f.temp / "root/a").c_str());
      }
    });
    auto root = fs::Beneath::open(f.temp / "root", lookup).value();
    for (int i = 0; i < 2000; ++i) {
      const auto name = "a/made" + std::to_string(i);
      (void)root.made_folder(name);
      root.forget();
    }
    done = true;
    swapper.join();
    CHECK(fs::list_dir(f.temp / "outside").value() == std::vector<std::string>{"sub"});
  }
}

TEST_CASE("a tree beneath a folder is removed, and what links in it lead to is not") {
  const Folders f;
  const auto root = fs::Beneath::open(f.temp.path()).value();
  REQUIRE_OK(fs::remove_tree_at(root.fd(), "root", "root"));
  REQUIRE_OK(fs::remove_tree_at(root.fd(), "root", "root"));
  CHECK_FALSE(fs::exists(f.temp / "root"));
  CHECK(fs::is_directory(f.temp / "outside/sub"));
}

TEST_CASE("a lock file holds the process and its verb, and nothing else of the command line") {
  const Folders f;
  const auto root = fs::Beneath::open(f.temp / "root").value();
  const auto lock = [&](const char* name) {
    return fs::lock_file_at(root.fd(), name, name, fs::LockMode::exclusive, 0, "install");
  };
  const auto held = lock("lock");
  REQUIRE_OK(held);
  CHECK(fs::read_file(f.temp / "root/lock").value() == std::to_string(::getpid()) + " install\n");
  CHECK(lock("lock").error().kind == ErrorKind::busy);
  const auto by_path = fs::FileLock::acquire(f.temp / "root/other", fs::LockMode::exclusive, 0);
  REQUIRE_OK(by_path);
  CHECK(fs::read_file(f.temp / "root/other").value() == std::to_string(::getpid()) + "\n");
}

TEST_CASE("a lock that is a link or no file is refused, and a file with another name is not written to") {
  const Folders f;
  std::ofstream(f.temp / "outside/mine") << "mine";
  stdfs::create_symlink(f.temp / "outside/mine", f.temp / "root/link");
  stdfs::create_symlink(f.temp / "outside/absent", f.temp / "root/dangling");
  REQUIRE(::mkfifo((f.temp / "root/fifo").c_str(), 0600) == 0);
  stdfs::create_hard_link(f.temp / "outside/mine", f.temp / "root/hard");
  for (const char* name : {"link", "dangling", "fifo", "a"}) {
    CAPTURE(name);
    const auto lock = fs::FileLock::acquire(f.temp / "root" / name, fs::LockMode::exclusive, 0);
    REQUIRE_FALSE(lock.ok());
    CHECK(lock.error().kind == ErrorKind::unsupported);
  }
  CHECK(fs::FileLock::acquire(f.temp / "root/hard", fs::LockMode::exclusive, 0).ok());
  CHECK(fs::read_file(f.temp / "outside/mine").value() == "mine");
  CHECK_FALSE(fs::exists(f.temp / "outside/absent"));
}

TEST_CASE("HMAC-SHA256 is that of RFC 4231") {
  CHECK(hash::to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hash::to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hash::to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(equal_secrets("same", "same"));
  for (const char* other : {"sama", "Same", "sam", "same1", ""}) CHECK_FALSE(equal_secrets("same", other));
  CHECK_FALSE(equal_secrets("same", std::string_view("same").substr(0, 3)));  // what follows would be equal
  CHECK_FALSE(equal_secrets(std::string_view("same").substr(0, 3), "same"));
}
