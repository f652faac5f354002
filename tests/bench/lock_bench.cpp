// Milliseconds to write, read and select from a lock of a hundred packages and two thousand files: lock_bench. Built on
// demand, run by hand.

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "base/toml.h"
#include "bench/cpu_time.h"
#include "lock/pylock.h"
#include "lock/select.h"
#include "pep/tags.h"

namespace {

using namespace pkg;

using bench::cpu_ms;

template <class Work>
void measure(const char* what, Work work) {
  std::size_t sink = 0;
  double best = 1e30;
  for (int pass = 0; pass < 10; ++pass) {
    const double start = cpu_ms();
    sink += work();
    best = std::min(best, cpu_ms() - start);
  }
  std::printf("%-24s %8.3f ms  (%zu)\n", what, best, sink % 10);
}

lock::LockFile big_lock() {
  lock::LockFile out;
  out.requires_python = pep::SpecifierSet::parse(">=3.10").value();
  for (int i = 100; i < 200; ++i) {
    auto& package = out.packages.emplace_back();
    package.name = pep::Name::parse(cat("package-", i)).value();
    package.version = pep::Version::parse(cat("1.", i, ".0")).value();
    package.marker =
        pep::Marker::parse("python_full_version >= '3.11' and sys_platform == 'linux' or 'x' in extras").value();
    package.index = "https://index.example/simple/";
    for (int k = 100; k < 105; ++k)
      package.dependencies.push_back(
          {pep::Name::parse(cat("package-", k)).value(), {}, pep::Marker::parse("os_name == 'nt'").value(), {}});
    for (int k = 0; k < 20; ++k) {
      auto& file = package.wheels.emplace_back();
      file.name = cat("package_", i, "-1.", i, ".0-cp3", 10 + k / 4, "-cp3", 10 + k / 4, "-manylinux_2_", 17 + k % 4,
                      "_x86_64.whl");
      file.url =
          cat("https://files.example/packages/c4/91/1d49a1a2ee80f96e4ded6cb27da2b7f0db5a5bf2c1e3d9a3fa1e3d0d55a8/",
              file.name);
      file.size_bytes = 1'234'567;
      file.upload_time = 1'714'566'600 + k;
      file.hashes = {{"sha256", "c75a69e28a550a7e93789579c22aa26b0f5b83b75dc4e08fe092980051e1090a"}};
    }
  }
  out.extras = {pep::Name::parse("x").value()};
  out.tool.version = lock::kLockToolVersion;
  out.tool.inputs_digest = "sha256:00";
  return out;
}

}  // namespace

int main() {
  const auto lock = big_lock();
  const auto text = lock::write_pylock(lock);
  std::printf("%zu bytes\n", text.size());
  pep::Target target;
  target.python = pep::Version::parse("3.12.1").value();
  target.environment = {
      .os_name = "posix", .sys_platform = "linux", .python_version = "3.12", .python_full_version = "3.12.1"};
  pep::PlatformFacts platform;
  platform.machine = "x86_64";
  platform.glibc_major = 2;
  platform.glibc_minor = 36;
  const auto platforms = pep::platform_tags(platform);
  target.tags = std::make_shared<pep::TagSet>(
      pep::InterpreterFacts{.implementation = "cpython", .version = {3, 12}, .abis = {"cp312"}}, platforms);
  measure("write_pylock", [&] { return lock::write_pylock(lock).size(); });
  measure("quick_inputs_digest", [&] { return lock::quick_inputs_digest(text).size(); });
  measure("parse_pylock", [&] { return lock::parse_pylock(text, "pylock.toml").value().packages.size(); });
  measure("toml::parse", [&] { return toml::parse(text, "pylock.toml").value().as_table()->size(); });
  measure("select", [&] { return lock::select(lock, target, {}).value().size(); });
  return 0;
}
