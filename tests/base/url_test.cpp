#include "base/url.h"
#include "base/secret_url.h"

#include <doctest/doctest.h>

#include "support/printers.h"

using namespace pkg;

TEST_CASE("a URL falls into its parts and is put together again") {
  const auto url = url::Url::parse("HTTPS://us%40er:p%3Aw@Index.Example:8443/a%20b/?q=1#sha256=ff").value();
  CHECK(url.scheme == "https");
  CHECK(url.user == "us@er");
  CHECK(url.password == "p:w");
  CHECK(url.host == "index.example");
  CHECK(url.port == 8443);
  CHECK(url.path == "/a%20b/");
  CHECK(url.query == "q=1");
  CHECK(url.fragment == "sha256=ff");
  CHECK(url.to_string() == "https://us%40er:p%3Aw@index.example:8443/a%20b/?q=1#sha256=ff");
  CHECK(url.without_credentials() == "https://index.example:8443/a%20b/?q=1#sha256=ff");
  CHECK(url.request_target() == "https://index.example:8443/a%20b/?q=1");
  CHECK(url.origin() == "https://index.example:8443");
}

TEST_CASE("URLs are printed as they were read") {
  for (const auto* text : {"https://index.example/", "http://u@h/x?", "http://u:@h/x#", "https://[::1]:80/x",
                           "file:///tmp/a%20b", "https://h/a/../b", "file:x"})
    CHECK(url::Url::parse(text).value().to_string() == text);
  CHECK(url::Url::parse("https://h").value().to_string() == "https://h/");
  CHECK(url::Url::parse("https://h").value().origin() == "https://h:443");
  CHECK(url::Url::parse("http://[::1]/").value().origin() == "http://[::1]:80");
  CHECK(url::Url::parse("ssh://git@h/x").value().origin() == "ssh://h:22");
  CHECK(url::Url::parse("ftp://h/x").value().origin() == "ftp://h:21");
}

TEST_CASE("what is no absolute URL is refused without showing its password") {
  for (const auto* text :
       {"", "simple/", "/x", "https://", "https:///x", "http://h:99999/", "http://h:x/", "http://[::1/",
        "http://[::*]/", "http://a b/", "http://h/\n", "a://:2", "a://u@/x", "http://h\\x/"}) {
    CAPTURE(text);
    CHECK_FALSE(url::Url::parse(text).ok());
  }
  const auto bad = url::Url::parse("https://user:secret@h:port/");
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message.find("secret") == std::string::npos);
}

// RFC 3986 §5.4.
TEST_CASE("references are resolved as RFC 3986 shows") {
  const std::pair<const char*, const char*> rows[] = {{"g:h", "g:h"},
                                                      {"g", "http://a/b/c/g"},
                                                      {"./g", "http://a/b/c/g"},
                                                      {"g/", "http://a/b/c/g/"},
                                                      {"/g", "http://a/g"},
                                                      {"//g", "http://g"},
                                                      {"?y", "http://a/b/c/d;p?y"},
                                                      {"g?y", "http://a/b/c/g?y"},
                                                      {"#s", "http://a/b/c/d;p?q#s"},
                                                      {"g#s", "http://a/b/c/g#s"},
                                                      {"g?y#s", "http://a/b/c/g?y#s"},
                                                      {";x", "http://a/b/c/;x"},
                                                      {"", "http://a/b/c/d;p?q"},
                                                      {".", "http://a/b/c/"},
                                                      {"./", "http://a/b/c/"},
                                                      {"..", "http://a/b/"},
                                                      {"../g", "http://a/b/g"},
                                                      {"../..", "http://a/"},
                                                      {"../../g", "http://a/g"},
                                                      {"../../../g", "http://a/g"},
                                                      {"/./g", "http://a/g"},
                                                      {"/../g", "http://a/g"},
                                                      {"g.", "http://a/b/c/g."},
                                                      {"..g", "http://a/b/c/..g"},
                                                      {"./g/.", "http://a/b/c/g/"},
                                                      {"g/../h", "http://a/b/c/h"},
                                                      {"g;x=1/../y", "http://a/b/c/y"},
                                                      {"g?y/../x", "http://a/b/c/g?y/../x"},
                                                      {"g#s/../x", "http://a/b/c/g#s/../x"}};
  for (const auto& [reference, expected] : rows) {
    CAPTURE(reference);
    CHECK(url::join("http://a/b/c/d;p?q", reference) == expected);
  }
  CHECK(url::join("https://h", "x") == "https://h/x");
  CHECK(url::join("https://index.example/simple/numpy/", "../../files/n.whl#sha256=a") ==
        "https://index.example/files/n.whl#sha256=a");
}

