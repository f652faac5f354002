#include "venv/transaction/mend.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "pep/launcher.h"
#include "pep/record.h"
#include "venv/activate.h"
#include "venv/owned_paths.h"
#include "venv/pyvenv_cfg.h"
#include "venv/site_files.h"

namespace pkg::venv {
namespace {

// Names under which launchers call the interpreter of `environment`.
std::vector<std::string> interpreter_names(const Environment& environment) {
  std::vector<std::string> names{"python", "python3"};
  const auto& version = environment.python_version;
  if (const auto dot = version.find('.'); dot != std::string::npos)
    names.push_back(cat("python", version.substr(0, version.find('.', dot + 1))));
  return names;
}

// The script with its first line (or lines) changed; nullopt: it does not name the old place.
std::optional<std::string> mended(std::string_view content, const Environment& environment) {
  const auto scripts = environment.layout.scripts.lexically_relative(environment.layout.prefix);
  for (const auto& name : interpreter_names(environment)) {
    const auto before = pep::shebang((environment.made_at / scripts / name).native());
    if (content.starts_with(before))
      return cat(pep::shebang((environment.layout.scripts / name).native()), content.substr(before.size()));
  }
  return std::nullopt;
}

// Paths as RECORD has them, of the files that change, with their new content.
using Changed = std::map<std::string, std::string, std::less<>>;

Result<Changed> changed_scripts(const InstalledDist& dist, const std::string& record, const Environment& environment,
                                const Boundary& boundary) {
  const auto& scripts = boundary.root(pep::Scheme::scripts);
  Changed changed;
  std::string buffer;
  const std::string site = resolved(dist.info.parent_path().native());
  for (pep::RecordReader rows(record); rows.next_file();) {
    const std::string target(record_target(site, rows.path(), buffer));
    if (parent_of(target) != scripts || boundary.is_environments_own(target)) continue;
    struct stat info {};
    if (::lstat(target.c_str(), &info) != 0 || !S_ISREG(info.st_mode) ||
        static_cast<std::uint64_t>(info.st_size) > limits::kSmall)
      continue;
    PKG_TRY_ASSIGN(const auto content, fs::read_file_at_most(target, limits::kSmall));
    if (auto text = mended(content, environment)) changed.emplace(rows.path(), *std::move(text));
  }
  return changed;
}

std::string record_with(const std::string& record, const Changed& changed) {
  std::string text;
  text.reserve(record.size());
  for (pep::RecordReader rows(record); rows.next_file();) {
    const auto path = rows.path();
    const auto found = changed.find(path);
    if (found != changed.end()) {
      pep::append_record_row(text, path.substr(0, path.rfind('/') + 1), name_of(path), hash::sha256(found->second),
                             found->second.size());
      continue;
    }
    pep::append_record_field(text, path);
    text += ',';
    pep::append_record_field(text, rows.hash());
    text += ',';
    pep::append_record_field(text, rows.size());
    text += '\n';
  }
  return text;
}

// One file of the environment's own, by a new one that takes its place.
Status replace(Ground& ground, const std::string& path, std::string_view content) {
  PKG_TRY_ASSIGN(const auto spot, ground.spot(path));
  const auto fresh = cat('.', spot.name, ".pkg-new");
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  fs::Fd fd(::openat(spot.at(), fresh.c_str(), kFlags, 0666));
  if (!fd && errno == EEXIST && ::unlinkat(spot.at(), fresh.c_str(), 0) == 0)  // of a killed command
    fd = fs::Fd(::openat(spot.at(), fresh.c_str(), kFlags, 0666));
  if (!fd) return fs::errno_error("cannot write", path, errno);
  auto written = fs::write_all(fd.get(), content, path);
  if (written) written = fd.close(path);
  if (written && ::renameat(spot.at(), fresh.c_str(), spot.at(), spot.name.c_str()) != 0)
    written = fs::errno_error("cannot replace", path, errno);
  if (!written) (void)::unlinkat(spot.at(), fresh.c_str(), 0);
  return written;
}

// The line `location` says where the environment is now, if that can be said.
std::string settings_with(std::string_view text, const std::string& prefix) {
  std::string out;
  for (const auto line : split_lines(text)) {
    const bool is_location = to_ascii_lower(trim(line.substr(0, line.find('=')))) == "location";
    if (!is_location)
      append(out, line, '\n');
    else if (can_be_a_setting(prefix))
      append(out, "location = ", prefix, '\n');
  }
  return out;
}

bool is_same_folder(const std::filesystem::path& a, const std::filesystem::path& b) {
  struct stat one {
  }, other{};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

}  // namespace

bool was_moved(const Environment& environment) {
  return environment.kind == EnvironmentKind::venv && !environment.relocatable && !environment.made_at.empty() &&
         environment.made_at != environment.layout.prefix &&
         !is_same_folder(environment.made_at, environment.layout.prefix);
}

Status plan_mending(Placement& placement, std::span<const InstalledDist> kept, const Environment& environment) {
  const auto& scripts = placement.boundary().root(pep::Scheme::scripts);
  std::set<std::string, std::less<>> written;  // two distributions may own one
  for (const auto& dist : kept) {
    if (dist.kind != InstalledKind::dist_info) continue;
    const auto record = read_record_text(dist);
    if (!record) continue;
    PKG_TRY_ASSIGN(const auto changed, changed_scripts(dist, *record, environment, placement.boundary()));
    if (changed.empty()) continue;
    for (const auto& [path, content] : changed) {
      const std::string name(name_of(path));
      if (written.insert(name).second) PKG_TRY(placement.write(placement.dir(scripts), {name, content, true}, kNone));
    }
    PKG_TRY(placement.write(placement.dir(resolved(dist.info.native())),
                            {"RECORD", record_with(*record, changed), false}, kNone));
  }
  return ok_status();
}

Status mend_own_files(Ground& ground, const Environment& environment) {
  const auto& prefix = environment.layout.prefix;
  const auto settings = prefix / "pyvenv.cfg";
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(settings, limits::kSmall));
  PKG_TRY_ASSIGN(const auto cfg, parse_pyvenv_cfg(text));
  for (const auto& script : activation_scripts(prefix, cfg.prompt)) {
    const auto path = environment.layout.scripts / script.name;
    if (fs::exists(path)) PKG_TRY(replace(ground, path.native(), script.content));
  }
  return replace(ground, settings.native(), settings_with(text, prefix.native()));
}

}  // namespace pkg::venv
