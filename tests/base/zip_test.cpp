#include "base/zip.h"

#include <doctest/doctest.h>

#include "base/fs.h"
#include "base/tasks.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "support/zip_builder.h"

using namespace pkg;
using test::build_zip;
using test::ZipEnd;
using test::ZipEntry;
using Descriptor = ZipEntry::Descriptor;

namespace {

// What an archive is to the reader: "ok", or the error's message. Contents are read too.
std::string verdict(const std::string& archive, const zip::Limits& limits = {}) {
  const auto reader = zip::Reader::from_memory(archive, limits);
  if (!reader.ok()) return reader.error().message;
  std::string buffer;
  for (const auto& entry : reader->entries()) {
    if (reader->find(entry.name) != &entry) return "an entry is not found by its name";
    if (const auto content = reader->read_into(entry, buffer); !content.ok()) return content.error().message;
  }
  return "ok";
}

const std::string kText = "some text, some text, some text, some text";

ZipEntry file(std::string name, bool deflate = true) {
  return {.name = std::move(name), .content = kText, .deflate = deflate};
}

// An entry changed in one way.
template <class Change>
ZipEntry with(Change change) {
  ZipEntry entry = file("a/b.py");
  change(entry);
  return entry;
}

std::string extra(std::uint16_t id, std::string_view content) {
  BinaryWriter out;
  out.u16(id);
  out.u16(static_cast<std::uint16_t>(content.size()));
  out.bytes(content);
  return out.take();
}

std::string unicode_path(std::string_view name) { return extra(0x7075, cat('\x01', "1234", name)); }

std::string eight(std::uint64_t value) {
  BinaryWriter out;
  out.u64(value);
  return out.take();
}

// With other bytes, so far before the archive's end: of a zip64, the end record is at 22, its locator at 42, its record
// at 98.
std::string patched(std::string archive, std::size_t before_end, std::string_view bytes) {
  return archive.replace(archive.size() - before_end, bytes.size(), bytes);
}

struct Row {
  const char* what;
  std::string archive;
  const char* verdict;  // the beginning of the message
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto got = verdict(row.archive);
    CHECK_MESSAGE(got.substr(0, std::string_view(row.verdict).size()) == row.verdict, got);
  }
}

}  // namespace

TEST_CASE("entries come in the order of the directory, with their contents") {
  const auto archive = build_zip(
      {file("z.py"), {.name = "dir/"}, file("dir/a.py", false), {.name = "run", .content = "#!", .mode = 0100755}});
  const auto reader = zip::Reader::from_memory(archive);
  REQUIRE_OK(reader);
  const auto entries = reader->entries();
  REQUIRE(entries.size() == 4);
  CHECK(entries[0].name == "z.py");
  CHECK_FALSE(entries[0].stored);
  CHECK(entries[0].size == kText.size());
  CHECK(entries[1].is_directory());
  CHECK(entries[2].stored);
  CHECK_FALSE(entries[2].executable);
  CHECK(entries[3].executable);
  CHECK(reader->read(entries[0]).value() == kText);
  CHECK(reader->read(entries[2]).value() == kText);
  CHECK(reader->find("dir/a.py") == &entries[2]);
  CHECK(reader->find("dir") == nullptr);
  CHECK(reader->find("") == nullptr);
}

