#include "index/remote/signed_entry.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

EntryKey key_of(char filling) {
  return parse_entry_key(cat("ed25519-secret:", hash::to_base64url(std::string(32, filling)))).value();
}
EntryKey shared_key(char filling) {
  return parse_entry_key(cat("hmac:", hash::to_base64url(std::string(32, filling)))).value();
}
EntryKey checking(const EntryKey& key) { return parse_entry_key(public_text(key)).value(); }

const EntryName kName{EntryKind::page, "https://index.example/simple/ demo"};

}  // namespace

TEST_CASE("an entry is believed with its signature, by whoever trusts the key") {
  const auto key = key_of('a');
  const auto bytes = write_entry(kName, {1'800'000'000, "the page"}, key);
  const std::vector<EntryKey> trusted{shared_key('x'), checking(key_of('b')), checking(key)};
  const auto entry = read_entry(bytes, kName, trusted);
  REQUIRE_OK(entry);
  CHECK(entry->payload == "the page");
  CHECK(entry->made_at == 1'800'000'000);
  CHECK(bytes.find(std::string(32, 'a')) == std::string::npos);
  // Who can only check cannot sign.
  CHECK(write_entry(kName, {0, "x"}, checking(key)).empty());
  CHECK(read_entry(bytes, kName, std::vector{checking(key_of('b'))}).error().kind == ErrorKind::unsupported);
  CHECK(read_entry(bytes, kName, {}).error().kind == ErrorKind::unsupported);
}

TEST_CASE("a secret that all share signs, and its bytes are not in the entry") {
  const auto key = shared_key('k');
  const auto bytes = write_entry(kName, {1, "p"}, key);
  CHECK(read_entry(bytes, kName, std::vector{key})->payload == "p");
  CHECK(bytes.find(std::string(32, 'k')) == std::string::npos);
  CHECK(read_entry(bytes, kName, std::vector{shared_key('l')}).error().kind == ErrorKind::unsupported);
}

TEST_CASE("no byte of an entry can be another, or be missing") {
  const auto key = key_of('a');
  const auto bytes = write_entry(kName, {1'800'000'000, "the page"}, key);
  const std::vector<EntryKey> trusted{checking(key)};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    auto other = bytes;
    other[i] = static_cast<char>(other[i] ^ 0x20);
    CHECK_FALSE(read_entry(other, kName, trusted).ok());
    CHECK_FALSE(read_entry(std::string_view(bytes).substr(0, i), kName, trusted).ok());
  }
  CHECK_FALSE(read_entry(bytes + "x", kName, trusted).ok());
}

TEST_CASE("what arrives in an entry's place and is none is refused at its first bytes, and so is what has no end") {
  const auto bytes = write_entry(kName, {1, "the page"}, key_of('a'));
  for (std::size_t i = 0; i <= bytes.size(); ++i)
    CHECK(check_arriving(std::string_view(bytes).substr(0, i), kName).ok());
  CHECK(!check_arriving("x", kName).ok());
  CHECK(!check_arriving("pkgfleeT", kName).ok());
  CHECK(!check_arriving(bytes, {EntryKind::page, "https://index.example/simple/ other"}).ok());
  CHECK(check_arriving(bytes.substr(0, 53), {EntryKind::page, "other"}).ok());
  const auto longer = check_arriving(bytes + std::string(100, 'x'), kName);
  REQUIRE(!longer.ok());
  CHECK(longer.error().message == "an entry of the remote cache is longer than it says");
}

TEST_CASE("an entry that was moved to another's place is about something else") {
  const auto key = key_of('a');
  const std::vector<EntryKey> trusted{checking(key)};
  const auto bytes = write_entry(kName, {1, "p"}, key);
  CHECK(read_entry(bytes, {EntryKind::page, "https://index.example/simple/ other"}, trusted).error().kind ==
        ErrorKind::bad_data);
  CHECK(read_entry(bytes, {EntryKind::metadata, kName.text}, trusted).error().kind == ErrorKind::bad_data);
  CHECK(EntryName{EntryKind::metadata, kName.text}.address() != kName.address());
}

TEST_CASE("keys are read from files of their user's own, and a bad one says what it is without its text") {
  const test::TempDir dir;
  const auto secret = cat("ed25519-secret:", hash::to_base64url(std::string(32, 's')));
  REQUIRE_OK(fs::publish(dir / "key", cat("# ours\n", secret, "\n"), fs::Durability::none, 0600));
  const auto path = (dir / "key").native();
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  const auto other = public_text(key_of('o'));
  REQUIRE_OK(fs::publish(dir / "trust", cat("\n# theirs\n", other, "\n")));
  const auto keys = load_entry_keys(path, {(dir / "trust").native(), public_text(key_of('p'))});
  REQUIRE_OK(keys);
  CHECK(keys->own.has_value());
  CHECK(keys->trusted.size() == 3);
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(load_entry_keys(path, {}).error().kind == ErrorKind::unsupported);
  for (const auto* bad : {"ed25519-secret:c2hvcnQ", "ed25519:***", "hmac:c2hvcnQ"}) {
    const auto refused = parse_entry_key(bad);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("c2hv") == std::string::npos);
  }
  CHECK_FALSE(load_entry_keys((dir / "none").native(), {}).ok());
  CHECK(parse_entry_key(*new_secret_text())->secret != parse_entry_key(*new_secret_text())->secret);
}

}  // namespace pkg::index
