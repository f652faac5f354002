// Credentials: where they come from, in which order, and to whom they go.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <tuple>

#include "base/fs.h"
#include "base/text.h"
#include "index/http/auth.h"
#include "index/http/keyring.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace pkg::index {
namespace {

// A variable of this process, as it was before at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// A home of its own, with nothing in it.
struct Home {
  test::TempDir folder;
  Variable home{"HOME", (folder / "").string()}, config{"XDG_CONFIG_HOME", (folder / "config").string()},
      netrc{"NETRC", ""};

  void write_netrc(const std::string& text) { REQUIRE_OK(fs::publish(folder / ".netrc", text)); }
};

Settings with_indexes(std::vector<IndexLocation> indexes) {
  Settings settings;
  settings.indexes = std::move(indexes);
  return settings;
}

std::vector<std::string> told(Credentials& credentials, const std::string& url) {
  std::vector<std::string> texts;
  for (const auto& one : credentials.candidates(url))
    texts.push_back(cat(one.user, ":", one.password, " from ", one.from));
  return texts;
}

using Texts = std::vector<std::string>;

struct Warnings final : Reporter {
  std::vector<std::string> texts;
  void warning(const std::string& text) override { texts.push_back(text); }
  void note(const std::string&) override {}
  void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
  void transfer_progress(std::uint64_t, std::uint64_t) override {}
  void transfer_finished(std::uint64_t) override {}
  void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
};

}  // namespace

TEST_CASE("netrc files are read as Python reads them") {
  const auto entries = parse_netrc(
      "# a comment\nmachine One.Example login me password #1secret # not this\nmacdef init\n  machine fake login x\n\n"
      "machine two.example\n  login \"a b\"\n  account z\n  password \"q\\\"\\\\ #x\"\nmachine two.example login other "
      "password p2\n"
      "default login any password an\\y");
  REQUIRE(entries.size() == 4);
  const auto find = [&](std::string_view host, std::string_view user) {
    const auto fits = [&](const NetrcEntry& one) {
      return one.scope == NetrcEntry::Scope::any_host || one.machine == host;
    };
    return find_entry(entries, user, fits);
  };
  CHECK(find("one.example", "")->password == "#1secret");
  CHECK(find("two.example", "")->login == "a b");
  CHECK(find("two.example", "")->password == "q\"\\ #x");
  CHECK(find("two.example", "other")->password == "p2");
  CHECK(find("three.example", "")->password == "any");
  CHECK(find("three.example", "somebody") == nullptr);
  CHECK(parse_netrc("machine").empty());
  CHECK(parse_netrc("login x password y").empty());
}

TEST_CASE("an entry of netrc is for the ports and schemes that it names, and the default one for the user's indexes") {
  Home home;
  home.write_netrc(
      "machine plain.example login h password 1\nmachine Ported.Example:8443 login o password 2\n"
      "machine http://clear.example login c password 3\ndefault login d password 4\n");
  auto settings = with_indexes({{"", "https://mine.example:9443/simple/"},
                                {"", "http://plain.example/simple/"},
                                {"", "https://evil.example/simple/"}});
  settings.foreign_urls = {"https://evil.example/simple/"};
  Credentials credentials(settings, nullptr);
  CHECK(told(credentials, "https://plain.example/x") == Texts{"h:1 from netrc"});
  CHECK(told(credentials, "http://plain.example/x") == Texts{"h:1 from netrc"});  // the user's own index
  CHECK(told(credentials, "https://plain.example:8443/x").empty());
  CHECK(told(credentials, "http://plain.example:8080/x").empty());
  CHECK(told(credentials, "https://ported.example:8443/x") == Texts{"o:2 from netrc"});
  CHECK(told(credentials, "https://ported.example/x").empty());
  CHECK(told(credentials, "http://ported.example:8443/x").empty());
  CHECK(told(credentials, "http://clear.example/x") == Texts{"c:3 from netrc"});
  CHECK(told(credentials, "https://clear.example/x").empty());
  CHECK(told(credentials, "https://mine.example:9443/x") == Texts{"d:4 from netrc"});
  CHECK(told(credentials, "https://evil.example/simple/x/").empty());
  CHECK(told(credentials, "https://linked.example/x").empty());
}