TEST_CASE("entries compressed with zstd are read") {
  const auto hex = [](const char* text) { return *hash::from_hex(text); };
  const std::string frame = hex("28b52ffd20f06d00003078203d20310a0100e750a508"), none = hex("28b52ffd2000010000");
  std::string text;
  for (int i = 0; i < 40; ++i) text += "x = 1\n";
  const auto entry = [&](std::string bytes) {
    return ZipEntry{
        .name = "a.py", .content = text, .stored_bytes = std::move(bytes), .method = 93, .local_method = 93};
  };
  const std::string good = build_zip({entry(frame), {.name = "b", .stored_bytes = none, .method = 93}});
  const auto reader = zip::Reader::from_memory(good);
  REQUIRE_OK(reader);
  CHECK(*reader->read(reader->entries()[0]) == text);
  CHECK(reader->read(reader->entries()[1])->empty());
  const std::string damaged = "the zstd stream is damaged, or is not of the announced size";
  CHECK(verdict(build_zip({entry(frame + frame)})) == damaged);
  CHECK(verdict(build_zip({entry(frame + "x")})) == damaged);
  CHECK(verdict(build_zip({entry(frame.substr(0, 15))})) == damaged);
  for (const std::uint32_t size : {239u, 241u}) {
    auto other = entry(frame);
    other.size = other.local_size = size;
    CHECK(verdict(build_zip({other})) == damaged);
  }
  auto impossible = entry(frame);
  impossible.size = impossible.local_size = 0x7FFFFFFF;
  CHECK(verdict(build_zip({impossible})).find("cannot unpack to") != std::string::npos);
  auto two_ways = entry(frame);
  two_ways.local_method = 8;
  CHECK(verdict(build_zip({two_ways})).find("disagree about its compression") != std::string::npos);
  // A megabyte of zeros: fine alone, too many of them are a bomb.
  const std::string zeros =
      hex("28b52ffda0000010004c000008000100fcff39100202001000020010000200100002001000020010000200100003001000");
  std::vector<ZipEntry> many;
  for (int i = 0; i < 70; ++i)
    many.push_back({.name = cat("z", i), .content = std::string(1 << 20, '\0'), .stored_bytes = zeros, .method = 93});
  CHECK(verdict(build_zip({many[0]})) == "ok");
  CHECK(verdict(build_zip(many)).find("more than 50 times its size") != std::string::npos);
}

TEST_CASE("stored content is a view of the archive; a buffer is used again") {
  const auto archive = build_zip({file("a", false), file("b"), {.name = "c", .content = "short", .deflate = true}});
  const auto reader = zip::Reader::from_memory(archive).value();
  std::string buffer;
  CHECK(reader.read_into(reader.entries()[0], buffer).value().data() >= archive.data());
  CHECK(buffer.empty());
  CHECK(reader.read_into(reader.entries()[1], buffer).value() == kText);
  CHECK(reader.read_into(reader.entries()[2], buffer).value() == "short");
}

TEST_CASE("an archive is read from a file, by many threads") {
  const test::TempDir dir;
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 100; ++i)
    entries.push_back({.name = cat("d/", i), .content = cat("content ", i), .deflate = i % 2 == 0});
  REQUIRE_OK(fs::publish(dir / "a.zip", build_zip(entries)));
  const auto reader = zip::Reader::open((dir / "a.zip").string()).value();
  parallel_for(100, 4, [&](std::size_t i) { CHECK(reader.read(reader.entries()[i]).value() == cat("content ", i)); });
  CHECK(zip::Reader::open((dir / "none").string()).error().kind == ErrorKind::not_found);
  CHECK(zip::Reader::open(dir.path().string()).error().kind == ErrorKind::io);
  REQUIRE_OK(fs::publish(dir / "empty", ""));
  CHECK(zip::Reader::open((dir / "empty").string()).error().kind == ErrorKind::bad_data);
}

