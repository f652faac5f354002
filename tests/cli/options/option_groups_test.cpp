#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "base/text.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "support/printers.h"
#include "support/scoped_env.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {

struct Place {
  test::TempDir folder;
  std::map<std::string, std::string> variables{{"HOME", (folder / "home").string()},
                                               {"XDG_CONFIG_DIRS", (folder / "xdg").string()}};
  const char* operator()(const char* name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  }
  void write(const std::string& name, const std::string& text) const {
    const auto path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  cli::Config config() const {
    auto loaded = cli::Config::load("install", folder / "work", std::cref(*this), folder / "etc/pip.conf");
    REQUIRE_OK(loaded);
    return std::move(loaded).value();
  }
};

// As a command does it: the settings first, then the flags.
index::Settings settings_of(const cli::Config& config, void (*flags)(cli::IndexOptions&) = nullptr) {
  cli::IndexOptions options;
  options.index_url = "https://default.example/";
  cli::apply_config(config, options);
  if (flags != nullptr) flags(options);
  auto settings = cli::make_settings(options, config, 0);
  REQUIRE_OK(settings);
  return std::move(settings).value();
}

std::string indexes_of(const index::Settings& settings) {
  std::string text;
  for (const auto& index : settings.indexes)
    append(text, index.name, index.name.empty() ? "" : "=", index.url.shown(), index.is_explicit ? " explicit" : "",
           index.takes_variables ? "" : " foreign", "\n");
  return text;
}

}  // namespace

TEST_CASE("indexes are asked in order: those of flags, of files, the further ones, the default one") {
  Place place;
  place.write("home/.config/pkg/pkg.toml",
              "extra-index-url = 'https://extra.example/'\n[[index]]\nname = 'mine'\nurl = 'https://mine.example/'\n"
              "explicit = true\n[[index]]\nname = 'all'\nurl = 'https://all.example/'\ndefault = true\n");
  const auto settings = settings_of(place.config(), [](cli::IndexOptions& options) {
    options.named_indexes = {"corp=https://corp.example/", "https://plain.example/?a=b", "corp=https://late.example/"};
  });
  CHECK(indexes_of(settings) ==
        "corp=https://corp.example/\nhttps://plain.example/?a=b\nmine=https://mine.example/ explicit\n"
        "https://extra.example/\nall=https://all.example/ explicit\nhttps://default.example/\n");
  const auto without = settings_of(place.config(), [](cli::IndexOptions& options) { options.index_url.clear(); });
  CHECK(indexes_of(without).ends_with("https://extra.example/\nall=https://all.example/\n"));
  const auto none = settings_of(place.config(), [](cli::IndexOptions& options) { options.no_index = true; });
  CHECK(none.indexes.empty());
}

TEST_CASE("addresses that a project gives are foreign until the user says the same") {
  Place place;
  place.write("work/pyproject.toml",
              "[tool.pkg]\nindex-url = 'https://index.example/'\nfind-links = ['https://links.example/']\n"
              "[[tool.pkg.index]]\nname = 'corp'\nurl = 'https://corp.example/simple/'\n");
  auto settings = settings_of(place.config());
  CHECK(settings.foreign_urls.contains(SecretUrl("https://index.example/")));
  CHECK(settings.foreign_urls.contains(SecretUrl("https://corp.example/simple/")));
  CHECK_FALSE(settings.own_hosts.contains("corp.example"));
  CHECK(indexes_of(settings) == "corp=https://corp.example/simple/ foreign\nhttps://index.example/\n");

  place.write("home/.config/pkg/pkg.toml", "[[index]]\nname = 'corp'\nurl = 'https://corp.example/'\n");
  place.variables["PIP_INDEX_URL"] = "https://index.example/";
  settings = settings_of(place.config());
  CHECK_FALSE(settings.foreign_urls.contains(SecretUrl("https://index.example/")));
  CHECK_FALSE(settings.foreign_urls.contains(SecretUrl("https://corp.example/simple/")));
}

