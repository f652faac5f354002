#include "support/memory_index.h"

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "pep/name.h"
#include "support/memory_transport.h"
#include "support/tar_builder.h"
#include "support/zip_builder.h"

namespace pkg::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "https://index.test/";

std::string escaped(const std::string& name) { return replace_all(pep::normalize_name(name), "-", "_"); }

MemoryFile named(std::string name, std::string bytes) {
  auto sha256 = hash::to_hex(hash::sha256(bytes));
  return {std::move(name), std::move(bytes), std::move(sha256)};
}

std::vector<std::pair<std::string, std::string>> files_of(const std::string& name, const MemoryRelease& release) {
  if (!release.files.empty()) return release.files;
  return {{cat(escaped(name), "/__init__.py"), ""}};
}

BuiltWheel built(const std::string& name, const std::string& version, const std::string& tag,
                 const MemoryRelease& release) {
  WheelOptions options;
  options.tag = tag;
  options.requires_dist = release.requires_dist;
  options.requires_python = release.requires_python;
  options.provides_extra = release.provides_extra;
  options.entry_points = release.entry_points;
  options.deflate = false;  // the same bytes with every version of the library that compresses
  std::vector<ZipEntry> entries;
  for (auto& [path, content] : files_of(name, release)) {
    entries.emplace_back();
    entries.back().name = path;
    entries.back().content = content;
  }
  return make_wheel(escaped(name), version, std::move(entries), options);
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) append(list, list.empty() ? "" : ", ", "'", text, "'");
  return cat("[", list, "]");
}

std::string pyproject_of(const std::string& name, const std::string& version, const MemoryRelease& release) {
  return cat(
      "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\n[project]\nname = \"",
      name, "\"\nversion = \"", version, "\"\ndependencies = ", toml_list(release.requires_dist), "\n");
}

std::string pkg_info_of(const std::string& name, const std::string& version, const MemoryRelease& release) {
  auto text = built(name, version, "py3-none-any", release).metadata;
  return replace_all(text, "Metadata-Version: 2.1", "Metadata-Version: 2.2");
}

// One file of a release on its project's page.
struct Link {
  MemoryFile file;
  std::string metadata;  // METADATA beside a wheel; empty: none
  std::string requires_python, upload_time;
  std::optional<std::string> yanked;
};

Json link_json(const Link& link) {
  Json json{{"filename", link.file.name},
            {"url", cat(kRoot, "files/", link.file.name)},
            {"hashes", {{"sha256", link.file.sha256}}},
            {"size", link.file.bytes.size()}};
  if (!link.requires_python.empty()) json["requires-python"] = link.requires_python;
  if (!link.upload_time.empty()) json["upload-time"] = link.upload_time;
  if (link.yanked) json["yanked"] = link.yanked->empty() ? Json(true) : Json(*link.yanked);
  if (!link.metadata.empty()) json["core-metadata"] = {{"sha256", hash::to_hex(hash::sha256(link.metadata))}};
  return json;
}

struct Project {
  std::string status;
  std::vector<std::string> versions;
  std::vector<Link> links;
};

std::string page_json(const std::string& name, const Project& project) {
  Json page{{"meta", {{"api-version", "1.4"}}}, {"name", name}, {"versions", project.versions}};
  if (!project.status.empty()) page["project-status"] = {{"status", project.status}};
  page["files"] = Json::array();
  for (const auto& link : project.links) page["files"].push_back(link_json(link));
  return page.dump();
}

}  // namespace

MemoryFile wheel_of(const std::string& name, const std::string& version, const MemoryRelease& release) {
  auto wheel = built(name, version, release.tags.empty() ? "py3-none-any" : release.tags.front(), release);
  return {wheel.file_name, wheel.bytes, wheel.sha256};
}

MemoryFile sdist_of(const std::string& name, const std::string& version, const MemoryRelease& release) {
  const std::string top = cat(escaped(name), "-", version, "/");
  std::vector<TarMember> members{{.name = top + "PKG-INFO", .content = pkg_info_of(name, version, release)},
                                 {.name = top + "pyproject.toml", .content = pyproject_of(name, version, release)},
                                 {.name = top + "backend.py", .content = backend_text()}};
  for (auto& [path, content] : files_of(name, release)) members.push_back({.name = top + path, .content = content});
  return named(cat(escaped(name), "-", version, ".tar.gz"), gzip(build_tar(members)));
}

std::string backend_text() {
  return R"py(import base64, hashlib, os, re, zipfile

def _project():
    text = open('pyproject.toml').read()
    name = re.search(r'^name = "(.*)"', text, re.M).group(1)
    version = re.search(r'^version = "(.*)"', text, re.M).group(1)
    found = re.search(r'^dependencies = \[(.*)\]', text, re.M)
    needs = re.findall(r'''["']([^"']+)["']''', found.group(1)) if found else []
    return name, version, needs

def _write(folder, members):
    name, version, needs = _project()
    stem = re.sub('[-_.]+', '_', name).lower() + '-' + version
    info = stem + '.dist-info/'
    members[info + 'METADATA'] = ('Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version)
                                  + ''.join('Requires-Dist: %s\n' % need for need in needs))
    members[info + 'WHEEL'] = 'Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
    record = ''
    with zipfile.ZipFile(os.path.join(folder, stem + '-py3-none-any.whl'), 'w') as wheel:
        for path, text in members.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
            record += '%s,sha256=%s,%d\n' % (path, digest, len(text.encode()))
            wheel.writestr(path, text)
        wheel.writestr(info + 'RECORD', record + info + 'RECORD,,\n')
    return stem + '-py3-none-any.whl'

def build_wheel(folder, config_settings=None, metadata_directory=None):
    top = 'src' if os.path.isdir('src') else '.'
    members = {}
    for at, folders, files in os.walk(top):
        for file in files:
            if file.endswith('.py') and file != 'backend.py':
                path = os.path.join(at, file)
                members[os.path.relpath(path, top)] = open(path).read()
    return _write(folder, members)

def build_editable(folder, config_settings=None, metadata_directory=None):
    top = os.path.abspath('src' if os.path.isdir('src') else '.')
    return _write(folder, {'__editable__.pth': top + '\n'})
)py";
}

