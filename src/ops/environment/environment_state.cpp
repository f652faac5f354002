#include "ops/environment/environment_state.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "venv/transaction/state_folder.h"

namespace pkg::ops {
namespace {

constexpr const char* kName = "sync";
constexpr std::string_view kFormat = "pkg sync state 2";
constexpr std::size_t kLines = 9;

bool has_state(const venv::Environment& environment) {
  return environment.kind == venv::EnvironmentKind::venv || environment.kind == venv::EnvironmentKind::conda;
}

std::string key_text(const fs::FileKey& key) {
  return cat(key.device, ' ', key.inode, ' ', key.size, ' ', key.mtime_ns);
}

// One line for each file or folder that is looked at; what is not there says so. `newest`: the latest mtime among them.
std::string look_at(const std::filesystem::path& path, std::int64_t& newest) {
  const auto key = fs::file_key(path);
  if (!key) return "absent";
  newest = std::max(newest, key->mtime_ns);
  return key_text(*key);
}

// How the lock and the environment look now.
std::vector<std::string> looks(const venv::Environment& environment, const std::filesystem::path& lock,
                               std::int64_t& newest) {
  const auto& layout = environment.layout;
  std::vector<std::string> lines{look_at(lock, newest), look_at(environment.python, newest),
                                 look_at(layout.prefix / "pyvenv.cfg", newest), look_at(layout.purelib, newest)};
  lines.push_back(layout.platlib == layout.purelib ? std::string("same") : look_at(layout.platlib, newest));
  return lines;
}

}  // namespace

std::optional<SyncState> unchanged_since(const venv::Environment& environment, const venv::StateKey& key) {
  if (!has_state(environment)) return std::nullopt;
  const auto note = venv::read_note(environment, kName, kFormat, key);
  if (!note) return std::nullopt;
  const auto lines = split_lines(note->text);
  if (lines.size() != kLines) return std::nullopt;
  SyncState state;
  state.lock = std::string(lines[0]);
  state.inputs_digest = std::string(lines[1]);
  state.selection = std::string(lines[2]);
  const auto packages = parse_u64(lines[3]);
  if (!packages) return std::nullopt;
  state.packages = *packages;
  std::int64_t newest = 0;
  const auto now = looks(environment, state.lock, newest);
  if (newest >= note->key.mtime_ns || !std::equal(now.begin(), now.end(), lines.begin() + 4, lines.end()))
    return std::nullopt;
  return state;
}

void remember(const venv::Environment& environment, const SyncState& state, const venv::StateKey& key) {
  if (!has_state(environment)) return;
  std::int64_t newest = 0;
  auto text = cat(state.lock.native(), '\n', state.inputs_digest, '\n', state.selection, '\n', state.packages, '\n');
  for (const auto& line : looks(environment, state.lock, newest)) append(text, line, '\n');
  if (split_lines(text).size() != kLines) return;  // a line break in a path
  venv::write_note(environment, kName, kFormat, text, key);
}

void forget(const venv::Environment& environment) {
  if (has_state(environment)) venv::delete_note(environment, kName);
}

}  // namespace pkg::ops
