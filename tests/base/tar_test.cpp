#include "base/tar.h"

#include <doctest/doctest.h>

#include "base/fs.h"
#include "support/printers.h"
#include "support/tar_builder.h"
#include "support/temp_dir.h"

using namespace pkg;
using test::build_tar;
using test::pax;
using test::pax_record;
using test::TarMember;

namespace {

// The members in one text, or the error's message.
std::string outline_of(const std::string& bytes, tar::Compression compression) {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "x", bytes));
  std::string out;
  const auto status =
      tar::read((dir / "x").string(), compression, [&](const tar::Member& member, std::string_view content) {
        const char kind = "fdlh"[static_cast<int>(member.kind)];
        if (member.is_repeated) out += "again ";
        if (member.mtime != 0) append(out, member.mtime, ' ');
        append(out, kind, member.executable ? "x" : "", ' ', member.name, ' ', member.link_target,
               content.substr(0, 10), '\n');
        CHECK(content.size() == member.size);
        return ok_status();
      });
  return status.ok() ? out : status.error().message;
}

std::string outline_gz(const std::string& bytes) { return outline_of(bytes, tar::Compression::gzip); }
std::string outline(const std::vector<TarMember>& members) { return outline_gz(test::gzip(build_tar(members))); }

const TarMember kDir{.name = "p-1/", .type = '5', .mode = 0755};
const TarMember kFile{.name = "p-1/a.py", .content = "text"};

}  // namespace

