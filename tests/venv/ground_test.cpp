#include "venv/ground.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/transaction/state_folder.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

struct Place {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  stdfs::path env(const std::string& name = {}) const { return name.empty() ? temp / "env" : temp / "env" / name; }

  // The folder goes elsewhere, and a link to it stays.
  void lead_out(const std::string& name) const {
    stdfs::create_directories(temp / "outside");
    if (fs::exists(env(name)))
      stdfs::rename(env(name), temp / "outside" / "moved");
    else
      stdfs::create_directories(temp / "outside/moved");
    stdfs::create_directory_symlink(temp / "outside/moved", env(name));
  }
};

TEST_CASE("an environment whose folders lead out of it is refused, by name") {
  for (const char* name : {"bin", "include", "lib", "lib/python3.12", "lib/python3.12/site-packages"}) {
    CAPTURE(name);
    const Place place;
    place.lead_out(name);
    const auto ground = Ground::open(place.environment);
    REQUIRE_FALSE(ground.ok());
    CHECK(ground.error().kind == ErrorKind::unsupported);
    CHECK(ground.error().message.find(place.env("").string()) != std::string::npos);
    CHECK(ground.error().message.find("outside/moved") != std::string::npos);
  }
}

TEST_CASE("links that stay inside, and a link to the environment itself, are fine") {
  const Place place;
  REQUIRE(stdfs::is_symlink(place.env("lib64")));
  stdfs::create_directory_symlink(place.env(), place.temp / "link");
  CHECK(Ground::open(place.environment).ok());
  auto environment = place.environment;
  environment.layout = environment_layout(place.temp / "link", "cpython", 3, 12, false);
  REQUIRE_OK(Ground::open(environment));
}

TEST_CASE("a virtual environment has no ground outside its prefix, others have") {
  const Place place;
  auto ground = *Ground::open(place.environment);
  const std::string outside = stdfs::canonical(place.temp.path()).string();
  CHECK(ground.folder(ground.boundary().prefix() + "/bin").ok());
  CHECK_FALSE(ground.folder(outside).ok());
  auto system = place.environment;
  system.kind = EnvironmentKind::system;
  auto wide = *Ground::open(system);
  CHECK(wide.folder(outside).ok());
}

TEST_CASE("an environment of another user is changed by root alone") {
  if (::geteuid() != 0) return;
  const Place place;
  REQUIRE(::chown(place.env().c_str(), 12345, 12345) == 0);
  const auto ground = Ground::open(place.environment);
  REQUIRE_OK(ground);
  CHECK(ground->is_trusted_owner(0));
  CHECK(ground->is_trusted_owner(12345));
  CHECK_FALSE(ground->is_trusted_owner(12346));
  CHECK(refuse_others_environment(place.environment).ok());
  REQUIRE(::chmod(place.temp.path().c_str(), 0755) == 0);
  REQUIRE(::seteuid(12346) == 0);
  const auto refused = Ground::open(place.environment);
  const auto early = refuse_others_environment(place.environment);
  REQUIRE(::seteuid(0) == 0);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("belongs to another user (12345)") != std::string::npos);
  CHECK_FALSE(early.ok());
}

TEST_CASE("a state folder that is a link, no folder or another user's is refused") {
  const Place place;
  const auto ground = *Ground::open(place.environment);
  CHECK_FALSE(StateFolder::find(ground)->has_value());
  SUBCASE("a link") { place.lead_out(".pkg"); }
  SUBCASE("a file") { std::ofstream(place.env(".pkg")) << "x"; }
  SUBCASE("another user's") {
    if (::geteuid() != 0) return;
    stdfs::create_directory(place.env(".pkg"));
    REQUIRE(::chown(place.env(".pkg").c_str(), 12345, 12345) == 0);
  }
  const auto found = StateFolder::find(ground);
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == ErrorKind::unsupported);
  CHECK(found.error().message.find(".pkg") != std::string::npos);
  CHECK_FALSE(StateFolder::make(ground).ok());
}

TEST_CASE("what lies in the state folder is read only when it is a file of one's own") {
  const Place place;
  const auto ground = *Ground::open(place.environment);
  const auto state = *StateFolder::make(ground);
  std::ofstream(place.temp / "secret") << "secret";
  const auto at = place.env(".pkg/thing");
  CHECK(state.read(state.fd(), "thing", "thing").error().kind == ErrorKind::not_found);
  CHECK(state.check("thing", StateKind::file).ok());
  std::ofstream(at) << "text";
  CHECK(*state.read(state.fd(), "thing", "thing") == "text");
  stdfs::remove(at);
  SUBCASE("a link") { stdfs::create_symlink(place.temp / "secret", at); }
  SUBCASE("a pipe") { REQUIRE(::mkfifo(at.c_str(), 0600) == 0); }
  SUBCASE("a folder") { stdfs::create_directory(at); }
  CHECK(state.read(state.fd(), "thing", "thing").error().kind == ErrorKind::unsupported);
  CHECK(state.check("thing", StateKind::file).error().kind == ErrorKind::unsupported);
}

TEST_CASE("a note counts with this user's MAC alone") {
  const Place place;
  write_note(place.environment, "note", "pkg note 1", "text\n", place.key);
  const auto path = place.env(".pkg/note");
  const auto read = [&](const StateKey& key) { return read_note(place.environment, "note", "pkg note 1", key); };
  REQUIRE(read(place.key).has_value());
  CHECK(read(place.key)->text == "text\n");
  CHECK(read(place.key)->key == *fs::file_key(path));
  const StateKey other(place.temp / "other", {});
  CHECK_FALSE(read(other).has_value());
  CHECK_FALSE(read_note(place.environment, "note", "pkg note 2", place.key).has_value());
  const auto whole = *fs::read_file(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    CHECK_FALSE(unsealed("pkg note 1", flipped, place.key).has_value());
    CHECK_FALSE(unsealed("pkg note 1", std::string_view(whole).substr(0, i), place.key).has_value());
  }
  stdfs::rename(path, place.temp / "note");
  stdfs::create_symlink(place.temp / "note", path);
  CHECK_FALSE(read(place.key).has_value());
  delete_note(place.environment, "note");
  CHECK(fs::exists(place.temp / "note"));
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("no note is written through a state folder that leads elsewhere") {
  const Place place;
  place.lead_out(".pkg");
  write_note(place.environment, "note", "pkg note 1", "text", place.key);
  std::ofstream(place.temp / "outside/moved/note") << "mine";
  delete_note(place.environment, "note");
  CHECK(*fs::list_dir(place.temp / "outside/moved") == std::vector<std::string>{"note"});
}

}  // namespace
}  // namespace pkg::venv
