#include "venv/site.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "venv/site_files.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

struct Site {
  test::TempDir temp;
  Environment environment;
  Site() {
    environment.layout = environment_layout(temp.path(), "cpython", 3, 12, false);
    stdfs::create_directories(folder());
  }
  stdfs::path folder() const { return environment.layout.purelib; }
  void write(const std::string& name, std::string_view content) const {
    const auto path = folder() / name;
    stdfs::create_directories(path.parent_path());
    REQUIRE_OK(fs::publish(path, content));
  }
  std::vector<InstalledDist> read(std::vector<std::string>* warnings = nullptr) const {
    auto dists = installed(environment, warnings);
    REQUIRE_OK(dists);
    return std::move(*dists);
  }
};

std::string listed(const std::vector<InstalledDist>& dists) {
  std::string out;
  for (const auto& dist : dists)
    append(out, dist.name.str(), "=", dist.version.to_string(), " (", dist.name_as_written, " ",
           dist.version_as_written, ")\n");
  return out;
}

}  // namespace

TEST_CASE("what is installed is known by folder names, sorted by name") {
  const Site site;
  site.write("PyYAML-6.0.1.dist-info/RECORD", "");
  site.write("zope.interface-5.0.dist-info/METADATA", "");
  site.write("attrs-23.1.0+local.1.dist-info/RECORD", "");
  site.write("typing_extensions-4.0rc1.dist-info/METADATA", "");
  site.write("yaml/__init__.py", "");
  site.write("not-a-dist.txt", "");
  std::vector<std::string> warnings;
  const auto dists = site.read(&warnings);
  CHECK(listed(dists) ==
        "attrs=23.1.0+local.1 (attrs 23.1.0+local.1)\npyyaml=6.0.1 (PyYAML 6.0.1)\ntyping-extensions=4.0rc1 "
        "(typing_extensions 4.0rc1)\n"
        "zope-interface=5.0 (zope.interface 5.0)\n");
  CHECK(dists[0].has_record);
  CHECK(!dists[3].has_record);
  CHECK(dists[1].info == site.folder() / "PyYAML-6.0.1.dist-info");
  CHECK(warnings.empty());
}

TEST_CASE("a folder that names no distribution by itself is asked for its METADATA") {
  const Site site;
  site.write("my-odd-name-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: my-odd-name\nVersion: 1.0\n\n");
  site.write("nothing.dist-info/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 2\n");
  site.write("broken-x.y.z.dist-info/METADATA", "garbage");
  site.write("gone-1.dist-info.dist-info/INSTALLER", "");
  site.write("~ip-23.0.dist-info/METADATA", "Name: pip\nVersion: 23.0\n");
  std::vector<std::string> warnings;
  CHECK(listed(site.read(&warnings)) == "my-odd-name=1.0 (my-odd-name 1.0)\nnothing=2 (nothing 2)\n");
  CHECK(warnings.size() == 3);
}

TEST_CASE("old kinds of installations are named too") {
  const Site site;
  site.write("Old_Dist-1.2-py3.8.egg-info/PKG-INFO", "");
  site.write("distutils_one-0.3.egg-info", "Metadata-Version: 1.0\nName: distutils-one\nVersion: 0.3\n");
  site.write("unversioned.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: unversioned\nVersion: 7\n");
  const test::TempDir source;
  stdfs::create_directories(source / "src/dev_dist.egg-info");
  REQUIRE_OK(fs::publish(source / "src/dev_dist.egg-info/PKG-INFO",
                         "Metadata-Version: 2.1\nName: Dev.Dist\nVersion: 0.1.dev0\n"));
  site.write("dev-dist.egg-link", cat(source.path().native(), "\n."));
  site.write("lost.egg-link", "/nowhere\n.");
  std::vector<std::string> warnings;
  const auto dists = site.read(&warnings);
  CHECK(listed(dists) ==
        "dev-dist=0.1.dev0 (Dev.Dist 0.1.dev0)\ndistutils-one=0.3 (distutils_one 0.3)\nold-dist=1.2 (Old_Dist "
        "1.2)\nunversioned=7 "
        "(unversioned 7)\n");
  CHECK(dists[0].kind == InstalledKind::egg_link);
  CHECK(dists[1].kind == InstalledKind::egg_info_file);
  CHECK(dists[2].kind == InstalledKind::egg_info_dir);
  CHECK(editable_location(dists[0]) == source.path());
  CHECK(read_record(dists[2]).error().kind == ErrorKind::not_found);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == cat("`", (site.folder() / "lost.egg-link").native(), "` leads to no distribution: ignored"));
}

