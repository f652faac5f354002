#include "venv/link/source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/fs.h"
#include "support/printers.h"
#include "support/skipped.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/link/link.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

struct Store {
  test::TempDir temp;
  std::shared_ptr<const pep::UnpackedWheel> wheel = test::unpack(
      temp / "store", {.name = "own", .version = "1.0", .files = {{.path = "own.py", .content = "WHO = 'good'\n"}}});
  const pep::ManifestFile& file() const {
    for (const auto& dir : wheel->manifest.dirs)
      for (const auto& one : dir.files)
        if (one.name == "own.py") return one;
    std::abort();
  }
  stdfs::path path() const { return stdfs::path(wheel->path) / "own.py"; }
  stdfs::path installed() const { return temp / "site/own.py"; }
  Status place() const {
    stdfs::remove_all(temp / "site");
    stdfs::create_directory(temp / "site");
    const auto from = fs::open_directory(wheel->path), to = fs::open_directory(temp / "site");
    REQUIRE_OK(from);
    REQUIRE_OK(to);
    Linker linker(LinkMode::hardlink);
    return linker.place(from->get(), wheel->path, to->get(), (temp / "site").native(), file());
  }
  // As somebody who owns it by now may: the same size and mtime.
  void edit(const std::string& text) const {
    std::ofstream(path(), std::ios::in) << text;
    const struct timespec times[2] = {{0, UTIME_OMIT},
                                      {file().mtime_ns / 1'000'000'000, file().mtime_ns % 1'000'000'000}};
    REQUIRE(::utimensat(AT_FDCWD, path().c_str(), times, 0) == 0);
  }
};

struct stat info_of(const stdfs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

struct Umask {
  explicit Umask(mode_t mask) : before(::umask(mask)) {}
  ~Umask() { ::umask(before); }
  mode_t before;
};

}  // namespace

TEST_CASE("a file of the store that others could write to is hashed, and replaced by a copy before it is linked") {
  const Store store;
  REQUIRE(::chmod(store.path().c_str(), 0666) == 0);
  const auto before = info_of(store.path()).st_ino;
  SUBCASE("its bytes are the same") {
    REQUIRE_OK(store.place());
    CHECK(info_of(store.path()).st_ino != before);
    CHECK(info_of(store.installed()).st_ino == info_of(store.path()).st_ino);
    CHECK((info_of(store.installed()).st_mode & 022) == 0);
    CHECK(info_of(store.path()).st_mtim.tv_nsec == store.file().mtime_ns % 1'000'000'000);
  }
  SUBCASE("its bytes are others, and size and mtime do not tell") {
    store.edit("WHO = 'evil'\n");
    const auto placed = store.place();
    REQUIRE_FALSE(placed.ok());
    CHECK(placed.error().kind == ErrorKind::hash_mismatch);
    CHECK(fs::list_dir(store.wheel->path)->size() == 2);  // own.py and .dist-info: no half copy stays
  }
}

TEST_CASE("a file of the store that became another user's is not linked") {
  if (::geteuid() != 0) return SKIPPED("only root can give files away");
  const Store store;
  REQUIRE(::chown(store.path().c_str(), 12345, 12345) == 0);
  SUBCASE("but a copy of it, when its bytes are the same") {
    REQUIRE_OK(store.place());
    CHECK(info_of(store.path()).st_uid == 0);
    CHECK(info_of(store.installed()).st_uid == 0);
  }
  SUBCASE("and its bytes are looked at") {
    store.edit("WHO = 'evil'\n");
    CHECK(store.place().error().kind == ErrorKind::hash_mismatch);
  }
}

TEST_CASE("installed files follow the umask of the command that installs, not of the one that filled the store") {
  for (const auto [filled, installs, mode] :
       {std::array<mode_t, 3>{077, 022, 0644}, {022, 077, 0600}, {022, 022, 0644}}) {
    CAPTURE(filled);
    CAPTURE(installs);
    const Store store;
    REQUIRE(::chmod(store.path().c_str(), 0644 & ~filled) == 0);
    const Umask umask(installs);
    REQUIRE_OK(store.place());
    CHECK((info_of(store.installed()).st_mode & 07777) == mode);
    CHECK(info_of(store.installed()).st_nlink == 2);
  }
}

TEST_CASE("a file that its owner closed to himself is opened again") {
  const Store store;
  REQUIRE(::chmod(store.path().c_str(), 0) == 0);
  REQUIRE_OK(store.place());
  CHECK(*fs::read_file(store.installed()) == "WHO = 'good'\n");
}

}  // namespace pkg::venv
