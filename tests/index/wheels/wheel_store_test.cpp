#include "index/wheels/wheel_store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "index/wheel_archive.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

using test::WheelArchive;

struct Store {
  test::TempDir dir;
  WheelStore store{CachePaths{dir.path()}, 2, 0};

  Result<WheelStore::Wheel> put(const WheelArchive& wheel, RecordCheck check = RecordCheck::strict) {
    const auto bytes = wheel.bytes();
    return store.put(wheel.file_name(), bytes, hash::sha256(bytes), check);
  }
  std::vector<std::string> litter() const {
    return fs::exists(dir / "tmp") ? fs::list_dir(dir / "tmp").value() : std::vector<std::string>{};
  }
  // Why the wheel is refused: the message and nothing of it is stored.
  std::string refusal(const WheelArchive& wheel) {
    const auto stored = put(wheel);
    if (stored) return "not refused";
    CHECK((stored.error().kind == ErrorKind::bad_data || stored.error().kind == ErrorKind::unsupported));
    CHECK(litter().empty());
    CHECK(store.get(hash::to_hex(hash::sha256(wheel.bytes())), RecordCheck::relaxed) == nullptr);
    return stored.error().message;
  }
};

std::vector<std::string> paths(const pep::WheelManifest& manifest) {
  std::vector<std::string> all;
  for (const auto& dir : manifest.dirs)
    for (const auto& file : dir.files)
      all.push_back(cat(static_cast<int>(dir.scheme), ":", dir.path, dir.path.empty() ? "" : "/", file.name,
                        file.executable ? "*" : "", file.python_shebang ? "!" : ""));
  return all;
}

std::string hex(const WheelArchive& wheel) { return hash::to_hex(hash::sha256(wheel.bytes())); }

TEST_CASE_FIXTURE(Store, "a wheel is unpacked with its manifest, and is there for the next command") {
  WheelArchive wheel;
  wheel.add("demo/__init__.py", "x = 1\n").add("demo/sub/deep/a.txt", "a").add_executable("demo/tool.so", "ELF");
  wheel.add("top.py", "").add("demo-1.0.dist-info/entry_points.txt", "[console_scripts]\nrun = demo:main\n");
  const auto stored = put(wheel);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  const auto& manifest = (*stored)->manifest;
  CHECK(paths(manifest) == std::vector<std::string>{"0:top.py", "0:demo/__init__.py", "0:demo/tool.so*",
                                                    "0:demo-1.0.dist-info/METADATA", "0:demo-1.0.dist-info/WHEEL",
                                                    "0:demo-1.0.dist-info/entry_points.txt", "0:demo/sub/deep/a.txt"});
  CHECK(manifest.name.str() == "demo");
  CHECK(manifest.version_as_written == "1.0");
  CHECK(manifest.record_verified);
  CHECK(manifest.scripts == std::vector<pep::Script>{{"run", "demo", "main", pep::ScriptKind::console}});
  CHECK(fs::read_file(fs::Path((*stored)->path) / "demo/__init__.py").value() == "x = 1\n");
  CHECK_FALSE(fs::exists(fs::Path((*stored)->path) / "demo-1.0.dist-info/RECORD"));

  WheelStore later(CachePaths{dir.path()}, 2, 0);
  const auto found = later.get(hex(wheel), RecordCheck::strict);
  REQUIRE(found != nullptr);
  CHECK(found->manifest.encode() == manifest.encode());
  CHECK(later.damaged_files(*found).value().empty());
  CHECK(litter().empty());
}

TEST_CASE_FIXTURE(Store, "only the exec bit is taken from the archive, and the umask counts") {
  WheelArchive wheel;
  wheel.add("plain.txt", "a").add_executable("tool", "b");
  const auto old = ::umask(0077);
  const auto stored = put(wheel);
  ::umask(old);
  struct stat st {};
  REQUIRE(::stat((fs::Path((*stored)->path) / "plain.txt").c_str(), &st) == 0);
  CHECK((st.st_mode & 07777) == 0600);
  REQUIRE(::stat((fs::Path((*stored)->path) / "tool").c_str(), &st) == 0);
  CHECK((st.st_mode & 07777) == 0700);
}

