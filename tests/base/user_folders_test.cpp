#include "base/user_folders.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace pkg;

namespace {

Getenv variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

}  // namespace

TEST_CASE("a user's folders lie below HOME, or where the XDG variables say") {
  const auto plain = variables({{"HOME", "/home/a"}});
  CHECK(user_config_folder(plain) == "/home/a/.config");
  CHECK(user_cache_folder(plain) == "/home/a/.cache");
  CHECK(user_data_folder(plain) == "/home/a/.local/share");
  CHECK(user_state_folder(plain) == "/home/a/.local/state");
  const auto named = variables({{"HOME", "/home/a"},
                                {"XDG_CONFIG_HOME", "/c"},
                                {"XDG_CACHE_HOME", "/d"},
                                {"XDG_DATA_HOME", "/f"},
                                {"XDG_STATE_HOME", "/e"}});
  CHECK(user_config_folder(named) == "/c");
  CHECK(user_cache_folder(named) == "/d");
  CHECK(user_data_folder(named) == "/f");
  CHECK(user_state_folder(named) == "/e");
}

TEST_CASE("relative and empty XDG variables count as absent") {
  const auto odd = variables({{"HOME", "/home/a"}, {"XDG_CONFIG_HOME", "below/me"}, {"XDG_STATE_HOME", ""}});
  CHECK(user_config_folder(odd) == "/home/a/.config");
  CHECK(user_state_folder(odd) == "/home/a/.local/state");
}

TEST_CASE("without HOME the passwd entry's home counts") {
  CHECK(home_folder(variables({})).is_absolute());
  CHECK(home_folder(variables({{"HOME", ""}})) == home_folder(variables({})));
}
