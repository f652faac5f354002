#include "venv/transaction/transaction.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/transaction_world.h"

namespace pkg::venv {
namespace {

using World = TransactionWorld;

TEST_CASE("an environment in use is waited for, and its user is named") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  const auto lock = fs::FileLock::acquire(world.prefix() / ".pkg/lock", fs::LockMode::exclusive, 0);
  REQUIRE_OK(lock);
  const auto done = world.install({alpha("1.0")}, {.lock_wait_s = 0.05});
  REQUIRE(!done.ok());
  CHECK(done.error().kind == ErrorKind::busy);
  std::filesystem::create_directories(world.prefix() / ".pkg/tx");
  const auto recovered = recover(world.environment, world.key);
  REQUIRE_OK(recovered);
  CHECK_FALSE(*recovered);  // its owner is alive
  CHECK_FALSE(is_interrupted(world.environment));
}

TEST_CASE("what another process has just installed in the same version is not installed again under its hands") {
  World world;
  REQUIRE_OK(world.install({alpha("1.0")}));
  const auto inode = [&] {
    struct stat info {};
    REQUIRE(::stat((world.prefix() / (kSite + "alpha-1.0.dist-info/RECORD")).c_str(), &info) == 0);
    return info.st_ino;
  };
  const auto before = inode();
  REQUIRE_OK(world.install({alpha("1.0"), beta()}));  // as planned before the other was there
  CHECK(inode() == before);
  CHECK(world.has(kSite + "beta.py"));
  SUBCASE("but marked as asked for, when it was") {
    Change change;
    change.install.push_back(test::to_install(world.store(), alpha("1.0"), true));
    REQUIRE_OK(world.apply(change));
    CHECK(world.has(kSite + "alpha-1.0.dist-info/REQUESTED"));
  }
  SUBCASE("another version is, and the same one when the caller takes it away first") {
    REQUIRE_OK(world.install({alpha("2.0")}));
    CHECK(world.has(kSite + "alpha-2.0.dist-info"));
    const auto second = world.dists();
    Change change{.remove = second, .install = {test::to_install(world.store(), alpha("2.0"))}};
    const auto report = world.apply(change);
    REQUIRE_OK(report);
    CHECK(report->files_created > 0);
  }
}

// Until a second descriptor of this program leads to the file: somebody else has opened it, to wait for its lock.
void wait_until_opened_again(const std::filesystem::path& file) {
  const auto path = std::filesystem::canonical(file);
  for (int round = 0; round < 2000; ++round) {
    int found = 0;
    for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code closed;
      if (std::filesystem::read_symlink(fd.path(), closed) == path) ++found;
    }
    if (found > 1) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST_CASE("who waited for an environment that was replaced meanwhile changes the new one") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  auto lock = fs::FileLock::acquire(world.prefix() / ".pkg/lock", fs::LockMode::exclusive, 0);
  REQUIRE_OK(lock);
  std::optional<Result<ChangeReport>> done;
  std::thread installer([&] { done = world.install({alpha("1.0")}); });
  wait_until_opened_again(world.prefix() / ".pkg/lock");
  std::filesystem::rename(world.prefix(), world.temp / "old");
  test::make_environment(world.prefix());
  SUBCASE("by another of the same Python") {
    { const auto dropped = std::move(*lock); }
    installer.join();
    REQUIRE_OK(*done);
    CHECK(world.has(kSite + "alpha/__init__.py"));
    CHECK_FALSE(world.has(kSite + "beta.py"));
  }
  SUBCASE("by one of another Python: said, and nothing is done") {
    std::filesystem::rename(world.prefix() / "lib/python3.12", world.prefix() / "lib/python3.11");
    { const auto dropped = std::move(*lock); }
    installer.join();
    REQUIRE_FALSE(done->ok());
    CHECK(done->error().kind == ErrorKind::conflict);
    CHECK(done->error().message.find("was replaced by another command meanwhile") != std::string::npos);
  }
}

// What a killed process leaves: `old` in the trash as number 0, something new at its place.
void leave_interrupted(const World& world, const std::string& path, const StateKey& key) {
  const Boundary boundary(world.environment.layout);
  const std::string absolute = boundary.absolute(path);
  world.write(".pkg/tx/trash/0", "old");
  world.write(path, "new");
  world.write(".pkg/tx/journal", Journal{.moved = {absolute}, .created = {absolute}}.encode(boundary, key));
}

TEST_CASE("what a killed process of this user left is undone, by who changes the environment") {
  World world;
  leave_interrupted(world, kSite + "thing.py", world.key);
  CHECK(is_interrupted(world.environment));
  const auto recovered = recover(world.environment, world.key);
  REQUIRE_OK(recovered);
  CHECK(*recovered);
  CHECK(world.read(kSite + "thing.py") == "old");
  CHECK_FALSE(is_interrupted(world.environment));
  CHECK(world.state() == std::vector<std::string>{"lock"});
}

TEST_CASE("a journal that somebody else wrote is refused by name, and nothing is touched") {
  World world;
  leave_interrupted(world, kSite + "thing.py", StateKey(world.temp / "others", {}));
  const auto before = *fs::list_dir(world.prefix() / ".pkg/tx");
  for (const auto& error : {recover(world.environment, world.key).error(), world.install({beta()}).error()}) {
    CHECK(error.kind == ErrorKind::unsupported);
    CHECK(error.message.find("was not written by this user's pkg") != std::string::npos);
    CHECK(error.context.at(0).find(".pkg/tx/journal") != std::string::npos);
    CHECK(error.hint.find(".pkg/tx") != std::string::npos);
  }
  CHECK(world.read(kSite + "thing.py") == "new");
  CHECK(world.read(".pkg/tx/trash/0") == "old");
  CHECK(*fs::list_dir(world.prefix() / ".pkg/tx") == before);
}

TEST_CASE("the lock of an environment says who is at work, without arguments") {
  World world;
  REQUIRE_OK(world.install({beta()}));
  CHECK(world.read(".pkg/lock") == cat(::getpid(), " install\n"));
  REQUIRE_OK(world.uninstall({"beta"}));
  CHECK(world.read(".pkg/lock") == cat(::getpid(), " uninstall\n"));
}

TEST_CASE("without a key that can be kept a change goes on, says so once, and rolls back on its own errors") {
  World world;
  const StateKey unkept({}, {});
  struct Notes final : Reporter {
    std::vector<std::string> notes;
    void warning(const std::string&) override {}
    void note(const std::string& text) override { notes.push_back(text); }
    void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
    void transfer_progress(std::uint64_t, std::uint64_t) override {}
    void transfer_finished(std::uint64_t) override {}
    void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
  } reporter;
  Change change;
  change.install.push_back(test::to_install(world.store(), beta()));
  REQUIRE_OK(venv::apply(change, world.environment, {}, unkept, reporter, world.cancel));
  CHECK(reporter.notes.size() == 1);
  Change broken;
  broken.install.push_back(test::to_install(world.store(), alpha("1.0")));
  std::filesystem::remove(world.store() / "alpha-1.0/shared/alpha.py");
  const auto before = tree(world.prefix());
  CHECK_FALSE(venv::apply(broken, world.environment, {}, unkept, reporter, world.cancel).ok());
  CHECK(tree(world.prefix()) == before);
  CHECK(world.state() == std::vector<std::string>{"lock"});
}

}  // namespace
}  // namespace pkg::venv