TEST_CASE_FIXTURE(Store, "what is below .data goes to its scheme; the wheel's own scheme is merged with the top") {
  WheelArchive wheel;
  wheel.add("demo-1.0.data/scripts/run", "#!python\nprint()\n").add("demo-1.0.data/scripts/other", "#!/bin/sh\n");
  wheel.add("demo-1.0.data/purelib/demo/a.py", "a").add("demo-1.0.data/platlib/demo/b.so", "b");
  wheel.add("demo-1.0.data/headers/demo.h", "h")
      .add("demo-1.0.data/data/share/man/demo.1", "m")
      .add("other.data/x", "plain folder");
  const auto stored = put(wheel);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  CHECK(paths((*stored)->manifest) == std::vector<std::string>{"0:demo/a.py", "0:demo-1.0.dist-info/METADATA",
                                                               "0:demo-1.0.dist-info/WHEEL", "0:other.data/x",
                                                               "1:demo/b.so", "2:demo.h", "3:other*", "3:run*!",
                                                               "4:share/man/demo.1"});
  CHECK(fs::read_file(fs::Path((*stored)->path) / "demo/a.py").value() == "a");
  CHECK(fs::read_file(fs::Path((*stored)->path) / "demo-1.0.data/platlib/demo/b.so").value() == "b");
  CHECK(store.damaged_files(**stored).value().empty());
}

TEST_CASE_FIXTURE(Store, "files that installers write themselves are left out") {
  WheelArchive wheel;
  wheel.add("a.py", "")
      .add("demo-1.0.dist-info/INSTALLER", "evil")
      .add("demo-1.0.dist-info/direct_url.json", "{}")
      .add("demo-1.0.dist-info/REQUESTED", "");
  const auto stored = put(wheel);
  REQUIRE(stored.ok());
  CHECK(paths((*stored)->manifest) ==
        std::vector<std::string>{"0:a.py", "0:demo-1.0.dist-info/METADATA", "0:demo-1.0.dist-info/WHEEL"});
}

TEST_CASE_FIXTURE(Store, "a newer minor Wheel-Version is a warning, a newer major one is refused") {
  WheelArchive wheel;
  wheel.wheel = "Wheel-Version: 1.9\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  const auto stored = put(wheel);
  REQUIRE(stored.ok());
  CHECK((*stored)->manifest.warnings.size() == 1);
  wheel.wheel = "Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  CHECK(refusal(wheel) != "not refused");
}

TEST_CASE_FIXTURE(Store, "a wheel of before version 1.0 is unpacked without a word") {
  WheelArchive wheel;
  wheel.wheel = "Wheel-Version: 0.1\nPackager: bdist_wheel\nRoot-Is-Purelib: true\n";
  const auto stored = put(wheel);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  CHECK((*stored)->manifest.warnings.empty());
}

TEST_CASE_FIXTURE(Store, "a refusal because of RECORD names the way out") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a").add("demo/b.py", "b").drop_row("demo/b.py");
  const auto stored = put(wheel);
  REQUIRE(!stored.ok());
  CHECK(stored.error().hint.find("--no-verify-record") != std::string::npos);
}

TEST_CASE_FIXTURE(Store, "a RECORD that lies is refused") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a = 1\n").add("demo/b.py", "b = 1\n");
  SUBCASE("wrong hash") {
    wheel.row("demo/a.py", cat("sha256=", hash::to_base64url(hash::sha256("other"))), "6");
    CHECK(refusal(wheel) == cat("its file `demo/a.py` is not the one its RECORD lists: the sha256 is another than `",
                                hash::to_base64url(hash::sha256("other")), "`"));
  }
  SUBCASE("wrong size") {
    wheel.row("demo/a.py", cat("sha256=", hash::to_base64url(hash::sha256("a = 1\n"))), "7");
    CHECK(refusal(wheel) == "its file `demo/a.py` has 6 bytes, its RECORD says 7");
  }
  SUBCASE("no hash") {
    wheel.row("demo/a.py", "", "");
    CHECK(refusal(wheel) == "its RECORD gives no strong hash for `demo/a.py`");
  }
  SUBCASE("weak hash") {
    wheel.row("demo/a.py", "md5=1B2M2Y8AsgTpgAmY7PhCfg", "6");
    CHECK(refusal(wheel) == "its RECORD gives no strong hash for `demo/a.py`");
  }
  SUBCASE("unlisted file") {
    wheel.drop_row("demo/b.py");
    CHECK(refusal(wheel) == "its file `demo/b.py` is not listed in its RECORD");
  }
  SUBCASE("listed file that is not there") {
    wheel.row("demo/c.py", cat("sha256=", hash::to_base64url(hash::sha256(""))), "0");
    CHECK(refusal(wheel) == "its RECORD lists `demo/c.py`, which is not in it");
  }
  SUBCASE("no RECORD") {
    wheel.without_record = true;
    CHECK(refusal(wheel) == "it has no `demo-1.0.dist-info/RECORD`");
  }
}

