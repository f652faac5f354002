// venv::apply as a program, without index and resolver: for kill_test.py, and to time the installer alone.
//
//   apply_driver make STORE                       unpacked wheels for the kill test
//   apply_driver make-many STORE DISTS FILES      DISTS wheels of FILES files each
//   apply_driver env ENV                          an empty environment
//   apply_driver install ENV STORE NAME-VERSION…  --copy, --clone, --symlink, --compile, --fsync; "all": every wheel
//   apply_driver uninstall ENV NAME…              "all": everything
//   apply_driver list ENV                         recovers first
#include <stdio.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "support/silent_reporter.h"
#include "support/unpacked_wheel.h"

namespace {

using namespace pkg;
namespace stdfs = std::filesystem;
using Words = std::vector<std::string>;

int fail(const Error& error) {
  fprintf(stderr, "error: %s\n", error.message.c_str());
  for (const auto& context : error.context) fprintf(stderr, "  %s\n", context.c_str());
  return error.kind == ErrorKind::interrupted ? 130 : 1;
}

test::WheelSpec kill_wheel(const std::string& name, const std::string& version) {
  const std::string is_2 = version == "2.0" ? "two" : "one";
  test::WheelSpec spec{
      .name = name, .version = version, .scripts = {{.name = name + "-tool", .module = name, .attribute = "main"}}};
  spec.files = {{.path = name + "/__init__.py", .content = "version = '" + version + "'\n"},
                {.path = name + "/same.py", .content = "same = 1\n"},
                {.path = name + "/" + is_2 + "/inner.py", .content = is_2},
                {.path = "shared/" + name + ".py", .content = version},
                {.path = "shared/__init__.py", .content = ""},
                {.path = "shared/theirs.py", .content = name + version},
                {.path = name + "_single.py", .content = "v = '" + version + "'\n"},
                {.path = "share/" + name + "/doc.txt", .content = version, .scheme = pep::Scheme::data},
                {.path = name + "-script",
                 .content = "#!python\nprint('" + version + "')\n",
                 .scheme = pep::Scheme::scripts,
                 .executable = true}};
  return spec;
}

test::WheelSpec many_files(std::size_t dist, std::size_t files) {
  const std::string name = cat("dist", dist);
  test::WheelSpec spec{.name = name, .version = "1.0"};
  for (std::size_t f = 0; f < files; ++f)
    spec.files.push_back({.path = cat(name, "/part", f / 40, "/group", f / 10, "/module_", f, ".py"),
                          .content = cat("value = ", dist * files + f, '\n')});
  return spec;
}

void save(const stdfs::path& store, const test::WheelSpec& spec) {
  const auto wheel = test::unpack(store, spec);
  std::ofstream(wheel->path + ".manifest", std::ios::binary) << wheel->manifest.encode();
}

Result<venv::WheelToInstall> load(const stdfs::path& store, const std::string& stem) {
  PKG_TRY_ASSIGN(const auto bytes, fs::read_file(store / (stem + ".manifest")));
  auto wheel = std::make_shared<pep::UnpackedWheel>();
  wheel->path = (store / stem).string();
  PKG_TRY_ASSIGN(wheel->manifest, pep::WheelManifest::decode(bytes));
  venv::WheelToInstall result;
  result.wheel = std::move(wheel);
  result.requested = true;
  return result;
}

int make(const Words& words) {
  const stdfs::path store = words.at(0);
  if (words.size() == 3) {
    for (std::size_t i = 0; i < *parse_u64(words[1]); ++i) save(store, many_files(i, *parse_u64(words[2])));
    return 0;
  }
  for (const char* version : {"1.0", "2.0"})
    for (const char* name : {"alpha", "beta", "gamma"}) save(store, kill_wheel(name, version));
  return 0;
}

// The secret of whoever runs this lies beside the environment.
venv::StateKey key_of(const venv::Environment& environment) {
  return venv::StateKey(environment.layout.prefix.string() + ".state", {});
}

double now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

int run(const venv::Change& change, const venv::Environment& environment, const venv::ApplyOptions& options) {
  test::SilentReporter reporter;
  const CancelToken cancel;
  const double start = now_ms();
  const auto report = venv::apply(change, environment, options, key_of(environment), reporter, cancel);
  if (!report.ok()) return fail(report.error());
  printf("%lu created, %lu removed, %.1f ms\n", report->files_created, report->files_removed, now_ms() - start);
  return 0;
}

int install(const venv::Environment& environment, Words words) {
  venv::Change change;
  venv::ApplyOptions options;
  const stdfs::path store = words.at(0);
  words.erase(words.begin());
  for (const auto& word : Words(words)) {
    if (word == "all") {
      const auto entries = fs::list_dir(store).value();
      for (const auto& entry : entries)
        if (entry.ends_with(".manifest")) words.push_back(entry.substr(0, entry.size() - 9));
    }
  }
  for (const auto& word : words) {
    if (word == "--copy") options.link_mode = venv::LinkMode::copy;
    if (word == "--clone") options.link_mode = venv::LinkMode::clone;
    if (word == "--symlink") options.link_mode = venv::LinkMode::symlink;
    if (word == "--compile") options.compile_bytecode = true;
    if (word == "--fsync") options.sync_to_disk = true;
    if (word.starts_with("--") || word == "all") continue;
    auto wheel = load(store, word);
    if (!wheel.ok()) return fail(wheel.error());
    change.install.push_back(*std::move(wheel));
  }
  return run(change, environment, options);
}

int uninstall(const venv::Environment& environment, const Words& words) {
  if (const auto recovered = venv::recover(environment, key_of(environment)); !recovered.ok())
    return fail(recovered.error());
  auto dists = venv::installed(environment);
  if (!dists.ok()) return fail(dists.error());
  venv::Change change;
  for (auto& dist : *dists)
    if (words[0] == "all" || std::find(words.begin(), words.end(), dist.name.str()) != words.end())
      change.remove.push_back(dist);
  return run(change, environment, {});
}

int list(const venv::Environment& environment) {
  if (const auto recovered = venv::recover(environment, key_of(environment)); !recovered.ok())
    return fail(recovered.error());
  const auto dists = venv::installed(environment);
  if (!dists.ok()) return fail(dists.error());
  for (const auto& dist : *dists) printf("%s %s\n", dist.name.str().c_str(), to_string(dist.version).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Words words(argv + 1, argv + argc);
  if (words.size() < 2) return 2;
  const std::string verb = words[0], where = words[1];
  words.erase(words.begin());
  if (verb == "make" || verb == "make-many") return make(words);
  words.erase(words.begin());
  if (verb == "env") {
    test::make_environment(where);
    return 0;
  }
  venv::Environment environment;
  environment.layout = venv::environment_layout(where, "cpython", 3, 12, false);
  environment.python = environment.layout.python;
  if (verb == "install") return install(environment, words);
  if (verb == "uninstall") return uninstall(environment, words);
  return verb == "list" ? list(environment) : 2;
}
