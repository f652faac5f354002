#include "venv/discovery.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// A folder with .venv, one below it, an active environment and a conda environment; nothing is active.
struct Places {
  test::TempDir temp;
  test::ScopedEnv no_venv{"VIRTUAL_ENV", nullptr}, no_conda{"CONDA_PREFIX", nullptr};
  test::ScopedEnv no_name{"CONDA_DEFAULT_ENV", nullptr}, no_root{"_CONDA_ROOT", nullptr};
  stdfs::path deep = temp / "p/a/b";
  std::string active = (temp / "active").native(), conda = (temp / "conda").native();

  Places() {
    write("p/.venv/pyvenv.cfg", "home = /x\n");
    write("active/pyvenv.cfg", "home = /x\n");
    write("conda/conda-meta/history", "");
    stdfs::create_directories(deep);
  }
  void write(const std::string& name, std::string_view content) const {
    stdfs::create_directories((temp / name).parent_path());
    REQUIRE_OK(fs::publish(temp / name, content));
  }
};

}  // namespace

TEST_CASE("the active environment is found before .venv here or above") {
  const Places places;
  const auto found = discover_environment(places.deep);
  CHECK(found.folder == places.temp / "p/.venv");
  CHECK(!found.active);
  const test::ScopedEnv conda("CONDA_PREFIX", places.conda.c_str());
  CHECK(discover_environment(places.deep).folder == stdfs::path(places.conda));
  const test::ScopedEnv venv("VIRTUAL_ENV", places.active.c_str());
  const auto active = discover_environment(places.deep);
  CHECK(active.folder == stdfs::path(places.active));
  REQUIRE(active.active);
  CHECK(active.active->variable == "VIRTUAL_ENV");
}

TEST_CASE("conda's base comes last, by its name, its root or its folder") {
  const Places places;
  const test::ScopedEnv conda("CONDA_PREFIX", places.conda.c_str());
  SUBCASE("by its name") {
    const test::ScopedEnv name("CONDA_DEFAULT_ENV", "base");
    CHECK(discover_environment(places.deep).folder == places.temp / "p/.venv");
    const auto elsewhere = discover_environment(places.temp / "active");
    CHECK(elsewhere.folder == stdfs::path(places.conda));
    REQUIRE(elsewhere.active);
    CHECK(elsewhere.active->is_conda_base);
  }
  SUBCASE("by its root") {
    const test::ScopedEnv root("_CONDA_ROOT", places.conda.c_str());
    CHECK(discover_environment(places.deep).folder == places.temp / "p/.venv");
  }
  SUBCASE("by its folder") {
    places.write("conda/condabin/conda", "");
    CHECK(discover_environment(places.deep).folder == places.temp / "p/.venv");
  }
}

TEST_CASE("a variable that names no environment is passed over, and said") {
  const Places places;
  const test::ScopedEnv venv("VIRTUAL_ENV", "/nonexistent/venv");
  const auto found = discover_environment(places.deep);
  CHECK(found.folder == places.temp / "p/.venv");
  CHECK(found.gone == std::vector<std::string>{"VIRTUAL_ENV names `/nonexistent/venv`, which is no environment"});
}

TEST_CASE("a .venv that is a file leads to the environment") {
  const Places places;
  REQUIRE_OK(fs::remove_tree(places.temp / "p/.venv"));
  places.write("p/.venv", "../active\n");
  CHECK(discover_environment(places.deep).folder == places.temp / "active");
  places.write("p/.venv", "../nowhere\n");
  CHECK(!discover_environment(places.deep).folder);
}

TEST_CASE("what was looked at is listed when there is nothing") {
  const Places places;
  REQUIRE_OK(fs::remove_tree(places.temp / "p/.venv"));
  const auto found = discover_environment(places.deep);
  CHECK(!found.folder);
  CHECK(found.looked_at ==
        std::vector<std::string>{"VIRTUAL_ENV (not set)", "CONDA_PREFIX (not set)",
                                 cat("`", (places.deep / ".venv").native(), "` and .venv in its parent folders")});
}

}  // namespace pkg::venv
