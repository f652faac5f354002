#include "support/ops_kit.h"

#include <sys/stat.h>

#include <fstream>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/url.h"
#include "builder/backend.h"
#include "builder/static_metadata.h"
#include "pep/metadata.h"
#include "pep/source_url.h"
#include "support/printers.h"
#include "support/zip_builder.h"
#include "venv/create.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/site.h"

namespace pkg::test {
namespace {

namespace stdfs = std::filesystem;

void write_file(const stdfs::path& path, std::string_view text) {
  stdfs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class StaticBuilder final : public ops::SourceBuilder {
 public:
  StaticBuilder(ops::Session& session, ops::BuildOptions options, pep::Target target)
      : session_(session), options_(std::move(options)), target_(std::move(target)) {}

  Result<pep::DistFile> locate(const std::string& url, bool editable) override {
    PKG_TRY_ASSIGN(const auto parsed, pep::SourceUrl::parse(url));
    pep::DistFile file;
    file.kind = pep::DistKind::sdist;
    file.editable = editable;
    file.url = parsed.to_string();
    file.hashes = parsed.hashes;
    if (parsed.kind == pep::SourceUrl::Kind::sdist) file.file_name = url::file_name(parsed.url);
    return file;
  }

  Result<ops::NamedSource> source(const std::string& url, bool editable) override {
    ops::NamedSource named;
    PKG_TRY_ASSIGN(named.file, locate(url, editable));
    PKG_TRY_ASSIGN(const auto looked_at, look(named.file));
    named.metadata = looked_at.metadata;
    named.file.project = looked_at.metadata->name;
    named.file.version = looked_at.metadata->version;
    if (!looked_at.sha256_hex.empty() && named.file.sha256() == nullptr)
      named.file.hashes.push_back({hash::Algorithm::sha256, looked_at.sha256_hex});
    return named;
  }

  Result<index::MetadataResult> metadata(const pep::DistFile& file) override {
    PKG_TRY_ASSIGN(auto looked_at, look(file));
    return index::MetadataResult{std::move(looked_at.metadata), {}};
  }

  Result<pep::DistFile> wheel(const pep::DistFile& file) override {
    PKG_TRY_ASSIGN(const auto looked_at, look(file));
    const auto name = looked_at.metadata->name.with_underscores();
    ZipEntry entry;
    entry.name = file.editable ? cat("__editable__", name, ".pth") : cat(name, "/__init__.py");
    if (file.editable) entry.content = cat(looked_at.root.native(), "\n");
    WheelOptions options;
    options.metadata = looked_at.text;
    const auto built = make_wheel(name, looked_at.metadata->version.to_string(), {entry}, options);
    const auto path = built_ / built.sha256 / built.file_name;
    write_file(path, built.bytes);
    PKG_TRY_ASSIGN(auto* index, session_.index());
    PKG_TRY_ASSIGN(auto found, index->direct_file(url::path_to_file_url(path.native())));
    found.hashes = {{hash::Algorithm::sha256, built.sha256}};
    return found;
  }

  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const> files) override {
    std::vector<pep::DistFile> built;
    for (const auto* file : files) {
      PKG_TRY_ASSIGN(auto one, wheel(*file));
      built.push_back(std::move(one));
    }
    return built;
  }

  // No backend is asked.
  Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile& file,
                                                  const ops::PinsForBuild& pins_for) override {
    PKG_TRY_ASSIGN(const auto looked_at, look(file));
    PKG_TRY_ASSIGN(auto backend, builder::backend_of(looked_at.root));
    PKG_TRY(pins_for(backend.requires_, target_));
    return std::move(backend.requires_);
  }

  const ops::BuildOptions& options() const override { return options_; }
  const pep::Target& target() const override { return target_; }
  void keep_commits(std::map<std::string, std::string>) override {}

 private:
  struct LookedAt {
    std::shared_ptr<const pep::Metadata> metadata;
    std::string text, sha256_hex;
    stdfs::path root;
  };

  Result<LookedAt> look(const pep::DistFile& file) {
    const std::lock_guard lock(mutex_);
    while (fs::exists(built_ / cat("tree-", trees_))) ++trees_;  // of sessions before this one
    const auto into = built_ / cat("tree-", trees_);
    stdfs::create_directories(into);
    PKG_TRY_ASSIGN(auto* index, session_.index());
    PKG_TRY_ASSIGN(const auto tree, index->source_tree(file, into));
    const auto kind = tree.in_place ? builder::TreeKind::other : builder::TreeKind::sdist;
    const auto text = builder::static_metadata(tree.root, kind);
    if (!text) return make_error(ErrorKind::build, "failed to build: its files do not say what it is");
    PKG_TRY_ASSIGN(auto metadata, pep::Metadata::parse(*text));
    return LookedAt{std::make_shared<const pep::Metadata>(std::move(metadata)), *text, tree.sha256_hex, tree.root};
  }