TEST_CASE("a netrc that others may write to is not used, and one that they may read is") {
  Home home;
  home.write_netrc("machine index.example login net password rc\n");
  const auto settings = with_indexes({{"", "https://index.example/simple/"}});
  for (const auto& [mode, is_used, warnings] : {std::tuple(0600, true, 0U), {0644, true, 0U}, {0666, false, 1U}}) {
    REQUIRE(::chmod((home.folder / ".netrc").c_str(), static_cast<mode_t>(mode)) == 0);
    Warnings told_to;
    Credentials credentials(settings, &told_to);
    CHECK(credentials.candidates("https://index.example/simple/x/").empty() != is_used);
    CHECK(told_to.texts.size() == warnings);
  }
}

TEST_CASE("variables of a name go where the user says that it leads, not where a project does") {
  Home home;
  const Variable user("PKG_INDEX_CORP_USERNAME", "alice");
  const Variable password("PKG_INDEX_CORP_PASSWORD", "secret");
  const IndexLocation of_project{"corp", "https://evil.example/simple/", false, false};
  Warnings warnings;
  Credentials credentials(with_indexes({of_project}), &warnings);
  CHECK(credentials.candidates("https://evil.example/simple/x/").empty());
  REQUIRE(warnings.texts.size() == 1);
  CHECK(warnings.texts[0].starts_with(
      "PKG_INDEX_CORP_PASSWORD is not sent: only the project says where the index `corp` is"));
  CHECK(credentials.hint("https://evil.example/simple/x/").find("PKG_TRUST_PROJECT=1") != std::string::npos);

  const std::vector<IndexLocation> own{{"corp", "https://index.example/simple"}};
  CHECK(leads_where_user_says({"corp", "https://index.example/simple/"}, own));
  CHECK(leads_where_user_says({"corp", "https://index.example:443/simple/team/"}, own));
  CHECK_FALSE(leads_where_user_says({"corp", "https://index.example/simple-evil/"}, own));
  CHECK_FALSE(leads_where_user_says({"corp", "https://index.example/simple/../evil/"}, own));
  CHECK_FALSE(leads_where_user_says({"corp", "https://index.example/simple/%2e%2e/evil/"}, own));
  CHECK_FALSE(leads_where_user_says({"corp", "http://index.example/simple/"}, own));
  CHECK_FALSE(leads_where_user_says({"corp", "https://index.example:444/simple/"}, own));
  CHECK_FALSE(leads_where_user_says({"other", "https://index.example/simple/"}, own));
  const Variable url("PKG_INDEX_CORP_URL", "https://evil.example/simple");
  CHECK(leads_where_user_says(of_project, {}));
}

TEST_CASE("URLs, variables, kept logins and netrc are asked in this order") {
  Home home;
  home.write_netrc("machine index.example login net password rc\n");
  const std::string url = "https://index.example/simple/x/";
  {
    Credentials credentials(with_indexes({{"", "https://index.example/simple", false}}), nullptr);
    CHECK(told(credentials, url) == Texts{"net:rc from netrc"});
  }
  REQUIRE_OK(keep_login(login_file(), {"https://index.example:443", "kept", "one", false}));
  {
    Credentials credentials(with_indexes({{"corp-1", "https://index.example/simple", false}}), nullptr);
    CHECK(told(credentials, url) == Texts{"kept:one from `pkg auth login`"});
    CHECK(told(credentials, "https://net@index.example/x.whl") ==
          Texts{"net:rc from netrc", "kept:one from `pkg auth login`"});
    CHECK(told(credentials, "https://u:%40p@index.example/x.whl").front() == "u:@p from the URL");
  }
  {
    Credentials credentials(with_indexes({{"corp-1", "https://me:pass%20word@index.example/simple", false}}), nullptr);
    CHECK(told(credentials, url) == Texts{"me:pass word from the index's URL"});
  }
  const Variable password("PKG_INDEX_CORP_1_PASSWORD", "v");
  {
    Credentials credentials(with_indexes({{"corp-1", "https://me:pass@index.example/simple", false}}), nullptr);
    CHECK(told(credentials, url) == Texts{"me:v from PKG_INDEX_CORP_1_PASSWORD"});
    CHECK(credentials.index_of(url) == "the index `corp-1`");
    CHECK(credentials.index_of("https://files.example/x.whl") == "the server");
  }
  {
    Credentials credentials(with_indexes({{"corp.1", "https://index.example/simple", false}}), nullptr);
    CHECK(told(credentials, url) == Texts{"__token__:v from PKG_INDEX_CORP_1_PASSWORD"});
  }
}