TEST_CASE("certificates come from the flag, else from the variables that others know") {
  Place place;
  const test::ScopedEnv requests("REQUESTS_CA_BUNDLE", nullptr), curl("CURL_CA_BUNDLE", nullptr),
      file("SSL_CERT_FILE", nullptr);
  {
    const auto folders = "/no-such-folder:" + place.folder.path().string();
    const test::ScopedEnv folder("SSL_CERT_DIR", folders.c_str());
    CHECK(settings_of(place.config()).ca_bundle == place.folder.path().string());
    const test::ScopedEnv bundle("CURL_CA_BUNDLE", "/bundle.pem");
    CHECK(settings_of(place.config()).ca_bundle == "/bundle.pem");
    const test::ScopedEnv first("REQUESTS_CA_BUNDLE", "/first.pem");
    CHECK(settings_of(place.config()).ca_bundle == "/first.pem");
    CHECK(settings_of(place.config(), [](cli::IndexOptions& options) { options.cert = "/own.pem"; }).ca_bundle ==
          "/own.pem");
  }
  const test::ScopedEnv folder("SSL_CERT_DIR", nullptr);
  CHECK(settings_of(place.config()).ca_bundle.empty());
}

TEST_CASE("numbers of the settings count as far as they are numbers") {
  Place place;
  place.variables["PIP_TIMEOUT"] = "2.5";
  place.variables["PIP_RETRIES"] = "100000";
  auto settings = settings_of(place.config());
  CHECK(settings.timeout_s == 2.5);
  CHECK(settings.retries == 1000);
  place.variables["PIP_TIMEOUT"] = "soon";
  place.variables["PIP_RETRIES"] = "-1";
  settings = settings_of(place.config());
  CHECK(settings.timeout_s == 15);
  CHECK(settings.retries == 5);
}

TEST_CASE("words of settings become what the index takes") {
  Place place;
  place.variables["PIP_KEYRING_PROVIDER"] = "subprocess";
  place.variables["PKG_INDEX_STRATEGY"] = "unsafe-best-match";
  const auto settings = settings_of(place.config(), [](cli::IndexOptions& options) {
    options.refresh_packages = {"A_b"};
    options.no_verify_hashes = options.no_verify_record = true;
  });
  CHECK(settings.keyring == index::KeyringProvider::subprocess);
  CHECK(settings.strategy == index::Strategy::unsafe_best_match);
  CHECK(settings.refresh == index::RefreshMode::listed);
  CHECK(settings.refresh_names.contains(*pep::Name::parse("a-b")));
  CHECK_FALSE(settings.verify_hashes);
  CHECK_FALSE(settings.verify_record);
  cli::IndexOptions wrong;
  wrong.refresh_packages = {"!"};
  CHECK(!cli::make_settings(wrong, place.config(), 0).ok());
}

TEST_CASE("nothing links to a cache that is thrown away") {
  cli::IndexOptions index;
  cli::LinkFlags link;
  const auto mode = [&](const char* name) {
    link.link_mode = name;
    return cli::make_apply_options(link, index)->link_mode;
  };
  index.cache_dir = "/cache";
  CHECK(mode("symlink") == venv::LinkMode::symlink);
  CHECK(mode("clone") == venv::LinkMode::clone);
  CHECK(mode("copy") == venv::LinkMode::copy);
  index.no_cache = true;
  CHECK(mode("symlink") == venv::LinkMode::hardlink);
  CHECK(mode("copy") == venv::LinkMode::copy);
}

TEST_CASE("bytecode is compiled when asked for, and --no-compile wins") {
  const auto compiles = [](bool compile, bool no_compile) {
    cli::LinkFlags link;
    link.compile = compile;
    link.no_compile = no_compile;
    return cli::make_apply_options(link, {})->compile_bytecode;
  };
  CHECK_FALSE(compiles(false, false));
  CHECK(compiles(true, false));
  CHECK_FALSE(compiles(true, true));
}

TEST_CASE("the words for the group dev mean --group, --no-group and --only-group") {
  cli::SelectionFlags flags;
  flags.selection.groups = {"test"};
  flags.dev = flags.no_dev = flags.only_dev = true;
  const auto selection = cli::selection_of(flags);
  CHECK(selection.groups == std::vector<std::string>{"test", "dev"});
  CHECK(selection.excluded_groups == std::vector<std::string>{"dev"});
  CHECK(selection.only_groups == std::vector<std::string>{"dev"});
}