  ops::Session& session_;
  const ops::BuildOptions options_;
  const pep::Target target_;
  const stdfs::path built_ = session_.cache_dir().parent_path() / "built";
  std::mutex mutex_;
  int trees_ = 0;
};

constexpr int kFirstMinor = 12;

// Sources of another machine's Python, recorded as if it had been asked. It is no script: those are asked each time.
venv::ProbedFacts facts_of_recorded(const stdfs::path& prefix, const stdfs::path& executable, int minor) {
  const auto name = cat("python3.", minor), version = cat("3.", minor), full = cat(version, ".1");
  venv::ProbedFacts facts;
  facts.base_executable = executable.native();
  facts.prefix = facts.base_prefix = prefix.native();
  facts.stdlib = (prefix / "lib" / name).native();
  facts.platlibdir = "lib";
  facts.ext_suffix = cat(".cpython-3", minor, "-x86_64-linux-gnu.so");
  facts.platform_string = "linux-x86_64";
  const auto site = (prefix / "lib" / name / "site-packages").native();
  facts.paths = {site, site, (prefix / "bin").native(), prefix.native(), (prefix / "include" / name).native()};
  const std::string user_site = cat("~/lib/", name, "/site-packages");
  facts.user_paths = {user_site, user_site, "~/bin", "~", cat("~/include/", name)};
  facts.site_folders = {site};
  facts.version[0] = 3;
  facts.version[1] = minor;
  facts.version[2] = 1;
  facts.glibc[0] = 2;
  facts.glibc[1] = 36;
  facts.environment = {.os_name = "posix",
                       .sys_platform = "linux",
                       .platform_machine = "x86_64",
                       .platform_python_implementation = "CPython",
                       .platform_release = "6.1.0",
                       .platform_system = "Linux",
                       .platform_version = "#1 SMP",
                       .python_version = version,
                       .python_full_version = full,
                       .implementation_name = "cpython",
                       .implementation_version = full};
  return facts;
}

// What a probe of this machine's interpreters found: once for all tests of the process.
const stdfs::path& machine_records() {
  static const TempDir folder;
  return folder.path();
}

}  // namespace

std::unique_ptr<ops::SourceBuilder> make_static_builder(ops::Session& session, const venv::Interpreter& interpreter,
                                                        const venv::Environment*) {
  return std::make_unique<StaticBuilder>(session, session.build_options(), interpreter.target);
}

void RecordingReporter::add(std::string_view kind, const std::string& text) {
  const std::lock_guard lock(mutex_);
  events_.push_back(cat(kind, text));
}

std::vector<std::string> RecordingReporter::of_kind(std::string_view kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> texts;
  for (const auto& event : events_)
    if (event.starts_with(kind)) texts.push_back(event.substr(kind.size()));
  return texts;
}

std::vector<std::string> RecordingReporter::warnings() const { return of_kind("warning "); }
std::vector<std::string> RecordingReporter::notes() const { return of_kind("note "); }
std::vector<std::string> RecordingReporter::events() const { return of_kind(""); }

void RecordingReporter::forget() {
  const std::lock_guard lock(mutex_);
  events_.clear();
}

OpsKit::OpsKit(KitPython python)
    : make_builder(make_static_builder),
      root_(stdfs::canonical(folder_.path())),
      folder_before_(stdfs::current_path()) {
  (void)machine_records();  // lies where temporary files are before this kit says where
  for (const auto& folder : {work(), cache(), state(), home(), root_ / "tmp"}) stdfs::create_directories(folder);
  ::chmod(state().c_str(), 0700);
  prepare_variables();
  if (python == KitPython::recorded) {
    python_ = record_python(kFirstMinor);
    stdfs::create_symlink(python_.filename(), python_.parent_path() / "python3");
    set_variable("PATH", python_.parent_path().c_str());
  } else {
    know_machine_python();
  }
  stdfs::current_path(work());
  settings.indexes = {{.name = "", .url = index.url()}};
  settings.cache_dir = cache().native();
  settings.retries = 0;
  settings.now = 1767225600;  // 2026-01-01
}

OpsKit::~OpsKit() {
  std::error_code ignored;
  stdfs::current_path(folder_before_, ignored);
}

void OpsKit::prepare_variables() {
  set_variable("HOME", home().c_str());
  set_variable("TMPDIR", (root_ / "tmp").c_str());
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "_CONDA_ROOT", "PKG_PROJECT_ENVIRONMENT",
                           "PYENV_ROOT", "PYTHONUSERBASE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
                           "PKG_PYTHON_DIR", "PKG_BIN_DIR", "XDG_BIN_HOME", "XDG_STATE_HOME", "NETRC",
                           "PIP_CONFIG_FILE", "PKG_TRUST_PROJECT", "PIP_INDEX_URL", "PKG_INDEX_URL"})
    set_variable(name, nullptr);
}