TEST_CASE("percent-coding leaves what it does not understand") {
  CHECK(url::percent_decode("a%20b%2Fc%zz%4") == "a b/c%zz%4");
  CHECK(url::percent_encode_path("/a b/ü~+") == "/a%20b/%C3%BC~%2B");
  CHECK(url::file_name("https://h/x/numpy-1.0%2Bcpu.whl?x=/y#z/w") == "numpy-1.0+cpu.whl");
  CHECK(url::file_name("https://h/x/") == "");
}

TEST_CASE("credentials are hidden") {
  CHECK(url::redact("https://user:pw@h/x") == "https://user:****@h/x");
  CHECK(url::redact("https://token@h/x") == "https://****@h/x");
  CHECK(url::redact("https://user:p@w@h/x") == "https://user:****@h/x");
  CHECK(url::redact("https://h/x@y") == "https://h/x@y");
  CHECK(url::redact("user:pw@h:3128") == "user:****@h:3128");
  CHECK(url::redact("git@h:path/x") == "git@h:path/x");
  CHECK(url::redact("numpy") == "numpy");
}

TEST_CASE("what gives access by itself is hidden in queries") {
  CHECK(url::redact("https://h/x?token=abc&page=2") == "https://h/x?token=****&page=2");
  CHECK(url::redact("https://h/a.whl?X-Amz-Credential=c&X-Amz-Date=d&X-Amz-Signature=s#sha256=00") ==
        "https://h/a.whl?X-Amz-Credential=****&X-Amz-Date=d&X-Amz-Signature=****#sha256=00");
  CHECK(url::redact("https://u:p@h/?api_key=a&sig=b&access-key=c&Pass%77ord=d") ==
        "https://u:****@h/?api_key=****&sig=****&access-key=****&Pass%77ord=****");
  CHECK(url::redact("https://h/?page=token&monkey=1&token") == "https://h/?page=token&monkey=1&token");
}

TEST_CASE("parameters that give access are left out") {
  CHECK(pkg::without_secret_parameters("https://h/x?token=a") == "https://h/x");
  CHECK(pkg::without_secret_parameters("https://h/x?v=1&sig=a&w#f?token=b") == "https://h/x?v=1&w#f?token=b");
  CHECK(pkg::without_secret_parameters("https://h/x?v=1#f") == "https://h/x?v=1#f");
  CHECK(pkg::without_secret_parameters("https://h/x#?token=b") == "https://h/x#?token=b");
}

TEST_CASE("secrets of URLs in longer texts are hidden") {
  CHECK(pkg::without_secrets("fatal: 'https://u:p@h/x' and git+https://t@h?token=a ssh://git@h/x") ==
        "fatal: 'https://u:****@h/x' and git+https://****@h?token=**** ssh://git@h/x");
  CHECK(pkg::without_secrets("corp=https://u:${PW}@h/ a@b c://") == "corp=https://u:${PW}@h/ a@b c://");
  CHECK(pkg::without_secrets("nothing at `/work/https:/u:p@h/x`") == "nothing at `/work/https:/u:****@h/x`");
}

TEST_CASE("a URL with secrets prints without them") {
  const pkg::SecretUrl given = "https://user:pw@h/x?token=t#f";
  CHECK(given.shown() == "https://user:****@h/x?token=****#f");
  CHECK(given.to_string() == given.shown());
  CHECK(pkg::quote(given) == "`https://user:****@h/x?token=****#f`");
  CHECK(given.with_credentials() == "https://user:pw@h/x?token=t#f");
  CHECK(given.without_credentials() == "https://h/x?token=t#f");
  CHECK(pkg::SecretUrl("user:pw@proxy:3128").without_credentials() == "user:****@proxy:3128");
  CHECK(given == pkg::SecretUrl("https://user:pw@h/x?token=t#f"));
  static_assert(!std::is_convertible_v<pkg::SecretUrl, std::string_view> &&
                !std::is_convertible_v<pkg::SecretUrl, std::string>);
}

TEST_CASE("URLs are told from paths and names") {
  for (const auto* text : {"https://h/", "file:///x", "file:x", "git+https://h/"}) CHECK(url::is_url(text));
  for (const auto* text : {"C:\\x", "c:/x", "numpy", "./x", "numpy @ https://h", "a:b"}) CHECK_FALSE(url::is_url(text));
}

TEST_CASE("file URLs and paths go there and back") {
  CHECK(url::path_to_file_url("/tmp/a b") == "file:///tmp/a%20b");
  CHECK(url::file_url_to_path("file:///tmp/a%20b").value() == "/tmp/a b");
  CHECK(url::file_url_to_path("file://localhost/x").value() == "/x");
  CHECK_FALSE(url::file_url_to_path("file://other/x").ok());
  CHECK_FALSE(url::file_url_to_path("https://h/x").ok());
  CHECK_FALSE(url::file_url_to_path("file:///a%00b").ok());
}