TEST_CASE_FIXTURE(Store, "other strong hashes, rows without a size, and signatures of RECORD are fine") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a = 1\n")
      .add("demo-1.0.dist-info/RECORD.jws", "{}")
      .add("demo-1.0.dist-info/RECORD.p7s", "sig");
  wheel.row("demo/a.py", cat("sha512=", hash::to_base64url(hash::digest(hash::Algorithm::sha512, "a = 1\n"))), "");
  wheel.drop_row("demo-1.0.dist-info/RECORD.jws").drop_row("demo-1.0.dist-info/RECORD.p7s");
  const auto stored = put(wheel);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  CHECK((*stored)->manifest.record_verified);
}

TEST_CASE_FIXTURE(Store,
                  "a relaxed check stores what RECORD does not list; a strict one does not take it from the store") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a").add("demo/b.py", "b");
  SUBCASE("unlisted") { wheel.drop_row("demo/b.py"); }
  SUBCASE("wrong hash") { wheel.row("demo/a.py", cat("sha256=", hash::to_base64url(hash::sha256("other"))), "1"); }
  SUBCASE("no RECORD") { wheel.without_record = true; }
  const auto stored = put(wheel, RecordCheck::relaxed);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  CHECK_FALSE((*stored)->manifest.record_verified);
  CHECK(store.get(hex(wheel), RecordCheck::relaxed) != nullptr);
  CHECK(store.get(hex(wheel), RecordCheck::strict) == nullptr);
}

TEST_CASE_FIXTURE(Store, "a relaxed copy is replaced by a checked one, and not the other way round") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a");
  const auto bytes = wheel.bytes();
  REQUIRE(put(wheel, RecordCheck::strict).ok());
  const auto before = fs::file_key(dir.path() / "wheels-v1" / hex(wheel).substr(0, 2) / hex(wheel) / "manifest");
  REQUIRE(put(wheel, RecordCheck::relaxed).ok());
  CHECK(fs::file_key(dir.path() / "wheels-v1" / hex(wheel).substr(0, 2) / hex(wheel) / "manifest") == before);
  CHECK(store.get(hex(wheel), RecordCheck::strict) != nullptr);
}