TEST_CASE("an egg-link that says nothing leads nowhere, whatever lies in the folder where pkg runs") {
  const Site site;
  for (const char* text : {"", "\n", "  \n/usr"}) {
    CAPTURE(text);
    site.write("src.egg-link", text);
    CHECK(egg_link_target(site.folder() / "src.egg-link") == std::nullopt);
    std::vector<std::string> warnings;
    CHECK(listed(site.read(&warnings)).empty());
    CHECK(warnings.size() == 1);
  }
}

TEST_CASE("a distribution that is there twice is listed twice, with a warning") {
  const Site site;
  site.write("a-1.0.dist-info/RECORD", "");
  site.write("A-2.0.dist-info/RECORD", "");
  std::vector<std::string> warnings;
  CHECK(site.read(&warnings).size() == 2);
  CHECK(warnings.size() == 1);
}

TEST_CASE("an environment without site folder has nothing installed") {
  Environment environment;
  environment.layout = environment_layout("/nowhere/at/all", "cpython", 3, 12, false);
  const auto dists = installed(environment);
  REQUIRE_OK(dists);
  CHECK(dists->empty());
}

TEST_CASE("platlib is read as well when it is another folder") {
  Site site;
  site.write("a-1.dist-info/RECORD", "");
  site.environment.layout.platlib = site.temp / "lib64/python3.12/site-packages";
  stdfs::create_directories(site.environment.layout.platlib / "b-1.dist-info");
  CHECK(site.read().size() == 2);
  REQUIRE_OK(fs::remove_tree(site.temp / "lib64"));
  stdfs::create_directory_symlink("lib", site.temp / "lib64");
  CHECK(site.read().size() == 1);
}

TEST_CASE("names are shown as METADATA spells them") {
  const Site site;
  site.write("pyyaml-6.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\nSummary: x\n");
  site.write("long_one-1.dist-info/METADATA",
             cat("Metadata-Version: 2.1\nSummary: ", std::string(5000, 'x'), "\nName: Long.One\nVersion: 1.0\n"));
  site.write("other-2.dist-info/METADATA", "Name: somebody-else\nVersion: 2.0\n");
  site.write("bare-3.dist-info/RECORD", "");
  auto dists = site.read();
  std::vector<std::string> warnings;
  read_names(dists, &warnings);
  CHECK(listed(dists) == "bare=3 (bare 3)\nlong-one=1 (Long.One 1.0)\nother=2 (other 2.0)\npyyaml=6.0 (PyYAML 6.0)\n");
  CHECK(warnings.size() == 1);
}

TEST_CASE("METADATA of another name or version is not believed, and told") {
  const Site site;
  site.write("foo-1.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: foo\nVersion: 1&11.\nRequires-Dist: bar>=1\n");
  site.write("bar-2.dist-info/METADATA", "Metadata-Version: 2.1\nName: requests\nVersion: 2\n");
  site.write("same-3.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Same\nVersion: 3\n");
  auto dists = site.read();
  read_names(dists);
  CHECK(listed(dists) == "bar=2 (bar 2)\nfoo=1.1 (foo 1.1)\nsame=3.0 (Same 3)\n");
  CHECK(contradicting_metadata(dists[0]) == "requests 2");
  CHECK(contradicting_metadata(dists[1]) == "foo 1&11.");
  CHECK_FALSE(contradicting_metadata(dists[2]));
}

