#include "venv/state_key.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

mode_t mode_of(const stdfs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

TEST_CASE("the key is made once, for its owner alone, and known again") {
  const test::TempDir temp;
  const auto folder = temp / "a/state";
  const StateKey first(folder, {}), second(folder, {});
  CHECK_FALSE(fs::exists(folder));  // not before it is needed
  const auto mac = first.mac("x", "text");
  CHECK(mac.size() == kMacSize);
  CHECK(first.is_kept());
  CHECK(second.is_mac("x", "text", mac));
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder / kStateKeyName) == 0600);
  CHECK(*fs::list_dir(folder) == std::vector<std::string>{kStateKeyName});
}

TEST_CASE("a MAC is of one kind, one text and one key") {
  const test::TempDir temp;
  const StateKey key(temp / "one", {}), other(temp / "two", {});
  const auto mac = key.mac("journal", "text");
  CHECK(key.is_mac("journal", "text", mac));
  CHECK_FALSE(key.is_mac("links", "text", mac));
  CHECK_FALSE(key.is_mac("journal", "texts", mac));
  CHECK_FALSE(key.is_mac("journal", "text", mac.substr(1)));
  CHECK_FALSE(key.is_mac("journal", "text", ""));
  CHECK_FALSE(other.is_mac("journal", "text", mac));
}

TEST_CASE("many who make the key at the same time get the same one") {
  const test::TempDir temp;
  std::vector<std::string> macs(8);
  std::vector<std::thread> threads;
  for (auto& mac : macs) threads.emplace_back([&] { mac = StateKey(temp / "state", {}).mac("x", "y"); });
  for (auto& thread : threads) thread.join();
  CHECK(std::set<std::string>(macs.begin(), macs.end()).size() == 1);
  CHECK(*fs::list_dir(temp / "state") == std::vector<std::string>{kStateKeyName});
}

TEST_CASE("a key that others can read or that is a link does not count: the cache's is taken, or none is kept") {
  const test::TempDir temp;
  const auto state = temp / "state", cache = temp / "cache";
  const auto path = state / kStateKeyName;
  const auto mac = StateKey(state, {}).mac("x", "y");
  SUBCASE("readable by others") { REQUIRE(::chmod(path.c_str(), 0644) == 0); }
  SUBCASE("a link") {
    stdfs::rename(path, temp / "key");
    stdfs::create_symlink(temp / "key", path);
  }
  SUBCASE("no file") {
    stdfs::remove(path);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  SUBCASE("too short") { stdfs::resize_file(path, 31); }
  SUBCASE("a folder others can write to") { REQUIRE(::chmod(state.c_str(), 0777) == 0); }
  SUBCASE("of another user") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(path.c_str(), 12345, 12345) == 0);
  }
  const StateKey alone(state, {});
  CHECK_FALSE(alone.is_kept());
  CHECK(alone.problem().find("state") != std::string::npos);
  CHECK_FALSE(alone.is_mac("x", "y", mac));
  CHECK(alone.is_mac("x", "y", alone.mac("x", "y")));  // for this process
  CHECK_FALSE(StateKey(state, {}).is_mac("x", "y", alone.mac("x", "y")));
  const StateKey elsewhere(state, cache);
  CHECK(elsewhere.is_kept());
  CHECK_FALSE(elsewhere.is_mac("x", "y", mac));
  CHECK(StateKey(state, cache).is_mac("x", "y", elsewhere.mac("x", "y")));
}

TEST_CASE("nothing is made in another user's folder") {
  if (::geteuid() != 0) return;
  const test::TempDir temp;
  stdfs::create_directory(temp / "home");
  REQUIRE(::chown((temp / "home").c_str(), 12345, 12345) == 0);
  CHECK_FALSE(StateKey(temp / "home/state/pkg", {}).is_kept());
  CHECK(fs::list_dir(temp / "home")->empty());
}

}  // namespace
}  // namespace pkg::venv