TEST_CASE_FIXTURE(Store, "a wheel that is not what its name says is refused") {
  WheelArchive wheel;
  SUBCASE("another project in METADATA") {
    wheel.metadata = "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n";
    CHECK(refusal(wheel) == "its METADATA is of `other`, its file name of `demo`");
  }
  SUBCASE("another version in METADATA") {
    wheel.metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n";
    CHECK(refusal(wheel) == "its METADATA has version `1.1`, its file name `1.0`");
  }
  SUBCASE("another dist-info folder") {
    wheel.dist_info = "other-1.0.dist-info";
    CHECK(refusal(wheel) == "its folder `other-1.0.dist-info` does not belong to demo 1.0, as the file is named");
  }
  SUBCASE("a second dist-info folder") {
    wheel.add("other-1.0.dist-info/METADATA", "Name: other\n");
    CHECK(refusal(wheel) == "it has two .dist-info folders, `demo-1.0.dist-info` and `other-1.0.dist-info`");
  }
  SUBCASE("a second dist-info folder, below .data") {
    wheel.add("demo-1.0.data/purelib/other-1.0.dist-info/METADATA", "Name: other\n");
    CHECK(refusal(wheel) ==
          "it has a second .dist-info folder, in `demo-1.0.data/purelib/other-1.0.dist-info/METADATA`");
  }
  SUBCASE("no dist-info folder") {
    wheel.dist_info = "demo-1.0.egg-info";
    CHECK(refusal(wheel) == "it has no .dist-info folder");
  }
  SUBCASE("an unknown folder of .data") {
    wheel.add("demo-1.0.data/stdlib/os.py", "");
    CHECK(refusal(wheel) ==
          "`demo-1.0.data/stdlib/os.py` is below no known folder of .data (purelib, platlib, headers, scripts, data)");
  }
  SUBCASE("a script below a folder") {
    wheel.add("demo-1.0.data/scripts/sub/run", "");
    CHECK(refusal(wheel) == "its script `sub/run` is not a plain file name");
  }
  SUBCASE("two files for one place") {
    wheel.add("demo/a.py", "1").add("demo-1.0.data/purelib/demo/a.py", "2");
    CHECK(refusal(wheel).ends_with(" go to the same place"));
  }
}

TEST_CASE_FIXTURE(Store, "scripts that would stand in for the interpreter or the activation scripts are refused") {
  for (const std::string name : {"python", "python3", "python3.12", "pypy3", "Python", "activate", "activate.fish",
                                 "Activate.ps1", "deactivate", "python3.13t"}) {
    WheelArchive file;
    file.add(cat("demo-1.0.data/scripts/", name), "");
    CHECK_MESSAGE(refusal(file) == cat("its script ", quote(name), " would stand in for a program of the environment"),
                  name);
    WheelArchive entry;
    entry.add("demo-1.0.dist-info/entry_points.txt", cat("[console_scripts]\n", name, " = demo:main\n"));
    CHECK_MESSAGE(refusal(entry) != "not refused", name);
  }
  for (const std::string name : {"python-argcomplete-check-easy-install-script", "pythonize", "python3-config-x",
                                 "pypyr", "run", "activate-global-python-argcomplete"}) {
    WheelArchive file;
    file.add(cat("demo-1.0.data/scripts/", name), "");
    CHECK_MESSAGE(put(file).ok(), name);
  }
}

TEST_CASE_FIXTURE(Store, "names that would leave the folder are refused, and nothing is written outside") {
  for (const std::string name :
       {"../evil.py", "/evil.py", "demo/../../evil.py", "./evil.py", "a//b.py", "demo\\..\\evil.py"}) {
    WheelArchive wheel;
    wheel.add(name, "evil");
    CHECK_MESSAGE(refusal(wheel) != "not refused", name);
  }
  CHECK(litter().empty());
  const auto left = fs::list_dir(dir.path()).value();
  CHECK((left.empty() || left == std::vector<std::string>{"tmp"}));
  CHECK_FALSE(fs::exists(dir.path().parent_path() / "evil.py"));
}

TEST_CASE_FIXTURE(Store, "an older spelling of the dist-info folder is understood") {
  WheelArchive wheel;
  wheel.name_in_file = "My_Demo";
  wheel.dist_info = "My-Demo-1.0.dist-info";
  wheel.metadata = "Metadata-Version: 2.1\nName: my.demo\nVersion: 1.0\n";
  const auto stored = put(wheel);
  REQUIRE_MESSAGE(stored.ok(), stored.error().message);
  CHECK((*stored)->manifest.name_as_written == "my.demo");
  CHECK((*stored)->manifest.dist_info == "My-Demo-1.0.dist-info");
}

TEST_CASE_FIXTURE(Store, "a manifest with any bit flipped is not used") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "a");
  REQUIRE(put(wheel).ok());
  const auto path = dir.path() / "wheels-v1" / hex(wheel).substr(0, 2) / hex(wheel) / "manifest";
  const auto good = fs::read_file(path).value();
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    REQUIRE(fs::publish(path, bad).ok());
    CHECK(store.get(hex(wheel), RecordCheck::relaxed) == nullptr);
  }
  REQUIRE(put(wheel).ok());  // and the wheel is put in its place anew
  CHECK(store.get(hex(wheel), RecordCheck::strict) != nullptr);
}

