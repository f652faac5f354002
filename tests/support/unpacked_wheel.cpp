#include "support/unpacked_wheel.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"
#include "pep/launcher.h"

namespace pkg::test {
namespace {

namespace stdfs = std::filesystem;

void write(const stdfs::path& path, const std::string& content, bool executable) {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), executable ? 0755 : 0644);
}

std::string store_folder(const std::string& data, pep::Scheme scheme) {
  switch (scheme) {
    case pep::Scheme::purelib:
    case pep::Scheme::platlib:
      return {};
    case pep::Scheme::headers:
      return data + "/headers";
    case pep::Scheme::scripts:
      return data + "/scripts";
    case pep::Scheme::data:
      return data + "/data";
  }
  return {};
}

std::string joined(const std::string& a, const std::string& b) { return a.empty() ? b : b.empty() ? a : a + "/" + b; }

}  // namespace

std::shared_ptr<const pep::UnpackedWheel> unpack(const stdfs::path& store, const WheelSpec& spec) {
  auto wheel = std::make_shared<pep::UnpackedWheel>();
  const std::string stem = replace_all(spec.name, "-", "_") + "-" + spec.version;
  wheel->path = (store / stem).string();
  auto& manifest = wheel->manifest;
  manifest.name = *pep::Name::parse(spec.name);
  manifest.version = *pep::Version::parse(spec.version);
  manifest.name_as_written = spec.name;
  manifest.version_as_written = spec.version;
  manifest.dist_info = stem + ".dist-info";
  manifest.record_verified = true;
  manifest.wheel_sha256 = hash::sha256(stem);
  manifest.scripts = spec.scripts;

  auto files = spec.files;
  files.push_back({.path = manifest.dist_info + "/METADATA",
                   .content = cat("Metadata-Version: 2.1\nName: ", spec.name, "\nVersion: ", spec.version, "\n")});
  files.push_back({.path = manifest.dist_info + "/WHEEL",
                   .content = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"});
  std::map<std::pair<pep::Scheme, std::string>, pep::ManifestDir> dirs;
  for (const auto& file : files) {
    const stdfs::path relative(file.path);
    const std::string folder = relative.parent_path().string();
    const std::string top = store_folder(stem + ".data", file.scheme);
    for (std::string at = folder;;
         at = stdfs::path(at).parent_path().string()) {  // folders without files are in the manifest too
      dirs.try_emplace({file.scheme, at},
                       pep::ManifestDir{.scheme = file.scheme, .path = at, .store_path = joined(top, at)});
      if (at.empty()) break;
    }
    const stdfs::path path = stdfs::path(wheel->path) / joined(top, file.path);
    write(path, file.content, file.executable);
    pep::ManifestFile entry;
    entry.name = relative.filename().string();
    entry.size = file.content.size();
    entry.mtime_ns = fs::file_key(path)->mtime_ns;
    entry.sha256 = hash::sha256(file.content);
    entry.executable = file.executable;
    entry.python_shebang = file.scheme == pep::Scheme::scripts && pep::has_python_shebang(file.content);
    dirs[{file.scheme, folder}].files.push_back(std::move(entry));
  }
  for (auto& [key, dir] : dirs) {
    std::sort(dir.files.begin(), dir.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    manifest.dirs.push_back(std::move(dir));
  }
  return wheel;
}

venv::WheelToInstall to_install(const stdfs::path& store, const WheelSpec& spec, bool requested) {
  venv::WheelToInstall wheel;
  wheel.wheel = unpack(store, spec);
  wheel.requested = requested;
  return wheel;
}

venv::Environment make_environment(const stdfs::path& prefix) {
  venv::Environment environment;
  environment.layout = venv::environment_layout(prefix, "cpython", 3, 12, false);
  environment.python = environment.layout.python;
  environment.python_version = "3.12";
  stdfs::create_directories(environment.layout.purelib);
  stdfs::create_directories(prefix / "bin");
  stdfs::create_directories(prefix / "include");
  std::error_code exists;
  stdfs::create_symlink("lib", prefix / "lib64", exists);
  stdfs::create_symlink(process::find_program("python3").value_or("/usr/bin/python3"), environment.python, exists);
  write(prefix / "pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n", false);
  write(prefix / "bin/activate", "# activate\n", false);
  return environment;
}

std::vector<std::string> tree(const stdfs::path& folder) {
  std::vector<std::string> lines;
  for (auto at = stdfs::recursive_directory_iterator(folder); at != stdfs::recursive_directory_iterator(); ++at) {
    const std::string path = at->path().lexically_relative(folder).string();
    if (path == ".pkg") {
      at.disable_recursion_pending();
      continue;
    }
    struct stat info;
    ::lstat(at->path().c_str(), &info);
    const std::string mode = cat((info.st_mode >> 6) & 7, (info.st_mode >> 3) & 7, info.st_mode & 7);
    if (at->is_symlink()) {
      lines.push_back(cat("l ", path, " -> ", stdfs::read_symlink(at->path()).string()));
    } else if (at->is_directory()) {
      lines.push_back(cat("d ", mode, ' ', path));
    } else {
      lines.push_back(cat("f ", mode, ' ', path, ' ', hash::to_hex(hash::sha256(*fs::read_file(at->path())))));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> file_names(const stdfs::path& folder) {
  std::vector<std::string> names;
  for (const auto& line : tree(folder))
    if (line[0] == 'f') names.push_back(std::string(split(line, ' ')[2]));
  return names;
}

}  // namespace pkg::test