stdfs::path OpsKit::record_python(int minor) {
  const auto name = cat("python3.", minor);
  const auto prefix = minor == kFirstMinor ? root_ / "python" : root_ / name;
  const auto python = prefix / "bin" / name;
  write_file(python, cat("a Python 3.", minor, " that is never started"));
  ::chmod(python.c_str(), 0755);
  stdfs::create_directories(prefix / "lib" / name / "site-packages");
  venv::record_facts(facts_of_recorded(prefix, python, minor), python, cache());
  return python;
}

stdfs::path OpsKit::add_python(int minor) {
  auto python = record_python(minor);
  set_variable("PATH", cat(std::getenv("PATH"), ":", python.parent_path().native()).c_str());
  return python;
}

void OpsKit::know_machine_python() {
  const auto found = venv::find_interpreter({}, machine_records());
  REQUIRE_OK(found);
  python_ = found->real_executable;
  REQUIRE_OK(venv::probe(python_, machine_records()));
  stdfs::copy(machine_records() / "interpreters-v1", cache() / "interpreters-v1", stdfs::copy_options::recursive);
}

ops::Session OpsKit::session_in(const stdfs::path& folder) {
  auto own = settings;
  own.state_dir = state().string();
  return ops::Session(std::move(own), folder, reporter, cancel, ops::SessionEdges{make_builder, index.transport()});
}

void OpsKit::write(const std::string& path, std::string_view text) const { write_file(work() / path, text); }

std::string OpsKit::read(const std::string& path) const {
  const auto text = fs::read_file(work() / path);
  return text ? *text : "(absent)";
}

bool OpsKit::exists(const std::string& path) const { return fs::exists(work() / path); }

venv::Environment OpsKit::make_environment(const std::string& folder) const {
  const auto interpreter = venv::find_interpreter(python_.native(), cache());
  REQUIRE_OK(interpreter);
  const auto environment = venv::create(*interpreter, {.folder = work() / folder});
  REQUIRE_OK(environment);
  return *environment;
}

void OpsKit::put_installed(const std::string& name, const std::string& version, const MemoryRelease& release,
                           bool requested, const std::string& folder) const {
  const auto environment = venv::open_environment(work() / folder, cache());
  REQUIRE_OK(environment);
  const auto site = environment->layout.purelib;
  const auto stem = cat(replace_all(pep::normalize_name(name), "-", "_"), "-", version, ".dist-info/");
  WheelOptions options;
  options.requires_dist = release.requires_dist;
  options.requires_python = release.requires_python;
  options.provides_extra = release.provides_extra;
  auto files = release.files;
  if (files.empty()) files.emplace_back(cat(replace_all(pep::normalize_name(name), "-", "_"), "/__init__.py"), "");
  files.emplace_back(stem + "METADATA", make_wheel(name, version, {}, options).metadata);
  files.emplace_back(stem + "INSTALLER", "pkg\n");
  if (requested) files.emplace_back(stem + "REQUESTED", "");
  if (!release.entry_points.empty()) files.emplace_back(stem + "entry_points.txt", release.entry_points);
  std::string record;
  for (const auto& [path, content] : files) {
    write_file(site / path, content);
    append(record, path, ",sha256=", hash::to_base64url(hash::sha256(content)), ",", content.size(), "\n");
  }
  write_file(site / (stem + "RECORD"), cat(record, stem, "RECORD,,\n"));
}

std::string OpsKit::installed(const std::string& folder) const {
  const auto environment = venv::open_environment(work() / folder, cache());
  if (!environment) return "(no environment)\n";
  const auto dists = venv::installed(*environment);
  REQUIRE_OK(dists);
  std::string text;
  for (const auto& dist : *dists) append(text, dist.name.str(), " ", dist.version.to_string(), "\n");
  return text;
}

std::vector<OpsKit::Named> OpsKit::names() const {
  std::vector<Named> names;
  for (const auto& file : index.files()) names.push_back({cat("<sha256 of ", file.name, ">"), file.sha256});
  const auto add = [&](std::string name, const stdfs::path& path) {
    names.push_back({std::move(name), path.native()});
  };
  add("<python>", python_);
  add("<work>", work());
  add("<cache>", cache());
  add("<state>", state());
  add("<home>", home());
  add("<root>", root_);
  return names;
}

std::string OpsKit::with_names(std::string text) const {
  for (const auto& [name, value] : names()) text = replace_all(text, value, name);
  return text;
}

std::string OpsKit::without_names(std::string text) const {
  for (const auto& [name, value] : names()) text = replace_all(text, name, value);
  return text;
}

}  // namespace pkg::test
