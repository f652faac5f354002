#include "ops/environment/environment_state.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

namespace stdfs = std::filesystem;

// An environment as far as its state file looks at it, all of it an hour old.
struct Place {
  pkg::test::TempDir folder;
  pkg::venv::Environment environment;
  pkg::ops::SyncState state;
  pkg::venv::StateKey key{folder / "state", {}};

  Place() {
    auto& layout = environment.layout;
    layout.prefix = layout.data = folder / "env";
    layout.scripts = folder / "env/bin";
    layout.headers = folder / "env/include";
    layout.purelib = layout.platlib = folder / "env/site";
    layout.data = layout.prefix;
    layout.scripts = folder / "env/bin";
    layout.headers = folder / "env/include";
    environment.python = folder / "env/python";
    stdfs::create_directories(layout.purelib);
    write("env/python", "python");
    write("env/pyvenv.cfg", "home = x\n");
    write("pylock.toml", "lock");
    for (const char* name : {"env/python", "env/pyvenv.cfg", "env/site", "pylock.toml"}) set_age(name, 3600);
    state = {folder / "pylock.toml", "abc", "extras=a groups= only= without=", 5};
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void set_age(const std::string& name, std::int64_t seconds) {
    const auto path = folder / name;
    struct timespec now {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= seconds;
    const struct timespec times[2] = {now, now};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  }
  std::optional<pkg::ops::SyncState> now() const { return pkg::ops::unchanged_since(environment, key); }
};

}  // namespace

TEST_CASE("what an environment was synced to is remembered while nothing changes") {
  Place place;
  CHECK(!place.now());
  pkg::ops::remember(place.environment, place.state, place.key);
  CHECK(place.now() == place.state);
  CHECK(place.now() == place.state);
  pkg::ops::forget(place.environment);
  CHECK(!place.now());
}

TEST_CASE("a change of the lock, the interpreter or the installed distributions is noticed") {
  const std::vector<std::string> changed{"pylock.toml", "env/python", "env/pyvenv.cfg", "env/site"};
  for (const auto& name : changed) {
    CAPTURE(name);
    Place place;
    pkg::ops::remember(place.environment, place.state, place.key);
    place.set_age(name, 60);
    CHECK(!place.now());
  }
  Place place;
  pkg::ops::remember(place.environment, place.state, place.key);
  place.write("other", "lock");
  place.set_age("other", 3600);
  stdfs::rename(place.folder / "other", place.folder / "pylock.toml");
  CHECK(!place.now());
  stdfs::remove(place.folder / "pylock.toml");
  CHECK(!place.now());
}

TEST_CASE("what changed in the moment the state was written counts as changed") {
  Place place;
  place.set_age("env/site", 0);
  place.set_age("env/site", -5);
  pkg::ops::remember(place.environment, place.state, place.key);
  CHECK(!place.now());
}

TEST_CASE("a state file that this user's pkg did not write says nothing") {
  Place place;
  const pkg::venv::StateKey others(place.folder / "others", {});
  pkg::ops::remember(place.environment, place.state, others);
  CHECK(pkg::ops::unchanged_since(place.environment, others) == place.state);
  CHECK(!place.now());
}

TEST_CASE("a damaged state file says nothing") {
  Place place;
  pkg::ops::remember(place.environment, place.state, place.key);
  const auto path = place.environment.state_dir() / "sync";
  const auto text = pkg::fs::read_file(path);
  REQUIRE_OK(text);
  for (const auto& damaged : {std::string(), text->substr(0, text->size() / 2), *text + "more\n", "x" + *text}) {
    std::ofstream(path, std::ios::binary) << damaged;
    CHECK(!place.now());
  }
}
