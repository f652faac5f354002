#include "pep/tags.h"

#include "support/printers.h"

namespace pkg::pep {
namespace {

const PlatformFacts kDebian12 = {.machine = "x86_64", .glibc_major = 2, .glibc_minor = 36};
const InterpreterFacts kPython312 = {.implementation = "cpython", .version = {3, 12}, .abis = {"cp312"}};

TagSet debian_tags() { return TagSet(kPython312, platform_tags(kDebian12)); }

}  // namespace

TEST_CASE("an interpreter's own binaries come before stable ones, those before pure Python") {
  const TagSet tags = debian_tags();
  const auto own = tags.rank("cp312", "cp312", "manylinux_2_17_x86_64.manylinux2014_x86_64");
  const auto stable = tags.rank("cp39", "abi3", "manylinux_2_28_x86_64");
  const auto pure = tags.rank("py2.py3", "none", "any");
  REQUIRE(own.has_value());
  REQUIRE(stable.has_value());
  REQUIRE(pure.has_value());
  CHECK(*own < *stable);
  CHECK(*stable < *pure);
}

TEST_CASE("files for other interpreters, ABIs and platforms have no rank") {
  const TagSet tags = debian_tags();
  CHECK_FALSE(tags.rank("cp311", "cp311", "manylinux_2_17_x86_64").has_value());
  CHECK_FALSE(tags.rank("cp312", "cp312t", "manylinux_2_17_x86_64").has_value());
  CHECK_FALSE(tags.rank("cp312", "cp312", "manylinux_2_37_x86_64").has_value());
  CHECK_FALSE(tags.rank("cp312", "cp312", "win_amd64").has_value());
  CHECK_FALSE(tags.rank("cp313", "abi3", "any").has_value());
  CHECK_FALSE(TagSet().rank("py3", "none", "any").has_value());
}

TEST_CASE("the rank of a compressed set is that of its best tag; letter case does not matter") {
  const TagSet tags = debian_tags();
  CHECK(tags.rank("cp312", "cp312", "manylinux_2_5_x86_64.manylinux_2_36_x86_64") ==
        tags.rank("cp312", "cp312", "manylinux_2_36_x86_64"));
  CHECK(tags.rank("PY3", "None", "ANY") == tags.rank("py3", "none", "any"));
}

TEST_CASE("a tag set is the list of interpreter tags, and a rank a place in it") {
  const TagSet tags = debian_tags();
  const auto list = interpreter_tags(kPython312, platform_tags(kDebian12));
  CHECK(tags.ordered() == list);
  CHECK(tags.size() == list.size());
  for (std::uint32_t rank = 0; rank < list.size(); ++rank) {
    const Tag& tag = list[rank];
    CHECK(tags.rank(tag.interpreter, tag.abi, tag.platform) == rank);
  }
}

TEST_CASE("of a tag that is listed twice the first place counts") {
  const std::vector<Tag> list = {{"py3", "none", "any"}, {"cp312", "none", "any"}, {"py3", "none", "any"}};
  CHECK(TagSet(list).rank("py3", "none", "any") == 0);
  CHECK(TagSet(list).ordered() == list);
}

TEST_CASE("a free-threaded interpreter takes abi3t, not abi3") {
  InterpreterFacts facts = {.implementation = "cpython", .version = {3, 14}, .gil_disabled = true};
  facts.abis = interpreter_abis({.implementation = "cpython", .version = {3, 14}, .gil_disabled = true});
  const TagSet tags(facts, platform_tags(kDebian12));
  CHECK(tags.rank("cp314", "cp314t", "linux_x86_64") == 0);
  CHECK(tags.rank("cp313", "abi3t", "linux_x86_64").has_value());
  CHECK_FALSE(tags.rank("cp313", "abi3", "linux_x86_64").has_value());
}

TEST_CASE("ABI names follow from the build") {
  CHECK(interpreter_abis({.implementation = "cpython", .version = {3, 12}}) == std::vector<std::string>{"cp312"});
  CHECK(interpreter_abis({.implementation = "cpython", .version = {3, 13}, .gil_disabled = true, .debug = true}) ==
        std::vector<std::string>{"cp313td", "cp313t"});
  CHECK(interpreter_abis({.implementation = "cpython", .version = {3, 7}}) == std::vector<std::string>{"cp37m"});
  CHECK(interpreter_abis(
            {.implementation = "pypy", .version = {3, 10}, .ext_suffix = ".pypy310-pp73-x86_64-linux-gnu.so"}) ==
        std::vector<std::string>{"pypy310_pp73"});
  CHECK(interpreter_abis({.implementation = "pypy", .version = {3, 10}, .ext_suffix = ".so"}).empty());
}

TEST_CASE("platforms without manylinux have the plain tag only") {
  CHECK(platform_tags({.machine = "armv7l", .glibc_major = 2, .glibc_minor = 36}) ==
        std::vector<std::string>{"linux_armv7l"});
  CHECK(platform_tags({.machine = "x86_64"}) == std::vector<std::string>{"linux_x86_64"});
  CHECK(platform_tags({.os = PlatformFacts::Os::other, .platform_string = "freebsd-14.0-amd64"}) ==
        std::vector<std::string>{"freebsd_14_0_amd64"});
}

TEST_CASE("absurd version numbers cost neither time nor memory") {
  const int huge = 2'000'000'000;
  CHECK(platform_tags({.machine = "x86_64", .glibc_major = 2, .glibc_minor = huge, .musl_major = 1, .musl_minor = huge})
            .size() < 3000);
  CHECK(platform_tags({.os = PlatformFacts::Os::macos, .machine = "arm64", .macos_major = huge}).size() < 3000);
  CHECK(interpreter_tags({.implementation = "cpython", .version = {3, huge}, .abis = {}}, {}).size() < 3000);
}

}  // namespace pkg::pep
