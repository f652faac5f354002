#include "ops/bundle/bundle_texts.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "lock/pylock.h"
#include "lock/select.h"
#include "support/printers.h"

using namespace pkg;

namespace {

ops::BundleTarget target(const std::string& name, const std::string& marker) {
  ops::BundleTarget made;
  made.name = name;
  made.marker = pep::Marker::parse(marker).value();
  return made;
}

ops::BundlePackage package(const std::string& file_name, std::vector<std::size_t> targets) {
  ops::BundlePackage made;
  const bool is_wheel = file_name.ends_with(".whl");
  const auto first = file_name.find('-'), second = is_wheel ? file_name.find('-', first + 1) : file_name.find(".tar");
  made.name = pep::Name::parse(file_name.substr(0, first)).value();
  made.version = pep::Version::parse(file_name.substr(first + 1, second - first - 1)).value();
  made.file.file_name = file_name;
  made.file.kind = is_wheel ? pep::DistKind::wheel : pep::DistKind::sdist;
  made.targets = std::move(targets);
  return made;
}

struct Texts {
  std::vector<ops::BundleText> texts;
  Texts(const std::vector<ops::BundlePackage>& packages, const std::vector<ops::BundleTarget>& targets,
        const std::vector<lock::LockedBuild>& builds = {}) {
    std::vector<ops::BundledFile> files;
    for (std::size_t i = 0; i < packages.size(); ++i)
      files.push_back({&packages[i], std::string(64, static_cast<char>('a' + i)), 10 + i});
    texts = ops::bundle_texts(files, targets, builds);
  }
  const std::string* find(const std::string& path) const {
    const auto found = std::ranges::find(texts, path, &ops::BundleText::path);
    return found == texts.end() ? nullptr : &found->text;
  }
};

const std::string kOld = "python_version == \"3.10\" and sys_platform == \"linux\"";
const std::string kNew = "python_version == \"3.12\" and sys_platform == \"linux\"";
const std::vector<ops::BundleTarget> kTwo{target("cp310-linux_x86_64", kOld), target("cp312-linux_x86_64", kNew)};
const std::vector<ops::BundlePackage> kPackages{
    package("both-1.0-py3-none-any.whl", {0, 1}), package("native-2.0-cp310-cp310-linux_x86_64.whl", {0}),
    package("native-2.0-cp312-cp312-linux_x86_64.whl", {1}), package("only_new-3.0-py3-none-any.whl", {1}),
    package("source-1.5.tar.gz", {0, 1})};

}  // namespace

TEST_CASE("each target has its pinned and hashed requirements") {
  const Texts texts(kPackages, kTwo);
  const auto* old = texts.find("requirements-cp310-linux_x86_64.txt");
  REQUIRE(old != nullptr);
  CHECK(old->find("both==1.0") != std::string::npos);
  CHECK(old->find(cat("native==2.0 \\\n    --hash=sha256:", std::string(64, 'b'))) != std::string::npos);
  CHECK(old->find("only-new") == std::string::npos);
  const auto* fresh = texts.find("requirements-cp312-linux_x86_64.txt");
  REQUIRE(fresh != nullptr);
  CHECK(fresh->find("only-new==3.0") != std::string::npos);
  CHECK(fresh->find(std::string(64, 'b')) == std::string::npos);
}

TEST_CASE("the lock has relative paths, and markers only where targets differ") {
  const Texts texts(kPackages, kTwo);
  const auto* text = texts.find("pylock.toml");
  REQUIRE(text != nullptr);
  const auto lock = lock::parse_pylock(*text, "pylock.toml");
  REQUIRE_OK(lock);
  REQUIRE(lock->packages.size() == 4);
  CHECK(lock->environments.size() == 2);
  CHECK(lock->packages[0].marker.is_trivial());
  CHECK(lock->packages[0].wheels.at(0).path == "wheels/both-1.0-py3-none-any.whl");
  CHECK(lock->packages[0].wheels.at(0).url.empty());
  CHECK(lock->packages[1].wheels.size() == 2);
  CHECK(lock->packages[1].marker.is_trivial());
  CHECK(lock->packages[2].marker.to_string() == kNew);
  REQUIRE(lock->packages[3].sdist);
  CHECK(lock->packages[3].sdist->path == "wheels/source-1.5.tar.gz");

  const auto* one = texts.find("pylock.cp310-linux_x86_64.toml");
  REQUIRE(one != nullptr);
  const auto single = lock::parse_pylock(*one, "pylock.cp310-linux_x86_64.toml");
  REQUIRE_OK(single);
  CHECK(single->packages.size() == 3);
  CHECK(lock::is_lock_file_name("pylock.cp310-linux_x86_64.toml"));
}

