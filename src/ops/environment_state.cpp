#include "ops/environment_state.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kFormat = "pkg sync state 1";
constexpr std::size_t kLines = 10;  // with the format's

std::filesystem::path state_path(const venv::Environment& environment) { return environment.state_dir() / "sync"; }

bool has_state(const venv::Environment& environment) {
  return environment.kind == venv::EnvironmentKind::venv || environment.kind == venv::EnvironmentKind::conda;
}

std::string key_text(const fs::FileKey& key) { return cat(key.device, ' ', key.inode, ' ', key.size, ' ', key.mtime_ns); }

// One line for each file or folder that is looked at; what is not there says so. `newest`: the latest mtime among them.
std::string look_at(const std::filesystem::path& path, std::int64_t& newest) {
  const auto key = fs::file_key(path);
  if (!key) return "absent";
  newest = std::max(newest, key->mtime_ns);
  return key_text(*key);
}

// How the lock and the environment look now.
std::vector<std::string> looks(const venv::Environment& environment, const std::filesystem::path& lock, std::int64_t& newest) {
  const auto& layout = environment.layout;
  std::vector<std::string> lines{look_at(lock, newest), look_at(environment.python, newest), look_at(layout.prefix / "pyvenv.cfg", newest),
                                 look_at(layout.purelib, newest)};
  lines.push_back(layout.platlib == layout.purelib ? std::string("same") : look_at(layout.platlib, newest));
  return lines;
}

}  // namespace

std::optional<SyncState> unchanged_since(const venv::Environment& environment) {
  if (!has_state(environment)) return std::nullopt;
  const auto path = state_path(environment);
  const auto own = fs::file_key(path);
  if (!own) return std::nullopt;
  const auto text = fs::read_file_at_most(path, limits::kState);
  if (!text) return std::nullopt;
  const auto lines = split_lines(*text);
  if (lines.size() != kLines || lines[0] != kFormat) return std::nullopt;
  SyncState state;
  state.lock = std::string(lines[1]);
  state.inputs_digest = std::string(lines[2]);
  state.selection = std::string(lines[3]);
  const auto packages = parse_u64(lines[4]);
  if (!packages) return std::nullopt;
  state.packages = *packages;
  std::int64_t newest = 0;
  const auto now = looks(environment, state.lock, newest);
  if (newest >= own->mtime_ns || !std::equal(now.begin(), now.end(), lines.begin() + 5, lines.end())) return std::nullopt;
  return state;
}

void remember(const venv::Environment& environment, const SyncState& state) {
  if (!has_state(environment)) return;
  std::int64_t newest = 0;
  auto text = cat(kFormat, '\n', state.lock.native(), '\n', state.inputs_digest, '\n', state.selection, '\n', state.packages, '\n');
  for (const auto& line : looks(environment, state.lock, newest)) append(text, line, '\n');
  if (split_lines(text).size() != kLines) return;  // a line break in a path
  (void)fs::make_dirs(environment.state_dir());
  (void)fs::publish(state_path(environment), text);
}

void forget(const venv::Environment& environment) {
  if (has_state(environment)) (void)::unlink(state_path(environment).c_str());
}

}  // namespace pkg::ops
