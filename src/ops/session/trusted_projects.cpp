#include "ops/session/trusted_projects.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/own_file.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::ops {
namespace {

constexpr std::uint64_t kLargestFile = 1u << 20;
constexpr double kLockWaitSeconds = 10;

std::filesystem::path trusted_projects_file(const std::filesystem::path& state_dir) {
  return state_dir / "trusted-projects";
}

// The same place by whatever way it is named.
std::filesystem::path real(const std::filesystem::path& place) {
  std::error_code failed;
  auto path = std::filesystem::canonical(place, failed);
  return failed ? place.lexically_normal() : path;
}

// "DIGEST file:///folder" a line: a URL holds every path.
Result<TrustedProject> parse_line(std::string_view line, const std::filesystem::path& file) {
  const auto space = line.find(' ');
  const auto path = space == 64 ? url::file_url_to_path(line.substr(65)) : Result<std::string>(Error{});
  if (!path)
    return make_error(ErrorKind::bad_data, cat(quote(file.native()), " is not as `pkg config trust` writes it"),
                      "remove it");
  return TrustedProject{*path, std::string(line.substr(0, 64))};
}

Status write(const std::vector<TrustedProject>& projects, const std::filesystem::path& state_dir) {
  std::string text;
  for (const auto& project : projects)
    append(text, project.digest, ' ', url::path_to_file_url(project.place.native()), '\n');
  return fs::publish(trusted_projects_file(state_dir), text, fs::Durability::untorn, 0600);
}

Result<fs::FileLock> lock(const std::filesystem::path& state_dir) {
  if (state_dir.empty())
    return make_error(ErrorKind::not_found, "there is no place to remember it", "set HOME or XDG_STATE_HOME");
  PKG_TRY(fs::make_dirs(state_dir.parent_path()));
  if (::mkdir(state_dir.c_str(), 0700) != 0 && errno != EEXIST)
    return fs::errno_error("cannot create the folder", state_dir, errno);
  return fs::FileLock::acquire(trusted_projects_file(state_dir).native() + ".lock", fs::LockMode::exclusive,
                               kLockWaitSeconds);
}

}  // namespace

std::string trust_digest(std::span<const TrustedWord> words) {
  std::string text;
  const auto add = [&](const std::string& piece) {
    append(text, piece.size(), ':', piece);
  };  // no two lists of words read alike
  for (const auto& word : words) {
    add(word.key);
    append(text, word.values.size(), ';');
    for (const auto& value : word.values) add(value);
  }
  return hash::to_hex(hash::sha256(text));
}

bool trusts_every_project(const Getenv& environment) {
  const char* value = environment("PKG_TRUST_PROJECT");
  const auto word = to_ascii_lower(trim(value == nullptr ? "" : value));
  return word == "1" || word == "true" || word == "yes" || word == "on";
}

std::filesystem::path state_folder(const Getenv& environment) {
  auto folder = user_state_folder(environment);
  return folder.empty() ? folder : folder / "pkg";
}

Result<std::vector<TrustedProject>> trusted_projects(const std::filesystem::path& state_dir) {
  std::vector<TrustedProject> projects;
  if (state_dir.empty()) return projects;
  const auto file = trusted_projects_file(state_dir);
  auto own = fs::read_own_file(file, kLargestFile, fs::FileLinks::refuse);
  if (!own && own.error().kind == ErrorKind::not_found) return projects;
  if (!own) return std::move(own).error();
  for (const auto line : split_lines(own->text)) {
    PKG_TRY_ASSIGN(auto project, parse_line(line, file));
    projects.push_back(std::move(project));
  }
  return projects;
}

bool is_trusted(const std::filesystem::path& place, const std::string& digest, const std::filesystem::path& state_dir) {
  const auto projects = trusted_projects(state_dir);
  if (!projects || projects->empty()) return false;
  const auto path = real(place);
  return std::ranges::any_of(*projects,
                             [&](const TrustedProject& one) { return one.place == path && one.digest == digest; });
}

Status trust_project(const std::filesystem::path& place, const std::string& digest,
                     const std::filesystem::path& state_dir) {
  PKG_TRY_ASSIGN(const auto held, lock(state_dir));
  PKG_TRY_ASSIGN(auto projects, trusted_projects(state_dir));
  const auto path = real(place);
  std::erase_if(projects, [&](const TrustedProject& one) { return one.place == path; });
  projects.push_back({path, digest});
  std::ranges::sort(projects, {}, &TrustedProject::place);
  return write(projects, state_dir);
}

Result<bool> untrust_project(const std::filesystem::path& place, const std::filesystem::path& state_dir) {
  PKG_TRY_ASSIGN(const auto held, lock(state_dir));
  PKG_TRY_ASSIGN(auto projects, trusted_projects(state_dir));
  const auto path = real(place);
  const bool was_there = std::erase_if(projects, [&](const TrustedProject& one) { return one.place == path; }) != 0;
  if (was_there) PKG_TRY(write(projects, state_dir));
  return was_there;
}

}  // namespace pkg::ops
