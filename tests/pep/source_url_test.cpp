#include "pep/source_url.h"

#include "base/text.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

using Kind = SourceUrl::Kind;

SourceUrl parsed(std::string_view text) {
  const auto source = SourceUrl::parse(text);
  REQUIRE_OK(source);
  return *source;
}

Error error_of(std::string_view text) {
  const auto source = SourceUrl::parse(text);
  REQUIRE_MESSAGE(!source.ok(), text);
  return source.error();
}

}  // namespace

TEST_CASE("the ending of a file's name tells wheels, archives and folders apart") {
  struct Row {
    std::string_view text;
    Kind kind;
    std::string_view url;
  };
  static const Row kRows[] = {
      {"https://e.com/a-1-py3-none-any.whl", Kind::wheel, "https://e.com/a-1-py3-none-any.whl"},
      {"https://e.com/a-1-py3-none-any.whl?sig=x/y.zip", Kind::wheel, "https://e.com/a-1-py3-none-any.whl?sig=x/y.zip"},
      {"https://e.com/a-1%2Blocal-py3-none-any.whl", Kind::wheel, "https://e.com/a-1%2Blocal-py3-none-any.whl"},
      {"HTTP://e.com/a-1.tar.gz", Kind::sdist, "HTTP://e.com/a-1.tar.gz"},
      {"https://e.com/archive/refs/tags/v1.tar.gz", Kind::sdist, "https://e.com/archive/refs/tags/v1.tar.gz"},
      {"https://e.com/a.ZIP?x#egg=a", Kind::sdist, "https://e.com/a.ZIP?x"},
      {"https://u:p@e.com/a.tgz", Kind::sdist, "https://u:p@e.com/a.tgz"},
      {"https://${USER}:${TOKEN}@e.com/a.tar.xz", Kind::sdist, "https://${USER}:${TOKEN}@e.com/a.tar.xz"},
      {"file:///a/b-1.tar.bz2", Kind::sdist, "file:///a/b-1.tar.bz2"},
      {"file:///a/b-1-py3-none-any.whl", Kind::wheel, "file:///a/b-1-py3-none-any.whl"},
      {"file:///a/b", Kind::folder, "file:///a/b"},
      {"file:///a/b.zip/", Kind::folder, "file:///a/b.zip/"},
      {"file:/a/.zip", Kind::folder, "file:///a/.zip"},
      {"file://localhost/a%20b/c", Kind::folder, "file:///a%20b/c"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const auto source = parsed(row.text);
    CHECK(source.kind == row.kind);
    CHECK(source.url == row.url);
    CHECK(source.vcs.empty());
    CHECK(parsed(source.to_string()) == source);
  }
}

TEST_CASE("a place in a version control system has a repository, a revision and a subdirectory") {
  struct Row {
    std::string_view text, vcs, url, revision, subdirectory, egg;
  };
  static const Row kRows[] = {
      {"git+https://e.com/x/y.git", "git", "https://e.com/x/y.git", "", "", ""},
      {"GIT+https://e.com/x/y@v1", "git", "https://e.com/x/y", "v1", "", ""},
      {"git+https://u:p@e.com/y.git@v1", "git", "https://u:p@e.com/y.git", "v1", "", ""},
      {"git+https://u:p@e.com/y.git", "git", "https://u:p@e.com/y.git", "", "", ""},
      {"git+ssh://git@host/x.git@branch#subdirectory=a&egg=b", "git", "ssh://git@host/x.git", "branch", "a", "b"},
      {"git+ssh://git@host:22/x.git@feature/one", "git", "ssh://git@host:22/x.git", "feature/one", "", ""},
      {"git+https://e.com/x.git@tool@1.0", "git", "https://e.com/x.git", "tool@1.0", "", ""},
      {"git+https://e.com/x.git@refs/pull/1/head?q=@", "git", "https://e.com/x.git?q=@", "refs/pull/1/head", "", ""},
      {"git+file:///srv/a@b/x@1", "git", "file:///srv/a%40b/x", "1", "", ""},
      {"git+https://e.com/x@a%23b", "git", "https://e.com/x", "a#b", "", ""},
      {"git+http://e.com/x#egg=name[one,two]&subdirectory=./a//b/", "git", "http://e.com/x", "", "a/b",
       "name[one,two]"},
      {"git+git://e.com/x#egg=a%5Bb%5D&subdirectory=a%20b", "git", "git://e.com/x", "", "a b", "a[b]"},
      {"hg+https://e.com/x@1.0", "hg", "https://e.com/x", "1.0", "", ""},
      {"hg+static-http://e.com/x", "hg", "static-http://e.com/x", "", "", ""},
      {"svn+ssh://u@e.com/x/trunk@12", "svn", "ssh://u@e.com/x/trunk", "12", "", ""},
      {"svn+svn://e.com", "svn", "svn://e.com/", "", "", ""},
      {"bzr+lp:project@3", "bzr", "lp:project", "3", "", ""},
      {"bzr+sftp://e.com/x", "bzr", "sftp://e.com/x", "", "", ""},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const auto source = parsed(row.text);
    CHECK(source.kind == Kind::vcs);
    CHECK(source.vcs == row.vcs);
    CHECK(source.url == row.url);
    CHECK(source.revision == row.revision);
    CHECK(source.subdirectory == row.subdirectory);
    CHECK(source.egg == row.egg);
    CHECK(parsed(source.to_string()) == source);
    const auto exact = source.at(std::string(40, 'a'));
    CHECK(exact.revision == std::string(40, 'a'));
    CHECK(parsed(exact.to_string()) == exact);
  }
  CHECK(parsed("git+https://e.com/x@v1").at("c0ffee").to_string() == "git+https://e.com/x@c0ffee");
}

TEST_CASE("strong hashes of the fragment are kept, strongest first") {
  const std::string sha256 = std::string(64, 'a');
  const std::string sha512 = std::string(128, 'b');
  const auto source =
      parsed(cat("https://e.com/a.zip#md5=x&sha256=", std::string(64, 'A'), "&egg=a&sha512=", sha512, "&other=1&flag"));
  CHECK(source.hashes == std::vector<FileHash>{{hash::Algorithm::sha512, sha512}, {hash::Algorithm::sha256, sha256}});
  CHECK(source.to_string() == cat("https://e.com/a.zip#sha512=", sha512, "&sha256=", sha256, "&egg=a"));
  CHECK(parsed(source.to_string()) == source);
  CHECK(error_of("https://e.com/a.zip#sha256=12").message ==
        "bad URL `https://e.com/a.zip#sha256=12`: its sha256 is no such digest");
  CHECK(error_of(cat("https://e.com/a.zip#sha256=", sha256, "&sha256=", std::string(64, 'c')))
            .message.ends_with("it has two different hashes of one kind"));
  CHECK(parsed(cat("https://e.com/a.zip#sha256=", sha256, "&sha256=", sha256)).hashes.size() == 1);
}

TEST_CASE("an address as ssh takes it is refused with the URL that is meant") {
  const std::string hint = "write `git+ssh://git@host/org/x.git@v1`";
  CHECK(error_of("git+ssh://git@host:org/x.git@v1").hint == hint);
  CHECK(error_of("git+git@host:org/x.git@v1").hint == hint);
  CHECK(error_of("git@host:org/x.git@v1").hint == hint);
  CHECK(error_of("hg+me@host:x").hint == "write `hg+ssh://me@host/x`");
  CHECK(error_of("git+git@host:org/x.git@v1").kind == ErrorKind::bad_data);
  CHECK(error_of("ssh://git@host/x").hint == "write `git+ssh://git@host/x`");
}

TEST_CASE("what names no source is refused, and the message shows no password") {
  static const std::pair<std::string_view, std::string_view> kRows[] = {
      {"", "bad URL ``: it has no scheme"},
      {"foo", "bad URL `foo`: it has no scheme"},
      {"foo+https://e.com/x", "bad URL `foo+https://e.com/x`: `foo` is no version control system that is known"},
      {"git+ftp://e.com/x", "bad URL `git+ftp://e.com/x`: git is not used over `ftp`"},
      {"git+./x", "bad URL `git+./x`: what follows the version control system is no URL"},
      {"git+ext://sh -c x", "bad URL `git+ext://sh -c x`: it holds white space or control characters"},
      {"git+ext::x", "bad URL `git+ext::x`: what follows the version control system is no URL"},
      {"git+https://u:secret@e.com/x@",
       "bad URL `git+https://u:****@e.com/x@`: there is an `@` and no revision behind it"},
      {"git+https://e.com/", "bad URL `git+https://e.com/`: it names no repository"},
      {"git+https:///x", "bad URL `https:///x`: it has no host"},
      {"git+ssh:///x", "bad URL `git+ssh:///x`: it names no repository"},
      {"git+file:///", "bad URL `git+file:///`: it names no repository"},
      {"git+https://e.com/x@--upload-pack=y",
       "bad URL `git+https://e.com/x@--upload-pack=y`: its revision begins with `-`"},
      {"git+https://e.com/x@a%0Ab",
       "bad URL `git+https://e.com/x@a%0Ab`: its revision has white space or control characters"},
      {"git+ssh://-oProxyCommand=y/x", "bad URL `git+ssh://-oProxyCommand=y/x`: its host or user begins with `-`"},
      {"git+ssh://u@-o/x", "bad URL `git+ssh://u@-o/x`: its host or user begins with `-`"},
      {"https://e.com/x.zip#subdirectory=../a",
       "bad URL `https://e.com/x.zip#subdirectory=../a`: its subdirectory `../a` leaves the source"},
      {"https://e.com/x.zip#subdirectory=a/%2e%2e/b",
       "bad URL `https://e.com/x.zip#subdirectory=a/%2e%2e/b`: its subdirectory `a/../b` leaves the source"},
      {"https://e.com/x.zip#subdirectory=/a",
       "bad URL `https://e.com/x.zip#subdirectory=/a`: its subdirectory is absolute"},
      {"https://e.com/x.zip#subdirectory=%00",
       "bad URL `https://e.com/x.zip#subdirectory=%00`: its subdirectory is no path"},
      {"https://e.com/x.zip#subdirectory=a&subdirectory=b",
       "bad URL `https://e.com/x.zip#subdirectory=a&subdirectory=b`: it has two subdirectories"},
      {"ftp://e.com/x.zip", "bad URL `ftp://e.com/x.zip`: nothing is fetched over `ftp`"},
      {"file:x/y.zip", "bad URL `file:x/y.zip`: the path of a `file:` URL is absolute"},
      {"file://host/x", "bad URL `file://host/x`: a `file:` URL names no host other than `localhost`"},
      {"u:secret@host/x", "bad URL `****@host/x`: nothing is fetched over `u`"},
      {"git+u:secret@host/x", "bad URL `****@host/x`: what follows the version control system is no URL"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.first);
    const auto error = error_of(row.first);
    CHECK(error.message == row.second);
    CHECK(error.kind == ErrorKind::bad_data);
    CHECK(error.hint.find("secret") == std::string::npos);
  }
}

TEST_CASE("an https URL that ends like no file of Python's is not supported") {
  const auto error = error_of("https://u:secret@e.com/x/y.git");
  CHECK(error.kind == ErrorKind::unsupported);
  CHECK(error.message ==
        "the URL `https://u:****@e.com/x/y.git` ends neither like a wheel (.whl) nor like an archive (.tar.gz, .zip)");
  CHECK(error.hint == "for a git repository write `git+https://u:****@e.com/x/y.git`");
  CHECK(error_of("https://e.com/").kind == ErrorKind::unsupported);
  CHECK(error_of("https://e.com/.whl").kind == ErrorKind::unsupported);
}

TEST_CASE("archives are known by their ending") {
  for (const auto* name : {"a-1.tar.gz", "a.tgz", "a.zip", "a.tar.bz2", "a.tar.xz", "a.tar", "A.TAR.GZ"})
    CHECK(is_archive_name(name));
  for (const auto* name : {"a.whl", "a.gz", ".zip", "zip", "", "a.zip.asc"}) CHECK_FALSE(is_archive_name(name));
}

}  // namespace pkg::pep
