#include "ops/session/session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

struct Place {
  pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::index::Settings settings;

  Place() { settings.cache_dir = (folder / "cache").string(); }
  pkg::index::Settings with_index(const std::string& url) const {
    auto other = settings;
    other.indexes = {{"", url, false}};
    return other;
  }
};

}  // namespace

TEST_CASE("a session with other settings is found again by them, and is the same where none differ") {
  Place place;
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  CHECK(&session.with(place.settings, {}) == &session);
  auto& other = session.with(place.with_index("https://a.example/"), {});
  CHECK(&other != &session);
  CHECK(&session.with(place.with_index("https://a.example/"), {}) == &other);
  CHECK(&session.with(place.with_index("https://b.example/"), {}) != &other);
  pkg::ops::BuildOptions sandboxed;
  sandboxed.sandbox = true;
  CHECK(&session.with(place.settings, sandboxed) != &session);
  CHECK(other.working_folder() == session.working_folder());
  CHECK(&other.state_key() == &session.state_key());
}

TEST_CASE("a session with other settings opens an index of its own") {
  Place place;
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  const auto own = session.index();
  REQUIRE_OK(own);
  const auto other = session.with(place.with_index("https://a.example/"), {}).index();
  REQUIRE_OK(other);
  CHECK(*own != *other);
  CHECK(*session.index() == *own);
}

TEST_CASE("whichever threads come first, they get one index and one session for the same settings") {
  Place place;
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  std::vector<pkg::index::Index*> indexes(8);
  std::vector<pkg::ops::Session*> others(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < indexes.size(); ++i)
      threads.emplace_back([&, i] {
        indexes[i] = session.index().value();
        others[i] = &session.with(place.with_index("https://a.example/"), {});
      });
  }
  CHECK(std::ranges::count(indexes, indexes.front()) == 8);
  CHECK(std::ranges::count(others, others.front()) == 8);
}

TEST_CASE("builds that are put off are made for the session that needs them") {
  Place place;
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  std::vector<pkg::ops::Session*> asked;
  session.make_builds_later([&](pkg::ops::Session& self) {
    asked.push_back(&self);
    return pkg::ok_status();
  });
  auto& other = session.with(place.with_index("https://a.example/"), {});
  CHECK(other.can_build());
  CHECK(!other.need_builds().ok());  // nobody makes builders here
  CHECK(asked == std::vector<pkg::ops::Session*>{&other});
}