TEST_CASE("targets that markers cannot tell apart get a lock each and none together") {
  const std::vector<ops::BundleTarget> targets{target("cp312-manylinux_2_28_x86_64", kNew),
                                               target("cp312-musllinux_1_2_x86_64", kNew)};
  const Texts texts({package("both-1.0-py3-none-any.whl", {0, 1})}, targets);
  CHECK(texts.find("pylock.toml") == nullptr);
  CHECK(texts.find("pylock.cp312-musllinux_1_2_x86_64.toml") != nullptr);
  CHECK(texts.find("README.txt")->find("pylock.cp312-manylinux_2_28_x86_64.toml") != std::string::npos);
}

TEST_CASE("a bundle for one target has one lock") {
  const Texts texts({package("both-1.0-py3-none-any.whl", {0})}, {kTwo[0]});
  CHECK(texts.find("pylock.toml") != nullptr);
  CHECK(texts.find("pylock.cp310-linux_x86_64.toml") == nullptr);
}

TEST_CASE("pages link files with their hash and escape what is HTML") {
  auto odd = package("odd-1.0+local-py3-none-any.whl", {0});
  odd.file.requires_python = ">=3.8,<4";
  const Texts texts({odd}, {kTwo[0]});
  const auto* page = texts.find("simple/odd/index.html");
  REQUIRE(page != nullptr);
  CHECK(page->find(cat("href=\"../../wheels/odd-1.0%2Blocal-py3-none-any.whl#sha256=", std::string(64, 'a'), "\"")) !=
        std::string::npos);
  CHECK(page->find("data-requires-python=\"&gt;=3.8,&lt;4\"") != std::string::npos);
  CHECK(texts.find("simple/index.html")->find("<a href=\"odd/\">odd</a>") != std::string::npos);
}

TEST_CASE("the same packages give the same texts") {
  const Texts one(kPackages, kTwo), two(kPackages, kTwo);
  REQUIRE(one.texts.size() == two.texts.size());
  for (std::size_t i = 0; i < one.texts.size(); ++i) CHECK(one.texts[i].text == two.texts[i].text);
}

TEST_CASE("checksums are sorted by path") {
  CHECK(ops::checksums_text({{"b", "x/2"}, {"a", "x/10"}, {"c", "a"}}) == "c  a\na  x/10\nb  x/2\n");
}

TEST_CASE("what builds the sources is in the locks of a bundle, and among no requirements") {
  auto packages = kPackages;
  packages.push_back(package("tool-1.0-py3-none-any.whl", {}));
  packages.back().build_targets = {1};
  lock::LockedBuild build;
  build.name = pep::Name::parse("source").value();
  build.source.hash = "sha256:" + std::string(64, 'e');
  build.environment = {{packages.back().name, packages.back().version, {}, {}},
                       {pep::Name::parse("elsewhere").value(), {}, {}, {}}};
  const Texts texts(packages, kTwo, {build});
  CHECK(texts.find("requirements-cp312-linux_x86_64.txt")->find("tool") == std::string::npos);
  CHECK(texts.find("bundle.json")->find("build_targets") != std::string::npos);
  CHECK(texts.find("simple/tool/index.html") != nullptr);
  CHECK(texts.find("README.txt")->find("pkg builds them with what the lock names") != std::string::npos);
  for (const auto* path : {"pylock.toml", "pylock.cp312-linux_x86_64.toml", "pylock.cp310-linux_x86_64.toml"}) {
    CAPTURE(path);
    const auto read = lock::parse_pylock(*texts.find(path), path);
    REQUIRE_OK(read);
    CHECK(std::ranges::find(read->packages, packages.back().name, &lock::LockedPackage::name) == read->packages.end());
    const bool has_tool = std::string(path).find("cp310") == std::string::npos;
    REQUIRE(read->tool.builds.size() == (has_tool ? 1 : 0));
    if (!has_tool) continue;
    CHECK(read->tool.build_scope.covers(build.name));
    CHECK(read->tool.builds[0].environment.size() == 1);
    CHECK(read->tool.build_packages[0].wheels[0].path == "wheels/tool-1.0-py3-none-any.whl");
  }
}
