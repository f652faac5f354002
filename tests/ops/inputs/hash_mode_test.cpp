#include "ops/inputs/hash_mode.h"

#include <doctest/doctest.h>

#include <fstream>

#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

const std::string kHashA(64, 'a'), kHashB(64, 'b'), kHashC(64, 'c');

struct Place {
  pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session;
  pkg::ops::InputOptions options;

  explicit Place(const std::string& requirements, pkg::index::Settings settings = {})
      : session(std::move(settings), folder.path(), reporter, cancel) {
    write("req.txt", requirements);
    options.requirements_files = {"req.txt"};
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  pkg::Result<pkg::ops::Inputs> read() { return pkg::ops::read_inputs(options, session); }
  std::vector<std::string> hashes_of(const std::string& name) {
    const auto inputs = read();
    REQUIRE_OK(inputs);
    std::vector<std::string> list;
    const auto found = inputs->hashes.find(pkg::pep::Name::from_normalized(name));
    if (found == inputs->hashes.end()) return list;
    for (const auto& hash : found->second) list.push_back(hash.hex.substr(0, 1));
    return list;
  }
};

std::string with_hash(const std::string& requirement, const std::string& hex) {
  return requirement + " --hash=sha256:" + hex + "\n";
}

}  // namespace

TEST_CASE("one hash makes all required, and pins too") {
  CHECK(Place(with_hash("a==1", kHashA) + "b==1\n").read().error().message ==
        "hashes are required, and `b==1` (req.txt:2) has no hash");
  CHECK(Place(with_hash("a>=1", kHashA)).read().error().message ==
        "hashes are required, and `a>=1` (req.txt:1) is not pinned with ==");
}

TEST_CASE("weak and unreadable hashes are refused") {
  CHECK(Place("a==1 --hash=md5:" + std::string(32, 'a') + "\n").read().error().message ==
        "the hash algorithm `md5` is not accepted: expected sha256, sha384 or sha512");
  CHECK(Place("a==1 --hash=sha256:abc\n").read().error().message ==
        "the hash `sha256:abc` is none: expected sha256:, sha384: or sha512: and its digits");
}

TEST_CASE("everything that cannot be checked is told at once, with the hash of a local file") {
  Place place(with_hash("a==1", kHashA) +
              "b==1\nc>=1\n./x-1.0-py3-none-any.whl\n-e ./tree\n./tree2\ngit+https://git.example/a/b\n");
  place.write("x-1.0-py3-none-any.whl", "wheel");
  place.write("tree/pyproject.toml", "[project]\nname = \"tree\"\n");
  place.write("tree2/setup.py", "");
  const auto error = place.read().error();
  CHECK(error.message == "hashes are required, and 6 requirements lack theirs");
  REQUIRE(error.context.size() == 6);
  CHECK(error.context[0] == "`b==1` (req.txt:2) has no hash");
  CHECK(error.context[1] == "`c>=1` (req.txt:3) has no hash");
  CHECK(error.context[2].find("--hash=sha256:" + pkg::hash::to_hex(pkg::hash::sha256("wheel"))) != std::string::npos);
  CHECK(error.context[3].find("is editable, and cannot be checked against a hash") != std::string::npos);
  CHECK(error.context[4].find("is a folder, and cannot") != std::string::npos);
  CHECK(error.context[5].find("is a checkout, and cannot") != std::string::npos);
}

TEST_CASE("of several lines for one project only common hashes count; lines with markers add theirs") {
  const auto a_and_b = "a==1 --hash=sha256:" + kHashA + " --hash=sha256:" + kHashB + "\n";
  CHECK(Place(a_and_b + with_hash("a", kHashB)).hashes_of("a") == std::vector<std::string>{"b"});
  CHECK(Place(with_hash("a==1 ; python_version < '3.9'", kHashA) + with_hash("a==2 ; python_version >= '3.9'", kHashC))
            .hashes_of("a") == std::vector<std::string>{"a", "c"});
  CHECK(Place(with_hash("a==1", kHashA) + with_hash("a==1", kHashB)).read().error().message ==
        "no hash of `a` is given by all of its lines; one is req.txt:2");
}

TEST_CASE("a constraint pins and hashes what it names") {
  Place place("a\n-c con.txt\n");
  place.write("con.txt", with_hash("a==1", kHashA));
  CHECK(place.hashes_of("a") == std::vector<std::string>{"a"});
  const auto inputs = place.read();
  REQUIRE_OK(inputs);
  CHECK_FALSE(inputs->require_hashes);  // and asks for no others
}

TEST_CASE("a hash in a URL counts in hash mode, and does not switch it on") {
  const std::string url = "b @ https://files.example/b-1-py3-none-any.whl#sha256=" + kHashB + "\n";
  CHECK(Place(url + with_hash("a==1", kHashA)).hashes_of("b") == std::vector<std::string>{"b"});
  CHECK(Place(url + "a\n").hashes_of("b").empty());
}

TEST_CASE("hash mode can be asked for, put off and ignored") {
  Place asked("a==1\n");
  asked.options.require_hashes = true;
  CHECK(asked.read().error().message == "hashes are required, and `a==1` (req.txt:1) has no hash");
  Place in_file("--require-hashes\na==1\n");
  CHECK(!in_file.read().ok());
  in_file.options.no_require_hashes = true;
  CHECK(in_file.read().ok());
  pkg::index::Settings unverified;
  unverified.verify_hashes = false;
  Place off("b\n" + with_hash("a==1", kHashA), unverified);
  CHECK(off.hashes_of("a").empty());
}

TEST_CASE("what was pulled in without a hash is refused, with who needs it and the line to add") {
  pkg::resolver::Problem problem;
  const auto name = [](const char* text) { return pkg::pep::Name::from_normalized(text); };
  problem.policy.hashes[name("a")] = {{pkg::hash::Algorithm::sha256, kHashA}};
  pkg::resolver::Resolution resolution;
  const auto pin = [&](const char* text) {
    pkg::resolver::Pin made;
    made.name = name(text);
    made.version = *pkg::pep::Version::parse("1.0");
    pkg::pep::DistFile file;
    file.file_name = std::string(text) + "-1.0.whl";
    file.hashes = {{pkg::hash::Algorithm::sha256, kHashB}};
    made.files = {file};
    return made;
  };
  resolution.pins = {pin("a"), pin("b")};
  resolution.pins[1].required_by = {{0, {}}};
  const auto status = pkg::ops::check_resolved_hashes(problem, resolution, [](const auto&) { return false; });
  REQUIRE(!status.ok());
  CHECK(status.error().message ==
        "hashes are required, and `b==1.0`, needed by `a` 1.0, has no hash; that of `b-1.0.whl` is --hash=sha256:" +
            kHashB);
  // What is installed and stays needs none.
  CHECK(
      pkg::ops::check_resolved_hashes(problem, resolution, [](const auto& one) { return one.name.str() == "b"; }).ok());
}
