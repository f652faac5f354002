// Random locks: what is written is read again, the same.

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "lock/lock_texts.h"

namespace {

using namespace pkg;

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  lock::LockFile lock() {
    lock::LockFile out;
    out.created_by = text();
    if (chance(2)) out.requires_python = pep::SpecifierSet::parse(pick(kPythons)).value();
    for (int i = below(3); i > 0; --i) out.environments.push_back(marker());
    out.no_environments = out.environments.empty() && chance(4);
    out.extras = names();
    out.dependency_groups = names();
    out.default_groups = names();
    const bool ours = chance(2);
    if (ours) out.tool = tool();
    for (int i = below(6); i > 0; --i) out.packages.push_back(package(ours, out.tool.mirror_neutral));
    return out;
  }

 private:
  static constexpr const char* kPythons[] = {">=3.10", ">=3.8,<4", "", "==3.12.*"};
  static constexpr const char* kNames[] = {"a", "b", "c-d", "e1", "zope-interface"};
  static constexpr const char* kVersions[] = {"1", "2.0", "1!3.0a1", "4+local.1", "2024.5.1"};
  static constexpr const char* kMarkers[] = {
      "os_name == 'nt'", "'x' in extras or 'g' not in dependency_groups",
      "python_version < '3.12' and (sys_platform == 'linux' or sys_platform == \"it's\")",
      "platform_version == 'a\\b \"c\"'"};
  static constexpr const char* kTexts[] = {
      "", "plain", "with \"quotes\" and \\", "new\nline\tand \x01\x7f", "\xc3\xa9t\xc3\xa9", "'"};

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool chance(int of) { return below(of) == 0; }
  template <std::size_t n>
  std::string pick(const char* const (&list)[n]) {
    return list[static_cast<std::size_t>(below(static_cast<int>(n)))];
  }
  std::string text() { return pick(kTexts); }
  std::string full_text() { return "x" + text(); }
  pep::Marker marker() { return pep::Marker::parse(pick(kMarkers)).value(); }
  pep::Name one_name() { return test::name(pick(kNames)); }
  std::vector<pep::Name> names() {
    std::vector<pep::Name> out;
    for (int i = below(3); i > 0; --i) out.push_back(one_name());
    return out;
  }

  lock::LockTool tool() {
    lock::LockTool out;
    out.version = lock::kLockToolVersion;
    out.inputs_digest = text();
    out.mirror_neutral = chance(2);
    if (chance(2)) out.options = {{"a b", text()}, {"c", text()}};
    for (int i = below(3); i > 0; --i) out.requirements.push_back(text());
    if (chance(3)) out.build_scope.all = true;
    if (!out.build_scope.all) out.build_scope.names = names();
    for (int i = below(4); i > 0; --i) add_build(out);
    return out;
  }

  // With a package of its own: two of one name could not be told apart.
  void add_build(lock::LockTool& out) {
    auto made = package(false, out.mirror_neutral);
    made.name = test::name(cat("tool", out.builds.size()));
    made.marker = {};
    made.dependencies.clear();
    made.wheels.clear();
    if (made.sdist) made.sdist->name = cat(made.name.with_underscores(), "-1.tar.gz");
    if (made.sdist) made.version = pep::Version::parse("1").value();
    if (made.sdist) made.sdist->url = cat("https://files.example/", made.sdist->name);
    if (!made.sdist && !made.vcs && !made.directory && !made.archive)
      made.directory = lock::LockedDirectory{full_text(), text(), chance(2)};
    auto& build = out.builds.emplace_back();
    build.name = one_name();
    if (chance(2)) build.version = pep::Version::parse(pick(kVersions)).value();
    (chance(2) ? build.source.hash : chance(2) ? build.source.vcs : build.source.directory) = full_text();
    build.source.subdirectory = text();
    if (chance(2)) build.marker = marker();
    for (int i = below(3); i > 0; --i) build.requires_.push_back(text());
    lock::LockedDependency entry;
    entry.name = made.name;
    if (chance(2)) entry.version = made.version;
    if (chance(2)) entry.marker = marker();
    if (chance(2)) entry.extras = names();
    build.environment.push_back(std::move(entry));
    out.build_packages.push_back(std::move(made));
  }

  lock::Hashes hashes() {
    lock::Hashes out = {{"sha256", "ab"}};
    if (chance(3)) out.push_back({"strange hash", "0"});
    return out;
  }

  lock::LockedFile file(const std::string& file_name, bool neutral) {
    lock::LockedFile out;
    out.name = file_name;
    const int kind = below(neutral ? 5 : 4);
    if (kind == 0) out.url = "https://files.example/" + file_name;
    if (kind == 1) out.url = "https://files.example/get?name=/" + file_name;
    if (kind == 2) out.path = "dist/" + file_name;
    if (kind == 3) {
      out.url = "https://files.example/" + replace_all(file_name, "-", "%2D");
      out.path = ".\\" + file_name;
    }
    if (chance(2)) out.size_bytes = random_();
    if (chance(2)) out.upload_time = static_cast<std::int64_t>(random_()) - 2'000'000'000;
    out.hashes = hashes();
    return out;
  }

  std::vector<lock::LockedDependency> dependencies(bool ours) {
    std::vector<lock::LockedDependency> out;
    for (int i = below(5); i > 0; --i) {
      lock::LockedDependency one;
      one.name = one_name();
      if (chance(2)) one.version = pep::Version::parse(pick(kVersions)).value();
      if (ours && chance(2)) one.marker = marker();
      if (ours && chance(3)) one.extras = names();
      if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return std::tie(a.name, a.version) < std::tie(b.name, b.version);
    });
    return out;
  }

  lock::LockedPackage package(bool ours, bool neutral) {
    lock::LockedPackage out;
    out.name = one_name();
    const std::string version = pick(kVersions);
    if (chance(2)) out.version = pep::Version::parse(version).value();
    if (chance(2)) out.marker = marker();
    if (chance(3)) out.requires_python = pep::SpecifierSet::parse(pick(kPythons)).value();
    if (chance(2)) out.index = text();
    if (ours) out.extras = names();
    out.dependencies = dependencies(ours);
    add_source(out, cat(out.name.with_underscores(), '-', version), neutral);
    return out;
  }

  void add_source(lock::LockedPackage& out, const std::string& stem, bool neutral) {
    const int kind = below(6);
    if (kind == 0) out.vcs = lock::LockedVcs{text(), full_text(), text(), text(), text(), text()};
    if (kind == 1) out.directory = lock::LockedDirectory{text(), text(), chance(2)};
    if (kind == 2) {
      auto archived = file("b.zip", false);
      out.archive = lock::LockedArchive{archived, text()};
      if (!archived.url.empty() && archived.url.find('?') != std::string::npos) out.archive->file.name = "get";
    }
    if (kind >= 4) out.sdist = file(stem + ".tar.gz", neutral);
    if (kind >= 3 && kind != 4) {
      out.wheels.push_back(file(stem + "-py3-none-any.whl", neutral));
      out.wheels.push_back(file(stem + "-1-cp312-abi3-any.whl", neutral));
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("random locks are read as they were written, and written the same again") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const auto lock = Maker(seed).lock();
    const auto text = lock::write_pylock(lock);
    const auto again = lock::parse_pylock(text, "pylock.toml");
    CAPTURE(seed);
    CAPTURE(text);
    REQUIRE_OK(again);
    REQUIRE(*again == lock);
    REQUIRE(lock::write_pylock(*again) == text);
  }
}