TEST_CASE("archives as real tools write them are accepted") {
  const std::string time_extra = extra(0x5455,
                                       "\x03"
                                       "12345678");
  check({
      {"no entries", build_zip({}), "ok"},
      {"a comment", build_zip({file("a")}, {.comment = "made by hand"}), "ok"},
      {"a comment on an entry", build_zip({with([](auto& e) { e.comment = "note"; })}), "ok"},
      {"descriptor with signature",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature; }), file("z")}), "ok"},
      {"descriptor without signature", build_zip({with([](auto& e) { e.descriptor = Descriptor::plain; })}), "ok"},
      {"64-bit descriptor", build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature_64; }), file("z")}),
       "ok"},
      {"64-bit descriptor without signature", build_zip({with([](auto& e) { e.descriptor = Descriptor::plain_64; })}),
       "ok"},
      {"descriptor and sizes",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature, e.sizes_in_streamed_header = true; })}),
       "ok"},
      {"zip64 and descriptor",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature_64, e.zip64 = true; })}), "ok"},
      {"stored with descriptor",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature, e.deflate = false; })}), "ok"},
      {"zip64 extra for a small file", build_zip({with([](auto& e) { e.zip64 = true; })}), "ok"},
      {"zip64 extra though not needed", build_zip({with([](auto& e) {
         e.local_extra = extra(1, eight(kText.size()) + eight(test::deflate(kText).size()));
       })}),
       "ok"},
      {"zip64 end record", build_zip({file("a")}, {.zip64 = true}), "ok"},
      {"zip64 end record, true short record", build_zip({file("a")}, {.zip64 = true, .entries = 1}), "ok"},
      {"extra fields differ", build_zip({with([&](auto& e) {
         e.local_extra = time_extra, e.central_extra = extra(0x5455,
                                                             "\x01"
                                                             "1234");
       })}),
       "ok"},
      {"unknown extra field", build_zip({with([](auto& e) { e.central_extra = extra(0xcafe, ""); })}), "ok"},
      {"alignment bytes", build_zip({with([](auto& e) { e.local_extra = std::string(3, '\0'); })}), "ok"},
      {"unicode path that agrees",
       build_zip({with([](auto& e) { e.central_extra = e.local_extra = unicode_path("a/b.py"); })}), "ok"},
      {"level hints differ", build_zip({with([](auto& e) { e.flags = 0x800, e.local_flags = 0x802; })}), "ok"},
      {"UTF-8 name", build_zip({with([](auto& e) { e.name = "ü/漢.py"; })}), "ok"},
      {"no permissions", build_zip({with([](auto& e) { e.attributes = 0; })}), "ok"},
      {"DOS folder", build_zip({{.name = "a/", .attributes = 0x10}}), "ok"},
      {"folder of deflated nothing", build_zip({{.name = "a/", .deflate = true}}), "ok"},
      {"nothing, called deflated", build_zip({{.name = "a", .method = 8}}), "ok"},
      {"folder and its files", build_zip({{.name = "a/", .mode = 040755}, file("a/b"), file("a-b"), file("a.b")}),
       "ok"},
      {"names in case", build_zip({file("a"), file("A")}), "ok"},
  });
}