TEST_CASE("an egg-info or egg-link that another distribution's RECORD lists is no distribution") {
  const Site site;
  const std::string metadata = "Metadata-Version: 2.1\nName: requests\nVersion: 99.0\n";
  site.write("carrier-1.0.dist-info/RECORD",
             "carrier.py,,\nrequests.egg-info/PKG-INFO,,\n\"urllib3-9.egg-info\",,\n./"
             "idna.egg-link,,\ncarrier.egg-info/PKG-INFO,,\n");
  site.write("requests.egg-info/PKG-INFO", metadata);
  site.write("urllib3-9.egg-info", metadata);
  site.write("idna.egg-link", cat((site.folder()).native(), "\n."));
  site.write("idna.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: idna\nVersion: 3\n");
  site.write("carrier.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n");
  std::vector<std::string> warnings;
  CHECK(listed(site.read(&warnings)) == "carrier=1.0 (carrier 1.0)\nidna=3 (idna 3)\n");
  REQUIRE(warnings.size() == 3);  // of another name than the one they came with
  CHECK(warnings[0].ends_with("is a file of `carrier`, not a distribution: ignored"));
}

TEST_CASE("pipes and devices in place of an environment's files are not waited for") {
  const Site site;
  for (const char* name : {"a-1.dist-info", "b-1.dist-info"}) stdfs::create_directories(site.folder() / name);
  for (const char* file : {"METADATA", "RECORD", "INSTALLER"}) {
    REQUIRE(::mkfifo((site.folder() / "a-1.dist-info" / file).c_str(), 0600) == 0);
    stdfs::create_symlink("/dev/zero", site.folder() / "b-1.dist-info" / file);
  }
  REQUIRE(::mkfifo((site.folder() / "c.egg-info").c_str(), 0600) == 0);
  auto dists = site.read();
  REQUIRE(dists.size() == 2);
  read_names(dists);
  for (const auto& dist : dists) {
    const auto expected =
        cat("`", (dist.info / "RECORD").native(), "`: it is a ", dist.name.str() == "a" ? "named pipe" : "device");
    CHECK(read_record(dist).error().message == cat("cannot read ", expected, ", expected a regular file"));
    CHECK(read_metadata(dist).error().kind == ErrorKind::io);
    CHECK(read_installer(dist).empty());
  }
}

TEST_CASE("the files about one distribution are read on demand") {
  const Site site;
  const std::string info = "demo-1.0.dist-info/";
  site.write(info + "METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: x>1\n\ntext\n");
  site.write(info + "RECORD", "demo.py,sha256=abc,3\n");
  site.write(info + "INSTALLER", "pkg\n");
  site.write(info + "REQUESTED", "");
  site.write(info + "direct_url.json", R"({"url": "file:///work/my%20demo", "dir_info": {"editable": true}})");
  const auto dists = site.read();
  REQUIRE(dists.size() == 1);
  const auto metadata = read_metadata(dists[0]);
  REQUIRE_OK(metadata);
  CHECK(metadata->requires_dist.size() == 1);
  const auto record = read_record(dists[0]);
  REQUIRE_OK(record);
  REQUIRE(record->size() == 1);
  CHECK(record->at(0).path == "demo.py");
  CHECK(read_installer(dists[0]) == "pkg");
  CHECK(is_requested(dists[0]));
  CHECK(read_direct_url(dists[0])->url == "file:///work/my%20demo");
  CHECK(editable_location(dists[0]) == stdfs::path("/work/my demo"));
}

TEST_CASE("an editable install without direct_url.json is found by its .pth file") {
  const Site site;
  site.write("demo-1.0.dist-info/RECORD", "");
  site.write("plain-1.0.dist-info/RECORD", "");
  site.write("__editable__.demo-1.0.pth", cat(site.temp.path().native(), "\n"));
  const auto dists = site.read();
  CHECK(editable_location(dists[0]) == site.temp.path());
  CHECK(editable_location(dists[1]) == std::nullopt);
  CHECK(!is_requested(dists[1]));
  CHECK(read_installer(dists[1]).empty());
  CHECK(read_direct_url(dists[1]) == std::nullopt);
}

}  // namespace pkg::venv
