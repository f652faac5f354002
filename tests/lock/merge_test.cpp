#include "lock/merge.h"

#include <doctest/doctest.h>

#include "lock/lock_texts.h"

namespace {

using namespace pkg;

// "a 1, b 2": a lock of these.
lock::LockFile lock_of(const std::string& text) {
  std::string body = "packages = []\n";
  if (!text.empty()) body.clear();
  if (!text.empty())
    for (const auto piece : split(text, ',')) {
      const auto words = split_words(piece);
      body += test::wheel_package(std::string(words[0]), std::string(words[1]));
    }
  return test::lock_from(body);
}

std::string merged(const std::string& base, const std::string& ours, const std::string& theirs) {
  const auto base_lock = lock_of(base), our_lock = lock_of(ours), their_lock = lock_of(theirs);
  const auto result = lock::merge(base_lock, our_lock, their_lock);
  CHECK(result.trivial == (result.taken != nullptr));
  std::string out = result.taken == &our_lock ? "ours: " : result.taken == &their_lock ? "theirs: " : "";
  for (const auto& one : result.preferences)
    append(out, &one == &result.preferences.front() ? "" : ", ", one.name.str(), ' ', one.version.to_string());
  return out;
}

}  // namespace

TEST_CASE("where one side changed nothing, the other side is the merge") {
  CHECK(merged("a 1", "a 1", "a 2") == "theirs: a 2");
  CHECK(merged("a 1", "a 2", "a 1") == "ours: a 2");
  CHECK(merged("a 1", "a 2", "a 2") == "ours: a 2");
  CHECK(merged("a 1", "a 1", "a 1") == "ours: a 1");
  CHECK(merged("", "", "") == "ours: ");
}

TEST_CASE("of each project the side that changed it counts") {
  CHECK(merged("a 1, b 1", "a 2, b 1", "a 1, b 2") == "a 2, b 2");
  CHECK(merged("a 1, b 1", "a 2, b 1, c 1", "a 1, d 1") == "a 2, c 1, d 1");
}

TEST_CASE("where both sides changed a project, the newer version is preferred, then ours") {
  CHECK(merged("a 1, b 1", "a 2, b 3", "a 3, b 2") == "a 3, b 3");
  CHECK(merged("a 1, b 1", "a 3, a 1, b 1", "a 3, a 2, b 2") == "a 3, a 1, b 2");
  CHECK(merged("a 1, b 1", "b 2", "a 2, b 1") == "a 2, b 2");
  CHECK(merged("a 3, b 1", "b 2", "a 2, b 1") == "a 2, b 2");
}

TEST_CASE("a preference keeps the marker of its entry") {
  auto ours = lock_of("a 2");
  ours.packages[0].marker = pep::Marker::parse("os_name == 'nt'").value();
  const auto base = lock_of("a 1"), theirs = lock_of("a 1, b 1");
  const auto result = lock::merge(base, ours, theirs);
  REQUIRE(result.preferences.size() == 2);
  CHECK(result.preferences[0].marker.to_string() == "os_name == \"nt\"");
}