TEST_CASE("an archive that can be read in two ways is refused") {
  const std::string inner = build_zip({file("evil.py")});
  std::string two_ends = build_zip({file("a")}, {.comment = inner.substr(inner.size() - 22)});
  check({
      {"local name", build_zip({with([](auto& e) { e.local_name = "a/c.py"; })}),
       "the archive's entry `a/b.py` can be read in two ways: its local header"},
      {"local method", build_zip({with([](auto& e) { e.local_method = 0; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local flags", build_zip({with([](auto& e) { e.local_flags = 0x808; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local UTF-8 flag", build_zip({with([](auto& e) { e.local_flags = 0; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local size", build_zip({with([](auto& e) { e.local_size = 1; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local zero size", build_zip({with([](auto& e) { e.local_size = 0; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local compressed size", build_zip({with([](auto& e) { e.local_compressed_size = 3; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"local CRC", build_zip({with([](auto& e) { e.local_crc = 5; })}),
       "the archive's entry `a/b.py` can be read in two ways"},
      {"descriptor CRC",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature, e.descriptor_crc = 5; })}),
       "the archive's entry `a/b.py` can be read in two ways: its data descriptor"},
      {"stored stream with a descriptor inside", build_zip({with([](auto& e) {
         e.descriptor = Descriptor::with_signature, e.deflate = false, e.content = "xPK\x07\x08y";
       })}),
       "the archive's entry `a/b.py` can be read in two ways: it is stored"},
      {"other unicode path", build_zip({with([](auto& e) { e.central_extra = unicode_path("evil.py"); })}),
       "the archive's entry `a/b.py` can be read in two ways: an extra field"},
      {"other unicode path, local", build_zip({with([](auto& e) { e.local_extra = unicode_path("evil.py"); })}),
       "the archive's entry `a/b.py` can be read in two ways: an extra field"},
      {"zip64 that disagrees", build_zip({with([](auto& e) { e.central_extra = extra(1, eight(9) + eight(9)); })}),
       "the archive's entry `a/b.py` can be read in two ways: its zip64"},
      {"two zip64 extras",
       build_zip({with([](auto& e) { e.zip64 = true, e.central_extra = extra(1, eight(9) + eight(9)); })}),
       "the archive's entry `a/b.py` has two zip64"},
      {"zip64 extra missing", build_zip({with([](auto& e) { e.size = 0xFFFFFFFF; })}),
       "the archive's entry `a/b.py` refers to a zip64"},
      {"folder by attributes", build_zip({with([](auto& e) { e.mode = 040755; })}),
       "the archive's entry `a/b.py` can be read in two ways: it is a folder"},
      {"twice", build_zip({file("a"), file("b"), file("a")}), "the archive's entry `a` is there twice"},
      {"twice, of two sizes", build_zip({file("a"), {.name = "a", .content = std::string(999, 'x')}}),
       "the archive's entry `a` is there twice"},
      {"file and folder", build_zip({file("a"), file("a-b"), file("a/b")}),
       "the archive's entry `a` is a file and a folder"},
      {"file and folder entry", build_zip({{.name = "a/"}, file("a")}),
       "the archive's entry `a` is a file and a folder"},
      {"two end records", two_ends, "the archive can be read in two ways: it has two end records"},
      {"end records disagree", build_zip({file("a")}, {.zip64 = true, .entries = 2}),
       "the archive can be read in two ways: its end records disagree"},
      {"end record offsets disagree", build_zip({file("a")}, {.zip64 = true, .directory_offset = 3}),
       "the archive can be read in two ways"},
      {"zip64 offset lies", build_zip({file("a")}, {.zip64 = true, .directory_offset64 = 3}),
       "the archive's central directory does not end"},
  });
}

TEST_CASE("the records and fields of zip64 have their form, and one disk") {
  const std::string small = build_zip({file("a")}), large = build_zip({file("a")}, {.zip64 = true});
  const auto one_byte = [](std::string_view content) {
    return with([&](ZipEntry& e) { e.deflate = false, e.content = "x", e.central_extra = extra(1, content); });
  };
  auto far_away = one_byte(eight(1) + eight(1));
  far_away.offset = 0xFFFFFFFF;
  check({
      {"locator of another place", patched(large, 34, eight(0)), "the archive's zip64 locator does not point"},
      {"locator of another disk", patched(large, 38, "\1"), "the archive spans several disks"},
      {"longer record", patched(large, 94, eight(45)), "the archive's zip64 end record is malformed"},
      {"record of another disk", patched(large, 82, "\1"), "the archive spans several disks"},
      {"short record of another disk", patched(small, 18, "\1"), "the archive spans several disks"},
      {"all sizes of a small file", build_zip({one_byte(eight(1) + eight(1))}), "ok"},
      {"a field of no whole numbers", build_zip({one_byte(eight(1) + "xyz")}),
       "the archive's entry `a/b.py` has a malformed zip64 extra field"},
      {"a field that lacks the offset", build_zip({far_away}),
       "the archive's entry `a/b.py` has a zip64 extra field that lacks a value"},
  });
}

TEST_CASE("a central directory that is no list of entries is refused") {
  const std::string good = build_zip({file("a")});
  const auto before_end = good.size() - good.find("PK\1\2");
  check({
      {"another signature", patched(good, before_end, "PK\1\3"), "the archive's central directory is malformed"},
      {"a name beyond its end", patched(good, before_end - 28, "\xff\xff"),
       "the archive's central directory is cut off"},
  });
}

TEST_CASE("data that nothing refers to is refused") {
  const std::string good = build_zip({file("a")});
  check({
      {"before", "#!/bin/sh\n" + good, "the archive's central directory does not end"},
      {"before, offsets right", build_zip({with([](auto& e) { e.before = "MZ"; })}),
       "the archive has data before its first entry"},
      {"after", good + "x", "this is no zip archive"},
      {"after, zeros", good + std::string(512, '\0'), "this is no zip archive"},
      {"comment longer than said", build_zip({file("a")}, {.comment = "abc", .comment_length = 2}),
       "this is no zip archive"},
      {"comment shorter than said", build_zip({file("a")}, {.comment = "abc", .comment_length = 4}),
       "this is no zip archive"},
      {"between entries", build_zip({with([](auto& e) { e.after = "gap"; }), file("z")}),
       "the archive's entry `a/b.py` is followed by data"},
      {"a hidden entry", build_zip({with([](auto& e) { e.after = "PK\x03\x04" + std::string(26, '\0'); }), file("z")}),
       "the archive's entry `a/b.py` is followed by data"},
      {"after a descriptor",
       build_zip({with([](auto& e) { e.descriptor = Descriptor::with_signature, e.after = "x"; })}),
       "the archive's entry `a/b.py` is followed by data"},
      {"before the directory", build_zip({file("a")}, {.before_directory = "gap"}),
       "the archive's entry `a` is followed by data"},
      {"before the end record", build_zip({file("a")}, {.before_end = "gap"}),
       "the archive's central directory does not end"},
      {"fewer entries counted", build_zip({file("a"), file("b")}, {.entries = 1}),
       "the archive's central directory holds more"},
      {"more entries counted", build_zip({file("a")}, {.entries = 2}), "the archive's central directory is cut off"},
      {"shared data", build_zip({file("a"), with([](auto& e) { e.offset = 0; })}), "the archive's entry"},
      {"trailing compressed data", build_zip({with([](auto& e) { e.stored_bytes = test::deflate(kText) + "x"; })}),
       "the compressed data is bad: 1 bytes follow"},
      {"folder with content", build_zip({{.name = "a/", .content = "x"}}),
       "the archive's entry `a/` is a folder with content"},
  });
}

TEST_CASE("what no wheel needs is refused") {
  check({
      {"encrypted", build_zip({with([](auto& e) { e.flags = 0x801; })}), "the archive's entry `a/b.py` is encrypted"},
      {"strongly encrypted", build_zip({with([](auto& e) { e.flags = 0x840; })}),
       "the archive's entry `a/b.py` is encrypted"},
      {"masked headers", build_zip({with([](auto& e) { e.flags = 0x2800; })}),
       "the archive's entry `a/b.py` is encrypted"},
      {"patch", build_zip({with([](auto& e) { e.flags = 0x820; })}), "the archive's entry `a/b.py` is a patch"},
      {"LZMA", build_zip({with([](auto& e) { e.method = 14; })}),
       "the archive's entry `a/b.py` is compressed by method 14"},
      {"link", build_zip({with([](auto& e) { e.mode = 0120777; })}), "the archive's entry `a/b.py` is a link"},
      {"device", build_zip({with([](auto& e) { e.mode = 0020666; })}),
       "the archive's entry `a/b.py` is neither a file nor a folder"},
      {"fifo", build_zip({with([](auto& e) { e.mode = 0010666; })}), "the archive's entry `a/b.py` is neither"},
      {"malformed extra", build_zip({with([](auto& e) { e.central_extra = "\x01\x02\xff\xff"; })}),
       "the archive's entry `a/b.py` has a malformed extra field"},
      {"malformed local extra", build_zip({with([](auto& e) { e.local_extra = "\x01\x02\xff\xff"; })}),
       "the archive's entry `a/b.py` has a malformed extra field"},
  });
}

TEST_CASE("names that are no plain relative paths are refused") {
  const auto named = [](std::string name) { return build_zip({{.name = std::move(name), .content = "x"}}); };
  check({
      {"empty", named(""), "the archive has an entry without a name"},
      {"absolute", named("/etc/x"), "the name `/etc/x` is refused: it is absolute"},
      {"upwards", named("../x"), "the name `../x` is refused"},
      {"upwards inside", named("a/../../x"), "the name `a/../../x` is refused"},
      {"dot", named("./x"), "the name `./x` is refused"},
      {"empty component", named("a//x"), "the name `a//x` is refused"},
      {"only a slash", named("/"), "the name `` is refused"},
      {"NUL", named(std::string("a\0b", 3)), "the archive's entry `a\\x00b` has control bytes"},
      {"escape", named("a\x1b[0m"), "the archive's entry `a\\x1b[0m` has control bytes"},
      {"newline", named("a\nb"), "the archive's entry `a\\x0ab` has control bytes"},
      {"backslash", named("a\\b"), "the archive's entry `a\\b` has a backslash"},
      {"drive", named("C:x"), "the archive's entry `C:x` begins with a drive letter"},
      {"long component", named(std::string(256, 'x')), "the name `xxx"},
      {"no UTF-8", named("a\xff"), "the archive's entry `a\\xff` has a name that is no UTF-8"},
      {"unmarked UTF-8", build_zip({{.name = "ü", .content = "x", .flags = 0}}),
       "the archive's entry `ü` has bytes beyond ASCII"},
  });
}

TEST_CASE("damage is noticed") {
  check({
      {"wrong CRC", build_zip({with([](auto& e) { e.crc = 1; })}), "the archive's entry `a/b.py` has a wrong CRC"},
      {"wrong CRC, stored", build_zip({with([](auto& e) { e.crc = 1, e.deflate = false; })}),
       "the archive's entry `a/b.py` has a wrong CRC"},
      {"size too small", build_zip({with([](auto& e) { e.size = e.local_size = 3; })}),
       "the compressed data is bad: it unpacks to more"},
      {"size too big", build_zip({with([](auto& e) { e.size = e.local_size = 300; })}),
       "the compressed data is bad: it unpacks to 42 bytes where 300 were announced"},
      {"stored sizes, the larger one announced",
       build_zip({with([](auto& e) { e.deflate = false, e.size = e.local_size = 3000; })}),
       "the archive's entry `a/b.py` is stored, yet has two sizes"},
      {"stored sizes", build_zip({with([](auto& e) { e.deflate = false, e.size = e.local_size = 3; })}),
       "the archive's entry `a/b.py` is stored, yet has two sizes"},
      {"no data, a size announced", build_zip({with([](auto& e) { e.stored_bytes = "", e.crc = 0; })}),
       "the archive's entry `a/b.py` is not of the announced size"},
      {"beyond the end", build_zip({with([](auto& e) { e.offset = 0x7FFFFFFF; })}),
       "the archive's entry `a/b.py` lies outside the archive"},
      {"impossible ratio", build_zip({with([](auto& e) { e.size = e.local_size = 0x7FFFFFFF; })}),
       "the archive's entry `a/b.py` cannot unpack"},
      {"nothing", "", "this is no zip archive"},
      {"something else", std::string(100, 'x'), "this is no zip archive"},
  });
  const std::string good = build_zip({file("a"), file("b", false)});
  for (std::size_t length = 0; length < good.size(); ++length) CHECK(verdict(good.substr(0, length)) != "ok");
}

TEST_CASE("bombs and crowds are refused, unless allowed") {
  const std::string bomb = build_zip({{.name = "a", .content = std::string(70u << 20, 'x'), .deflate = true}});
  CHECK(verdict(bomb).find("more than 50 times its size") != std::string::npos);
  CHECK(verdict(bomb, {.allow_bombs = true}) == "ok");
  CHECK(verdict(build_zip({file("a"), file("b")}), {.entries = 1}) ==
        "the archive has 2 entries, more than the 1 allowed");
}

TEST_CASE("a directory is read from an archive's last bytes, and asks for more") {
  const std::string archive =
      build_zip({file("first"), file("b", false), with([](auto& e) { e.descriptor = Descriptor::with_signature; })},
                {.zip64 = true});
  std::uint64_t needed = 0;
  const auto all = zip::read_directory(archive, archive.size(), &needed);
  REQUIRE_OK(all);
  CHECK(all->entries.size() == 3);
  std::size_t refusals = 0;
  for (std::size_t length = 0; length < archive.size(); ++length) {
    needed = archive.size();
    const auto got =
        zip::read_directory(std::string_view(archive).substr(archive.size() - length), archive.size(), &needed);
    if (got.ok()) continue;
    ++refusals;
    CHECK(got.error().kind == ErrorKind::not_found);
    CHECK(needed < archive.size() - length);
    // Each answer leads further: to the end record, to its zip64 record, to the directory.
    bool had = false;
    for (int round = 0; round < 3 && !had; ++round)
      had = zip::read_directory(std::string_view(archive).substr(needed), archive.size(), &needed).ok();
    CHECK(had);
  }
  CHECK(refusals > 0);
  for (const auto& entry : all->entries)
    CHECK(zip::read_member(entry, std::string_view(archive).substr(entry.header_offset)).value() == kText);
  auto other = all->entries[0];
  CHECK_FALSE(zip::read_member(other, std::string_view(archive).substr(all->entries[1].header_offset)).ok());
  CHECK_FALSE(zip::read_member(other, std::string_view(archive).substr(0, 40)).ok());
  CHECK_FALSE(zip::read_member(other, "").ok());
}

TEST_CASE("wheels of the builder are what they claim") {
  const auto wheel = test::make_wheel("demo", "1.0", {{.name = "demo/__init__.py", .content = "x = 1\n"}},
                                      {.requires_dist = {"six>=1"}});
  const auto reader = zip::Reader::from_memory(wheel.bytes).value();
  CHECK(wheel.file_name == "demo-1.0-py3-none-any.whl");
  CHECK(reader.read(*reader.find("demo-1.0.dist-info/METADATA")).value() == wheel.metadata);
  CHECK(reader.read(*reader.find("demo-1.0.dist-info/RECORD")).value().substr(0, 24) == "demo/__init__.py,sha256=");
}