TEST_CASE("an empty password is a password, and a lone user name is sent as it is") {
  Home home;
  Credentials empty(with_indexes({{"", "https://tok:@index.example/", false}}), nullptr);
  CHECK(told(empty, "https://index.example/x/") == Texts{"tok: from the index's URL"});
  CHECK_FALSE(empty.wants_keyring("https://index.example/x/"));
  Credentials alone(with_indexes({{"", "https://tok@index.example/", false}}), nullptr);
  CHECK(told(alone, "https://index.example/x/") == Texts{"tok: from the index's URL"});
  CHECK(alone.candidates("https://index.example/x/").front().is_user_secret);
  CHECK(alone.candidates("https://index.example/x/").front().header() == "Basic dG9rOg==");
}

TEST_CASE("another scheme, host or port is another origin") {
  Home home;
  home.write_netrc("machine index.example login net password rc\n");
  REQUIRE_OK(keep_login(login_file(), {"https://other.example:443", "kept", "one", false}));
  Credentials credentials(with_indexes({{"", "https://me:pass@index.example/simple/", false}}), nullptr);
  CHECK(told(credentials, "https://index.example:443/files/x") == Texts{"me:pass from the index's URL"});
  CHECK(told(credentials, "http://index.example/files/x")
            .empty());  // netrc names no scheme: not over http what may be for https
  CHECK(told(credentials, "https://index.example:8443/x").empty());  // nor a port
  CHECK(told(credentials, "https://index.example.evil.example/x").empty());
  CHECK(told(credentials, "http://other.example/x").empty());
  CHECK(told(credentials, "https://other.example:444/x").empty());
}

TEST_CASE("of several indexes of one host the nearest path has the say") {
  Home home;
  Credentials credentials(with_indexes({{"a", "https://a:1@index.example/a/simple/", false},
                                        {"b", "https://b:2@index.example/b/simple/", false},
                                        {"open", "https://index.example/open/simple/", false}}),
                          nullptr);
  CHECK(told(credentials, "https://index.example/b/simple/x/").front() == "b:2 from the index's URL");
  CHECK(told(credentials, "https://index.example/b/files/x.whl").front() == "b:2 from the index's URL");
  CHECK(told(credentials, "https://index.example/elsewhere/x.whl").front() == "a:1 from the index's URL");
  CHECK(credentials.index_of("https://index.example/b/simple/x/") == "the index `b`");
  // A link with a user name changes nothing for others.
  CHECK(told(credentials, "https://evil@index.example/b/simple/x/y.whl").size() == 2);
  CHECK(told(credentials, "https://index.example/b/simple/x/y.whl").front() == "b:2 from the index's URL");
}