TEST_CASE_FIXTURE(Store, "altered, short and missing files of a stored wheel are told; a mere touch is put right") {
  WheelArchive wheel;
  wheel.add("demo/a.py", "aaaa")
      .add("demo/b.py", "bbbb")
      .add("demo/c.py", "cccc")
      .add("demo/d.py", "dddd")
      .add("demo/e.py", "eeee");
  const auto stored = put(wheel).value();
  const fs::Path files = stored->path;
  REQUIRE(fs::publish(files / "demo/a.py", "AAAA").ok());
  REQUIRE(fs::publish(files / "demo/b.py", "bb").ok());
  REQUIRE(fs::remove_tree(files / "demo/c.py").ok());
  const auto before = fs::file_key(files / "demo/d.py");
  const struct timespec times[2] = {{1, 0}, {1, 0}};
  REQUIRE(::utimensat(AT_FDCWD, (files / "demo/d.py").c_str(), times, 0) == 0);
  REQUIRE(::chmod((files / "demo/e.py").c_str(), 0755) == 0);
  CHECK(store.damaged_files(*stored).value() ==
        std::vector<std::string>{"demo/a.py", "demo/b.py", "demo/c.py", "demo/e.py"});
  CHECK(fs::file_key(files / "demo/d.py") == before);
}

TEST_CASE_FIXTURE(Store, "one wheel unpacked by several threads at once is stored once and whole") {
  WheelArchive wheel;
  for (int i = 0; i < 200; ++i)
    wheel.add(cat("demo/", i % 10, "/file", i, ".py"), std::string(static_cast<std::size_t>(i) * 10, 'x'));
  const auto bytes = wheel.bytes();
  const auto digest = hash::sha256(bytes);
  std::vector<std::thread> threads;
  std::vector<int> fine(4, 0);
  for (std::size_t i = 0; i < fine.size(); ++i)
    threads.emplace_back([&, i] {
      const auto stored = store.put(wheel.file_name(), bytes, digest, RecordCheck::strict);
      fine[i] = stored && store.damaged_files(**stored).value().empty() ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(fine == std::vector<int>(4, 1));
  CHECK(litter().empty());
}

TEST_CASE_FIXTURE(Store, "one wheel unpacked by several processes at once is stored once and whole") {
  WheelArchive wheel;
  for (int i = 0; i < 100; ++i) wheel.add(cat("demo/", i % 10, "/file", i, ".py"), cat(i));
  const auto bytes = wheel.bytes();
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      WheelStore own(CachePaths{dir.path()}, 2, 0);
      const auto stored = own.put(wheel.file_name(), bytes, hash::sha256(bytes), RecordCheck::strict);
      ::_exit(stored && own.damaged_files(**stored).value().empty() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(litter().empty());
  CHECK(store.get(hex(wheel), RecordCheck::strict) != nullptr);
}

TEST_CASE_FIXTURE(
    Store,
    "the content behind a URL without announced hash is remembered; a local file that was built again is another") {
  pep::DistFile file;
  file.project = pep::Name::from_normalized("demo");
  file.file_name = "demo-1.0-py3-none-any.whl";
  file.url = "https://index.example/demo-1.0-py3-none-any.whl";
  CHECK(store.linked(file, "") == std::nullopt);
  REQUIRE(store.link(file, "", hash::sha256("x")).ok());
  CHECK(store.linked(file, "") == hash::sha256("x"));
  CHECK(WheelStore(CachePaths{dir.path()}, 1, 0).linked(file, "") == hash::sha256("x"));

  REQUIRE(fs::publish(dir / "local.whl", "one").ok());
  file.url = cat("file://", (dir / "local.whl").native());
  REQUIRE(store.link(file, "", hash::sha256("one")).ok());
  CHECK(store.linked(file, "") == hash::sha256("one"));
  REQUIRE(fs::publish(dir / "local.whl", "two").ok());
  CHECK(store.linked(file, "") == std::nullopt);
}

}  // namespace
}  // namespace pkg::index