struct MemoryIndex::State {
  mutable std::mutex mutex;
  std::map<std::string, Project> projects;
  std::map<std::string, std::string> contents;  // by URL
  std::map<std::string, int> failures;          // by URL
  std::map<std::string, std::uint64_t> cuts;    // by URL
  std::vector<std::string> asked;
  std::vector<MemoryFile> files;

  void add_file(Link link, Project& project) {
    const auto url = cat(kRoot, "files/", link.file.name);
    contents[url] = link.file.bytes;
    if (!link.metadata.empty()) contents[url + ".metadata"] = link.metadata;
    files.push_back(link.file);
    project.links.push_back(std::move(link));
  }

  // The URL that a path, the name of a file or a project stands for.
  static std::string url_of(const std::string& text) {
    if (text.starts_with('/')) return cat(kRoot, text.substr(1));
    const bool is_file = text.ends_with(".whl") || text.ends_with(".tar.gz") || text.ends_with(".metadata");
    return is_file ? cat(kRoot, "files/", text) : cat(kRoot, "simple/", pep::normalize_name(text), "/");
  }

  const Project* project_at(std::string_view url, std::string& name) const {
    const auto start = cat(kRoot, "simple/");
    if (!url.starts_with(start) || !url.ends_with('/') || url.size() <= start.size()) return nullptr;
    name = std::string(url.substr(start.size(), url.size() - start.size() - 1));
    const auto found = projects.find(name);
    return found == projects.end() ? nullptr : &found->second;
  }

  MemoryAnswer answer(const index::Exchange& exchange) {
    const std::lock_guard lock(mutex);
    asked.push_back(exchange.url);
    if (const auto failure = failures.find(exchange.url); failure != failures.end()) return {.status = failure->second};
    std::string name;
    if (const auto* project = project_at(exchange.url, name))
      return {.headers = {{"content-type", "application/vnd.pypi.simple.v1+json"}}, .body = page_json(name, *project)};
    const auto content = contents.find(exchange.url);
    if (content == contents.end()) return {.status = 404};
    MemoryAnswer answer{.body = content->second};
    if (const auto cut = cuts.find(exchange.url); cut != cuts.end()) answer.cut = cut->second;
    return answer;
  }
};

MemoryIndex::MemoryIndex() : state_(std::make_shared<State>()) {}

std::string MemoryIndex::url() const { return cat(kRoot, "simple/"); }

std::string MemoryIndex::file_url(const std::string& name) const { return cat(kRoot, "files/", name); }

void MemoryIndex::add(const std::string& name, const std::string& version, MemoryRelease release) {
  const std::lock_guard lock(state_->mutex);
  Project& project = state_->projects[pep::normalize_name(name)];
  project.versions.push_back(version);
  const auto link = [&](MemoryFile file, std::string metadata) {
    return Link{std::move(file), std::move(metadata), release.requires_python, release.upload_time, release.yanked};
  };
  for (const auto& tag : release.tags) {
    auto wheel = built(name, version, tag, release);
    state_->add_file(link({wheel.file_name, wheel.bytes, wheel.sha256}, wheel.metadata), project);
  }
  if (release.sdist) state_->add_file(link(sdist_of(name, version, release), {}), project);
}

void MemoryIndex::serve(const std::string& path, std::string content) {
  const std::lock_guard lock(state_->mutex);
  state_->contents[cat(kRoot, path.starts_with('/') ? path.substr(1) : path)] = std::move(content);
}

void MemoryIndex::fail(const std::string& path_or_project, int status) {
  const std::lock_guard lock(state_->mutex);
  state_->failures[State::url_of(path_or_project)] = status;
}

void MemoryIndex::break_off(const std::string& file_name, std::uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->cuts[State::url_of(file_name)] = bytes;
}

void MemoryIndex::corrupt(const std::string& file_name) {
  const std::lock_guard lock(state_->mutex);
  std::string& content = state_->contents.at(State::url_of(file_name));
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
}

void MemoryIndex::set_status(const std::string& project, const std::string& status) {
  const std::lock_guard lock(state_->mutex);
  state_->projects[pep::normalize_name(project)].status = status;
}

std::vector<std::string> MemoryIndex::asked() const {
  const std::lock_guard lock(state_->mutex);
  return state_->asked;
}

void MemoryIndex::forget() {
  const std::lock_guard lock(state_->mutex);
  state_->asked.clear();
}

std::vector<MemoryFile> MemoryIndex::files() const {
  const std::lock_guard lock(state_->mutex);
  return state_->files;
}

index::MakeTransport MemoryIndex::transport() {
  return [state = state_](const index::TransportSettings&) -> Result<std::unique_ptr<index::Transport>> {
    return std::unique_ptr<index::Transport>(std::make_unique<MemoryTransport>(
        [state](const index::Exchange& exchange) { return state->answer(exchange); }));
  };
}

}  // namespace pkg::test
