#include "index/artifact.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

struct Fixture {
  test::TempDir dir;
  pep::DistFile file;
  std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>(1u << 20);
  std::string content = std::string(3000, 'a') + "end";

  Fixture() {
    file.url = "https://index.example/demo.whl";
    file.index = "https://index.example/simple/";
    file.size_bytes = content.size();
    file.hashes = {{hash::Algorithm::sha512, hash::to_hex(hash::digest(hash::Algorithm::sha512, content))},
                   {hash::Algorithm::sha256, hash::to_hex(hash::sha256(content))}};
  }
  ArtifactWriter writer() { return ArtifactWriter(file, true, budget, dir / "tmp"); }
};

TEST_CASE_FIXTURE(Fixture, "bytes that come in pieces are given back whole, with their digest") {
  auto w = writer();
  REQUIRE(w.append(content.substr(0, 100)).ok());
  REQUIRE(w.append(content.substr(100)).ok());
  CHECK(w.received() == content.size());
  const auto artifact = w.finish().value();
  CHECK(artifact.bytes() == content);
  CHECK(artifact.sha256() == hash::sha256(content));
  CHECK_FALSE(fs::exists(dir / "tmp"));
}

TEST_CASE_FIXTURE(Fixture, "what does not fit the budget goes to an unnamed file, announced or not") {
  for (const bool announced : {true, false}) {
    budget = std::make_shared<MemoryBudget>(1000);
    if (!announced) file.size_bytes = std::nullopt;
    auto w = writer();
    for (const char c : content) REQUIRE(w.append(std::string(1, c)).ok());
    const auto artifact = w.finish().value();
    CHECK(artifact.bytes() == content);
    CHECK(fs::list_dir(dir / "tmp").value().empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "memory goes back to the budget with the artifact") {
  budget = std::make_shared<MemoryBudget>(content.size());
  for (int i = 0; i < 3; ++i) {
    auto w = writer();
    REQUIRE(w.append(content).ok());
    const auto artifact = w.finish().value();
    CHECK_FALSE(budget->take(1));
  }
  CHECK(budget->take(content.size()));
}

TEST_CASE_FIXTURE(Fixture, "more bytes than announced are refused as soon as they come") {
  auto w = writer();
  REQUIRE(w.append(content).ok());
  const auto failed = w.append("x");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().kind == ErrorKind::hash_mismatch);
  CHECK(failed.error().message ==
        "`https://index.example/demo.whl` is not the announced file: expected size 3003 bytes, got more (announced by "
        "`https://index.example/simple/`)");
}

TEST_CASE_FIXTURE(Fixture, "fewer bytes than announced are refused, also where no hash says what they are to be") {
  file.hashes.clear();
  auto short_one = writer();
  REQUIRE(short_one.append(content.substr(1)).ok());
  const auto finished = short_one.finish();
  REQUIRE_FALSE(finished.ok());
  CHECK(finished.error().message.find("expected size 3003 bytes, got 3002 bytes") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "fewer bytes than announced are refused") {
  auto w = writer();
  REQUIRE(w.append(content.substr(1)).ok());
  CHECK(w.finish().error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE_FIXTURE(Fixture, "one wrong byte is refused, by any of the announced hashes") {
  auto wrong = content;
  wrong[5] = 'b';
  for (const auto& only : file.hashes) {
    pep::DistFile one = file;
    one.hashes = {only};
    ArtifactWriter w(one, true, budget, dir / "tmp");
    REQUIRE(w.append(wrong).ok());
    const auto failed = w.finish();
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().kind == ErrorKind::hash_mismatch);
    CHECK(failed.error().message == cat("`https://index.example/demo.whl` is not the announced file: expected ",
                                        hash::name(only.algorithm), " ", only.hex, ", got ",
                                        hash::to_hex(hash::digest(only.algorithm, wrong)),
                                        " (announced by `https://index.example/simple/`)"));
  }
}

TEST_CASE_FIXTURE(Fixture, "after a restart nothing of what came before counts") {
  auto w = writer();
  REQUIRE(w.append("rubbish").ok());
  w.restart();
  REQUIRE(w.append(content).ok());
  CHECK(w.finish().value().bytes() == content);
}

TEST_CASE_FIXTURE(Fixture, "an announced size beyond all memory is not reserved") {
  file.size_bytes = std::uint64_t{1} << 60;
  auto w = writer();
  REQUIRE(w.append("x").ok());
  CHECK(w.finish().error().kind == ErrorKind::hash_mismatch);
}

TEST_CASE_FIXTURE(Fixture, "what somebody says will come goes to a file at once when it does not fit the budget") {
  file.size_bytes = std::nullopt;
  for (const auto expected : {content.size(), std::size_t{2} << 20}) {
    auto w = writer();
    w.expect(expected);
    REQUIRE(w.append(content).ok());
    CHECK(fs::exists(dir / "tmp") == (expected > content.size()));
    CHECK(w.finish().value().bytes() == content);
  }
}

TEST_CASE_FIXTURE(Fixture, "of bytes that are let go of, whole pages go; the others stay") {
  content = std::string(100'000, 'a') + std::string(100'000, 'b');
  file.size_bytes = content.size();
  file.hashes.clear();
  for (const std::uint64_t memory : {1u << 20, 1u}) {
    budget = std::make_shared<MemoryBudget>(memory);
    auto w = writer();
    REQUIRE(w.append(content).ok());
    const auto artifact = w.finish().value();
    artifact.let_go(artifact.bytes().substr(0, 100'000));
    CHECK(artifact.bytes().substr(100'000) == content.substr(100'000));
    artifact.let_go(artifact.bytes().substr(150'000, 10));
    artifact.let_go("bytes of somebody else");
    CHECK(artifact.bytes().substr(100'000) == content.substr(100'000));
    CHECK(artifact.bytes()[5000] == (memory == 1 ? 'a' : '\0'));  // a file keeps what it holds
  }
}

TEST_CASE_FIXTURE(Fixture, "credentials of the URL stay out of the message") {
  file.url = "https://user:secret@index.example/demo.whl";
  auto w = writer();
  CHECK(w.finish().error().message.find("secret") == std::string::npos);
}

}  // namespace
}  // namespace pkg::index