TEST_CASE("files, folders and links are read in order") {
  CHECK(outline({kDir,
                 kFile,
                 {.name = "p-1/run", .content = "#!", .mode = 0755},
                 {.name = "p-1/l", .type = '2', .link_target = "a.py"}}) ==
        "d p-1 \nf p-1/a.py text\nfx p-1/run #!\nl p-1/l a.py\n");
  CHECK(outline({{.name = "./", .type = '5'}, {.name = "./p-1/a", .content = "x"}}) == "f p-1/a x\n");
  CHECK(outline({kDir, kDir, kFile}) == "d p-1 \nf p-1/a.py text\n");
  CHECK(outline({{.name = "p-1/big", .content = std::string(700'000, 'y')}, kFile}) ==
        "f p-1/big yyyyyyyyyy\nf p-1/a.py text\n");
}

TEST_CASE("the dialects of writers are understood") {
  CHECK(outline({{.name = "old/", .magic = ""}, {.name = "old/a", .content = "x", .magic = ""}}) ==
        "d old \nf old/a x\n");
  CHECK(outline({{.name = "a", .content = "x", .prefix = "p-1/long"}}) == "f p-1/long/a x\n");
  CHECK(outline({{.name = "a", .content = "x", .magic = "ustar  ", .prefix = "not a prefix"}}) == "f a x\n");
  CHECK(outline({pax(pax_record("comment", "0123abc"), 'g'), kFile}) == "f p-1/a.py text\n");
  CHECK(outline({pax(pax_record("path", "p-1/ü") + pax_record("mtime", "1.5")), kFile}) == "1 f p-1/ü text\n");
  CHECK(outline({pax(pax_record("size", "4")), kFile}) == "f p-1/a.py text\n");
  CHECK(outline({{.name = "././@LongLink", .content = std::string("p-1/long\0", 9), .type = 'L'}, kFile}) ==
        "f p-1/long text\n");
  CHECK(outline({{.name = "x", .content = std::string("b\0", 2), .type = 'K'},
                 {.name = "p-1/l", .type = '2', .link_target = "a"}}) == "l p-1/l b\n");
  CHECK(outline_gz(test::gzip(build_tar({kFile}, 0))) == "f p-1/a.py text\n");
  CHECK(outline_gz(test::gzip(build_tar({kFile}, 40))) == "f p-1/a.py text\n");
}

TEST_CASE("a folder is what has a slash at the end of its whole name, not of what has room in the header") {
  const std::string cut = cat("p-1/", std::string(95, 'd'), '/');  // 100 bytes
  const std::string whole = cut + "module.py";
  const TarMember long_link{.name = "././@LongLink", .content = whole + std::string(1, '\0'), .type = 'L'};
  for (const auto& extension : {pax(pax_record("path", whole)), long_link}) {
    CHECK(outline({extension, {.name = cut, .content = "x"}}) == cat("f ", whole, " x\n"));
    CHECK(outline({extension, {.name = cut}}) == cat("f ", whole, " \n"));
  }
  CHECK(outline({pax(pax_record("path", "p-1/sub/")), {.name = "p-1/sub"}}) == "d p-1/sub \n");
}

TEST_CASE("odd and hostile archives are refused") {
  const auto link = [](std::string name, std::string target) {
    return TarMember{.name = std::move(name), .type = '2', .link_target = std::move(target)};
  };
  const std::pair<std::vector<TarMember>, const char*> rows[] = {
      {{{.name = "p/dev", .type = '3'}}, "the archive's member `p/dev` is of a kind that is refused"},
      {{{.name = "p/fifo", .type = '6'}}, "the archive's member `p/fifo` is of a kind"},
      {{{.name = "p-1/hard", .type = '1', .link_target = "p-1/a.py"}, kFile},
       "the archive's member `p-1/hard` is a hard link to `p-1/a.py`, which is no file before it"},
      {{kDir, {.name = "p-1/hard", .type = '1', .link_target = "p-1"}},
       "the archive's member `p-1/hard` is a hard link to `p-1`"},
      {{{.name = "p-1/hard", .type = '1', .link_target = "/etc/passwd"}},
       "the archive's member `p-1/hard` is a hard link to"},
      {{kFile, {.name = "p-1/hard", .content = "x", .type = '1', .link_target = "p-1/a.py"}},
       "the archive's member `p-1/hard` has content"},
      {{{.name = "p/sparse", .type = 'S'}}, "the archive's member `p/sparse` is of a kind"},
      {{pax(pax_record("GNU.sparse.major", "1")), kFile}, "the archive has a sparse file"},
      {{{.name = "/etc/x"}}, "the name `/etc/x` is refused"},
      {{{.name = "p/../x"}}, "the name `p/../x` is refused"},
      {{{.name = "p//x"}}, "the name `p//x` is refused"},
      {{{.name = "p/\xff"}}, "the archive's member `p/\\xff` has a name or target that is no UTF-8"},
      {{{.name = "p/\x1b"}}, "the archive's member `p/\\x1b` has control bytes"},
      {{kFile, {.name = "p-1/a.py", .content = "longer"}}, "the archive's member `p-1/a.py` is there twice"},
      {{link("p/l", "a"), link("p/l", "a")}, "the archive's member `p/l` is there twice"},
      {{kFile, {.name = "p-1/a.py/b"}}, "the archive's member `p-1/a.py/b` lies inside something"},
      {{link("p/d", "."), {.name = "p/d/x"}}, "the archive's member `p/d/x` lies inside something"},
      {{{.name = "p/d/x"}, link("p/d", ".")}, "the archive's member `p/d` is there twice"},
      {{link("p/l", "/etc")}, "the archive's member `p/l` is a link that is not relative"},
      {{link("p/l", "")}, "the archive's member `p/l` is a link that is not relative"},
      {{link("p/l", "../x")}, "the archive's member `p/l` is a link out of its folder"},
      {{link("p/a/l", "../../x")}, "the archive's member `p/a/l` is a link out of its folder"},
      {{link("p/a/l", "b/../../../x")}, "the archive's member `p/a/l` is a link out of its folder"},
      {{{.name = "p/d", .content = "x", .type = '5'}}, "the archive's member `p/d` has content, but is no file"},
      {{{.name = "p", .wrong_checksum = true}}, "the archive has a header with a wrong checksum"},
      {{{.name = "p", .size_field = "xyz"}}, "the archive has a header with a malformed number"},
      {{{.name = "p", .size_field = "77777777777"}}, "the archive is cut off"},
      {{pax(pax_record("size", "9")), kFile}, "the archive can be read in two ways: two sizes"},
      {{pax(pax_record("size", "4")), {.name = "p", .content = "text", .size_field = "00000000000"}},
       "the archive can be read in two ways: two sizes"},
      {{pax(pax_record("path", "a") + pax_record("path", "b")), kFile},
       "the archive can be read in two ways: an extension header"},
      {{pax(pax_record("path", "a")), {.name = "x", .content = "b", .type = 'L'}, kFile},
       "the archive can be read in two ways: an extension header"},
      {{pax(pax_record("path", "a"), 'g'), kFile}, "the archive has a global pax header about `path`"},
      {{pax("99 path=a\n"), kFile}, "the archive has a malformed pax header"},
      {{pax("path=a\n"), kFile}, "the archive has a malformed pax header"},
      {{pax(std::string(70'000, 'x')), kFile}, "the archive has an extension header of 70000 bytes"},
      {{pax(pax_record("path", "a"))}, "the archive ends after an extension header"},
  };
  for (const auto& [members, expected] : rows) {
    const auto got = outline(members);
    CHECK_MESSAGE(got.substr(0, std::string_view(expected).size()) == expected, got);
  }
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "a/";
  CHECK(outline({{.name = deep, .prefix = deep.substr(0, 79)}}).find("lies too deep") != std::string::npos);
}

TEST_CASE("sizes beyond eleven octal digits are read: GNU's binary ones and those of pax headers") {
  const auto binary = [](std::string_view low) {
    return '\x80' + std::string(11 - low.size(), '\0') + std::string(low);
  };
  const auto sized = [&](std::string field) {
    return outline({{.name = "p-1/a.py", .content = "text", .size_field = std::move(field)}});
  };
  CHECK(sized(binary("\4")) == "f p-1/a.py text\n");
  CHECK(sized(binary(std::string_view("\2\0\0\0\0", 5))) == "the archive is cut off");
  CHECK(sized('\x80' + std::string(11, '\xff')) == "the archive has a header with a malformed number");
  const TarMember zero{.name = "p", .content = "text", .size_field = "00000000000"};
  CHECK(outline({pax(pax_record("size", "8589934592")), zero}) == "the archive is cut off");
}

TEST_CASE("links inside the archive's folder are fine") {
  CHECK(outline({kFile, {.name = "p-1/h", .type = '1', .link_target = "./p-1/a.py"}}) ==
        "f p-1/a.py text\nh p-1/h p-1/a.py\n");
  CHECK(outline({{.name = "p/a/l", .type = '2', .link_target = "../b/c"}}) == "l p/a/l ../b/c\n");
  CHECK(outline({{.name = "p/l", .type = '2', .link_target = "./a"}}) == "l p/l ./a\n");
}

TEST_CASE("what is behind the end, cut off or damaged is refused") {
  const std::string good = build_tar({kFile});
  CHECK(outline_gz(test::gzip(good + build_tar({kFile}))) == "the archive has data after its end");
  CHECK(outline_gz(test::gzip(good.substr(0, 700))) == "the archive is cut off");
  std::string wrong = test::gzip(good);
  wrong[wrong.size() - 6] ^= 1;
  CHECK(outline_gz(wrong).find("gzip checksum does not fit") != std::string::npos);
  const auto packed = test::gzip(good);
  for (const auto& bytes : {std::string(), std::string("x"), std::string(100, 'x'), good,
                            packed.substr(0, packed.size() / 2), test::gzip(packed), packed + packed}) {
    const auto got = outline_gz(bytes);
    CHECK_MESSAGE(got.find("archive") != std::string::npos, got);
  }
}

TEST_CASE("a file that comes again is told as such") {
  CHECK(outline({kFile, kFile}) == "f p-1/a.py text\nagain f p-1/a.py text\n");
}

TEST_CASE("times are read, the finer one where there are two") {
  CHECK(outline({pax(pax_record("mtime", "1700000000.25")), kFile, kFile}) ==
        "1700000000 f p-1/a.py text\nagain f p-1/a.py text\n");
  CHECK(outline({pax(pax_record("mtime", "-1")), kFile}) == "f p-1/a.py text\n");
}

TEST_CASE("the compression is what the name says") {
  CHECK(tar::compression_of("a.TAR.GZ") == tar::Compression::gzip);
  CHECK(tar::compression_of("a.tbz") == tar::Compression::bzip2);
  CHECK(tar::compression_of("a.tar.xz") == tar::Compression::xz);
  CHECK(tar::compression_of("a.tar") == tar::Compression::none);
  CHECK_FALSE(tar::compression_of("a.tar.lz").has_value());
  CHECK(outline_of(build_tar({kFile}), tar::Compression::none) == "f p-1/a.py text\n");
  CHECK(outline_of(test::gzip(build_tar({kFile})), tar::Compression::none).find("archive") != std::string::npos);
  CHECK(outline_of(build_tar({kFile}), tar::Compression::bzip2) ==
        "this is no .tar.bz2 archive: it does not begin like one");
  CHECK(outline_of(test::gzip(build_tar({kFile})), tar::Compression::xz) ==
        "this is no .tar.xz archive: it does not begin like one");
  CHECK(outline_of(test::gzip(build_tar({kFile})), tar::Compression::zstd) ==
        "this is no .tar.zst archive: it does not begin like one");
  // One frame, its content not compressed (RFC 8878): a magic number, a header with the size, blocks of raw bytes.
  const auto tar = build_tar({kFile});
  std::string frame("\x28\xb5\x2f\xfd\xa0", 5);
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(tar.size() >> shift);
  const auto header = tar.size() << 3 | 1;
  for (int shift = 0; shift < 24; shift += 8) frame += static_cast<char>(header >> shift);
  CHECK(outline_of(frame + tar, tar::Compression::zstd) == "f p-1/a.py text\n");
}

TEST_CASE("bombs are refused") {
  std::vector<TarMember> linked{{.name = "p/zeros", .content = std::string(1u << 20, '\0')}};
  for (int i = 0; i < 80; ++i) linked.push_back({.name = cat("p/", i), .type = '1', .link_target = "p/zeros"});
  CHECK(outline(linked).find("more than 50 times its size") != std::string::npos);
  CHECK(outline({{.name = "p/zeros", .content = std::string(70u << 20, '\0')}}).find("more than 50 times its size") !=
        std::string::npos);
}

TEST_CASE("a caller's error ends the reading") {
  const test::TempDir dir;
  REQUIRE_OK(fs::publish(dir / "x.tar.gz", test::gzip(build_tar({kFile, kDir}))));
  int calls = 0;
  const auto status =
      tar::read((dir / "x.tar.gz").string(), tar::Compression::gzip, [&](const tar::Member&, std::string_view) {
        ++calls;
        return Status(make_error(ErrorKind::io, "enough"));
      });
  CHECK(calls == 1);
  CHECK(status.error().message == "enough");
}
