#pragma once
// An environment with its state, and two wheels to change it with: what the tests of transactions share.

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

using test::file_names;
using test::tree;
using test::WheelSpec;

inline const std::string kSite = "lib/python3.12/site-packages/";

inline WheelSpec alpha(const std::string& version) {
  WheelSpec spec{.name = "alpha",
                 .version = version,
                 .files = {{.path = "alpha/__init__.py", .content = "version = '" + version + "'\n"},
                           {.path = "alpha/sub/deep.py", .content = "deep = 1\n"},
                           {.path = "shared/alpha.py", .content = "x = 1\n"}},
                 .scripts = {{.name = "alpha", .module = "alpha", .attribute = "main"}}};
  if (version == "1.0") spec.files.push_back({.path = "alpha/only_in_1.py", .content = "old\n"});
  if (version == "2.0") spec.files.push_back({.path = "alpha/new/only_in_2.py", .content = "new\n"});
  return spec;
}

inline WheelSpec beta() {
  return {.name = "beta",
          .version = "1.0",
          .files = {{.path = "beta.py", .content = "b = 1\n"}, {.path = "shared/beta.py", .content = "y = 1\n"}}};
}

struct TransactionWorld {
  test::TempDir temp;
  Environment environment = test::make_environment(temp / "env");
  StateKey key{temp / "state", {}};
  test::SilentReporter reporter;
  CancelToken cancel;
  std::filesystem::path prefix() const { return temp / "env"; }
  std::filesystem::path store() const { return temp / "store"; }

  Result<ChangeReport> apply(const Change& change, const ApplyOptions& options = {}) {
    return venv::apply(change, environment, options, key, reporter, cancel);
  }
  Result<ChangeReport> install(const std::vector<WheelSpec>& specs, const ApplyOptions& options = {}) {
    Change change;
    for (const auto& spec : specs) change.install.push_back(test::to_install(store(), spec));
    return apply(change, options);
  }
  Result<ChangeReport> uninstall(const std::set<std::string>& names) {
    Change change;
    for (auto& dist : dists())
      if (names.contains(dist.name.str())) change.remove.push_back(dist);
    return apply(change);
  }
  std::vector<InstalledDist> dists() const { return *installed(environment); }
  std::string read(const std::string& path) const { return *fs::read_file(prefix() / path); }
  void write(const std::string& path, const std::string& content) const {
    std::filesystem::create_directories((prefix() / path).parent_path());
    std::ofstream(prefix() / path) << content;
  }
  bool has(const std::string& path) const { return fs::exists(prefix() / path); }
  std::vector<std::string> state() const { return *fs::list_dir(prefix() / ".pkg"); }
};

}  // namespace pkg::venv