TEST_CASE("logins are kept one for each origin, for their owner alone") {
  Home home;
  const auto file = login_file();
  CHECK(read_logins(file).value().empty());
  REQUIRE_OK(keep_login(file, {"https://b.example:443", "u", "p", false}));
  REQUIRE_OK(keep_login(file, {"https://a.example:443", "u", {}, true}));
  REQUIRE_OK(keep_login(file, {"https://b.example:443", "v", "q\"\\", false}));
  const auto logins = read_logins(file);
  REQUIRE_OK(logins);
  CHECK((*logins ==
         std::vector<Login>{{"https://a.example:443", "u", "", true}, {"https://b.example:443", "v", "q\"\\", false}}));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat(file.parent_path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  CHECK(forget_login(file, "https://b.example:443").value().user == "v");
  CHECK(forget_login(file, "https://b.example:443").error().kind == ErrorKind::not_found);

  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(read_logins(file).error().message ==
        cat("the logins in `", file.native(), "` can be read by others and are not used"));
  CHECK_FALSE(keep_login(file, {"https://b.example:443", "v", "q", false}).ok());
  Warnings warnings;
  Credentials credentials(with_indexes({}), &warnings);
  CHECK(credentials.candidates("https://a.example/").empty());
  CHECK(credentials.candidates("https://b.example/").empty());
  CHECK(warnings.texts.size() == 1);
}

TEST_CASE("damaged logins are no text of theirs in messages") {
  Home home;
  for (const char* text : {"", "{", "[]", "{\"logins\": 3}", "secret"}) {
    REQUIRE_OK(fs::make_dirs(login_file().parent_path()));
    REQUIRE_OK(fs::publish(login_file(), text, fs::Durability::none, 0600));
    const auto logins = read_logins(login_file());
    REQUIRE_FALSE(logins.ok());
    CHECK(logins.error().kind == ErrorKind::bad_data);
    CHECK(logins.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a keyring's answer is a user and a password, a line each") {
  CHECK(parse_keyring_answer("me\r\npass word\n")->password == "pass word");
  CHECK(parse_keyring_answer("\npass\n")->user.empty());
  for (const char* none : {"", "me", "me\n", "me\n\n", "\n"}) CHECK_FALSE(parse_keyring_answer(none));
}

TEST_CASE(
    "a client certificate of the settings is for the user's own indexes, one given for the command for all that it "
    "names") {
  index::Settings settings;
  settings.indexes = {{"own", "https://own.example/simple/", false},
                      {"theirs", "https://project.example/simple/", false}};
  settings.foreign_urls = {"https://project.example/simple/"};
  settings.named_urls = {"https://direct.example/a-1.0-py3-none-any.whl"};
  CHECK(index::client_cert_origins(settings) == std::set<std::string>{"https://own.example:443"});
  CHECK(index::own_origins(settings) == std::set<std::string>{"https://own.example:443"});
  CHECK(index::own_hosts(settings) == std::set<std::string>{"own.example"});
  settings.client_cert_for_all_named = true;
  CHECK(index::client_cert_origins(settings) ==
        std::set<std::string>{"https://direct.example:443", "https://own.example:443", "https://project.example:443"});
}

TEST_CASE("logins are not read, locked or written through a link") {
  Home home;
  const auto target = home.folder / "target";
  REQUIRE_OK(fs::make_dirs(login_file().parent_path()));
  for (const auto& link : {login_file(), fs::Path(login_file().native() + ".lock")}) {
    REQUIRE_OK(fs::publish(target, "precious", fs::Durability::none, 0600));
    ::unlink(link.c_str());  // the lock of the round before
    REQUIRE(::symlink(target.c_str(), link.c_str()) == 0);
    CHECK_FALSE(keep_login(login_file(), {"https://a.example:443", "u", "p", false}).ok());
    CHECK(fs::read_file(target).value() == "precious");
    REQUIRE(::unlink(link.c_str()) == 0);
  }
}

TEST_CASE("the keyring is asked once, by URL and then by host, and only where it may be") {
  Home home;
  const auto program = home.folder / "bin/keyring";
  REQUIRE_OK(fs::make_dirs(program.parent_path()));
  REQUIRE_OK(fs::publish(program,
                         cat("#!/bin/sh\necho \"$@\" >> ", (home.folder / "calls").string(),
                             "\n[ \"$1 $2 $3\" = 'get index.example me' ] && echo 'from ring' && exit 0\nexit 1\n"),
                         fs::Durability::none, 0755));
  const Variable path("PATH", cat((home.folder / "bin").string(), ":/usr/bin:/bin"));
  auto settings = with_indexes({{"", "https://me@index.example/simple/", false}});
  const std::string url = "https://index.example/simple/x/";
  {
    Credentials off(settings, nullptr);
    CHECK_FALSE(off.wants_keyring(url));
    CHECK_FALSE(off.ask_keyring(url, {}));
    CHECK_FALSE(fs::exists(home.folder / "calls"));
  }
  settings.keyring = KeyringProvider::automatic;
  Credentials credentials(settings, nullptr);
  CHECK(credentials.wants_keyring(url));
  CHECK(credentials.ask_keyring(url, {}));
  CHECK(credentials.ask_keyring(url, {}));
  CHECK_FALSE(credentials.wants_keyring(url));
  CHECK(told(credentials, url) == Texts{"me:from ring from the keyring"});
  CHECK(fs::read_file(home.folder / "calls").value() == "get https://index.example/simple/ me\nget index.example me\n");
  CHECK_FALSE(credentials.ask_keyring("http://index.example/simple/",
                                      {}));  // the same host without TLS: asked by its whole URL only
  CHECK(fs::read_file(home.folder / "calls").value().find("get http://index.example") != std::string::npos);
}

}  // namespace pkg::index
