#include "index/http/login_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/limits.h"
#include "base/own_file.h"
#include "base/text.h"
#include "base/user_folders.h"

namespace pkg::index {
namespace {

constexpr double kLoginsWaitSeconds = 10;

std::string text_at(const json::Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<std::string> read_private(const fs::Path& file) {
  PKG_TRY_ASSIGN(auto own,
                 fs::read_own_file(file, limits::kSettings, fs::FileLinks::refuse).with("while looking for logins"));
  if (own.is_open_to_readers) {
    return make_error(ErrorKind::bad_data,
                      cat("the logins in ", quote(file.native()), " can be read by others and are not used"),
                      cat("change the passwords in it, then: chmod 600 ", file.native()));
  }
  return std::move(own.text);
}

Status write_logins(const fs::Path& file, const std::vector<Login>& logins) {
  auto value = json::Json::object();
  value["version"] = 1;
  auto& list = value["logins"] = json::Json::array();
  for (const auto& login : logins) {
    json::Json one = {{"origin", login.origin}, {"username", login.user}};
    if (login.in_keyring)
      one["keyring"] = true;
    else
      one["password"] = login.password;
    list.push_back(std::move(one));
  }
  return fs::publish(file, json::dump(value, 2) + "\n", fs::Durability::untorn, 0600);
}

// The folder may hold the user's settings already: it is closed to others only when it is made here.
Status make_folder(const fs::Path& folder) {
  if (fs::exists(folder)) return ok_status();
  PKG_TRY(fs::make_dirs(folder));
  if (::chmod(folder.c_str(), 0700) != 0) return fs::errno_error("cannot close to others", folder, errno);
  return ok_status();
}

Result<fs::FileLock> lock(const fs::Path& file) {
  PKG_TRY(make_folder(file.parent_path()));
  return fs::FileLock::acquire(file.native() + ".lock", fs::LockMode::exclusive, kLoginsWaitSeconds);
}

}  // namespace

fs::Path login_file() {
  const auto folder = user_config_folder(process_environment());
  return folder.empty() ? fs::Path() : folder / "pkg/credentials.json";
}

Result<std::vector<Login>> read_logins(const fs::Path& file) {
  std::vector<Login> logins;
  if (file.empty() || !fs::exists(file)) return logins;
  PKG_TRY_ASSIGN(const auto text, read_private(file));
  auto value = json::parse(text);
  if (!value) return make_error(ErrorKind::bad_data, cat("the logins in ", quote(file.native()), " are no JSON"));
  const auto list = value->is_object() ? value->find("logins") : value->end();
  if (!value->is_object() || list == value->end() || !list->is_array())
    return make_error(ErrorKind::bad_data,
                      cat("the logins in ", quote(file.native()), " are not as `pkg auth login` writes them"));
  for (const auto& one : *list) {
    if (!one.is_object()) continue;
    const auto keyring = one.find("keyring");
    Login login{text_at(one, "origin"), text_at(one, "username"), text_at(one, "password"),
                keyring != one.end() && keyring->is_boolean() && keyring->get<bool>()};
    if (!login.origin.empty()) logins.push_back(std::move(login));
  }
  return logins;
}

Status keep_login(const fs::Path& file, Login login) {
  if (file.empty())
    return make_error(ErrorKind::not_found, "there is no place for logins", "set HOME or XDG_CONFIG_HOME");
  PKG_TRY_ASSIGN(const auto held, lock(file));
  PKG_TRY_ASSIGN(auto logins, read_logins(file));
  std::erase_if(logins, [&](const Login& one) { return one.origin == login.origin; });
  logins.push_back(std::move(login));
  std::ranges::sort(logins, {}, &Login::origin);
  return write_logins(file, logins);
}

Result<Login> forget_login(const fs::Path& file, const std::string& origin) {
  const auto none = [&] {
    return make_error(ErrorKind::not_found, cat("no login is kept for ", quote(origin)), "see `pkg auth list`");
  };
  if (file.empty() || !fs::exists(file)) return none();
  PKG_TRY_ASSIGN(const auto held, lock(file));
  PKG_TRY_ASSIGN(auto logins, read_logins(file));
  const auto found = std::ranges::find(logins, origin, &Login::origin);
  if (found == logins.end()) return none();
  auto login = std::move(*found);
  logins.erase(found);
  PKG_TRY(write_logins(file, logins));
  return login;
}

}  // namespace pkg::index
