#include "venv/transaction/origins.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "venv/transaction/state_folder.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kOriginsFormat = "pkg origins 1";

// Folders that become something else (--target and the like) are left without a trace.
bool keeps_notes(const Environment& environment) {
  return environment.kind == EnvironmentKind::venv || environment.kind == EnvironmentKind::conda;
}

std::string look_of(const std::filesystem::path& info) {
  const auto key = fs::file_key(info / "METADATA");
  return key ? cat(key->inode, ' ', key->size, ' ', key->mtime_ns) : std::string();
}

std::filesystem::path info_of(const pep::WheelManifest& manifest, const Environment& environment) {
  const auto& layout = environment.layout;
  return (manifest.root_is_purelib ? layout.purelib : layout.platlib) / manifest.dist_info;
}

// Not beside it first: a file of a killed process would stay. A part of it has no MAC that fits.
void write_in_place(const StateFolder& state, const std::string& bytes, const StateKey& key) {
  if (!key.is_kept()) return;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  fs::Fd out(::openat(state.fd(), kOriginsName, kFlags, 0644));
  const auto shown = state.path(kOriginsName);
  if (out && fs::write_all(out.get(), bytes, shown).ok()) (void)out.close(shown);
}

}  // namespace

Origins Origins::read(const Environment& environment, const StateKey& key) {
  Origins origins;
  if (!keeps_notes(environment)) return origins;
  const auto note = read_note(environment, kOriginsName, kOriginsFormat, key);
  if (!note) return origins;
  for (const auto line : split_lines(note->text)) {  // NAME SHA256 INODE SIZE MTIME
    const auto name_end = line.find(' ');
    const auto sha256_end = name_end == std::string_view::npos ? name_end : line.find(' ', name_end + 1);
    if (sha256_end == std::string_view::npos) continue;
    auto name = pep::Name::parse(line.substr(0, name_end));
    if (!name) continue;
    origins.known_[std::move(name).value()] = {std::string(line.substr(name_end + 1, sha256_end - name_end - 1)),
                                               std::string(line.substr(sha256_end + 1))};
  }
  return origins;
}

std::string Origins::sha256_of(const InstalledDist& dist) const {
  const auto found = known_.find(dist.name);
  if (found == known_.end() || found->second.metadata != look_of(dist.info)) return {};
  return found->second.sha256;
}

void Origins::note(const Change& change, const Environment& environment, const StateKey& key,
                   const StateFolder& state) {
  if (!keeps_notes(environment) || (change.install.empty() && change.remove.empty())) return;
  auto origins = read(environment, key);
  for (const auto& dist : change.remove) origins.known_.erase(dist.name);
  for (const auto& arrived : change.install) {
    const auto& manifest = arrived.wheel->manifest;
    auto look = look_of(info_of(manifest, environment));
    if (arrived.origin_sha256.empty() || look.empty())
      origins.known_.erase(manifest.name);
    else
      origins.known_[manifest.name] = {arrived.origin_sha256, std::move(look)};
  }
  if (origins.known_.empty()) {
    (void)::unlinkat(state.fd(), kOriginsName, 0);
    return;
  }
  std::string text;
  for (const auto& [name, origin] : origins.known_)
    append(text, name.str(), ' ', origin.sha256, ' ', origin.metadata, '\n');
  write_in_place(state, sealed(kOriginsFormat, text, key), key);
}

}  // namespace pkg::venv
