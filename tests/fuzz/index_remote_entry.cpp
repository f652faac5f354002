// What a remote cache answers: an entry is believed only where writing it gives the same bytes; a note of a built wheel
// that is read is written as it was.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "index/remote/shared_builds.h"
#include "index/remote/signed_entry.h"
#include "index/wheels/built_wheel_note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto key = index::parse_entry_key("hmac:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE").value();
  static const std::vector<index::EntryKey> trusted{key};
  static const index::EntryName name{index::EntryKind::wheel, "demo"};
  if (const auto entry = index::read_entry(text, name, trusted); entry.ok())
    PKG_CHECK(index::write_entry(name, *entry, key) == text && index::check_arriving(text, name).ok());
  (void)index::check_arriving(text, name);
  // What is signed is read, whatever it holds, and under no other name.
  const auto bytes = index::write_entry(name, {static_cast<std::int64_t>(size), std::string(text)}, key);
  const auto entry = index::read_entry(bytes, name, trusted);
  PKG_CHECK(entry.ok() && entry->payload == text && entry->made_at == static_cast<std::int64_t>(size));
  const auto arrived = std::string_view(bytes).substr(0, size % (bytes.size() + 1));
  PKG_CHECK(index::check_arriving(arrived, name).ok() && index::check_arriving(bytes, name).ok());
  PKG_CHECK(!index::read_entry(bytes, {index::EntryKind::build, "demo"}, trusted).ok());
  if (const auto note = index::parse_built_wheel_note(text); note.ok()) {
    const auto again = index::parse_built_wheel_note(note->text());
    PKG_CHECK(again.ok() && again->sha256_hex == note->sha256_hex && again->file_name == note->file_name);
    PKG_CHECK(note->file_name.find('/') == std::string::npos);
  }
  return 0;
}
